// SPDX-License-Identifier: Apache-2.0
/*
 * A started SPI NOR chip: read, program, erase, and the waiting between them.
 *
 * Program and erase return as soon as the chip has the command. `nor->pending` says what it is
 * doing then; whoever comes next calls nor_finish first.
 */
#include <stddef.h>

#include "nor_private.h"

enum nor_pending {
    PENDING_NONE = 0,
    PENDING_PROGRAM,
    PENDING_ERASE,
    PENDING_WAKE, /* in deep power-down */
};

/* Added to a chip's own maximum: an MCU clock that is 25 % off, a page in ultra-low power mode. */
#define SLACK_US         10000u
#define SLACK_SHIFT      2
#define PAUSE_MAX_US     20000u  /* so that the watchdog is fed */
#define RESET_US         200u    /* an idle chip is back after 30..100 us */
#define STATUS_WRITE_US  100000u /* longest write of a status register */
#define FLOATING_CHANGES 4

static int command(const struct ferry_nor *nor, uint8_t opcode, const uint8_t *tx, uint8_t *rx,
                   uint32_t length)
{
    const struct ferry_spi_transfer transfer = {
        .opcode = opcode, .data_lines = 1, .length = length, .tx = tx, .rx = rx};

    return nor->spi->transfer(nor->spi->context, &transfer);
}

int ferry_nor_send(const struct ferry_nor *nor, uint8_t opcode)
{
    return command(nor, opcode, NULL, NULL, 0);
}

int ferry_nor_get(const struct ferry_nor *nor, uint8_t opcode, uint8_t *data, uint32_t length)
{
    return command(nor, opcode, NULL, data, length);
}

uint32_t ferry_nor_now_us(const struct ferry_nor *nor)
{
    return nor->clock->now_us(nor->clock->context);
}

void ferry_nor_pause(const struct ferry_nor *nor, uint32_t us)
{
    const struct ferry_clock *clock = nor->clock;

    clock->feed_watchdog(clock->context);
    clock->sleep_us(clock->context, us);
}

int ferry_nor_poll(const struct ferry_nor *nor, uint32_t started, uint32_t limit, uint32_t pause)
{
    uint8_t last = 0;
    int changes = 0;

    for (;;) {
        /* Time first: if this thread loses the core now, the chip still gets its last look. */
        bool late = ferry_nor_now_us(nor) - started > limit;
        uint8_t value;
        int status = ferry_nor_get(nor, OP_READ_STATUS, &value, 1);
        if (status != FERRY_OK)
            return status;
        if (value == 0xFF)
            return FERRY_E_NO_CHIP;
        if (!(value & STATUS_BUSY))
            return FERRY_OK;
        if (((value ^ last) & ~(STATUS_BUSY | STATUS_WRITE_ENABLE)) != 0 &&
            ++changes >= FLOATING_CHANGES)
            return FERRY_E_FLOATING;
        last = value;
        if (late)
            return FERRY_E_TIMEOUT;
        ferry_nor_pause(nor, pause);
    }
}

static int poll_short(const struct ferry_nor *nor)
{
    return ferry_nor_poll(nor, ferry_nor_now_us(nor), STATUS_WRITE_US, 100);
}

/* Commands without data, one after the other. */
static int send_all(const struct ferry_nor *nor, const uint8_t *opcodes, uint32_t count)
{
    int status = FERRY_OK;

    for (uint32_t i = 0; i < count && status == FERRY_OK; i++)
        status = ferry_nor_send(nor, opcodes[i]);
    return status;
}

int ferry_nor_set_mode(const struct ferry_nor *nor, uint8_t opcode)
{
    const uint8_t opcodes[] = {OP_WRITE_ENABLE, opcode, OP_WRITE_DISABLE};

    return send_all(nor, opcodes, sizeof opcodes);
}

int ferry_nor_reset(const struct ferry_nor *nor, uint32_t recovery_us)
{
    static const uint8_t opcodes[] = {OP_RESET_ENABLE, OP_RESET};

    int status = send_all(nor, opcodes, sizeof opcodes);
    if (status != FERRY_OK)
        return status;
    ferry_nor_pause(nor, recovery_us);
    return poll_short(nor);
}

