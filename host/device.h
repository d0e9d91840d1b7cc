// SPDX-License-Identifier: Apache-2.0
/*
 * What a device can be asked over SMP, as functions: the standard groups of any server, and
 * Ferry's own group where it is there. Each is one call of a session and returns its result; the
 * device's error, if it refused, is in session->reply.error.
 */
#ifndef FERRY_HOST_DEVICE_H
#define FERRY_HOST_DEVICE_H

#include "host/session.h"

#define FERRY_DEVICE_IMAGES   8
#define FERRY_DEVICE_HASH_MAX 64

/* One line of an image list. */
struct ferry_device_image {
    uint32_t image;
    uint32_t slot;
    char version[48];
    uint8_t hash[FERRY_DEVICE_HASH_MAX];
    size_t hash_length; /* 0 where the device does not tell */
    bool bootable, pending, confirmed, active, permanent;
};

struct ferry_device_images {
    uint32_t count;
    struct ferry_device_image image[FERRY_DEVICE_IMAGES];
};

enum ferry_session_result ferry_device_list(struct ferry_session *session,
                                            struct ferry_device_images *images);

/* Test (confirm = false) or confirm the image with this hash; no hash = the one that runs. */
enum ferry_session_result ferry_device_set_state(struct ferry_session *session, const uint8_t *hash,
                                                 size_t hash_length, bool confirm,
                                                 struct ferry_device_images *images);

/* Finds an image by its hash, or the active one of image `number`; NULL where there is none. */
const struct ferry_device_image *ferry_device_find(const struct ferry_device_images *images,
                                                   const uint8_t *hash, size_t length);
const struct ferry_device_image *ferry_device_active(const struct ferry_device_images *images,
                                                     uint32_t number);

enum ferry_session_result ferry_device_echo(struct ferry_session *session, const char *text,
                                            char *answer, size_t room);

/* `force` and `recovery` (stay in the bootloader) are sent only where they are true. */
enum ferry_session_result ferry_device_reset(struct ferry_session *session, bool force,
                                             bool recovery);

/* `slot` < 0: the device's own choice. */
enum ferry_session_result ferry_device_erase(struct ferry_session *session, int slot);

/* The largest image the device says it takes as image `number`; *size = 0: it does not tell. */
enum ferry_session_result ferry_device_max_size(struct ferry_session *session, uint32_t number,
                                                uint32_t *size);

/* Text answers: `info` with its format letters (NULL = the device's default). */
enum ferry_session_result ferry_device_info(struct ferry_session *session, const char *format,
                                            char *text, size_t room);
enum ferry_session_result ferry_device_bootloader(struct ferry_session *session, char *name,
                                                  size_t room, int64_t *mode);

/* Ferry's own group: what the standard ones have no words for. Reasons are without sign. */
struct ferry_device_status {
    uint32_t phase; /* enum ferry_update_phase */
    uint32_t percent;
    uint32_t received, size; /* bytes of the upload under way */
    uint32_t reason;         /* last refusal of the running program */
    uint32_t store;          /* why the external flash cannot be used; 0 = it can */
    uint32_t floor;          /* security counter */
    bool has_boot;           /* the bootloader's report follows */
    uint32_t boot_reason, chip, boots;
    bool has_journal;
    uint32_t sequence, journal_phase, journal_reason, attempts, power_attempts;
};

enum ferry_session_result ferry_device_status(struct ferry_session *session,
                                              struct ferry_device_status *status);

#define FERRY_DEVICE_SLOTS 8

struct ferry_device_slot {
    uint32_t slot;
    uint32_t state; /* enum ferry_slot_state */
    uint32_t room;  /* bytes */
    uint32_t size;  /* of what is in it */
    char version[48];
    uint8_t hash[FERRY_DEVICE_HASH_MAX];
    size_t hash_length;
    bool current, candidate, previous, fallback, below_floor;
};

struct ferry_device_slots {
    uint32_t count;
    struct ferry_device_slot slot[FERRY_DEVICE_SLOTS];
};

enum ferry_session_result ferry_device_slots(struct ferry_session *session,
                                             struct ferry_device_slots *slots);

/* Back to the previous image at the next reset. */
enum ferry_session_result ferry_device_back(struct ferry_session *session);

/* Takes back a request that waits for the next reset. */
enum ferry_session_result ferry_device_withdraw(struct ferry_session *session);

/* Whether an upload of this size would be accepted now. */
enum ferry_session_result ferry_device_preflight(struct ferry_session *session, uint32_t size);

/* A piece of the retained log; "" at its end. */
enum ferry_session_result ferry_device_log(struct ferry_session *session, uint32_t offset,
                                           char *text, size_t room, uint32_t *length);

#endif
