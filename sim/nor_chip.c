// SPDX-License-Identifier: Apache-2.0
#include "sim/nor_chip.h"

#include <stdlib.h>
#include <string.h>

#include "sim/nor_cells.h"

#define STATUS_BUSY         0x01u
#define STATUS_WRITE_ENABLE 0x02u
#define FLAG_READY          0x80u
#define HIGH_POWER          0x02u /* of MX25R's second configuration byte */

#define US                 UINT64_C(1000) /* in ns */
#define RESET_IDLE_NS      (30 * US)
#define RESET_BUSY_NS      (12000 * US)
#define POWER_DOWN_NS      (10 * US)
#define SELECT_NS          200u /* chip select high and low again */
#define STATUS_TYP_US      10000u
#define STATUS_MAX_US      40000u
#define LOW_POWER_PAGE_TYP 3200u
#define LOW_POWER_PAGE_MAX 10000u

/*
 * One transaction as the chip sees it: a stream of bytes after the opcode, of which the command
 * takes its address and dummy bytes wherever the sender thought they were.
 */
struct call {
    const struct ferry_spi_transfer *transfer;
    uint32_t address;
    uint32_t sent; /* bytes before the data that is read, or all */
    uint32_t used; /* of them, address and dummy */
};

struct command {
    uint8_t opcode;
    uint8_t address; /* ADDRESS_... */
    uint8_t dummy;
    bool while_busy;
    uint32_t trait; /* needed, 0 = every chip has it */
    void (*run)(struct nor_chip *chip, const struct call *call);
    uint8_t (*read)(struct nor_chip *chip, const struct call *call, uint32_t index);
};

enum { ADDRESS_NONE, ADDRESS_BY_MODE, ADDRESS_3, ADDRESS_4 };

/* ---- what is sent ---- */

static uint8_t sent_byte(const struct ferry_spi_transfer *transfer, uint32_t index)
{
    if (index < transfer->address_bytes)
        return (uint8_t)(transfer->address >> (8 * (transfer->address_bytes - 1 - index)));
    index -= transfer->address_bytes;
    if (index < transfer->dummy_bytes)
        return 0xFF;
    index -= transfer->dummy_bytes;
    return transfer->tx && index < transfer->length ? transfer->tx[index] : 0;
}

static uint32_t data_count(const struct call *call)
{
    return call->sent > call->used ? call->sent - call->used : 0;
}

static uint8_t data_byte(const struct call *call, uint32_t index)
{
    return sent_byte(call->transfer, call->used + index);
}

/* ---- what is read ---- */

static uint8_t read_id(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    const uint8_t *id = chip->faults.wrong_id ? chip->faults.id : chip->model->id;

    (void)call;
    return id[index % 3];
}

static uint8_t read_status(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    (void)call;
    if (index == 0)
        chip->counts.status_reads++;
    return (uint8_t)(chip->status | (nor_chip_busy(chip) ? STATUS_BUSY : 0) |
                     (chip->write_enabled ? STATUS_WRITE_ENABLE : 0));
}

static uint8_t read_configuration(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    (void)call;
    return chip->configuration[index % 2];
}

static uint8_t read_flags(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    (void)call;
    (void)index;
    return (uint8_t)(chip->failures | (nor_chip_busy(chip) ? 0 : FLAG_READY));
}

static uint8_t read_security(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    (void)call;
    (void)index;
    return chip->failures;
}

static uint8_t read_sfdp(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    uint32_t at = call->address + index;

    return chip->model->sfdp && at < chip->model->sfdp_length ? chip->model->sfdp[at] : 0xFF;
}

static uint8_t read_memory(struct nor_chip *chip, const struct call *call, uint32_t index)
{
    chip->counts.bytes_read++;
    return nor_cells_read(chip, (call->address + index) % chip->model->size);
}

/* ---- what is done ---- */

static void run_write_enable(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    chip->write_enabled = !chip->faults.no_write_enable;
}

static void run_write_disable(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    chip->write_enabled = false;
}

