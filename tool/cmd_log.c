// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "tool/device.h"

#define LOG_MAX 65536u /* a device that never ends its log */

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    static char log[LOG_MAX];
    uint32_t used = 0;
    uint32_t length = 1;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    while (status == FERRY_EXIT_OK && length > 0 && used + 1 < sizeof(log)) {
        status = device_fail(
            args, session, ferry_device_log(session, used, log + used, sizeof(log) - used, &length),
            "reading the log");
        used += length;
    }
    log[used] = 0;
    ferry_session_free(session);
    if (status != FERRY_EXIT_OK)
        return status;
    if (args->json)
        return ferry_print_json(args, json_pack("{s:s}", "log", log));
    if (used > 0 && log[used - 1] == '\n')
        log[used - 1] = 0;
    ferry_say(args, "%s", used > 0 ? log : "the log is empty");
    return FERRY_EXIT_OK;
}

extern const struct ferry_command ferry_command_log;
const struct ferry_command ferry_command_log = {
    .name = "log",
    .summary = "print the lines a Ferry device kept over its last resets",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
