// SPDX-License-Identifier: Apache-2.0
/* The security floor in internal flash: 16-byte records appended in two erase blocks. SPEC.md. */
#include "ferry/floor.h"

#include "ferry/store.h"

#define MAGIC 0x6f6c6646u /* "Fflo" */

/* Little endian, as it lies in flash. */
struct record {
    uint32_t magic;
    uint32_t floor;
    uint32_t inverse; /* of the floor */
    uint32_t crc;     /* CRC-32 of the first 12 bytes */
};
_Static_assert(sizeof(struct record) == 16, "record layout");

static uint32_t record_crc(const struct record *record)
{
    return ferry_crc32(0, record, sizeof *record - sizeof record->crc);
}

static bool is_good(const struct record *record)
{
    return record->magic == MAGIC && record->inverse == ~record->floor &&
           record->crc == record_crc(record);
}

/* The floor at the start of a block. What is torn or cannot be read says nothing. */
static uint32_t read_copy(const struct ferry_region *region, uint32_t start)
{
    struct record record;

    if (ferry_region_read(region, start, &record, sizeof record) != FERRY_OK || !is_good(&record))
        return 0;
    return record.floor;
}

int ferry_floor_read(const struct ferry_region *region, uint32_t *floor, bool *redundant)
{
    uint32_t block = ferry_region_block(region), copy[2] = {0, 0};

    if (region->length >= 2 * block) {
        copy[0] = read_copy(region, 0);
        copy[1] = read_copy(region, block);
    }
    *floor = copy[copy[1] > copy[0]];
    if (redundant)
        *redundant = copy[0] == copy[1];
    return region->length == 0 || region->length >= 2 * block ? FERRY_OK : FERRY_E_LAYOUT;
}

/*
 * Erases and writes: what a cut left in the block, even if it cannot be seen, is gone then. Floors
 * rise so seldom that wear does not count.
 */
static int write_copy(const struct ferry_region *region, uint32_t start, uint32_t floor)
{
    struct record record = {MAGIC, floor, ~floor, 0};

    record.crc = record_crc(&record);
    int status = ferry_region_erase(region, start, start + ferry_region_block(region));
    if (status == FERRY_OK)
        status = ferry_region_program(region, start, &record, sizeof record);
    return status == FERRY_OK ? ferry_region_compare(region, start, &record, sizeof record)
                              : status;
}

int ferry_floor_raise(const struct ferry_region *region, uint32_t floor)
{
    uint32_t block = ferry_region_block(region);

    if (region->length == 0)
        return FERRY_OK;
    if (region->length < 2 * block)
        return FERRY_E_LAYOUT;
    uint32_t copy[2] = {read_copy(region, 0), read_copy(region, block)};
    uint32_t low = copy[0] > copy[1], high = low ^ 1;
    /* Two floors: the higher one was being written when the power went, and may be weak. It comes
     * first then, while the lower one stands. */
    bool is_cut = copy[low] != 0 && copy[low] != copy[high];
    uint32_t first = is_cut ? high : low;
    int status = FERRY_OK;

    if (floor < copy[high])
        floor = copy[high];
    if (is_cut || copy[first] < floor)
        status = write_copy(region, first * block, floor);
    if (status == FERRY_OK && copy[first ^ 1] < floor)
        status = write_copy(region, (first ^ 1) * block, floor);
    return status;
}
