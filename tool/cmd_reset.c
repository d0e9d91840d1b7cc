// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

static int run(struct ferry_args *args)
{
    bool recovery = ferry_args_has(args, "recovery");
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = device_reset(args, session, ferry_args_has(args, "force"), recovery);
    if (status == FERRY_EXIT_OK && args->json)
        status = ferry_print_json(args, json_pack("{s:b, s:b}", "reset", 1, "recovery", recovery));
    else if (status == FERRY_EXIT_OK)
        ferry_say(args, recovery ? "the device restarts and stays in its bootloader"
                                 : "the device restarts");
    ferry_session_free(session);
    return status;
}

static const struct ferry_option options[] = {
    {"force", 'f', NULL, "also where the application asks for patience"},
    {"recovery", 0, NULL, "stay in the bootloader and serve uploads"},
    FERRY_OPTIONS_END,
};

extern const struct ferry_command ferry_command_reset;
const struct ferry_command ferry_command_reset = {
    .name = "reset",
    .summary = "restart a device",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
