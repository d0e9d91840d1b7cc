// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = device_fail(args, session, ferry_device_withdraw(session), "taking the request back");
    if (status == FERRY_EXIT_OK && args->json)
        status = ferry_print_json(args, json_pack("{s:b}", "withdrawn", 1));
    else if (status == FERRY_EXIT_OK)
        ferry_say(args, "nothing is installed at the next reset");
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_withdraw;
const struct ferry_command ferry_command_withdraw = {
    .name = "withdraw",
    .summary = "take back a request that was not carried out yet",
    .details = "Undoes 'ferry test' and 'ferry back' before the reset. The image stays on the "
               "device.",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