/* 50h: two makers, two meanings. */
static void run_50h(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    if (nor_has(chip, NOR_HAS_FLAG_STATUS))
        chip->failures = 0;
    if (nor_has(chip, NOR_HAS_VOLATILE_STATUS))
        chip->volatile_enabled = true;
}

static void run_write_status(struct nor_chip *chip, const struct call *call)
{
    uint32_t count = data_count(call);
    bool immediately = chip->volatile_enabled;

    chip->volatile_enabled = false;
    if (count == 0)
        return;
    if (immediately) {
        chip->status = data_byte(call, 0) & 0xFC;
        return;
    }
    if (!chip->write_enabled) {
        chip->violations.without_write_enable++;
        return;
    }
    chip->operation.address = 0;
    chip->operation.length = 0;
    chip->operation.data[0] = data_byte(call, 0);
    for (uint32_t i = 0; i < 2; i++)
        chip->operation.data[1 + i] =
            i + 1 < count ? data_byte(call, 1 + i) : chip->configuration[i];
    chip->counts.status_writes++;
    nor_operation_begin(chip, NOR_WRITE_STATUS,
                        nor_operation_time(chip, STATUS_TYP_US, STATUS_MAX_US));
}

/* Shared by program and erase: may this happen, and where? Protected blocks report and stay. */
static bool may_change(struct nor_chip *chip, const struct call *call, uint32_t address,
                       uint32_t length, enum nor_operation_kind kind)
{
    if (call->address >= chip->model->size)
        chip->violations.past_end++;
    if (!chip->write_enabled) {
        chip->violations.without_write_enable++;
        return false;
    }
    if (chip->suspended.kind != NOR_IDLE) {
        chip->violations.while_busy++;
        return false;
    }
    if (nor_cells_protected(chip, address, length)) {
        nor_operation_failed(chip, kind, true);
        chip->write_enabled = false;
        return false;
    }
    return true;
}

static uint64_t program_time(struct nor_chip *chip)
{
    if (nor_has(chip, NOR_HAS_POWER_MODES) && !(chip->configuration[1] & HIGH_POWER))
        return nor_operation_time(chip, LOW_POWER_PAGE_TYP, LOW_POWER_PAGE_MAX);
    return nor_operation_time(chip, chip->model->program_typ_us, chip->model->program_max_us);
}

static void run_program(struct nor_chip *chip, const struct call *call)
{
    struct nor_operation *operation = &chip->operation;
    uint32_t page = chip->model->page;
    uint32_t address = call->address % chip->model->size;
    uint32_t count = data_count(call);

    if (count == 0 || !may_change(chip, call, address / page * page, page, NOR_PROGRAM))
        return;
    operation->address = address / page * page;
    operation->length = page;
    memset(operation->data, 0xFF, sizeof operation->data);
    if (address % page + count > page)
        chip->violations.page_wrap++;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = (address + i) % page;
        operation->data[at] = data_byte(call, i);
        if (operation->data[at] & ~chip->bytes[operation->address + at])
            chip->violations.overprogram++;
    }
    chip->counts.programs++;
    chip->counts.bytes_programmed += count;
    nor_operation_begin(chip, NOR_PROGRAM, program_time(chip));
}

static const struct nor_erase_model *find_erase(const struct nor_chip *chip, uint8_t opcode)
{
    for (int i = 0; i < NOR_ERASE_TYPES; i++) {
        const struct nor_erase_model *erase = &chip->model->erase[i];
        if (erase->size && (erase->opcode == opcode || (opcode && erase->opcode_4byte == opcode &&
                                                        nor_has(chip, NOR_HAS_4BYTE_OPCODES))))
            return erase;
    }
    return NULL;
}

