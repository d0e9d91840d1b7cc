// SPDX-License-Identifier: Apache-2.0
#include "ferry/flash.h"

#include <string.h>

/* Bytes that compare reads at a time; on the stack, so small. */
#define COMPARE_CHUNK 64u

/* The region lies inside its device and [offset, offset + length) inside the region. */
static bool in_bounds(const struct ferry_region *region, uint32_t offset, uint32_t length)
{
    uint32_t size = region->flash->geometry->size;

    return region->length <= size && region->offset <= size - region->length &&
           offset <= region->length && length <= region->length - offset;
}

static bool is_multiple(uint32_t value, uint32_t power_of_two)
{
    return (value & (power_of_two - 1)) == 0;
}

int ferry_region_check(const struct ferry_region *region)
{
    uint32_t block = ferry_region_block(region);

    if (region->length == 0 || !is_multiple(region->offset | region->length, block))
        return FERRY_E_LAYOUT;
    return in_bounds(region, 0, 0) ? FERRY_OK : FERRY_E_CHIP_SIZE;
}

struct ferry_region ferry_region_part(const struct ferry_region *region, uint32_t offset,
                                      uint32_t length)
{
    struct ferry_region part = {.flash = region->flash};

    /* A part that leaves its parent stays empty, so that every access to it is refused. */
    if (in_bounds(region, offset, length)) {
        part.offset = region->offset + offset;
        part.length = length;
    }
    return part;
}

int ferry_region_read(const struct ferry_region *region, uint32_t offset, void *data,
                      uint32_t length)
{
    const struct ferry_flash *flash = region->flash;

    if (!in_bounds(region, offset, length))
        return FERRY_E_RANGE;
    return flash->api->read(flash->context, region->offset + offset, data, length);
}

int ferry_region_program(const struct ferry_region *region, uint32_t offset, const void *data,
                         uint32_t length)
{
    const struct ferry_flash *flash = region->flash;

    if (!in_bounds(region, offset, length))
        return FERRY_E_RANGE;
    return flash->api->program(flash->context, region->offset + offset, data, length);
}

int ferry_region_erase_step(const struct ferry_region *region, uint32_t offset, uint32_t end,
                            uint32_t most, uint32_t *erased)
{
    const struct ferry_flash *flash = region->flash;
    const struct ferry_geometry *geometry = flash->geometry;

    if (offset >= end || !in_bounds(region, offset, end - offset))
        return FERRY_E_RANGE;
    uint32_t at = region->offset + offset;
    for (uint32_t i = geometry->erase_types; i-- > 0;) {
        uint32_t size = geometry->erase[i].size;
        bool allowed = most == 0 || size <= most || i == 0;
        if (allowed && size <= end - offset && is_multiple(at, size)) {
            *erased = size;
            return flash->api->erase(flash->context, at, size);
        }
    }
    return FERRY_E_ARGUMENT;
}

int ferry_region_erase(const struct ferry_region *region, uint32_t offset, uint32_t end)
{
    while (offset < end) {
        uint32_t erased;
        int status = ferry_region_erase_step(region, offset, end, 0, &erased);
        if (status != FERRY_OK)
            return status;
        offset += erased;
    }
    return ferry_region_finish(region);
}

int ferry_region_finish(const struct ferry_region *region)
{
    return region->flash->api->finish(region->flash->context);
}

bool ferry_flash_is_filled(const void *data, uint8_t value, uint32_t length)
{
    const uint8_t *bytes = data;

    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

int ferry_region_compare(const struct ferry_region *region, uint32_t offset, const void *data,
                         uint32_t length)
{
    uint8_t chunk[COMPARE_CHUNK];
    uint8_t erased = region->flash->geometry->erased;
    const uint8_t *expected = data;

    while (length > 0) {
        uint32_t part = length < sizeof chunk ? length : (uint32_t)sizeof chunk;
        int status = ferry_region_read(region, offset, chunk, part);
        if (status != FERRY_OK)
            return status;
        if (expected ? memcmp(chunk, expected, part) != 0
                     : !ferry_flash_is_filled(chunk, erased, part))
            return FERRY_E_READBACK;
        expected = expected ? expected + part : NULL;
        offset += part;
        length -= part;
    }
    return FERRY_OK;
}
