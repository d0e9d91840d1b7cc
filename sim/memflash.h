// SPDX-License-Identifier: Apache-2.0
/*
 * A flash device in memory, at the level of struct ferry_flash: program only clears bits, erase
 * works on whole blocks, and every operation passes a hook that may cut the power before, inside
 * or after it. For tests and the simulator.
 */
#ifndef SIM_MEMFLASH_H
#define SIM_MEMFLASH_H

#include "ferry/flash.h"

enum memflash_op { MEMFLASH_READ, MEMFLASH_PROGRAM, MEMFLASH_ERASE };

/* A hook's answer: the operation is reported as done, and nothing happens. */
#define MEMFLASH_IGNORE 1

struct memflash {
    struct ferry_geometry geometry;
    uint8_t *bytes; /* geometry.size of them, owned by the caller */
    uint32_t *wear; /* erases per smallest block, or NULL */

    /*
     * Called before each operation; a program is announced per page. FERRY_OK lets it happen,
     * anything else is its result and nothing happens. The hook may change `bytes` and not return
     * (longjmp): that is a power cut.
     */
    int (*hook)(void *context, struct memflash *flash, enum memflash_op op, uint32_t offset,
                const uint8_t *data, uint32_t length);
    /* Called after each read, may be NULL: changes what the caller gets, not what the chip holds.
     */
    void (*after_read)(void *context, struct memflash *flash, uint32_t offset, uint8_t *data,
                       uint32_t length);
    void *context;

    uint32_t programs;     /* operations, per page */
    uint32_t erases;       /* operations */
    uint32_t programmed;   /* bytes */
    uint32_t erased;       /* bytes */
    uint32_t read;         /* bytes */
    uint32_t overprograms; /* bytes asked to go from 0 to 1: a bug of the caller */
};

/* Makes `flash` a device over `memflash`, whose geometry and bytes are set. Content is kept. */
void memflash_start(struct memflash *memflash, struct ferry_flash *flash);

/* Geometries for tests: uniform blocks of `block` (and 64 KiB where larger), pages of 256. */
struct ferry_geometry memflash_nor(uint32_t size, uint32_t block);

/* Internal flash like an nRF's: pages of `block`, 4-byte words. */
struct ferry_geometry memflash_nvmc(uint32_t size, uint32_t block);

#endif
