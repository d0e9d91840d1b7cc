// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

#define CODE_UNSUPPORTED 8u

static int back(struct ferry_args *args, struct ferry_session *session)
{
    enum ferry_session_result result = ferry_device_back(session);
    int status;

    if (result == FERRY_SESSION_REFUSED && !session->reply.error.group_known &&
        session->reply.error.code == CODE_UNSUPPORTED)
        return ferry_fail(args, FERRY_EXIT_FAILED,
                          "this device has no command to go back; use 'ferry confirm HASH' with "
                          "the hash of the image before, from 'ferry list'");
    status = device_fail(args, session, result, "asking for the image before");
    if (status == FERRY_EXIT_OK && ferry_args_has(args, "reset"))
        status = device_reset(args, session, false, false);
    if (status != FERRY_EXIT_OK)
        return status;
    if (args->json)
        return ferry_print_json(
            args, json_pack("{s:b, s:b}", "requested", 1, "reset", ferry_args_has(args, "reset")));
    ferry_say(args, ferry_args_has(args, "reset")
                        ? "the device restarts and installs the image before"
                        : "the image before is installed at the next reset: 'ferry reset'");
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = back(args, session);
    ferry_session_free(session);
    return status;
}

static const struct ferry_option options[] = {
    {"reset", 'r', NULL, "restart the device at once"},
    FERRY_OPTIONS_END,
};

extern const struct ferry_command ferry_command_back;
const struct ferry_command ferry_command_back = {
    .name = "back",
    .summary = "return a device to the image before",
    .details = "On trial that is the image it would go back to by itself, otherwise the previous "
               "one.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