/* Reads back. `data` NULL: are all bytes erased? */
static int verify(struct ferry_nor *nor, uint32_t offset, const uint8_t *data, uint32_t length)
{
    const struct ferry_flash flash = {&ferry_nor_api, nor, &nor->chip.geometry};
    const struct ferry_region chip = {&flash, 0, nor->chip.geometry.size};

    int status = ferry_region_compare(&chip, offset, data, length);
    return status == FERRY_E_READBACK && nor->protect ? FERRY_E_PROTECTED : status;
}

/* Whether what is written must be read: because it was asked for, or because it may be refused. */
static bool must_verify(const struct ferry_nor *nor)
{
    return nor->options.read_back || nor->protect;
}

static int check_failure(const struct ferry_nor *nor, uint8_t operation)
{
    const struct ferry_nor_table *table = nor->options.table;
    int failed = operation == PENDING_ERASE ? FERRY_E_ERASE : FERRY_E_PROGRAM;

    return table ? table->api->check(nor, nor->protect ? FERRY_E_PROTECTED : failed) : FERRY_OK;
}

static int nor_finish(void *context)
{
    struct ferry_nor *nor = context;
    uint8_t pending = nor->pending;
    int status = FERRY_OK;

    if (pending == PENDING_NONE)
        return FERRY_OK;
    if (pending == PENDING_WAKE) {
        status = ferry_nor_send(nor, OP_WAKE);
        ferry_nor_pause(nor, NOR_WAKEUP_US);
    } else {
        status = ferry_nor_poll(nor, nor->started_us, nor->limit_us, nor->pause_us);
    }
    if (status != FERRY_OK)
        return status; /* still pending: the next call looks again */
    nor->pending = PENDING_NONE;
    if (pending != PENDING_WAKE)
        status = check_failure(nor, pending);
    if (status == FERRY_OK && pending == PENDING_ERASE && must_verify(nor))
        status = verify(nor, nor->pending_offset, NULL, nor->pending_length);
    return status;
}

static int nor_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct ferry_nor *nor = context;
    const struct ferry_spi_transfer transfer = {.opcode = nor->read_opcode,
                                                .address_bytes = nor->address_bytes,
                                                .dummy_bytes = nor->spi->fast_read,
                                                .data_lines = 1,
                                                .address = offset,
                                                .length = length,
                                                .rx = data};

    int status = nor_finish(nor);
    if (status != FERRY_OK || length == 0)
        return status;
    /* Whoever hashes or compares a whole image waits in here. */
    nor->clock->feed_watchdog(nor->clock->context);
    return nor->spi->transfer(nor->spi->context, &transfer);
}

int ferry_nor_write_status(const struct ferry_nor *nor, uint8_t enable, const uint8_t *registers,
                           uint32_t count)
{
    int status = ferry_nor_send(nor, enable);

    if (status == FERRY_OK)
        status = command(nor, OP_WRITE_STATUS, registers, NULL, count);
    return status == FERRY_OK ? poll_short(nor) : status;
}

/*
 * Before the first write and not at every boot: a boot without an update writes no register.
 * Protection is lifted until the next reset of the chip only; its cells are not written.
 */
static int prepare(struct ferry_nor *nor)
{
    const struct ferry_nor_table *table = nor->options.table;
    uint8_t registers[3];

    if (nor->prepared || nor->options.no_reset)
        return FERRY_OK;
    int status = ferry_nor_get(nor, OP_READ_STATUS, registers, 1);
    if (status == FERRY_OK && table)
        status = table->api->prepare(nor, registers);
    if (status == FERRY_OK && nor->chip.unprotect_by_50h &&
        (registers[0] & nor->block_protect_mask)) {
        registers[0] &= (uint8_t)~nor->block_protect_mask;
        status = ferry_nor_write_status(nor, OP_WRITE_ENABLE_VOLATILE, registers, 1);
    }
    nor->prepared = status == FERRY_OK;
    return status;
}

