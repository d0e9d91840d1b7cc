// SPDX-License-Identifier: Apache-2.0
/* The security floor in internal flash: 16-byte records appended in two erase blocks. SPEC.md. */
#include "ferry/floor.h"

#include "bytes.h"
#include "ferry/store.h"

#define MAGIC  0x6f6c6646u /* "Fflo" */
#define RECORD 16u

/* One of the two copies. */
struct copy {
    struct ferry_region region;
    uint32_t stride; /* bytes from record to record: whole write units */
    uint32_t floor;  /* highest in it */
    uint32_t free;   /* offset of the first record that nothing follows */
};

static bool is_erased(const uint8_t *record, uint8_t erased)
{
    for (uint32_t i = 0; i < RECORD; i++)
        if (record[i] != erased)
            return false;
    return true;
}

static bool decode(const uint8_t *record, uint32_t *floor)
{
    *floor = get32(record + 4);
    return get32(record) == MAGIC && get32(record + 8) == ~*floor &&
           get32(record + 12) == ferry_crc32(0, record, 12);
}

/* A record that cannot be read was torn: it counts as used and says nothing. */
static void scan(struct copy *copy)
{
    copy->floor = 0;
    copy->free = 0;
    for (uint32_t at = 0; at + copy->stride <= copy->region.length; at += copy->stride) {
        uint8_t record[RECORD];
        uint32_t floor;
        bool readable = ferry_region_read(&copy->region, at, record, RECORD) == FERRY_OK;

        if (readable && is_erased(record, copy->region.flash->geometry->erased))
            continue;
        copy->free = at + copy->stride;
        if (readable && decode(record, &floor) && floor > copy->floor)
            copy->floor = floor;
    }
}

static void open_copy(const struct ferry_region *region, uint32_t index, struct copy *copy)
{
    uint32_t block = ferry_region_block(region);
    uint32_t unit = region->flash->geometry->write_unit;

    copy->region = ferry_region_part(region, index * block, block);
    copy->stride = unit > RECORD ? unit : RECORD;
    scan(copy);
}

static bool is_absent(const struct ferry_region *region)
{
    return region->length < 2 * ferry_region_block(region);
}

int ferry_floor_read(const struct ferry_region *region, uint32_t *floor, bool *redundant)
{
    struct copy a, b;

    *floor = 0;
    if (redundant)
        *redundant = true;
    if (region->length == 0)
        return FERRY_OK;
    if (is_absent(region))
        return FERRY_E_LAYOUT;
    open_copy(region, 0, &a);
    open_copy(region, 1, &b);
    *floor = a.floor > b.floor ? a.floor : b.floor;
    if (redundant)
        *redundant = a.floor == b.floor;
    return FERRY_OK;
}

static int write_copy(struct copy *copy, uint32_t floor)
{
    uint8_t record[RECORD];

    /* One position stays unused: a cut may have left a record there too weak to be seen. */
    uint32_t at = copy->free == 0 ? 0 : copy->free + copy->stride;
    if (at + copy->stride > copy->region.length) {
        int status = ferry_region_erase(&copy->region, 0, copy->region.length);
        if (status != FERRY_OK)
            return status;
        at = 0;
    }
    put32(record, MAGIC);
    put32(record + 4, floor);
    put32(record + 8, ~floor);
    put32(record + 12, ferry_crc32(0, record, 12));
    int status = ferry_region_program(&copy->region, at, record, RECORD);
    if (status == FERRY_OK)
        status = ferry_region_finish(&copy->region);
    if (status == FERRY_OK)
        status = ferry_region_compare(&copy->region, at, record, RECORD);
    return status;
}

int ferry_floor_raise(const struct ferry_region *region, uint32_t floor)
{
    struct copy a, b;

    if (region->length == 0)
        return FERRY_OK;
    if (is_absent(region))
        return FERRY_E_LAYOUT;
    open_copy(region, 0, &a);
    open_copy(region, 1, &b);
    /* The lower copy first: if it must be erased, the higher one stands meanwhile. */
    struct copy *low = a.floor <= b.floor ? &a : &b;
    struct copy *high = low == &a ? &b : &a;
    int status = low->floor < floor ? write_copy(low, floor) : FERRY_OK;
    if (status == FERRY_OK && high->floor < floor)
        status = write_copy(high, floor);
    return status;
}