static void run_erase(struct nor_chip *chip, const struct call *call)
{
    const struct nor_erase_model *erase = find_erase(chip, call->transfer->opcode);
    uint32_t address = call->address % chip->model->size / erase->size * erase->size;

    if (call->address % erase->size != 0)
        chip->violations.misaligned_erase++;
    if (!may_change(chip, call, address, erase->size, NOR_ERASE))
        return;
    chip->operation.address = address;
    chip->operation.length = erase->size;
    chip->counts.erases++;
    nor_operation_begin(chip, NOR_ERASE, nor_operation_time(chip, erase->typ_us, erase->max_us));
}

static void run_suspend(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    nor_operation_settle(chip);
    if (chip->operation.kind != NOR_PROGRAM && chip->operation.kind != NOR_ERASE)
        return;
    chip->suspended = chip->operation;
    chip->suspended.ends_ns -= chip->clock->now_ns; /* what is left */
    chip->operation.kind = NOR_IDLE;
}

static void run_resume(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    if (chip->suspended.kind == NOR_IDLE)
        return;
    chip->operation = chip->suspended;
    chip->operation.ends_ns += chip->clock->now_ns;
    chip->suspended.kind = NOR_IDLE;
}

static void run_reset_enable(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    chip->reset_enabled = true;
}

/* What power and the software reset have in common. */
static void forget(struct nor_chip *chip)
{
    chip->operation.kind = NOR_IDLE;
    chip->suspended.kind = NOR_IDLE;
    chip->write_enabled = false;
    chip->volatile_enabled = false;
    chip->reset_enabled = false;
    chip->in_4byte_mode = false;
    chip->failures = 0;
    chip->status = chip->status_kept;
    chip->configuration[1] &= (uint8_t)~HIGH_POWER;
}

static void run_reset(struct nor_chip *chip, const struct call *call)
{
    bool busy = nor_chip_busy(chip);

    (void)call;
    if (!chip->reset_enabled)
        return;
    nor_cells_tear(chip, &chip->suspended, NOR_TEAR_SUBSET, 500);
    nor_cells_tear(chip, &chip->operation, NOR_TEAR_SUBSET, nor_chip_progress(chip));
    forget(chip);
    chip->counts.resets++;
    chip->ready_ns = chip->clock->now_ns + (busy ? RESET_BUSY_NS : RESET_IDLE_NS);
}

static void run_4byte(struct nor_chip *chip, const struct call *call)
{
    if (nor_has(chip, NOR_WREN_FOR_4BYTE) && !chip->write_enabled) {
        chip->violations.without_write_enable++;
        return;
    }
    chip->in_4byte_mode = call->transfer->opcode == 0xB7;
}

static void run_power_down(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    chip->asleep = true;
    chip->ready_ns = chip->clock->now_ns + POWER_DOWN_NS;
}

static void run_wake(struct nor_chip *chip, const struct call *call)
{
    (void)call;
    if (chip->asleep)
        chip->ready_ns = chip->clock->now_ns + chip->model->wakeup_us * US;
    chip->asleep = false;
}

