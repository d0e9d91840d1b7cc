// SPDX-License-Identifier: Apache-2.0
#include "tool/send_image.h"

static int upload(struct ferry_args *args, const struct image_file *file, uint32_t image,
                  uint32_t window)
{
    struct send_result sent = {0};
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    if (!ferry_args_has(args, "no-check"))
        status = send_check_size(args, session, file, image);
    if (status == FERRY_EXIT_OK)
        status = send_image(args, session, file, image, window, ferry_args_has(args, "only-newer"),
                            &sent);
    ferry_session_free(session);
    if (status != FERRY_EXIT_OK)
        return status;
    if (args->json) {
        json_t *object = json_object();

        send_result_json(object, file, &sent);
        return ferry_print_json(args, object);
    }
    send_result_say(args, file, &sent);
    ferry_say(args, "the image waits on the device; 'ferry test' and 'ferry reset' try it");
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    unsigned long image = 0;
    unsigned long window = 0;
    struct image_file file;
    int status = ferry_args_number(args, "image", 255, &image);

    if (status == FERRY_EXIT_OK)
        status = ferry_args_number(args, "window", FERRY_UPLOAD_WINDOW_MAX, &window);
    if (status != FERRY_EXIT_OK)
        return status;
    status = image_file_open(args, args->operand[0], ferry_args_has(args, "no-check"), &file);
    if (status == FERRY_EXIT_OK)
        status = upload(args, &file, (uint32_t)image, (uint32_t)window);
    image_file_close(&file);
    return status;
}

static const struct ferry_option options[] = {
    {"image", 'i', "NUMBER", "image number, for devices with several cores (default 0)"},
    {"window", 'w', "COUNT", "messages in flight at most (default: what the device can queue)"},
    {"only-newer", 0, NULL, "have the device refuse an image older than the one that runs"},
    {"no-check", 0, NULL, "send the file whatever it is"},
    FERRY_OPTIONS_END,
};

extern const struct ferry_command ferry_command_upload;
const struct ferry_command ferry_command_upload = {
    .name = "upload",
    .summary = "send an image to a device, without starting it",
    .positional = "IMAGE",
    .details = "An upload that was interrupted goes on where the device has got to.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
