// SPDX-License-Identifier: Apache-2.0
/* Operations that take time: how they begin, end and report. */
#include "sim/nor_cells.h"

#define FLAG_ERASE_FAIL       0x20u
#define FLAG_PROGRAM_FAIL     0x10u
#define FLAG_PROTECTED        0x02u
#define SECURITY_ERASE_FAIL   0x40u
#define SECURITY_PROGRAM_FAIL 0x20u

#define US UINT64_C(1000) /* in ns */

uint64_t nor_operation_time(struct nor_chip *chip, uint32_t typ_us, uint32_t max_us)
{
    if (chip->timing == NOR_TYPICAL)
        return typ_us * US;
    if (chip->timing == NOR_LONGEST || max_us <= typ_us)
        return max_us * US;
    return typ_us * US + nor_random(chip) % ((max_us - typ_us) * US);
}

void nor_operation_failed(struct nor_chip *chip, enum nor_operation_kind kind, bool protected)
{
    bool erase = kind == NOR_ERASE;

    if (nor_has(chip, NOR_HAS_FLAG_STATUS))
        chip->failures |= (uint8_t)((erase ? FLAG_ERASE_FAIL : FLAG_PROGRAM_FAIL) |
                                    (protected ? FLAG_PROTECTED : 0));
    if (nor_has(chip, NOR_HAS_SECURITY_STATUS))
        chip->failures |= erase ? SECURITY_ERASE_FAIL : SECURITY_PROGRAM_FAIL;
}

/* What the end of an operation comes to, faults included. */
static void complete(struct nor_chip *chip)
{
    const struct nor_operation *operation = &chip->operation;
    bool erase = operation->kind == NOR_ERASE;
    bool program = operation->kind == NOR_PROGRAM;

    if ((erase && chip->faults.fail_erase) || (program && chip->faults.fail_program)) {
        nor_cells_tear(chip, operation, NOR_TEAR_SUBSET, 500);
        nor_operation_failed(chip, operation->kind, false);
    } else if (!(erase && chip->faults.deaf_erase) && !(program && chip->faults.deaf_program)) {
        nor_cells_finish(chip, operation);
    }
    chip->operation.kind = NOR_IDLE;
    chip->write_enabled = false;
}

void nor_operation_settle(struct nor_chip *chip)
{
    if (chip->operation.kind != NOR_IDLE && chip->clock->now_ns >= chip->operation.ends_ns)
        complete(chip);
}

bool nor_chip_busy(struct nor_chip *chip)
{
    nor_operation_settle(chip);
    return chip->operation.kind != NOR_IDLE || chip->faults.stuck_busy;
}

void nor_operation_begin(struct nor_chip *chip, enum nor_operation_kind kind, uint64_t duration_ns)
{
    chip->operation.kind = kind;
    chip->operation.started_ns = chip->clock->now_ns;
    chip->operation.ends_ns = chip->clock->now_ns + duration_ns;
    if (nor_has(chip, NOR_HAS_SECURITY_STATUS))
        chip->failures = 0;
    if (chip->on_operation)
        chip->on_operation(chip->context, chip);
}

uint32_t nor_chip_progress(struct nor_chip *chip)
{
    const struct nor_operation *operation = &chip->operation;

    nor_operation_settle(chip);
    if (operation->kind == NOR_IDLE || operation->ends_ns <= operation->started_ns)
        return 1000;
    return (uint32_t)((chip->clock->now_ns - operation->started_ns) * 1000 /
                      (operation->ends_ns - operation->started_ns));
}
