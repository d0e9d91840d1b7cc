// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "tool/device.h"

/* Without an operand: the image that does not run. */
static int find_other(struct ferry_args *args, const struct ferry_device_images *images,
                      uint8_t *hash, size_t *length)
{
    for (uint32_t i = 0; i < images->count; i++) {
        const struct ferry_device_image *image = &images->image[i];

        if (!image->active && image->slot == 1 && image->hash_length > 0) {
            memcpy(hash, image->hash, image->hash_length);
            *length = image->hash_length;
            return FERRY_EXIT_OK;
        }
    }
    return ferry_fail(args, FERRY_EXIT_FAILED,
                      "there is no other image on the device; send one with 'ferry upload'");
}

static int request(struct ferry_args *args, struct ferry_session *session)
{
    struct ferry_device_images images;
    uint8_t hash[FERRY_DEVICE_HASH_MAX];
    size_t length = 0;
    int status =
        device_fail(args, session, ferry_device_list(session, &images), "reading the image list");

    if (status == FERRY_EXIT_OK)
        status = args->count > 0
                     ? device_find_operand(args, args->operand[0], &images, hash, &length)
                     : find_other(args, &images, hash, &length);
    if (status != FERRY_EXIT_OK)
        return status;
    status = device_fail(
        args, session,
        ferry_device_set_state(session, hash, length, ferry_args_has(args, "permanent"), &images),
        "asking for the image");
    if (status == FERRY_EXIT_OK && ferry_args_has(args, "reset"))
        status = device_reset(args, session, false, false);
    if (status != FERRY_EXIT_OK)
        return status;
    if (args->json)
        return ferry_print_json(args, json_pack("{s:o}", "images", device_images_json(&images)));
    device_images_print(args, &images);
    if (!ferry_args_has(args, "reset"))
        ferry_say(args, "it is installed at the next reset: 'ferry reset'");
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = request(args, session);
    ferry_session_free(session);
    return status;
}

static const struct ferry_option options[] = {
    {"permanent", 'p', NULL, "for good, without a trial: there is no way back by itself"},
    {"reset", 'r', NULL, "restart the device at once"},
    FERRY_OPTIONS_END,
};

extern const struct ferry_command ferry_command_test;
const struct ferry_command ferry_command_test = {
    .name = "test",
    .summary = "have a device try an image it received",
    .positional = "[HASH|IMAGE]",
    .details = "The image is installed at the next reset, on trial: unless it is confirmed, the "
               "device goes back. HASH may be the beginning of one; without it the image that "
               "does not run is meant.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
