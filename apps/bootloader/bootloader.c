// SPDX-License-Identifier: Apache-2.0
#include "apps/bootloader/bootloader.h"

#include "apps/common/line.h"

static void say(const struct bootloader *bootloader, const char *text)
{
    bootloader->port->log(bootloader->port->context, text);
}

/* Repeats what this boot has added to the retained log, line by line. */
static void show_log(const struct bootloader *bootloader, uint32_t written_before)
{
    const struct ferry_retained *retained = bootloader->boot->retained;
    uint32_t added = retained->log_written - written_before;
    uint32_t kept = retained->log_written < FERRY_RETAINED_LOG_SIZE ? retained->log_written
                                                                    : FERRY_RETAINED_LOG_SIZE;
    struct line line;
    char c[2] = "";

    line_start(&line, "boot: ");
    for (uint32_t at = added < kept ? kept - added : 0; at < kept; at++) {
        if (ferry_retained_log_read(retained, at, c, 1) != 1)
            return;
        if (c[0] != '\n') {
            line_text(&line, c);
            continue;
        }
        say(bootloader, line.text);
        line_start(&line, "boot: ");
    }
}

static void say_image(const struct bootloader *bootloader)
{
    const struct ferry_boot *boot = bootloader->boot;
    const struct ferry_boot_facts *facts = &boot->facts;
    struct line line;

    line_start(&line, "boot: starting ");
    line_version(&line, &boot->image.version);
    line_text(&line, " ");
    line_hex(&line, boot->image.hash, 4);
    if (facts->journal_ready && facts->state.phase == FERRY_PHASE_TRIAL)
        line_text(&line, ", on trial");
    say(bootloader, line.text);
}

static void say_reason(const struct bootloader *bootloader, int reason)
{
    struct line line;

    line_start(&line, "boot: recovery, reason ");
    line_number(&line, (uint32_t)-reason);
    if (bootloader->status_name) {
        line_text(&line, " ");
        line_text(&line, bootloader->status_name(reason));
    }
    say(bootloader, line.text);
}

int bootloader_run(struct bootloader *bootloader)
{
    struct ferry_boot *boot = bootloader->boot;

    if (boot->work_size < BOOTLOADER_WORK_MIN)
        return FERRY_E_NO_MEMORY;
    if (bootloader->demo_key)
        say(bootloader, "boot: DEMO KEY: anybody can sign images for this device");
    uint32_t written = ferry_retained_open(boot->retained) ? boot->retained->log_written : 0;
    int status = ferry_boot_run(boot);
    show_log(bootloader, written);
    if (status == FERRY_OK) {
        say_image(bootloader);
        return FERRY_OK;
    }
    say_reason(bootloader, status);
    return recovery_run(bootloader, status);
}
