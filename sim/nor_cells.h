// SPDX-License-Identifier: Apache-2.0
/* The inside of a NOR chip: its cells, and operations on them, whole or torn. For nor_chip.c. */
#ifndef SIM_NOR_CELLS_H
#define SIM_NOR_CELLS_H

#include "sim/nor_chip.h"

/*
 * Erased cells. They take memory only where they are written, so that a test can have hundreds of
 * chips of any size. Aborts when memory runs out.
 */
uint8_t *nor_cells_new(uint32_t size);
void nor_cells_free(uint8_t *cells, uint32_t size);

/* The chip's own random numbers. */
uint64_t nor_random(struct nor_chip *chip);

/* One byte as it reads now: weak bits flicker, broken ones stick. */
uint8_t nor_cells_read(struct nor_chip *chip, uint32_t address);

/* Carries an operation out, to the end. */
void nor_cells_finish(struct nor_chip *chip, const struct nor_operation *operation);

/* Carries out a part of it. */
void nor_cells_tear(struct nor_chip *chip, const struct nor_operation *operation,
                    enum nor_tear tear, uint32_t permille);

/* Whether the block protection bits cover any of the range. */
bool nor_cells_protected(const struct nor_chip *chip, uint32_t address, uint32_t length);

static inline bool nor_has(const struct nor_chip *chip, uint32_t trait)
{
    return (chip->model->traits & trait) == trait;
}

/* How long this one takes, as chip->timing says. */
uint64_t nor_operation_time(struct nor_chip *chip, uint32_t typ_us, uint32_t max_us);

/* Starts the clock of chip->operation, whose other fields are set. Tells the hook. */
void nor_operation_begin(struct nor_chip *chip, enum nor_operation_kind kind, uint64_t duration_ns);

/* Ends the operation under way if its time has come. */
void nor_operation_settle(struct nor_chip *chip);

/* Sets the failure bits that the model has. */
void nor_operation_failed(struct nor_chip *chip, enum nor_operation_kind kind, bool protected);

#endif
