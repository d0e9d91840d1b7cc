// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "tool/device.h"

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    char answer[1024];
    int status;

    if (strlen(args->operand[0]) >= 200)
        return ferry_fail(args, FERRY_EXIT_USAGE, "the text is longer than 199 bytes; shorten it");
    status = device_open(args, &session);
    if (status != FERRY_EXIT_OK)
        return status;
    status = device_fail(args, session,
                         ferry_device_echo(session, args->operand[0], answer, sizeof(answer)),
                         "echoing a text");
    if (status == FERRY_EXIT_OK && args->json)
        status = ferry_print_json(args, json_pack("{s:s}", "echo", answer));
    else if (status == FERRY_EXIT_OK)
        ferry_say(args, "%s", answer);
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_echo;
const struct ferry_command ferry_command_echo = {
    .name = "echo",
    .summary = "have a device send a text back",
    .positional = "TEXT",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
