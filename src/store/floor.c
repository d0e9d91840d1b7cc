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

/* One of the two copies: a block of the region. */
struct copy {
    uint32_t start; /* offset of the block */
    uint32_t free;  /* offset of the first record that nothing follows */
    uint32_t floor; /* highest in it */
};

/* Bytes from record to record: whole write units. */
static uint32_t stride_of(const struct ferry_region *region)
{
    uint32_t unit = region->flash->geometry->write_unit;

    return unit > sizeof(struct record) ? unit : (uint32_t)sizeof(struct record);
}

static uint32_t record_crc(const struct record *record)
{
    return ferry_crc32(0, record, sizeof *record - sizeof record->crc);
}

static bool is_good(const struct record *record)
{
    return record->magic == MAGIC && record->inverse == ~record->floor &&
           record->crc == record_crc(record);
}

/* A record that cannot be read was torn: it counts as used and says nothing. */
static struct copy scan(const struct ferry_region *region, uint32_t start)
{
    struct copy copy = {start, start, 0};
    uint32_t end = start + ferry_region_block(region);
    uint32_t stride = stride_of(region);

    for (uint32_t next, at = start; (next = at + stride) <= end; at = next) {
        struct record record;
        bool readable = ferry_region_read(region, at, &record, sizeof record) == FERRY_OK;

        if (readable &&
            ferry_flash_is_filled(&record, region->flash->geometry->erased, sizeof record))
            continue;
        copy.free = next;
        if (readable && is_good(&record) && record.floor > copy.floor)
            copy.floor = record.floor;
    }
    return copy;
}

int ferry_floor_read(const struct ferry_region *region, uint32_t *floor, bool *redundant)
{
    struct copy copies[2] = {{0}};
    uint32_t block = ferry_region_block(region);

    if (region->length >= 2 * block) {
        copies[0] = scan(region, 0);
        copies[1] = scan(region, block);
    }
    *floor = copies[0].floor > copies[1].floor ? copies[0].floor : copies[1].floor;
    if (redundant)
        *redundant = copies[0].floor == copies[1].floor;
    return region->length > 0 && region->length < 2 * block ? FERRY_E_LAYOUT : FERRY_OK;
}

static int write_copy(const struct ferry_region *region, const struct copy *copy, uint32_t floor)
{
    struct record record = {MAGIC, floor, ~floor, 0};
    uint32_t end = copy->start + ferry_region_block(region);
    uint32_t stride = stride_of(region);
    uint32_t at = copy->free;
    int status = FERRY_OK;

    record.crc = record_crc(&record);
    /* One position stays unused: a cut may have left a record there too weak to be seen. */
    if (at != copy->start)
        at += stride;
    if (at + stride > end) {
        at = copy->start;
        status = ferry_region_erase(region, at, end);
    }
    if (status == FERRY_OK)
        status = ferry_region_program(region, at, &record, sizeof record);
    return status == FERRY_OK ? ferry_region_compare(region, at, &record, sizeof record) : status;
}

/* Writes the copies that are lower, one after the other. */
static int lift(const struct ferry_region *region, uint32_t floor)
{
    uint32_t block = ferry_region_block(region);
    int status = FERRY_OK;

    for (uint32_t i = 0; i < 2 && status == FERRY_OK; i++) {
        struct copy copy = scan(region, i * block);
        if (copy.floor < floor)
            status = write_copy(region, &copy, floor);
    }
    return status;
}

int ferry_floor_raise(const struct ferry_region *region, uint32_t floor)
{
    uint32_t now;

    if (region->length == 0)
        return FERRY_OK;
    int status = ferry_floor_read(region, &now, NULL);
    /* First both to what one of them holds: so none is erased while it alone has it. */
    if (status == FERRY_OK)
        status = lift(region, now);
    return status == FERRY_OK ? lift(region, floor) : status;
}
