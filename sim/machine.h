// SPDX-License-Identifier: Apache-2.0
/*
 * A whole device in memory: internal flash, external flash, the real bootloader and the real
 * update session, with a power supply that can be cut at any flash operation. What a cut leaves
 * behind is a torn operation whose bits may read differently from read to read, and from boot to
 * boot. Devices are cheap to copy: only the pages that differ are.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include <setjmp.h>

#include "ferry/boot.h"
#include "ferry/update.h"
#include "sim/memflash.h"

/* What is left of the operation that was cut. */
enum machine_tear {
    TEAR_BEFORE,  /* nothing of it happened */
    TEAR_AFTER,   /* all of it happened, nobody noticed */
    TEAR_PREFIX,  /* program: the first bytes; erase: the first part of the block */
    TEAR_BYTES,   /* random bytes done */
    TEAR_BITS,    /* random bits done */
    TEAR_CLUSTER, /* one run of bytes done */
    TEAR_DRAIN,   /* erase: pre-programming, ones became zeros; program: as TEAR_BITS */
    TEAR_WEAK,    /* as TEAR_BITS, and every bit concerned reads at random from now on */
    TEAR_FAINT,   /* reads as all done in one life and as not done in another */
    TEAR_KINDS,
};

/* The torn patterns of a campaign: a kind and a seed each. */
#define MACHINE_PATTERNS 56u
struct machine_pattern {
    enum machine_tear tear;
    uint32_t seed;
};
struct machine_pattern machine_pattern(uint32_t index);

/* What may be wrong with a chip, as long as it is set. */
enum machine_fault {
    FAULT_NONE,
    FAULT_ABSENT,          /* the external chip does not answer when it is started */
    FAULT_READ_ERROR,      /* external: every read fails */
    FAULT_TIMEOUT,         /* external: everything times out, stuck busy */
    FAULT_ZEROS,           /* external: reads 00 */
    FAULT_ONES,            /* external: reads FF */
    FAULT_FLOATING,        /* external: reads noise */
    FAULT_PROTECTED,       /* external: programs and erases are refused */
    FAULT_WRITE_FAILS,     /* external: programs and erases fail */
    FAULT_NO_PROGRAM,      /* external: programs do nothing and say nothing */
    FAULT_NO_ERASE,        /* external: erases do nothing and say nothing */
    FAULT_STUCK_BITS,      /* external: one bit in every 512 bytes reads 0 */
    FAULT_FLAKY_READS,     /* external: one read in 64 fails */
    FAULT_INTERNAL_READS,  /* internal: one read of a life fails */
    FAULT_INTERNAL_WRITES, /* internal: the first program of a life does nothing */
    FAULTS,
};
extern const char *const machine_fault_names[FAULTS];

/* Shape of the device. */
struct machine_config {
    uint32_t internal_block; /* bytes of an internal page */
    uint32_t external_block; /* smallest external erase */
    uint32_t slot_size;      /* bytes of the primary and of each slot */
    uint8_t slots;
    uint8_t ecc; /* not 0: internal write unit with ECC, a torn unit cannot be read */
};

#define MACHINE_PAGE    4096u /* what copying a machine goes by */
#define MACHINE_GRANULE 128u  /* what `unfinished` goes by */

/* A page's content version, and which of its granules an interrupted operation has touched since
 * they were erased. */
struct machine_page {
    uint64_t stamp;
    uint64_t hashed_stamp, hash; /* the last content hash, and of which version it is */
    uint32_t unfinished;
};

enum machine_outcome { OP_DONE, OP_TORN, OP_LOST };

/* One program (of a page at most) or erase (of a block). */
struct machine_op {
    uint8_t chip; /* 0 internal, 1 external */
    bool erase;
    enum machine_outcome outcome;
    uint32_t offset, length;
    const uint8_t *data; /* of a program */
};

/* A program that reads as done in some lives and as not done in others. */
struct machine_faint {
    bool active;
    uint8_t chip;
    uint32_t offset, length;
    uint8_t before[512], after[512];
};

