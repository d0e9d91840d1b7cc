// SPDX-License-Identifier: Apache-2.0
/* Recovery: the update session behind SMP over the serial line, in the bootloader. */
#include "apps/bootloader/bootloader.h"

static void reset_accepted(void *context, uint8_t boot_mode)
{
    struct bootloader *bootloader = context;

    bootloader->reset_asked = true;
    bootloader->boot_mode = boot_mode;
}

static int open_session(struct bootloader *bootloader)
{
    const struct ferry_boot *boot = bootloader->boot;

    bootloader->update_config = (struct ferry_update_config){
        .layout = boot->layout,
        .internal = boot->internal,
        .external = boot->external,
        .external_status = boot->external_status,
        .keys = boot->keys,
        .retained = boot->retained,
        .recovery = true,
    };
    return ferry_update_open(&bootloader->update, &bootloader->update_config);
}

/* The boot is over, so its work buffer holds the messages: one half each way. */
static void open_link(struct bootloader *bootloader)
{
    const struct ferry_boot *boot = bootloader->boot;
    uint32_t half = boot->work_size / 2;

    bootloader->link = (struct smp_link){
        .link = &bootloader->port->serial,
        .config =
            {
                .groups = ferry_smp_groups_recovery,
                .update = &bootloader->update,
                .buffer_size = half,
                .buffer_count = 2,
                .kernel = "Ferry recovery",
                .hardware = bootloader->hardware,
                .bootloader = "Ferry",
                .reset = reset_accepted,
                .context = bootloader,
            },
        .request = boot->work,
        .request_size = half,
        .reply = boot->work + half,
        .reply_size = half,
    };
    smp_link_start(&bootloader->link);
}

static void reset(struct bootloader *bootloader)
{
    struct ferry_retained *retained = bootloader->boot->retained;

    retained->boot_mode = bootloader->boot_mode;
    ferry_retained_seal(retained);
    bootloader->port->reset(bootloader->port->context);
}

/* Whether nobody has talked for so long that a device which can boot should. */
static bool is_abandoned(struct bootloader *bootloader, uint32_t *quiet_since, uint32_t *messages)
{
    const struct ferry_clock *clock = bootloader->port->clock;
    uint32_t now = clock->now_us(clock->context);

    if (bootloader->link.messages != *messages) {
        *messages = bootloader->link.messages;
        *quiet_since = now;
    }
    return now - *quiet_since >= BOOTLOADER_QUIET_US;
}

int recovery_run(struct bootloader *bootloader, int reason)
{
    const struct bootloader_port *port = bootloader->port;
    const struct ferry_clock *clock = port->clock;
    uint32_t messages = 0;

    int status = open_session(bootloader);
    if (status != FERRY_OK)
        return status;
    open_link(bootloader);
    uint32_t quiet_since = clock->now_us(clock->context);
    while (!bootloader->reset_asked) {
        clock->feed_watchdog(clock->context);
        bool busy = smp_link_poll(&bootloader->link);
        if (!busy)
            busy = ferry_update_poll_upload(&bootloader->update);
        if (!busy)
            port->idle(port->context);
        if (reason == FERRY_R_RECOVERY_ASKED && is_abandoned(bootloader, &quiet_since, &messages))
            break;
    }
    reset(bootloader);
    return FERRY_E_STATE; /* not reached: reset does not return */
}
