// SPDX-License-Identifier: Apache-2.0
#include "tool/device.h"

struct facts {
    char system[512];
    char bootloader[64];
    int64_t mode;
    uint32_t size;
};

/* What a server does not know stays empty; silence ends it. */
static enum ferry_session_result ask(struct ferry_session *session, struct facts *facts)
{
    enum ferry_session_result result =
        ferry_device_info(session, "a", facts->system, sizeof(facts->system));

    if (result == FERRY_SESSION_REFUSED)
        result = FERRY_SESSION_OK;
    if (result == FERRY_SESSION_OK)
        result = ferry_device_bootloader(session, facts->bootloader, sizeof(facts->bootloader),
                                         &facts->mode);
    if (result == FERRY_SESSION_REFUSED)
        result = FERRY_SESSION_OK;
    if (result == FERRY_SESSION_OK)
        result = ferry_device_max_size(session, 0, &facts->size);
    return result == FERRY_SESSION_REFUSED ? FERRY_SESSION_OK : result;
}

static json_t *text_or_null(const char *text)
{
    return text[0] != 0 ? json_string(text) : json_null();
}

static int print(struct ferry_args *args, const struct ferry_session *session,
                 const struct facts *facts)
{
    if (args->json)
        return ferry_print_json(
            args, json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "system", text_or_null(facts->system),
                            "bootloader", text_or_null(facts->bootloader), "bootloader_mode",
                            (json_int_t)facts->mode, "max_image_size", (json_int_t)facts->size,
                            "buffer_size", (json_int_t)session->buffer_size, "buffer_count",
                            (json_int_t)session->buffer_count));
    ferry_say(args, "system:      %s", facts->system[0] != 0 ? facts->system : "(not told)");
    ferry_say(args, "bootloader:  %s",
              facts->bootloader[0] != 0 ? facts->bootloader : "(not told)");
    if (facts->size > 0)
        ferry_say(args, "image size:  up to %u bytes", facts->size);
    if (session->buffer_size > 0)
        ferry_say(args, "buffers:     %u of %u bytes", session->buffer_count, session->buffer_size);
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    struct facts facts = {.mode = -1};
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = device_fail(args, session, ask(session, &facts), "asking what it is");
    if (status == FERRY_EXIT_OK)
        status = print(args, session, &facts);
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_info;
const struct ferry_command ferry_command_info = {
    .name = "info",
    .summary = "tell what a device is: system, bootloader, sizes",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
