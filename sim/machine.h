// SPDX-License-Identifier: Apache-2.0
/*
 * A whole device in memory: internal flash, external flash, the real bootloader and the real
 * update session, with a power supply that can be cut at any flash operation. What a cut leaves
 * behind is a torn operation whose bits may read differently from read to read.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <setjmp.h>

#include "ferry/boot.h"
#include "ferry/update.h"
#include "sim/memflash.h"

/* What is left of the operation that was cut. */
enum machine_tear {
    TEAR_BEFORE, /* nothing of it happened */
    TEAR_AFTER,  /* all of it happened, nobody noticed */
    TEAR_PREFIX, /* program: the first bytes; erase: the first part of the block */
    TEAR_BYTES,  /* random bytes done */
    TEAR_BITS,   /* random bits done */
    TEAR_DRAIN,  /* erase: pre-programming, ones became zeros; program: as TEAR_BITS */
    TEAR_WEAK,   /* as TEAR_BITS, and every bit concerned reads at random from now on */
    TEAR_FAINT,  /* reads as if nothing had happened, but weakly: now and then it shows */
    TEAR_KINDS,
};

/* Shape of the device. */
struct machine_config {
    uint32_t internal_block; /* bytes of an internal page */
    uint32_t external_block; /* smallest external erase */
    uint32_t slot_size;      /* bytes of the primary and of each slot */
    uint8_t slots;
};

struct machine {
    struct memflash internal, external;
    struct ferry_flash internal_flash, external_flash;
    uint8_t *weak[2]; /* per byte: bits that flicker; internal, external */
    bool any_weak[2];
    struct ferry_layout layout;
    const struct ferry_keys *keys;
    struct ferry_retained retained;
    struct ferry_boot_port port;
    struct ferry_boot boot;
    struct ferry_update_config update_config;
    struct ferry_update update;
    enum ferry_reset_cause cause; /* of the next start */
    int external_status;          /* not FERRY_OK: the chip is gone */

    uint32_t operations; /* programs and erases since machine_cut_at */
    uint32_t cut_at;     /* operation that is cut, counted from 0; UINT32_MAX = none */
    uint32_t span;
    enum machine_tear tear;
    uint64_t random;    /* state of the tears' randomness */
    uint32_t more_cuts; /* after that one, at random operations with random tears */
    uint32_t total;     /* programs and erases ever since machine_cut_at */
    bool was_cut;
    jmp_buf cut;

    /* Called when the power has just been cut, for invariants. May be NULL. */
    void (*watch)(void *context, struct machine *machine);
    void *watch_context;
    _Alignas(4) uint8_t work[4096];
};

enum machine_result { MACHINE_RUNS, MACHINE_RECOVERY, MACHINE_CUT };

/* Makes a device with blank flash. machine_free gives the memory back. */
void machine_init(struct machine *machine, const struct machine_config *config,
                  const struct ferry_keys *keys);
void machine_free(struct machine *machine);

/* Copies all of a device, for running many continuations of one state. Both are initialised alike.
 */
void machine_copy(struct machine *to, const struct machine *from);

/* Writes an image into the primary, like a programmer at the factory. */
void machine_flash_primary(struct machine *machine, const uint8_t *image, uint32_t size);

/* Cuts the power at the n-th operation from now; UINT32_MAX: never. */
void machine_cut_at(struct machine *machine, uint32_t operation, enum machine_tear tear,
                    uint64_t seed);

/* After the cut that is set: `count` more, each within the next `span` operations. */
void machine_cut_more(struct machine *machine, uint32_t count, uint32_t span);

/* One boot. MACHINE_RUNS: machine->boot.image runs. */
enum machine_result machine_start(struct machine *machine);

/* Runs application code; MACHINE_CUT if the power went. The code gets the machine as argument. */
enum machine_result machine_run(struct machine *machine, void (*code)(struct machine *, void *),
                                void *context);

/* Opens machine->update as the application of this device does. */
int machine_open_update(struct machine *machine);

/* The next random number of a seed (splitmix64). */
uint64_t machine_random(uint64_t *state);

#endif
