// SPDX-License-Identifier: Apache-2.0
/* Boards and flash chips the doctor knows: data/boards, and ids with their sizes. */
#ifndef FERRY_DOCTOR_BOARDS_H
#define FERRY_DOCTOR_BOARDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/arena.h"

#define BOARD_TARGETS_MAX 4

struct board_flash {
    const char *label;
    const char *node;
    const char *chip;
    const char *bus;
    const char *compatible;
    const char *status;
    uint64_t reg;
    uint64_t selects; /* entries of cs-gpios */
    uint64_t bits;    /* devicetree `size` */
    uint64_t frequency;
    uint64_t exit_dpd; /* ns, 0 = no deep power-down in the devicetree */
    uint64_t lines;    /* data lines of a QSPI chip: 4, or 2 */
    uint32_t jedec;
    bool sfdp;
};

struct board {
    const char *name;
    const char *title;
    const char *soc;
    const char *family; /* nrf52, nrf53, nrf91, nrf54l */
    const char *targets[BOARD_TARGETS_MAX];
    const char *revision;   /* from which the chip is on the board, or NULL */
    const char *qspi_owner; /* compatible of what else owns QSPI, or NULL */
    uint64_t internal_base;
    uint64_t internal_size;
    uint64_t page;
    uint64_t write;
    uint64_t pad;
    uint64_t tfm_align; /* 0 = no TF-M rule */
    uint64_t storage;   /* space `ferry init` keeps for settings at the end */
    bool network_core;
    bool chosen;        /* the board's devicetree chooses the chip itself */
    bool static_layout; /* the board brings its own pm_static */
    bool has_flash;
    struct board_flash flash;
    uint32_t alternates[4]; /* other chips found on this board */
    size_t alternate_count;
};

struct boards {
    struct board *list;
    size_t count;
};

/* All boards built in. Their data is part of the program, so it cannot fail. */
void boards_load(struct boards *boards, struct ferry_arena *arena);

/* By name or by target: "nrf9160dk", "nrf9160dk/nrf9160/ns", "nrf9160dk_nrf9160_ns@0.14.0". */
const struct board *boards_find(const struct boards *boards, const char *name);

/* Whether a file stem is exactly a target of a known board: "nrf9160dk_nrf9160_ns". */
bool boards_is_target(const struct boards *boards, const char *stem);

struct chip {
    uint32_t jedec;
    const char *name;
    uint64_t bytes;
};

const struct chip *chip_by_id(uint32_t jedec);
/* By name, case and dashes ignored, as in `device:` of a layout or --chip. */
const struct chip *chip_by_name(const char *name);
/* 2^n of the third id byte, 0 where that is no plausible capacity. */
uint64_t chip_capacity(uint32_t jedec);

#endif
