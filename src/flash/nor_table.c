// SPDX-License-Identifier: Apache-2.0
/* Parts that a table names: those without a complete SFDP, and quirks. */
#include <string.h>

#include "nor_private.h"

#define FLAG_STATUS_FAILS 0x32u /* erase, program, protection */
#define SECURITY_FAILS    0x60u /* erase, program */
#define MX25R_HIGH_POWER  0x02u /* of the second configuration byte */

static const struct ferry_nor_part *find_part(const struct ferry_nor *nor)
{
    const struct ferry_nor_part *part = nor->options.table->parts;

    for (; part->name; part++)
        if (memcmp(part->id, nor->id, sizeof part->id) == 0)
            return part;
    return NULL;
}

/* What SFDP would say if the part had a complete one. */
static void from_row(const struct ferry_nor_part *part, struct ferry_sfdp *chip)
{
    struct ferry_geometry *g = &chip->geometry;

    memset(chip, 0, sizeof *chip);
    g->size = 1u << part->size_log2;
    g->write_unit = 1;
    g->page = 256;
    g->program_typ_us = part->program_typ_us;
    g->program_max_us = part->program_max_us;
    g->erased = 0xFF;
    chip->opcodes_4byte = part->quirks & FERRY_NOR_OPCODES_4BYTE;
    for (unsigned i = 0; i < FERRY_FLASH_ERASE_TYPES && part->erase[i].size_log2; i++) {
        const struct ferry_nor_erase *row = &part->erase[i];
        g->erase[i] = (struct ferry_erase_type){1u << row->size_log2, row->typ_ms * 1000u,
                                                row->max_ms * 1000u};
        chip->erase_opcode[i] = row->opcode;
        g->erase_types++;
    }
}

/* By an SFDP with times, else by the table, else by any SFDP. */
static int describe(struct ferry_nor *nor, int status)
{
    const struct ferry_nor_part *part = find_part(nor);

    if (!part || (status != FERRY_OK && status != FERRY_E_CHIP_UNKNOWN))
        return status;
    nor->from_sfdp = status == FERRY_OK && nor->chip.has_times &&
                     !(part->quirks & (FERRY_NOR_NO_SFDP | FERRY_NOR_OPCODES_4BYTE));
    if (!nor->from_sfdp)
        from_row(part, &nor->chip);
    nor->name = part->name;
    nor->quirks = part->quirks;
    nor->block_protect_mask = part->block_protect_mask;
    nor->chip.quad_enable = part->quad_enable;
    if (part->quirks & FERRY_NOR_UNPROTECT_50H)
        nor->chip.unprotect_by_50h = true;
    return FERRY_OK;
}

/*
 * The MX25R powers up in the mode its part number says; ultra-low power is slow in everything.
 * There is no way to set the mode without writing the status register with what it holds.
 */
static int prepare(const struct ferry_nor *nor, uint8_t registers[3])
{
    if (!(nor->quirks & FERRY_NOR_MX25R))
        return FERRY_OK;
    int status = ferry_nor_get(nor, OP_READ_CONFIGURATION, registers + 1, 2);
    if (status != FERRY_OK || (registers[2] & MX25R_HIGH_POWER))
        return status;
    registers[2] |= MX25R_HIGH_POWER;
    return ferry_nor_write_status(nor, OP_WRITE_ENABLE, registers, 3);
}

static int check(const struct ferry_nor *nor, int failed)
{
    bool flags = nor->quirks & FERRY_NOR_FLAG_STATUS;
    uint8_t value;

    if (!flags && !(nor->quirks & FERRY_NOR_SECURITY_STATUS))
        return FERRY_OK;
    int status = ferry_nor_get(nor, flags ? OP_READ_FLAG_STATUS : OP_READ_SECURITY, &value, 1);
    if (status != FERRY_OK)
        return status;
    if ((value & (flags ? FLAG_STATUS_FAILS : SECURITY_FAILS)) == 0)
        return FERRY_OK;
    if (flags)
        ferry_nor_send(nor, OP_CLEAR_FLAG_STATUS);
    return failed;
}

const struct ferry_nor_table_api ferry_nor_table_api = {describe, prepare, check};
