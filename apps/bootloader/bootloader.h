// SPDX-License-Identifier: Apache-2.0
/*
 * The bootloader as it is linked for a device: one boot, and recovery where nothing can be booted
 * or somebody asked for it. A port starts its flash chips, fills the structs, calls
 * `bootloader_run` and jumps.
 */
#ifndef APPS_BOOTLOADER_H
#define APPS_BOOTLOADER_H

#include "apps/common/smp_link.h"
#include "ferry/boot.h"
#include "ferry/spi.h"

/* Recovery uses the bootloader's work buffer for its messages, so that has to be this large. */
#define BOOTLOADER_WORK_MIN 2048u

/* Somebody asked for recovery, but nobody talks: back to a normal boot after so long. */
#define BOOTLOADER_QUIET_US 60000000u

/* What the loops need of a port, besides struct ferry_boot_port. Every pointer is mandatory. */
struct bootloader_port {
    struct ferry_link serial;
    const struct ferry_clock *clock;
    void (*log)(void *context, const char *line); /* without a line end; may drop it */
    void (*idle)(void *context);  /* sleeps until a byte may have arrived, 50 ms at most */
    void (*reset)(void *context); /* sends what is still to be sent, resets, does not return */
    void *context;
};

/* The caller fills the first part and zeroes the rest. */
struct bootloader {
    struct ferry_boot *boot; /* its first part filled; work_size >= BOOTLOADER_WORK_MIN */
    const struct bootloader_port *port;
    const char *hardware; /* name of the board, static */
    bool demo_key;        /* one of the keys is public knowledge: said at every boot */
    /* Names a status in the log; NULL logs the number alone and costs nothing. */
    const char *(*status_name)(int status);

    struct ferry_update_config update_config;
    struct ferry_update update;
    struct smp_link link;
    bool reset_asked;
    uint8_t boot_mode;
};

/*
 * One boot. FERRY_OK: the port has locked; jump into the primary, whose image is
 * `bootloader->boot->image`. Recovery does not come back: it ends in the port's reset. Any other
 * status: the configuration can never work (FERRY_E_LAYOUT, FERRY_E_ARGUMENT, FERRY_E_NO_MEMORY).
 */
int bootloader_run(struct bootloader *bootloader);

/* The loop of recovery: SMP over the serial line until a reset is asked for. For bootloader_run. */
int recovery_run(struct bootloader *bootloader, int reason);

#endif
