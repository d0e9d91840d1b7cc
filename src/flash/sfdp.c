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

/* Double word `n` of a table, 0 where the table ends before it. */
static uint32_t dword(const uint8_t *table, size_t length, unsigned n)
{
    if (n * 4 > length)
        return 0;
    const uint8_t *b = table + n * 4 - 4;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Neither 0 nor all ones: what erased or missing double words read as. */
static bool is_given(uint32_t value)
{
    return value + 1 > 1;
}

int ferry_sfdp_find(const uint8_t *header, size_t length, uint32_t table, uint32_t *table_offset,
                    uint32_t *table_length)
{
    if (length < 2 * HEADER_SIZE || dword(header, length, 1) != SIGNATURE)
        return FERRY_E_CHIP_UNKNOWN;
    for (unsigned left = header[6] + 1u; left > 0; left--) {
        header += HEADER_SIZE;
        length -= HEADER_SIZE;
        if (length < HEADER_SIZE)
            break;
        uint32_t pointer = dword(header, length, 2);
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
        return (density & 7) == 7 ? (density >> 3) + 1 : 0;
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
static void add_erase(const uint8_t *basic, size_t length, unsigned index, uint8_t opcode,
                      struct ferry_sfdp *sfdp)
{
    unsigned last = sfdp->geometry.erase_types++;
    struct ferry_erase_type *type = &sfdp->geometry.erase[last];

    type->size = 1u << basic[28 + 2 * index];
    decode_erase_time(dword(basic, length, 10), index, type);
    sfdp->erase_opcode[last] = opcode;
}

/* Which of the four types is the smallest above `size_log2`; FERRY_FLASH_ERASE_TYPES = none. */
static unsigned next_erase(const uint8_t *basic, unsigned size_log2)
{
    unsigned found = FERRY_FLASH_ERASE_TYPES;
    unsigned smallest = ERASE_SIZE_LOG2_MAX + 1;

    for (unsigned i = 0; i < FERRY_FLASH_ERASE_TYPES; i++) {
        unsigned log2 = basic[28 + 2 * i];
        if (log2 > size_log2 && log2 < smallest) {
            smallest = log2;
            found = i;
        }
    }
    return found;
}

/* Dwords 8 to 10, smallest first. With 4-byte opcodes, only the types that have one. */
static void decode_erase(const uint8_t *basic, size_t length, const uint8_t *table_4byte,
                         size_t length_4byte, struct ferry_sfdp *sfdp)
{
    uint32_t supported = length_4byte < 8 ? 0 : dword(table_4byte, length_4byte, 1);
    /* 4 KiB that are not "supported throughout the device" are boot sectors. */
    unsigned last = (basic[0] & 3) == 1 ? ERASE_SIZE_LOG2_MIN - 1 : ERASE_SIZE_LOG2_MIN;
    unsigned index;

    sfdp->opcodes_4byte = sfdp->geometry.size > SIZE_3BYTE &&
                          (supported & OPCODES_4BYTE_REQUIRED) == OPCODES_4BYTE_REQUIRED;
    while ((index = next_erase(basic, last)) < FERRY_FLASH_ERASE_TYPES) {
        last = basic[28 + 2 * index];
        if (sfdp->geometry.size >> last == 0)
            break;
        if (!sfdp->opcodes_4byte)
            add_erase(basic, length, index, basic[29 + 2 * index], sfdp);
        else if (supported >> (9 + index) & 1)
            add_erase(basic, length, index, table_4byte[4 + index], sfdp);
    }
}

/* Dword 11, and the write granularity of dword 1 for tables without it. */
static void decode_program(const uint8_t *basic, size_t length, struct ferry_geometry *geometry)
{
    uint32_t times = dword(basic, length, 11);

    if (is_given(times)) {
        geometry->page = 1u << (times >> 4 & 15);
        geometry->program_typ_us = ((times >> 8 & 31) + 1) * (times >> 13 & 1 ? 64 : 8);
        geometry->program_max_us = 2 * ((times & 15) + 1) * geometry->program_typ_us;
    } else {
        geometry->page = basic[0] & 4 ? 256 : 1;
        geometry->program_max_us = PROGRAM_LIMIT_US;
    }
}

/* Dwords 1, 15 and 16: modes. */
static void decode_modes(const uint8_t *basic, size_t length, struct ferry_sfdp *sfdp)
{
    uint32_t modes = dword(basic, length, 16);

    sfdp->address_bytes = basic[2] & 2 ? 7 : 3;
    if ((basic[2] & 6) == 4)
        sfdp->address_bytes = 4;
    sfdp->quad_enable = 0xFF;
    if (length >= 15 * 4)
        sfdp->quad_enable = dword(basic, length, 15) >> 20 & 7;
    if (!is_given(modes))
        modes = 0;
    sfdp->enter_4byte = (uint8_t)(modes >> 24);
    if (sfdp->enter_4byte == 0xFF) /* MX25R6435F, which has three bytes only */
        sfdp->enter_4byte = 0;
    /* With QER 1 a status write of one byte clears the quad enable bit: leave it alone. */
    sfdp->unprotect_by_50h =
        ((modes & 0x0C) != 0 || (basic[0] & 0x18) == 0x08) && sfdp->quad_enable != 1;
}

int ferry_sfdp_decode(const uint8_t *basic, size_t length, const uint8_t *table_4byte,
                      size_t length_4byte, struct ferry_sfdp *sfdp)
{
    struct ferry_geometry *g = &sfdp->geometry;

    memset(sfdp, 0, sizeof *sfdp);
    if (length < BASIC_LENGTH)
        return FERRY_E_CHIP_UNKNOWN;
    g->size = decode_size(dword(basic, length, 2));
    g->write_unit = 1;
    g->erased = 0xFF;
    decode_erase(basic, length, table_4byte, length_4byte, sfdp);
    decode_program(basic, length, g);
    decode_modes(basic, length, sfdp);
    sfdp->has_times = is_given(dword(basic, length, 10)) && is_given(dword(basic, length, 11));
    if (g->erase_types == 0 || (g->size & (g->erase[0].size - 1)) != 0)
        return FERRY_E_CHIP_UNKNOWN;
    return FERRY_OK;
}

uint32_t ferry_sfdp_wakeup_us(const uint8_t *basic, size_t length)
{
    static const uint16_t unit_ns[] = {128, 1000, 8000, 64000};
    uint32_t power_down = dword(basic, length, 14);

    if (!is_given(power_down) || power_down >> 31)
        return 0;
    return (((power_down >> 8 & 31) + 1) * unit_ns[power_down >> 13 & 3] + 999) / 1000;
}

uint32_t ferry_sfdp_soft_reset(const uint8_t *basic, size_t length)
{
    return dword(basic, length, 16) >> 8 & 0x3F;
}