static const struct command commands[] = {
    {0x01, ADDRESS_NONE, 0, false, 0, run_write_status, NULL},
    {0x02, ADDRESS_BY_MODE, 0, false, 0, run_program, NULL},
    {0x03, ADDRESS_BY_MODE, 0, false, 0, NULL, read_memory},
    {0x04, ADDRESS_NONE, 0, false, 0, run_write_disable, NULL},
    {0x05, ADDRESS_NONE, 0, true, 0, NULL, read_status},
    {0x06, ADDRESS_NONE, 0, false, 0, run_write_enable, NULL},
    {0x0B, ADDRESS_BY_MODE, 1, false, 0, NULL, read_memory},
    {0x0C, ADDRESS_4, 1, false, NOR_HAS_4BYTE_OPCODES, NULL, read_memory},
    {0x12, ADDRESS_4, 0, false, NOR_HAS_4BYTE_OPCODES, run_program, NULL},
    {0x13, ADDRESS_4, 0, false, NOR_HAS_4BYTE_OPCODES, NULL, read_memory},
    {0x15, ADDRESS_NONE, 0, true, NOR_HAS_POWER_MODES, NULL, read_configuration},
    {0x2B, ADDRESS_NONE, 0, true, NOR_HAS_SECURITY_STATUS, NULL, read_security},
    {0x30, ADDRESS_NONE, 0, true, 0, run_resume, NULL},
    {0x50, ADDRESS_NONE, 0, false, 0, run_50h, NULL},
    {0x5A, ADDRESS_3, 1, false, 0, NULL, read_sfdp},
    {0x66, ADDRESS_NONE, 0, true, NOR_HAS_RESET, run_reset_enable, NULL},
    {0x70, ADDRESS_NONE, 0, true, NOR_HAS_FLAG_STATUS, NULL, read_flags},
    {0x75, ADDRESS_NONE, 0, true, 0, run_suspend, NULL},
    {0x7A, ADDRESS_NONE, 0, true, 0, run_resume, NULL},
    {0x99, ADDRESS_NONE, 0, true, NOR_HAS_RESET, run_reset, NULL},
    {0x9F, ADDRESS_NONE, 0, false, 0, NULL, read_id},
    {0xAB, ADDRESS_NONE, 0, true, 0, run_wake, NULL},
    {0xB0, ADDRESS_NONE, 0, true, 0, run_suspend, NULL},
    {0xB7, ADDRESS_NONE, 0, false, NOR_HAS_4BYTE_MODE, run_4byte, NULL},
    {0xB9, ADDRESS_NONE, 0, false, 0, run_power_down, NULL},
    {0xE9, ADDRESS_NONE, 0, false, NOR_HAS_4BYTE_MODE, run_4byte, NULL},
};

static const struct command erase_by_mode = {0, ADDRESS_BY_MODE, 0, false, 0, run_erase, NULL};
static const struct command erase_4byte = {0, ADDRESS_4, 0, false, 0, run_erase, NULL};

static const struct command *find_command(const struct nor_chip *chip, uint8_t opcode)
{
    const struct nor_erase_model *erase = find_erase(chip, opcode);

    if (erase)
        return erase->opcode == opcode ? &erase_by_mode : &erase_4byte;
    for (unsigned i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].opcode == opcode && nor_has(chip, commands[i].trait))
            return &commands[i];
    return NULL;
}

/* ---- the bus ---- */

/* Takes the command's address out of the stream, as a chip in this mode does. */
static struct call frame(struct nor_chip *chip, const struct command *command,
                         const struct ferry_spi_transfer *transfer)
{
    static const uint8_t lengths[] = {0, 0, 3, 4};
    uint32_t length = lengths[command->address];
    struct call call = {.transfer = transfer};

    if (command->address == ADDRESS_BY_MODE)
        length = chip->in_4byte_mode ? 4 : 3;
    if (transfer->address_bytes != length || transfer->dummy_bytes != command->dummy)
        chip->violations.framing++;
    for (uint32_t i = 0; i < length; i++)
        call.address = call.address << 8 | sent_byte(transfer, i);
    call.used = length + command->dummy;
    call.sent = (uint32_t)transfer->address_bytes + transfer->dummy_bytes;
    if (!transfer->rx)
        call.sent += transfer->length;
    return call;
}

static void execute(struct nor_chip *chip, const struct command *command,
                    const struct ferry_spi_transfer *transfer)
{
    struct call call = frame(chip, command, transfer);

    if (command->run) {
        if (call.sent >= call.used)
            command->run(chip, &call);
    } else if (command->read && transfer->rx) {
        for (uint32_t i = 0; i < transfer->length; i++)
            if (call.sent + i >= call.used)
                transfer->rx[i] = command->read(chip, &call, call.sent + i - call.used);
    }
}