struct machine {
    struct memflash internal, external;
    struct ferry_flash internal_flash, external_flash;
    uint8_t *weak[2]; /* per byte: bits that flicker; with ECC: not 0 = unreadable */
    struct machine_page *page[2];
    bool any_weak[2];
    struct machine_faint faint;
    struct ferry_layout layout;
    uint8_t ecc;
    const struct ferry_keys *keys;
    struct ferry_retained retained;
    struct ferry_boot_port port;
    struct ferry_boot boot;
    struct ferry_update_config update_config;
    struct ferry_update update;
    enum ferry_reset_cause cause; /* of the next start */
    bool recovery;                /* the update session is opened as recovery does */
    enum machine_fault fault;

    uint32_t operations; /* programs and erases since machine_cut_at */
    uint32_t cut_at;     /* operation that is cut, counted from 0; UINT32_MAX = none */
    uint32_t span;
    enum machine_tear tear;
    uint32_t tear_seed;
    uint64_t random;    /* state of the tears' randomness */
    uint32_t more_cuts; /* after that one, at random operations with random tears */
    uint32_t total;     /* programs and erases ever since machine_cut_at */
    bool was_cut;
    bool hung; /* the last life was ended because it would not end */
    jmp_buf cut;

    bool booting;          /* this life is still in the bootloader */
    uint32_t life_ops;     /* programs and erases of this life */
    uint32_t life_ext_ops; /* of them, on the external chip */
    uint32_t life_reads;
    uint64_t life_read_bytes;
    uint32_t life_ext_read; /* bytes, in the bootloader */
    uint64_t life_us;       /* a rough clock: typical times, one after the other */

    /* Called before each operation, outcome not set; may be NULL. For taking copies. */
    void (*before)(void *context, struct machine *machine, const struct machine_op *op);
    /* Called when the outcome is known, before the flash changes; may be NULL. For invariants. */
    void (*watch)(void *context, struct machine *machine, const struct machine_op *op);
    void *watch_context;
    _Alignas(4) uint8_t work[4096];
};

enum machine_result { MACHINE_RUNS, MACHINE_RECOVERY, MACHINE_CUT };

/* Makes a device with blank flash. machine_free gives the memory back. */
void machine_init(struct machine *machine, const struct machine_config *config,
                  const struct ferry_keys *keys);
void machine_free(struct machine *machine);

/* Makes `to` the device `from` is at this instant, its power off. Both are initialised alike. */
void machine_copy(struct machine *to, const struct machine *from);

/* Writes content from outside, like a programmer or a thief does. */
void machine_poke(struct machine *machine, uint32_t chip, uint32_t offset, const void *data,
                  uint32_t length);

/* Writes an image into the primary, like a programmer at the factory. */
void machine_flash_primary(struct machine *machine, const uint8_t *image, uint32_t size);

/* Cuts the power at the n-th operation from now; UINT32_MAX: never. */
void machine_cut_at(struct machine *machine, uint32_t operation, struct machine_pattern pattern,
                    uint64_t seed);

/* After the cut that is set: `count` more, each within the next `span` operations. */
void machine_cut_more(struct machine *machine, uint32_t count, uint32_t span);

/* Leaves an operation half done and takes RAM away: a cut from outside, in a copy. */
void machine_tear(struct machine *machine, const struct machine_op *op,
                  struct machine_pattern pattern, uint64_t seed);

/* One boot. MACHINE_RUNS: machine->boot.image runs. */
enum machine_result machine_start(struct machine *machine);

/* Runs application code; MACHINE_CUT if the power went. The code gets the machine as argument. */
enum machine_result machine_run(struct machine *machine, void (*code)(struct machine *, void *),
                                void *context);

/* Opens machine->update as the application of this device does. */
int machine_open_update(struct machine *machine);

/* Whether an interrupted operation has touched the range since it was erased. */
bool machine_is_unfinished(const struct machine *machine, uint32_t chip, uint32_t offset,
                           uint32_t length);

/* A hash of everything that survives a power cut. */
uint64_t machine_state_hash(const struct machine *machine);

/* The next random number of a seed (splitmix64). */
uint64_t machine_random(uint64_t *state);

#endif
