// SPDX-License-Identifier: Apache-2.0
/* Sending an image and waiting for a device: what `upload` and `update` share. */
#ifndef FERRY_TOOL_SEND_IMAGE_H
#define FERRY_TOOL_SEND_IMAGE_H

#include "tool/device.h"
#include "tool/image_file.h"

/* How an upload went. */
struct send_result {
    uint32_t resumed; /* offset an earlier upload had reached; 0 = from the start */
    uint32_t losses;  /* messages or answers that were lost on the way */
    uint64_t ms;      /* how long it took */
    bool already;     /* the device had all of it before the first byte */
};

/* Whether the image fits, as far as the device tells. */
int send_check_size(struct ferry_args *args, struct ferry_session *session,
                    const struct image_file *file, uint32_t image);

/*
 * Uploads with progress. `image` is the image number. FERRY_EXIT_OK, or the exit status after a
 * message that says where to go on.
 */
int send_image(struct ferry_args *args, struct ferry_session *session,
               const struct image_file *file, uint32_t image, uint32_t window, bool only_newer,
               struct send_result *sent);

/* The same as members of `object`. */
void send_result_json(json_t *object, const struct image_file *file,
                      const struct send_result *sent);

/* "sent 204812 bytes in 3.1 s (64.5 KiB/s)" */
void send_result_say(const struct ferry_args *args, const struct image_file *file,
                     const struct send_result *sent);

/* What a device came back with after a reset. */
enum wait_outcome {
    WAIT_ACTIVE,  /* the wanted image runs */
    WAIT_OTHER,   /* it restarted and runs another one */
    WAIT_SILENT,  /* it did not answer in time */
    WAIT_STOPPED, /* Ctrl-C */
};

/*
 * Waits after a reset until the device lists its images again. `boots` is what it counted before,
 * where `known`. `wait_ms` is the longest. The last list stays in `images`.
 */
enum wait_outcome wait_for_image(struct ferry_args *args, struct ferry_session *session,
                                 const struct image_file *file, uint32_t image, bool known,
                                 uint32_t boots, uint32_t wait_ms,
                                 struct ferry_device_images *images);

#endif