/* Whether the chip listens to this command now; counts what it should not have been asked. */
static bool listens(struct nor_chip *chip, const struct command *command, uint8_t opcode)
{
    if (opcode == 0xAB && chip->clock->now_ns >= chip->ready_ns)
        return !nor_chip_busy(chip);
    if (chip->asleep || chip->clock->now_ns < chip->ready_ns) {
        /* Asking a chip in an unknown state for its status, and waking it, are how one finds out.
         */
        chip->violations.while_asleep += opcode != 0x05 && opcode != 0xAB;
        return false;
    }
    if (!command) {
        chip->violations.unknown_opcode += opcode != 0x66 && opcode != 0x99;
        return false;
    }
    if (nor_chip_busy(chip) && (!command->while_busy || chip->faults.stuck_busy)) {
        if (opcode == 0x05)
            return true;
        chip->violations.while_busy += !command->while_busy;
        return false;
    }
    return true;
}

static void pull(struct nor_chip *chip, const struct ferry_spi_transfer *transfer)
{
    for (uint32_t i = 0; transfer->rx && i < transfer->length; i++) {
        transfer->rx[i] = 0xFF;
        if (chip->faults.presence == NOR_ABSENT_LOW)
            transfer->rx[i] = 0;
        if (chip->faults.presence == NOR_FLOATING)
            transfer->rx[i] = (uint8_t)nor_random(chip);
    }
}

static int chip_transfer(void *context, const struct ferry_spi_transfer *transfer)
{
    struct nor_chip *chip = context;
    uint64_t bytes =
        UINT64_C(1) + transfer->address_bytes + transfer->dummy_bytes + transfer->length;

    sim_clock_advance_ns(chip->clock, SELECT_NS + bytes * 8 * UINT64_C(1000000000) / chip->bus_hz);
    chip->counts.transactions++;
    pull(chip, transfer);
    if (chip->faults.bus_error_every &&
        chip->counts.transactions % chip->faults.bus_error_every == 0)
        return FERRY_E_IO;
    if (!chip->on || chip->faults.presence != NOR_PRESENT)
        return FERRY_OK;
    nor_operation_settle(chip);
    const struct command *command = find_command(chip, transfer->opcode);
    if (listens(chip, command, transfer->opcode)) {
        bool keep_reset_enabled = transfer->opcode == 0x66 || transfer->opcode == 0x99;
        if (!keep_reset_enabled)
            chip->reset_enabled = false;
        execute(chip, command, transfer);
    }
    return FERRY_OK;
}

struct ferry_spi nor_chip_spi(struct nor_chip *chip)
{
    return (struct ferry_spi){.transfer = chip_transfer, .context = chip};
}

/* ---- life ---- */

struct nor_chip *nor_chip_new(const struct nor_model *model, struct sim_clock *clock, uint64_t seed)
{
    struct nor_chip *chip = calloc(1, sizeof *chip);

    if (!chip)
        abort();
    chip->model = model;
    chip->clock = clock;
    chip->bus_hz = 8000000;
    chip->weak_bits = true;
    chip->random = seed;
    chip->on = true;
    chip->bytes = nor_cells_new(model->size);
    chip->wear = calloc(model->size / model->erase[0].size, sizeof *chip->wear);
    if (!chip->wear)
        abort();
    return chip;
}

void nor_chip_free(struct nor_chip *chip)
{
    if (!chip)
        return;
    free(chip->weak);
    free(chip->wear);
    nor_cells_free(chip->bytes, chip->model->size);
    free(chip);
}

uint32_t nor_chip_violations(const struct nor_chip *chip)
{
    const struct nor_violations *v = &chip->violations;

    return v->while_busy + v->while_asleep + v->without_write_enable + v->page_wrap +
           v->misaligned_erase + v->overprogram + v->past_end + v->framing + v->unknown_opcode;
}

void nor_chip_power_off(struct nor_chip *chip, enum nor_tear tear, uint32_t permille)
{
    nor_operation_settle(chip);
    nor_cells_tear(chip, &chip->suspended, tear, permille);
    nor_cells_tear(chip, &chip->operation, tear, permille);
    forget(chip);
    chip->asleep = false;
    chip->on = false;
}

void nor_chip_power_on(struct nor_chip *chip)
{
    forget(chip);
    chip->on = true;
    chip->ready_ns = chip->clock->now_ns + chip->power_up_us * US;
}
