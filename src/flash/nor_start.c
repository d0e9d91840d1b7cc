// SPDX-License-Identifier: Apache-2.0
/* Finding out which chip is there and how to talk to it. */
#include <string.h>

#include "ferry/sfdp.h"
#include "nor_private.h"

/* Nothing answers: how long to look again, for a chip whose supply has just come up. */
#define ABSENT_US 3000u

/*
 * An erase of the last life. The chip is not known yet, so this is beyond the slowest block erase
 * of any part (256 KiB sectors included); a chip erase, which Ferry never does, takes minutes.
 */
#define LAST_LIFE_US    6000000u
#define RESET_IDLE_US   200u
#define RESET_BUSY_US   40000u     /* a reset that breaks off an erase */
#define BIG             0x1000000u /* what three address bytes reach */
#define PROTECT_DEFAULT 0x3Cu      /* BP0..BP3, where nearly all parts have them */

int ferry_nor_read_id(const struct ferry_nor *nor, uint8_t id[3])
{
    uint8_t again[3];

    int status = ferry_nor_command(nor, OP_READ_ID, NULL, id, 3);
    if (status == FERRY_OK)
        status = ferry_nor_command(nor, OP_READ_ID, NULL, again, 3);
    if (status != FERRY_OK)
        return status;
    if (memcmp(id, again, 3) != 0)
        return FERRY_E_FLOATING;
    if (id[0] == id[1] && id[1] == id[2] && (id[0] == 0 || id[0] == 0xFF))
        return FERRY_E_NO_CHIP;
    return FERRY_OK;
}

/* Wakes the chip, lets it end what it does, resets it, reads its id. */
static int try_identify(struct ferry_nor *nor)
{
    const struct ferry_clock *clock = nor->clock;

    int status = ferry_nor_command(nor, OP_WAKE, NULL, NULL, 0);
    if (status != FERRY_OK)
        return status;
    clock->sleep_us(clock->context, NOR_WAKEUP_US);
    status = ferry_nor_poll(nor, clock->now_us(clock->context), LAST_LIFE_US, 1000);
    if (!nor->options.no_reset && (status == FERRY_OK || status == FERRY_E_TIMEOUT))
        status = ferry_nor_reset(nor, status == FERRY_OK ? RESET_IDLE_US : RESET_BUSY_US);
    return status == FERRY_OK ? ferry_nor_read_id(nor, nor->id) : status;
}

static int identify(struct ferry_nor *nor)
{
    const struct ferry_clock *clock = nor->clock;
    uint32_t started = clock->now_us(clock->context);

    for (;;) {
        int status = try_identify(nor);
        if (status != FERRY_E_NO_CHIP || clock->now_us(clock->context) - started > ABSENT_US)
            return status;
    }
}

static int read_sfdp_bytes(const struct ferry_nor *nor, uint32_t address, uint8_t *data,
                           uint32_t length)
{
    /* Three address bytes and eight clocks in every mode, says the standard. */
    const struct ferry_spi_transfer transfer = {.opcode = OP_READ_SFDP,
                                                .address_bytes = 3,
                                                .dummy_bytes = 1,
                                                .data_lines = 1,
                                                .address = address,
                                                .length = length,
                                                .rx = data};

    return nor->spi->transfer(nor->spi->context, &transfer);
}

/* Reads at most `most` bytes of one table; `*length` gets how many. */
static int read_table(const struct ferry_nor *nor, const uint8_t *header, uint32_t table,
                      uint8_t *data, uint32_t most, uint32_t *length)
{
    uint32_t offset;

    int status = ferry_sfdp_find(header, FERRY_SFDP_HEADER_MAX, table, &offset, length);
    if (status != FERRY_OK)
        return status;
    if (*length > most)
        *length = most;
    return read_sfdp_bytes(nor, offset, data, *length);
}

static int read_sfdp(const struct ferry_nor *nor, struct ferry_sfdp *sfdp)
{
    uint8_t header[FERRY_SFDP_HEADER_MAX];
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    uint8_t opcodes[FERRY_SFDP_4BYTE_MAX];
    uint32_t length;
    uint32_t length_4byte = 0;

    int status = read_sfdp_bytes(nor, 0, header, sizeof header);
    if (status == FERRY_OK)
        status = read_table(nor, header, FERRY_SFDP_BASIC, basic, sizeof basic, &length);
    if (status != FERRY_OK)
        return status;
    if (read_table(nor, header, FERRY_SFDP_4BYTE, opcodes, sizeof opcodes, &length_4byte) !=
        FERRY_OK)
        length_4byte = 0;
    return ferry_sfdp_decode(basic, length, opcodes, length_4byte, sfdp);
}

static const struct ferry_nor_part *find_part(const struct ferry_nor *nor)
{
    const struct ferry_nor_part *part = nor->options.parts;

    for (; part && part->name; part++)
        if (memcmp(part->id, nor->id, sizeof part->id) == 0)
            return part;
    return NULL;
}

/* The 4-byte opcode that goes with 20h, 52h or D8h. */
static uint8_t opcode_4byte(uint8_t opcode)
{
    if (opcode == 0x20)
        return 0x21;
    return opcode == 0x52 ? 0x5C : 0xDC;
}

static void row_times(const struct ferry_nor_erase *row, struct ferry_erase_type *type)
{
    type->typ_us = row->typ_ms * 1000u;
    type->max_us = row->max_ms * 1000u;
}

