// SPDX-License-Identifier: Apache-2.0
/*
 * Field names and numbers are JESD216F's: "dword n" counts from 1, as the standard does.
 */
#include "ferry/sfdp.h"

#include <string.h>

#define SIGNATURE    0x50444653u /* "SFDP" */
#define HEADER_SIZE  8u          /* of SFDP, and of each parameter header */
#define BASIC_LENGTH 36u         /* of JESD216's first edition: 9 double words */

/* No block erase of any part takes longer; a longer time is a broken table. */
#define ERASE_LIMIT_US         30000000u
#define PROGRAM_LIMIT_US       20000u
#define ERASE_SIZE_LOG2_MIN    12u
#define ERASE_SIZE_LOG2_MAX    24u
#define DENSITY_LOG2_MIN       16u        /* bits */
#define DENSITY_LOG2_MAX       34u        /* bits: 2 GiB, the largest that offsets can address */
#define SIZE_3BYTE             0x1000000u /* bytes that three address bytes reach */
#define OPCODES_4BYTE_REQUIRED 0x43u      /* 13h, 0Ch, 12h */

/* The tables, with zeros behind their ends. */
struct tables {
    uint32_t basic[FERRY_SFDP_BASIC_MAX / 4];
    uint32_t opcodes_4byte[FERRY_SFDP_4BYTE_MAX / 4];
};
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "SFDP is little endian");

/* Double word `n` of the basic table. */
static uint32_t dword(const struct tables *t, unsigned n)
{
    return t->basic[n - 1];
}

/* Dwords 8 and 9: size (a power of two) and opcode of the erase type `index`. */
static const uint8_t *erase_type(const struct tables *t, unsigned index)
{
    return (const uint8_t *)&t->basic[8 - 1] + 2 * index;
}

static uint32_t word_at(const uint8_t *table, unsigned at)
{
    uint32_t word;

    memcpy(&word, table + at, sizeof word);
    return word;
}

/* Neither 0 nor all ones: what erased or missing double words read as. */
static bool is_given(uint32_t value)
{
    return value + 1 > 1;
}

int ferry_sfdp_find(const uint8_t *header, size_t length, uint32_t table, uint32_t *table_offset,
                    uint32_t *table_length)
{
    if (length < 2 * HEADER_SIZE || word_at(header, 0) != SIGNATURE)
        return FERRY_E_CHIP_UNKNOWN;
    for (unsigned left = header[6] + 1u; left > 0; left--) {
        header += HEADER_SIZE;
        length -= HEADER_SIZE;
        if (length < HEADER_SIZE)
            break;
        uint32_t pointer = word_at(header, 4);
        if ((header[0] | (pointer >> 24 << 8)) == table) {
            *table_offset = pointer & 0xFFFFFF;
            *table_length = header[3] * 4u;
            return FERRY_OK;
        }
    }
    return FERRY_E_CHIP_UNKNOWN;
}

/* Dword 2: bits - 1, or with the top bit set a power of two. 0 when it makes no sense. */
static uint32_t decode_size(uint32_t density)
{
    uint32_t log2 = density & 0x7FFFFFFF;

    if (density == log2)
        return (density + 1) / 8;
    if (log2 < DENSITY_LOG2_MIN || log2 > DENSITY_LOG2_MAX)
        return 0;
    return 1u << (log2 - 3);
}

/* Typical and longest time of the erase type `index`, from dword 10. */
static void decode_erase_time(uint32_t times, unsigned index, struct ferry_erase_type *type)
{
    static const uint16_t unit_ms[] = {1, 16, 128, 1000};
    uint32_t field = times >> (4 + 7 * index);

    if (is_given(times)) {
        type->typ_us = ((field & 31) + 1) * unit_ms[field >> 5 & 3] * 1000;
        type->max_us = 2 * ((times & 15) + 1) * type->typ_us;
    } else {
        type->max_us = 2000000 + type->size * 61; /* 2 s, and 4 s per 64 KiB */
    }
    if (type->max_us > ERASE_LIMIT_US)
        type->max_us = ERASE_LIMIT_US;
}

/* Appends the erase type `index`. */
static void add_erase(const struct tables *t, unsigned index, uint8_t opcode,
                      struct ferry_sfdp *sfdp)
{
    unsigned last = sfdp->geometry.erase_types++;
    struct ferry_erase_type *type = &sfdp->geometry.erase[last];

    type->size = 1u << *erase_type(t, index);
    decode_erase_time(dword(t, 10), index, type);
    sfdp->erase_opcode[last] = opcode;
}

/* Which of the four types is the smallest above `size_log2`; FERRY_FLASH_ERASE_TYPES = none. */
static unsigned next_erase(const struct tables *t, unsigned size_log2)
{
    unsigned found = FERRY_FLASH_ERASE_TYPES;
    unsigned smallest = ERASE_SIZE_LOG2_MAX + 1;

    for (unsigned i = 0; i < FERRY_FLASH_ERASE_TYPES; i++) {
        unsigned log2 = *erase_type(t, i);
        if (log2 > size_log2 && log2 < smallest) {
            smallest = log2;
            found = i;
        }
    }
    return found;
}

