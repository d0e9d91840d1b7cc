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

    int status = ferry_nor_get(nor, OP_READ_ID, id, 3);
    if (status == FERRY_OK)
        status = ferry_nor_get(nor, OP_READ_ID, again, 3);
    if (status != FERRY_OK)
        return status;
    if (memcmp(id, again, 3) != 0)
        return FERRY_E_FLOATING;
    /* No maker has 00 or FF. */
    return id[0] == 0 || id[0] == 0xFF ? FERRY_E_NO_CHIP : FERRY_OK;
}

/* Wakes the chip, lets it end what it does, resets it, reads its id. */
static int try_identify(struct ferry_nor *nor)
{
    int status = ferry_nor_send(nor, OP_WAKE);
    if (status != FERRY_OK)
        return status;
    ferry_nor_pause(nor, NOR_WAKEUP_US);
    status = ferry_nor_poll(nor, ferry_nor_now_us(nor), LAST_LIFE_US, 1000);
    if (!nor->options.no_reset && (status == FERRY_OK || status == FERRY_E_TIMEOUT))
        status = ferry_nor_reset(nor, status == FERRY_OK ? RESET_IDLE_US : RESET_BUSY_US);
    return status == FERRY_OK ? ferry_nor_read_id(nor, nor->id) : status;
}

static int identify(struct ferry_nor *nor)
{
    uint32_t started = ferry_nor_now_us(nor);

    for (;;) {
        int status = try_identify(nor);
        if (status != FERRY_E_NO_CHIP || ferry_nor_now_us(nor) - started > ABSENT_US)
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

/* What is read of the headers or of one table. */
struct table {
    uint32_t length;
    uint8_t data[FERRY_SFDP_BASIC_MAX];
};
_Static_assert(FERRY_SFDP_HEADER_MAX <= FERRY_SFDP_BASIC_MAX, "a table has room for the headers");

static int read_table(const struct ferry_nor *nor, const struct table *header, uint32_t id,
                      struct table *table)
{
    uint32_t offset;

    int status = ferry_sfdp_find(header->data, header->length, id, &offset, &table->length);
    if (status != FERRY_OK)
        return status;
    if (table->length > sizeof table->data)
        table->length = sizeof table->data;
    return read_sfdp_bytes(nor, offset, table->data, table->length);
}

static int read_sfdp(const struct ferry_nor *nor, struct ferry_sfdp *sfdp)
{
    struct table header = {.length = sizeof header.data}, basic, opcodes;

    int status = read_sfdp_bytes(nor, 0, header.data, header.length);
    if (status == FERRY_OK)
        status = read_table(nor, &header, FERRY_SFDP_BASIC, &basic);
    if (status != FERRY_OK)
        return status;
    if (read_table(nor, &header, FERRY_SFDP_4BYTE, &opcodes) != FERRY_OK)
        opcodes.length = 0;
    return ferry_sfdp_decode(basic.data, basic.length, opcodes.data, opcodes.length, sfdp);
}

/* What chip it is: by its SFDP, and by the table where the caller has one. */
static int describe(struct ferry_nor *nor)
{
    const struct ferry_nor_table *table = nor->options.table;

    nor->block_protect_mask = PROTECT_DEFAULT;
    int status = read_sfdp(nor, &nor->chip);
    nor->from_sfdp = status == FERRY_OK;
    return table ? table->api->describe(nor, status) : status;
}

/* Opcodes and address length. Opcodes with four bytes are best: they leave no mode behind. */
static int set_addressing(struct ferry_nor *nor)
{
    const struct ferry_sfdp *chip = &nor->chip;
    bool fast = nor->spi->fast_read;
    uint8_t enter = chip->enter_4byte;

    nor->read_opcode = fast ? OP_FAST_READ : OP_READ;
    nor->program_opcode = OP_PROGRAM;
    nor->address_bytes = 4;
    if (chip->opcodes_4byte) {
        nor->read_opcode = fast ? OP_FAST_READ_4BYTE : OP_READ_4BYTE;
        nor->program_opcode = OP_PROGRAM_4BYTE;
        return FERRY_OK;
    }
    if (chip->address_bytes == 4)
        return FERRY_OK;
    if (chip->geometry.size <= BIG) {
        nor->address_bytes = 3;
        return FERRY_OK;
    }
    if (enter & FERRY_SFDP_ENTER_ALWAYS)
        return FERRY_OK;
    /* Where nothing is said of it, B7h after a write enable is what parts have in common. */
    if (nor->options.no_reset ||
        (enter && !(enter & (FERRY_SFDP_ENTER_B7 | FERRY_SFDP_ENTER_WREN_B7))))
        return FERRY_E_UNSUPPORTED;
    nor->in_4byte_mode = true;
    return ferry_nor_set_mode(nor, OP_ENTER_4BYTE);
}

int ferry_nor_start(struct ferry_nor *nor, const struct ferry_spi *spi,
                    const struct ferry_clock *clock, const struct ferry_nor_options *options,
                    struct ferry_flash *flash)
{
    memset(nor, 0, sizeof *nor);
    nor->spi = spi;
    nor->clock = clock;
    nor->options = *options;
    int status = identify(nor);
    if (status == FERRY_OK)
        status = describe(nor);
    if (status == FERRY_OK && nor->chip.geometry.size < options->needed_size)
        status = FERRY_E_CHIP_SIZE;
    if (status == FERRY_OK)
        status = set_addressing(nor);
    flash->api = &ferry_nor_api;
    flash->context = nor;
    flash->geometry = &nor->chip.geometry;
    return status;
}