/* What SFDP would say if the part had one. */
static void from_row(const struct ferry_nor_part *part, struct ferry_sfdp *sfdp)
{
    struct ferry_geometry *g = &sfdp->geometry;

    memset(sfdp, 0, sizeof *sfdp);
    g->size = 1u << part->size_log2;
    g->write_unit = 1;
    g->page = 256;
    g->erased = 0xFF;
    for (unsigned i = 0; i < FERRY_FLASH_ERASE_TYPES && part->erase[i].size_log2; i++) {
        g->erase[i].size = 1u << part->erase[i].size_log2;
        sfdp->erase_opcode[i] = part->erase[i].opcode;
        g->erase_types++;
    }
}

/* The row's times, for all sizes that both know. */
static void take_times(const struct ferry_nor_part *part, struct ferry_geometry *g)
{
    g->program_typ_us = part->program_typ_us;
    g->program_max_us = part->program_max_us;
    for (unsigned i = 0; i < g->erase_types; i++)
        for (unsigned k = 0; k < FERRY_FLASH_ERASE_TYPES; k++)
            if (g->erase[i].size == 1u << part->erase[k].size_log2)
                row_times(&part->erase[k], &g->erase[i]);
}

/* Geometry, opcodes and quirks: from SFDP, else from the table; `sfdp` gets the rest. */
static int describe(struct ferry_nor *nor, struct ferry_sfdp *sfdp)
{
    const struct ferry_nor_part *part = find_part(nor);
    int status = FERRY_E_CHIP_UNKNOWN;

    if (!part || !(part->quirks & FERRY_NOR_NO_SFDP))
        status = read_sfdp(nor, sfdp);
    nor->from_sfdp = status == FERRY_OK;
    if (status == FERRY_E_CHIP_UNKNOWN && part) {
        from_row(part, sfdp);
        status = FERRY_OK;
    }
    if (status != FERRY_OK)
        return status;
    nor->block_protect_mask = PROTECT_DEFAULT;
    nor->quad_enable = sfdp->quad_enable;
    nor->wakeup_us = sfdp->wakeup_us ? sfdp->wakeup_us : NOR_WAKEUP_US;
    if (sfdp->unprotect_by_50h)
        nor->quirks = FERRY_NOR_UNPROTECT_50H;
    if (part) {
        nor->name = part->name;
        nor->quirks |= part->quirks;
        nor->block_protect_mask = part->block_protect_mask;
        nor->quad_enable = part->quad_enable;
        nor->wakeup_us = part->wakeup_us;
        if (!sfdp->has_times)
            take_times(part, &sfdp->geometry);
    }
    nor->geometry = sfdp->geometry;
    memcpy(nor->erase_opcode, sfdp->erase_opcode, sizeof nor->erase_opcode);
    return FERRY_OK;
}

/* Erase types that have no such opcode drop out: W25Q512JV cannot erase 32 KiB this way. */
static void use_opcodes_4byte(struct ferry_nor *nor, const struct ferry_sfdp *sfdp)
{
    struct ferry_geometry *g = &nor->geometry;
    uint8_t kept = 0;

    nor->read_opcode = nor->spi->fast_read ? OP_FAST_READ_4BYTE : OP_READ_4BYTE;
    nor->program_opcode = OP_PROGRAM_4BYTE;
    for (unsigned i = 0; i < g->erase_types; i++) {
        uint8_t opcode =
            sfdp->opcodes_4byte ? sfdp->erase_opcode_4byte[i] : opcode_4byte(sfdp->erase_opcode[i]);
        if (opcode == 0)
            continue;
        g->erase[kept] = g->erase[i];
        nor->erase_opcode[kept++] = opcode;
    }
    g->erase_types = kept;
}

/* Opcodes and address length. Opcodes with four bytes are best: they leave no mode behind. */
static int set_addressing(struct ferry_nor *nor, const struct ferry_sfdp *sfdp)
{
    bool big = nor->geometry.size > BIG;
    bool always =
        sfdp->address_bytes == 4 || (big && (sfdp->enter_4byte & FERRY_SFDP_ENTER_ALWAYS));

    nor->read_opcode = nor->spi->fast_read ? OP_FAST_READ : OP_READ;
    nor->program_opcode = OP_PROGRAM;
    nor->address_bytes = always || big ? 4 : 3;
    if (always || !big)
        return FERRY_OK;
    if (sfdp->opcodes_4byte || (nor->quirks & FERRY_NOR_OPCODES_4BYTE)) {
        use_opcodes_4byte(nor, sfdp);
        return FERRY_OK;
    }
    if (nor->options.no_reset ||
        (sfdp->enter_4byte &&
         !(sfdp->enter_4byte & (FERRY_SFDP_ENTER_B7 | FERRY_SFDP_ENTER_WREN_B7))))
        return FERRY_E_UNSUPPORTED;
    nor->in_4byte_mode = true;
    return ferry_nor_set_mode(nor, OP_ENTER_4BYTE);
}

int ferry_nor_start(struct ferry_nor *nor, const struct ferry_spi *spi,
                    const struct ferry_clock *clock, const struct ferry_nor_options *options,
                    struct ferry_flash *flash)
{
    struct ferry_sfdp sfdp;

    memset(nor, 0, sizeof *nor);
    nor->spi = spi;
    nor->clock = clock;
    nor->options = *options;
    int status = identify(nor);
    if (status == FERRY_OK)
        status = describe(nor, &sfdp);
    if (status == FERRY_OK && nor->geometry.size < options->needed_size)
        status = FERRY_E_CHIP_SIZE;
    if (status == FERRY_OK)
        status = set_addressing(nor, &sfdp);
    flash->api = &ferry_nor_api;
    flash->context = nor;
    flash->geometry = &nor->geometry;
    return status;
}
