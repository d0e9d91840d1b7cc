// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

static int confirm(struct ferry_args *args, struct ferry_session *session)
{
    struct ferry_device_images images;
    uint8_t hash[FERRY_DEVICE_HASH_MAX];
    size_t length = 0;
    int status = FERRY_EXIT_OK;

    if (args->count > 0) {
        status = device_fail(args, session, ferry_device_list(session, &images),
                             "reading the image list");
        if (status == FERRY_EXIT_OK)
            status = device_find_operand(args, args->operand[0], &images, hash, &length);
    }
    if (status == FERRY_EXIT_OK)
        status =
            device_fail(args, session, ferry_device_set_state(session, hash, length, true, &images),
                        "confirming");
    if (status != FERRY_EXIT_OK)
        return status;
    if (args->json)
        return ferry_print_json(args, json_pack("{s:o}", "images", device_images_json(&images)));
    device_images_print(args, &images);
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = confirm(args, session);
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_confirm;
const struct ferry_command ferry_command_confirm = {
    .name = "confirm",
    .summary = "keep the image that runs on trial",
    .positional = "[HASH|IMAGE]",
    .details = "With a HASH of the other image: ask for that one for good, at the next reset.",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
