// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

static int run(struct ferry_args *args)
{
    struct ferry_device_images images;
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status =
        device_fail(args, session, ferry_device_list(session, &images), "reading the image list");
    if (status == FERRY_EXIT_OK && args->json)
        status = ferry_print_json(args, json_pack("{s:o}", "images", device_images_json(&images)));
    else if (status == FERRY_EXIT_OK)
        device_images_print(args, &images);
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_list;
const struct ferry_command ferry_command_list = {
    .name = "list",
    .summary = "list the images on a device",
    .details = "Slot 0 is the image that runs, slot 1 the other one: a candidate, or the image "
               "before.\n'ferry status' shows every slot of a Ferry device.",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
