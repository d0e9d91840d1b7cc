// SPDX-License-Identifier: Apache-2.0
/*
 * What the processes of one device share. The supervisor (ferry-device) stands for the power supply
 * and the pins; for each life of the core it forks a child, which runs the bootloader and then
 * becomes the application by exec. All of them map this struct: it is the RAM that outlives a
 * reset, and the strapping of the board. It is a file in the device's folder, made anew at each
 * power-on.
 */
#ifndef PORTS_POSIX_MACHINE_H
#define PORTS_POSIX_MACHINE_H

#include <stdatomic.h>
#include <sys/types.h>

#include "ferry/image.h"
#include "ferry/layout.h"
#include "ferry/retained.h"

#define MACHINE_VARIABLE "FERRY_MACHINE" /* environment: number of the file descriptor */
#define MACHINE_MAGIC    0x46524d31u
#define MACHINE_KEYS_MAX 4

/* Where the power goes in the operation that `cut_at` names. */
enum machine_cut {
    MACHINE_CUT_NONE = 0,
    MACHINE_CUT_BEFORE = 1, /* nothing of it happened */
    MACHINE_CUT_TORN = 2,   /* some of it happened; `cut_seed` says what */
    MACHINE_CUT_AFTER = 3,  /* all of it happened, but nobody learned of it */
};

struct machine {
    uint32_t magic;
    uint32_t size; /* of this struct: supervisor and application are separate builds */

    struct ferry_retained retained;

    /* The board. Constant while the power is on. Descriptors are inherited by number. */
    pid_t supervisor;
    int internal_fd;
    int external_fd;         /* -1: the chip is absent */
    int serial_fd;           /* -1: none */
    int far_fd;              /* the other end of a pty, -1: none */
    int udp_fd;              /* -1: none */
    int trace_fd;            /* -1: no trace of flash operations */
    int32_t external_status; /* what starting the external chip came to */
    struct ferry_layout layout;
    struct ferry_key key[MACHINE_KEYS_MAX];
    uint32_t keys;
    bool demo_key;
    bool boot_only;       /* stop where the application would start */
    uint32_t watchdog_ms; /* of the application */
    uint32_t speed;       /* flash is so many times as fast as a real chip; 0 = no waiting */

    /* The life under way. */
    uint8_t cause; /* enum ferry_reset_cause */
    bool button;   /* held at this reset */
    bool locked;   /* bootloader and floor are write-protected until the next reset */
    bool in_application;
    int32_t broken; /* the bootloader's configuration can never work: its status */

    /* Flash operations since power-on, of both chips: page programs and block erases. */
    _Atomic uint32_t operations;
    uint32_t cut_at; /* the operation that the power goes in, 0 = none */
    uint32_t cut;    /* enum machine_cut */
    uint32_t cut_seed;
};

/* The supervisor: makes DIR/ram and maps it. NULL with a message on stderr. `*fd` is kept open. */
struct machine *machine_create(const char *dir, int *fd);

/* The application: maps what the supervisor left. NULL with a message on stderr. */
struct machine *machine_attach(void);

/* The power goes: supervisor and calling process die at once. */
_Noreturn void machine_cut_power(const struct machine *machine);

/* Counts one flash operation. MACHINE_CUT_NONE, or what happens to the power in it. */
enum machine_cut machine_count(struct machine *machine, uint32_t *number);

/* The child dies with its supervisor. Ends the process where that is dead already. */
void machine_die_with_supervisor(const struct machine *machine);

#endif