/* Dwords 8 to 10, smallest first. With 4-byte opcodes, only the types that have one. */
static void decode_erase(const struct tables *t, struct ferry_sfdp *sfdp)
{
    uint32_t supported = t->opcodes_4byte[0];
    /* 4 KiB that are not "supported throughout the device" are boot sectors. */
    unsigned last = (dword(t, 1) & 3) == 1 ? ERASE_SIZE_LOG2_MIN - 1 : ERASE_SIZE_LOG2_MIN;
    unsigned index;

    sfdp->opcodes_4byte = sfdp->geometry.size > SIZE_3BYTE &&
                          (supported & OPCODES_4BYTE_REQUIRED) == OPCODES_4BYTE_REQUIRED;
    while ((index = next_erase(t, last)) < FERRY_FLASH_ERASE_TYPES) {
        const uint8_t *type = erase_type(t, index);
        last = type[0];
        if (sfdp->geometry.size >> last == 0)
            break;
        if (!sfdp->opcodes_4byte)
            add_erase(t, index, type[1], sfdp);
        else if (supported >> (9 + index) & 1)
            add_erase(t, index, (uint8_t)(t->opcodes_4byte[1] >> 8 * index), sfdp);
    }
}

/* Dword 11, and the write granularity of dword 1 for tables without it. */
static void decode_program(const struct tables *t, struct ferry_geometry *geometry)
{
    uint32_t times = dword(t, 11);

    if (is_given(times)) {
        geometry->page = 1u << (times >> 4 & 15);
        geometry->program_typ_us = ((times >> 8 & 31) + 1) * (times >> 13 & 1 ? 64 : 8);
        geometry->program_max_us = 2 * ((times & 15) + 1) * geometry->program_typ_us;
    } else {
        geometry->page = dword(t, 1) & 4 ? 256 : 1;
        geometry->program_max_us = PROGRAM_LIMIT_US;
    }
}

/* Dwords 1, 15 and 16: modes. */
static void decode_modes(const struct tables *t, bool has_quad_enable, struct ferry_sfdp *sfdp)
{
    static const uint8_t address_bytes[] = {3, 7, 4, 7};
    uint32_t modes = is_given(dword(t, 16)) ? dword(t, 16) : 0;

    sfdp->address_bytes = address_bytes[dword(t, 1) >> 17 & 3];
    sfdp->quad_enable = has_quad_enable ? dword(t, 15) >> 20 & 7 : 0xFF;
    sfdp->enter_4byte = (uint8_t)(modes >> 24);
    if (sfdp->enter_4byte == 0xFF) /* MX25R6435F, which has three bytes only */
        sfdp->enter_4byte = 0;
    /* With QER 1 a status write of one byte clears the quad enable bit: leave it alone. */
    sfdp->unprotect_by_50h =
        ((modes & 0x0C) != 0 || (dword(t, 1) & 0x18) == 0x08) && sfdp->quad_enable != 1;
}

int ferry_sfdp_decode(const uint8_t *basic, size_t length, const uint8_t *table_4byte,
                      size_t length_4byte, struct ferry_sfdp *sfdp)
{
    struct ferry_geometry *g = &sfdp->geometry;
    struct tables t = {{0}, {0}};

    memset(sfdp, 0, sizeof *sfdp);
    if (length < BASIC_LENGTH)
        return FERRY_E_CHIP_UNKNOWN;
    /* Whole double words only. */
    memcpy(t.basic, basic, length < sizeof t.basic ? length & ~(size_t)3 : sizeof t.basic);
    if (length_4byte >= sizeof t.opcodes_4byte)
        memcpy(t.opcodes_4byte, table_4byte, sizeof t.opcodes_4byte);
    g->size = decode_size(dword(&t, 2));
    g->write_unit = 1;
    g->erased = 0xFF;
    decode_erase(&t, sfdp);
    decode_program(&t, g);
    decode_modes(&t, length >= 15 * 4, sfdp);
    sfdp->has_times = is_given(dword(&t, 10)) && is_given(dword(&t, 11));
    if (g->erase_types == 0 || (g->size & (g->erase[0].size - 1)) != 0)
        return FERRY_E_CHIP_UNKNOWN;
    return FERRY_OK;
}

uint32_t ferry_sfdp_wakeup_us(const uint8_t *basic, size_t length)
{
    static const uint16_t unit_ns[] = {128, 1000, 8000, 64000};
    uint32_t power_down = length >= 14 * 4 ? word_at(basic, 13 * 4) : 0;

    if (!is_given(power_down) || power_down >> 31)
        return 0;
    return (((power_down >> 8 & 31) + 1) * unit_ns[power_down >> 13 & 3] + 999) / 1000;
}

uint32_t ferry_sfdp_soft_reset(const uint8_t *basic, size_t length)
{
    return length >= 16 * 4 ? word_at(basic, 15 * 4) >> 8 & 0x3F : 0;
}
