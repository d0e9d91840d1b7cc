// SPDX-License-Identifier: Apache-2.0
#include "sim/memflash.h"

#include <string.h>

static int ask_hook(struct memflash *m, enum memflash_op op, uint32_t offset, const uint8_t *data,
                    uint32_t length)
{
    return m->hook ? m->hook(m->context, m, op, offset, data, length) : FERRY_OK;
}

static int mem_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct memflash *m = context;

    if (offset > m->geometry.size || length > m->geometry.size - offset)
        return FERRY_E_RANGE;
    int status = ask_hook(m, MEMFLASH_READ, offset, NULL, length);
    if (status != FERRY_OK)
        return status;
    memcpy(data, m->bytes + offset, length);
    m->read += length;
    if (m->after_read)
        m->after_read(m->context, m, offset, data, length);
    return FERRY_OK;
}

/* One page, or part of one: the bits that are 0 in `data` become 0. */
static int program_page(struct memflash *m, uint32_t offset, const uint8_t *data, uint32_t length)
{
    int status = ask_hook(m, MEMFLASH_PROGRAM, offset, data, length);
    if (status != FERRY_OK)
        return status == MEMFLASH_IGNORE ? FERRY_OK : status;
    for (uint32_t i = 0; i < length; i++) {
        if ((data[i] & ~m->bytes[offset + i]) != 0 && data[i] != 0xFF)
            m->overprograms++;
        m->bytes[offset + i] &= data[i];
    }
    m->programs++;
    m->programmed += length;
    return FERRY_OK;
}

static int mem_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct memflash *m = context;
    const uint8_t *bytes = data;

    if (offset > m->geometry.size || length > m->geometry.size - offset)
        return FERRY_E_RANGE;
    while (length > 0) {
        uint32_t room = m->geometry.page - offset % m->geometry.page;
        uint32_t part = length < room ? length : room;
        int status = program_page(m, offset, bytes, part);
        if (status != FERRY_OK)
            return status;
        offset += part;
        bytes += part;
        length -= part;
    }
    return FERRY_OK;
}

static bool is_erase_type(const struct ferry_geometry *g, uint32_t size)
{
    for (uint32_t i = 0; i < g->erase_types; i++)
        if (g->erase[i].size == size)
            return true;
    return false;
}

static int mem_erase(void *context, uint32_t offset, uint32_t size)
{
    struct memflash *m = context;

    if (!is_erase_type(&m->geometry, size) || offset % size != 0 || offset >= m->geometry.size)
        return FERRY_E_ARGUMENT;
    int status = ask_hook(m, MEMFLASH_ERASE, offset, NULL, size);
    if (status != FERRY_OK)
        return status == MEMFLASH_IGNORE ? FERRY_OK : status;
    memset(m->bytes + offset, m->geometry.erased, size);
    m->erases++;
    m->erased += size;
    if (m->wear)
        for (uint32_t block = m->geometry.erase[0].size, at = offset; at < offset + size;
             at += block)
            m->wear[at / block]++;
    return FERRY_OK;
}

static int mem_finish(void *context)
{
    (void)context;
    return FERRY_OK;
}

static const struct ferry_flash_api mem_api = {mem_read, mem_program, mem_erase, mem_finish};

void memflash_start(struct memflash *memflash, struct ferry_flash *flash)
{
    flash->api = &mem_api;
    flash->context = memflash;
    flash->geometry = &memflash->geometry;
}

struct ferry_geometry memflash_nor(uint32_t size, uint32_t block)
{
    struct ferry_geometry g = {.size = size,
                               .write_unit = 1,
                               .page = 256,
                               .program_typ_us = 400,
                               .program_max_us = 3000,
                               .erased = 0xFF,
                               .erase_types = 1,
                               .erase = {{block, 45000, 400000}}};
    if (block < 0x10000) {
        g.erase[1] = (struct ferry_erase_type){0x10000, 150000, 2000000};
        g.erase_types = 2;
    }
    return g;
}

struct ferry_geometry memflash_nvmc(uint32_t size, uint32_t block)
{
    struct ferry_geometry g = {.size = size,
                               .write_unit = 4,
                               .page = 512,
                               .program_typ_us = 128 * 41,
                               .program_max_us = 128 * 60,
                               .erased = 0xFF,
                               .erase_types = 1,
                               .erase = {{block, 85000, 90000}}};
    return g;
}
