// SPDX-License-Identifier: Apache-2.0
/*
 * A SPI NOR chip at the level of its commands, for whoever talks through struct ferry_spi.
 *
 * It is strict: what a data sheet forbids does what a chip would do (nothing, or harm) and is
 * counted as a violation. It takes time on a virtual clock, keeps its state when the CPU resets,
 * wears, breaks in chosen ways, and loses its power inside an operation: then pages and blocks are
 * torn, and some bits read differently each time until their block is erased again.
 */
#ifndef SIM_NOR_CHIP_H
#define SIM_NOR_CHIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ferry/spi.h"
#include "sim/clock.h"

#define NOR_PAGE_MAX    512u
#define NOR_ERASE_TYPES 4

/* What a model can do beyond the common commands. */
#define NOR_HAS_RESET           0x01u /* 66h, 99h */
#define NOR_HAS_4BYTE_MODE      0x02u /* B7h, E9h */
#define NOR_WREN_FOR_4BYTE      0x04u /* ... after write enable only */
#define NOR_HAS_4BYTE_OPCODES   0x08u /* 13h, 0Ch, 12h, and those of its erase types */
#define NOR_HAS_VOLATILE_STATUS 0x10u /* 50h before 01h */
#define NOR_HAS_FLAG_STATUS     0x20u /* 70h, cleared by 50h */
#define NOR_HAS_SECURITY_STATUS 0x40u /* 2Bh */
#define NOR_HAS_POWER_MODES     0x80u /* MX25R: configuration register 2 bit 1 */

struct nor_erase_model {
    uint32_t size;
    uint8_t opcode;
    uint8_t opcode_4byte; /* 0 = none */
    uint32_t typ_us;
    uint32_t max_us;
};

/* A part. nor_models.c has some. */
struct nor_model {
    const char *name;
    uint8_t id[3];
    uint32_t size;
    uint32_t page;
    struct nor_erase_model erase[NOR_ERASE_TYPES];
    uint32_t program_typ_us;
    uint32_t program_max_us;
    uint32_t wakeup_us;
    uint32_t traits;        /* NOR_HAS_... */
    uint8_t protect_mask;   /* block protection bits of the status register, side by side */
    uint8_t protect_bottom; /* the bit that makes them count from the bottom, 0 = none */
    const uint8_t *sfdp;    /* from SFDP address 0 on, NULL = none */
    uint32_t sfdp_length;
};

enum nor_timing { NOR_TYPICAL, NOR_LONGEST, NOR_RANDOM };

enum nor_presence {
    NOR_PRESENT,
    NOR_ABSENT_HIGH, /* no chip, data line pulled up */
    NOR_ABSENT_LOW,  /* no chip, or a dead one */
    NOR_FLOATING,    /* random bits */
};

/* What is broken. All zero is a good chip. */
struct nor_faults {
    enum nor_presence presence;
    bool wrong_id;
    uint8_t id[3];
    bool stuck_busy;
    bool no_write_enable; /* WREN does not latch */
    bool deaf_program;    /* takes its time, changes nothing, reports success */
    bool deaf_erase;
    bool fail_program; /* changes half, reports it where the model can */
    bool fail_erase;
    uint32_t stuck_address;   /* one bad cell */
    uint8_t stuck_low;        /* its bits that always read 0 */
    uint8_t stuck_high;       /* its bits that always read 1 */
    uint32_t bus_error_every; /* transactions; 0 = never */
};

/* Things a driver must not do, counted. */
struct nor_violations {
    uint32_t while_busy;
    uint32_t while_asleep; /* in deep power-down, waking up, or recovering from a reset */
    uint32_t without_write_enable;
    uint32_t page_wrap;
    uint32_t misaligned_erase;
    uint32_t overprogram; /* bits asked to go from 0 to 1 */
    uint32_t past_end;
    uint32_t framing; /* address or dummy bytes not as the command wants them in this mode */
    uint32_t unknown_opcode;
};

struct nor_counts {
    uint32_t transactions;
    uint32_t status_reads;
    uint32_t status_writes; /* of the register that is kept without power: they wear it */
    uint32_t programs;
    uint32_t erases;
    uint32_t resets;
    uint64_t bytes_read;
    uint64_t bytes_programmed;
};

enum nor_operation_kind { NOR_IDLE, NOR_PROGRAM, NOR_ERASE, NOR_WRITE_STATUS };

struct nor_operation {
    enum nor_operation_kind kind;
    uint32_t address; /* of the page or block */
    uint32_t length;
    uint8_t data[NOR_PAGE_MAX]; /* of the page; FF where nothing is written */
    uint64_t started_ns;
    uint64_t ends_ns;
};

/* How a page is torn. An erase is torn by how far it was. */
enum nor_tear {
    NOR_TEAR_PREFIX, /* the first bytes are written */
    NOR_TEAR_SUBSET, /* some bytes are written */
    NOR_TEAR_BITS,   /* some bits are written */
    NOR_TEAR_STYLES,
};

struct nor_chip {
    const struct nor_model *model;
    struct sim_clock *clock;

    /* The caller may change these at any time. */
    struct nor_faults faults;
    enum nor_timing timing;
    uint32_t bus_hz;
    uint32_t power_up_us; /* answers nothing for so long after power on */
    bool weak_bits;       /* torn operations leave bits that flicker; on at first */

    /*
     * Called when a program, erase or status write has begun. It may cut the power and not return
     * (longjmp).
     */
    void (*on_operation)(void *context, struct nor_chip *chip);
    void *context;

    /* Results: read, or set to zero. */
    struct nor_violations violations;
    struct nor_counts counts;
    uint8_t *bytes; /* model->size of them: the cells */
    uint32_t *wear; /* erases per smallest block */

    /* The chip's own. Tests set leftovers of an earlier life here. */
    uint8_t *weak; /* bits that flicker, allocated at the first */
    uint64_t random;
    bool on;
    bool write_enabled;
    bool volatile_enabled;
    bool reset_enabled;
    bool in_4byte_mode;
    bool asleep;
    uint8_t status;      /* bits 2..7 as they act now */
    uint8_t status_kept; /* as they are without power */
    uint8_t configuration[2];
    uint8_t failures;  /* security register, or flag status register */
    uint64_t ready_ns; /* deaf until then */
    struct nor_operation operation;
    struct nor_operation suspended;
};

/* A new chip, erased, powered, idle. Freed by nor_chip_free. Aborts when memory runs out. */
struct nor_chip *nor_chip_new(const struct nor_model *model, struct sim_clock *clock,
                              uint64_t seed);
void nor_chip_free(struct nor_chip *chip);

/* The port that leads to this chip. */
struct ferry_spi nor_chip_spi(struct nor_chip *chip);

/* Sum of all violations. */
uint32_t nor_chip_violations(const struct nor_chip *chip);

/*
 * Whether an operation is under way at this instant of the clock. One whose time is over reaches
 * the cells with this call, or with the next transaction.
 */
bool nor_chip_busy(struct nor_chip *chip);

/* How much of the operation under way is done by the clock, 0..1000; 1000 where none is. */
uint32_t nor_chip_progress(struct nor_chip *chip);

/*
 * Power off. An operation under way (or suspended) is torn as if `permille` of it were done:
 * nor_chip_progress gives what the clock says. The chip's random decides the details.
 */
void nor_chip_power_off(struct nor_chip *chip, enum nor_tear tear, uint32_t permille);

/* Power on: the volatile state is new, the cells are as they were left. */
void nor_chip_power_on(struct nor_chip *chip);

#endif