/* Write enable, and a look whether it took: an absent or write-protected chip shows here. */
static int enable_write(struct ferry_nor *nor)
{
    uint8_t value;
    uint8_t id[3];

    int status = ferry_nor_send(nor, OP_WRITE_ENABLE);
    if (status == FERRY_OK)
        status = ferry_nor_get(nor, OP_READ_STATUS, &value, 1);
    if (status != FERRY_OK)
        return status;
    nor->protect = value & nor->block_protect_mask;
    if ((value & (STATUS_BUSY | STATUS_WRITE_ENABLE)) == STATUS_WRITE_ENABLE)
        return FERRY_OK;
    status = ferry_nor_read_id(nor, id);
    return status == FERRY_OK ? FERRY_E_PROTECTED : status;
}

/* Sends a program (with `data`) or erase command. `type` gives its size and times. */
static int start(struct ferry_nor *nor, const struct ferry_erase_type *type, uint8_t opcode,
                 uint32_t offset, const uint8_t *data)
{
    const struct ferry_spi_transfer transfer = {.opcode = opcode,
                                                .address_bytes = nor->address_bytes,
                                                .data_lines = 1,
                                                .address = offset,
                                                .length = data ? type->size : 0,
                                                .tx = data};

    int status = nor_finish(nor);
    if (status == FERRY_OK)
        status = prepare(nor);
    if (status == FERRY_OK)
        status = enable_write(nor);
    if (status != FERRY_OK)
        return status;
    nor->pending = data ? PENDING_PROGRAM : PENDING_ERASE;
    nor->pending_offset = offset;
    nor->pending_length = type->size;
    nor->limit_us = type->max_us + (type->max_us >> SLACK_SHIFT) + SLACK_US;
    nor->pause_us = (type->typ_us ? type->typ_us : type->max_us / 8) / 8;
    if (nor->pause_us > PAUSE_MAX_US)
        nor->pause_us = PAUSE_MAX_US;
    nor->started_us = ferry_nor_now_us(nor);
    return nor->spi->transfer(nor->spi->context, &transfer);
}

/* Within one page. Erased bytes need no program, only the look that was asked for. */
static int program_page(struct ferry_nor *nor, uint32_t offset, const uint8_t *data,
                        uint32_t length)
{
    const struct ferry_geometry *g = &nor->chip.geometry;
    const struct ferry_erase_type page = {length, g->program_typ_us, g->program_max_us};
    int status = FERRY_OK;

    if (!ferry_flash_is_filled(data, g->erased, length))
        status = start(nor, &page, nor->program_opcode, offset, data);
    if (status != FERRY_OK || !must_verify(nor))
        return status;
    status = nor_finish(nor);
    return status == FERRY_OK ? verify(nor, offset, data, length) : status;
}

static int nor_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct ferry_nor *nor = context;
    const uint8_t *bytes = data;

    while (length > 0) {
        uint32_t room = nor->chip.geometry.page - (offset & (nor->chip.geometry.page - 1));
        uint32_t part = length < room ? length : room;
        int status = program_page(nor, offset, bytes, part);
        if (status != FERRY_OK)
            return status;
        offset += part;
        bytes += part;
        length -= part;
    }
    return FERRY_OK;
}

static int nor_erase(void *context, uint32_t offset, uint32_t size)
{
    struct ferry_nor *nor = context;
    const struct ferry_geometry *g = &nor->chip.geometry;

    for (uint32_t i = 0; i < g->erase_types; i++)
        if (g->erase[i].size == size && (offset & (size - 1)) == 0)
            return start(nor, &g->erase[i], nor->chip.erase_opcode[i], offset, NULL);
    return FERRY_E_ARGUMENT;
}

const struct ferry_flash_api ferry_nor_api = {nor_read, nor_program, nor_erase, nor_finish};

int ferry_nor_stop(struct ferry_nor *nor)
{
    int status = nor_finish(nor);

    if (!nor->options.no_reset) {
        if (nor->in_4byte_mode)
            ferry_nor_set_mode(nor, OP_EXIT_4BYTE);
        ferry_nor_reset(nor, RESET_US);
    }
    return status;
}

int ferry_nor_sleep(struct ferry_nor *nor)
{
    int status = nor_finish(nor);

    if (status == FERRY_OK)
        status = ferry_nor_send(nor, OP_POWER_DOWN);
    if (status != FERRY_OK)
        return status;
    ferry_nor_pause(nor, NOR_WAKEUP_US);
    nor->pending = PENDING_WAKE;
    return FERRY_OK;
}
