// SPDX-License-Identifier: Apache-2.0
/*
 * Flash devices and regions.
 *
 * A device is anything that reads, programs and erases at byte offsets: internal flash, a SPI NOR
 * chip, a file, a model, an operating system's driver. Its geometry is data. A region is a window
 * on a device and the only way code above src/flash names a place in flash.
 *
 * Late completion. `program` and `erase` may return while the chip still works. The next call on
 * the same device waits for it, bounded by the chip's own maximum, and reports what failed;
 * `finish` waits for everything. So two chips work at the same time without an asynchronous API:
 * start an erase on one, use the other meanwhile.
 *
 * Alignment is the device's business. Above this header any offset, any length and any buffer
 * address is legal for read and program; a device pads partial write units with the erased value.
 * A write unit may be programmed once per erase (ECC flash), so whoever needs two separate
 * programs places them in separate write units.
 */
#ifndef FERRY_FLASH_H
#define FERRY_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "ferry/status.h"

#define FERRY_FLASH_ERASE_TYPES 4

/* One erase command. Sizes are powers of two, offsets are multiples of the size. */
struct ferry_erase_type {
    uint32_t size;   /* bytes */
    uint32_t typ_us; /* typical time, microseconds; 0 = not known */
    uint32_t max_us; /* the longest the chip may take; waits end here */
};

/* What a device is made of. Read-only data once the device is started. */
struct ferry_geometry {
    uint32_t size;           /* bytes */
    uint32_t write_unit;     /* bytes; smallest program, 1 for SPI NOR */
    uint32_t page;           /* bytes; a program inside one page is one operation of the chip */
    uint32_t program_typ_us; /* of a whole page */
    uint32_t program_max_us;
    uint8_t erased;      /* value of an erased byte, 0xFF on NOR */
    uint8_t erase_types; /* how many of `erase` are set, at least 1 */
    struct ferry_erase_type erase[FERRY_FLASH_ERASE_TYPES]; /* ascending by size */
};

/*
 * The operations of a device. Offsets are from the start of the device; the callers below have
 * checked them against the geometry.
 *
 *   read     fills `data`. Waits for an operation under way first. May return FERRY_E_ECC for a
 *            torn unit.
 *   program  writes `length` bytes; bits only go from erased to written. May return early.
 *   erase    erases exactly one block: `size` is the size of one of the erase types and `offset`
 *            a multiple of it. May return early.
 *   finish   waits until the device is idle and returns what the last operation came to.
 *
 * Each returns FERRY_OK or a status of an operation that failed: this one or the one before.
 */
struct ferry_flash_api {
    int (*read)(void *context, uint32_t offset, void *data, uint32_t length);
    int (*program)(void *context, uint32_t offset, const void *data, uint32_t length);
    int (*erase)(void *context, uint32_t offset, uint32_t size);
    int (*finish)(void *context);
};

/* A device: constant operations, its own state, its geometry. */
struct ferry_flash {
    const struct ferry_flash_api *api;
    void *context;
    const struct ferry_geometry *geometry;
};

/* A window on a device. Plain value; copying it is fine. */
struct ferry_region {
    const struct ferry_flash *flash;
    uint32_t offset; /* bytes from the start of the device */
    uint32_t length; /* bytes */
};

/*
 * Whether the region lies inside its device and starts and ends on the smallest erase block.
 * Returns FERRY_OK, FERRY_E_LAYOUT (not aligned, empty) or FERRY_E_CHIP_SIZE (past the end).
 */
int ferry_region_check(const struct ferry_region *region);

/* A window on a window. The caller checks its bounds with the first access. */
struct ferry_region ferry_region_part(const struct ferry_region *region, uint32_t offset,
                                      uint32_t length);

/* Reads `length` bytes at `offset` of the region. FERRY_E_RANGE or the device's status. */
int ferry_region_read(const struct ferry_region *region, uint32_t offset, void *data,
                      uint32_t length);

/* Programs; may return while the chip works. FERRY_E_RANGE or the device's status. */
int ferry_region_program(const struct ferry_region *region, uint32_t offset, const void *data,
                         uint32_t length);

/*
 * Starts the largest aligned erase at `offset` that ends at or before `end` and is no larger than
 * `most` bytes (0 = no limit; the smallest block is always allowed). `*erased` gets its size.
 * `offset` and `end` are multiples of the smallest erase block. The caller loops; one call is at
 * most one block's time.
 * Returns FERRY_OK, FERRY_E_RANGE, FERRY_E_ARGUMENT (not aligned) or the device's status.
 */
int ferry_region_erase_step(const struct ferry_region *region, uint32_t offset, uint32_t end,
                            uint32_t most, uint32_t *erased);

/* Erases [offset, end) whole and waits. For short ranges: it blocks for all of them. */
int ferry_region_erase(const struct ferry_region *region, uint32_t offset, uint32_t end);

/* Waits until the region's device is idle. The status of the last operation. */
int ferry_region_finish(const struct ferry_region *region);

/*
 * Whether `length` bytes at `offset` hold `data` (data == NULL: are all erased). Reads through a
 * small buffer on the stack. FERRY_OK, FERRY_E_READBACK when they differ, or a read error.
 */
int ferry_region_compare(const struct ferry_region *region, uint32_t offset, const void *data,
                         uint32_t length);

/* Whether all `length` bytes are `value`: with the erased value, whether data is blank. */
bool ferry_flash_is_filled(const void *data, uint8_t value, uint32_t length);

/* The smallest erase block of the region's device, bytes. */
static inline uint32_t ferry_region_block(const struct ferry_region *region)
{
    return region->flash->geometry->erase[0].size;
}

#endif
