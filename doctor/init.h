// SPDX-License-Identifier: Apache-2.0
/* Writes a complete configuration for updates through external flash, or says why it cannot be. */
#ifndef FERRY_DOCTOR_INIT_H
#define FERRY_DOCTOR_INIT_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/boards.h"
#include "host/arena.h"

struct init_options {
    const char *board;     /* a board of data/boards */
    const char *chip;      /* NULL = the board's */
    const char *bus;       /* "spi", "qspi"; NULL = the board's */
    const char *transport; /* smp-ble, smp-serial, smp-udp, http, lwm2m */
    const char *sdk;       /* "2.6", "2.9", "3.3.1" */
    const char *mode;      /* "swap", "overwrite"; NULL = the usual one */
    bool both_cores;
    bool wifi;
};

struct init_file {
    const char *path;
    const char *text;
    struct init_file *next;
};

struct init_plan {
    struct ferry_arena *arena;
    struct init_file *files;
    struct init_file **tail;
    const char *build; /* the command that builds it */
};

/* Fills `plan`. false with `*refusal`, a sentence with the reason, where it cannot work. */
bool ferry_init_plan(struct init_plan *plan, struct ferry_arena *arena,
                     const struct init_options *options, const char **refusal);

/* What is chosen and computed; between the parts of init. */
struct init_choice {
    struct ferry_arena *arena;
    struct init_plan *plan;
    const struct init_options *options;
    const struct board *board;
    const char *target; /* "nrf9160dk_nrf9160_ns" in file names */
    const char *secure; /* MCUboot's */
    const char *west;   /* the board as west wants it */
    const char *label;  /* of the chip's node */
    bool own_node;      /* the chip is described in the overlay */
    const struct chip *chip;
    unsigned version;
    bool sysbuild;
    bool devicetree; /* partitions by devicetree */
    bool spi;
    bool non_secure;
    bool overwrite;
    uint64_t boot, slot, storage, end, tfm, external;
    unsigned sectors;
};

/* init_files.c */
void init_add(struct init_choice *choice, const char *path, const char *text);
void init_write_files(struct init_choice *choice);
/* init_layout.c */
void init_write_layouts(struct init_choice *choice);
/* init_transport.c: the application's options for the transport. */
const char *init_transport_options(const struct init_choice *choice);
/* The option lines of the driver; for MCUboot with what it needs besides. */
const char *init_driver_options(const struct init_choice *choice, bool mcuboot);

#endif
