// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "tool/device.h"

#define ERASE_MS 90000u /* servers that erase a whole slot before they answer */

static int run(struct ferry_args *args)
{
    const char *operand = args->operand[0];
    struct ferry_session *session;
    char *end = NULL;
    long slot = -1;
    int status;

    if (operand != NULL) {
        slot = strtol(operand, &end, 10);
        if (end == operand || *end != 0 || slot < 0 || slot > 255)
            return ferry_fail(args, FERRY_EXIT_USAGE,
                              "'%s' is no slot number; give 1, or what 'ferry list' shows",
                              operand);
    }
    status = device_open(args, &session);
    if (status != FERRY_EXIT_OK)
        return status;
    if (!ferry_args_has(args, "timeout"))
        session->timeout_ms = ERASE_MS;
    status = device_fail(args, session, ferry_device_erase(session, (int)slot), "erasing a slot");
    if (status == FERRY_EXIT_OK && args->json)
        status = ferry_print_json(args, json_pack("{s:b}", "erased", 1));
    else if (status == FERRY_EXIT_OK)
        ferry_say(args, "the slot is free");
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_erase;
const struct ferry_command ferry_command_erase = {
    .name = "erase",
    .summary = "drop the other image, or an upload under way",
    .positional = "[SLOT]",
    .details = "Without SLOT the device takes the one that does not run.",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
