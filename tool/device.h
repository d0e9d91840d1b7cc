// SPDX-License-Identifier: Apache-2.0
/* What the commands that talk to a device share. */
#ifndef FERRY_TOOL_DEVICE_H
#define FERRY_TOOL_DEVICE_H

#include "host/device.h"
#include "tool/command.h"

#define HASH_TEXT (2 * FERRY_DEVICE_HASH_MAX + 1)

/*
 * Connects as the options say and asks for a first sign of life. FERRY_EXIT_OK with the session,
 * which the caller frees; otherwise the exit status, after a message. Ctrl-C ends what the session
 * does from now on.
 */
int device_open(struct ferry_args *args, struct ferry_session **session);

/*
 * Fails with what became of a call. `doing` completes "while ...": "reading the image list". Where
 * a Ferry device refused, its reason code is asked for and told.
 */
int device_fail(struct ferry_args *args, struct ferry_session *session,
                enum ferry_session_result result, const char *doing);

/* The same with an error that was kept from an earlier reply. */
int device_refused(struct ferry_args *args, struct ferry_session *session,
                   const struct ferry_client_error *kept, const char *doing);

/* Whether Ctrl-C was pressed. */
bool device_stopped(void);

/* Lower case hex. Returns `text`, which has room for 2 * length + 1. */
const char *device_hex(const uint8_t *bytes, size_t length, char *text);

/* An image of a list as JSON and as flags: "active confirmed". */
json_t *device_image_json(const struct ferry_device_image *image);
const char *device_image_flags(const struct ferry_device_image *image, char *text, size_t room);

/* The whole list as JSON and as a table. */
json_t *device_images_json(const struct ferry_device_images *images);
void device_images_print(const struct ferry_args *args, const struct ferry_device_images *images);

/* The reason that says most about why a device is not where it should be; 0 = none. */
int device_reason(const struct ferry_device_status *status);

/* A reason as JSON: {"code", "name", "text"}, null for 0. */
json_t *device_reason_json(uint32_t reason);

/*
 * The hash an operand means: an image file, or a hash or its beginning as the device lists it.
 * FERRY_EXIT_OK, or the exit status after a message.
 */
int device_find_operand(struct ferry_args *args, const char *operand,
                        const struct ferry_device_images *images, uint8_t *hash, size_t *length);

/* Asks for a reset. FERRY_EXIT_OK, or the exit status after a message. */
int device_reset(struct ferry_args *args, struct ferry_session *session, bool force, bool recovery);

#endif
