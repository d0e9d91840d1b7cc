// SPDX-License-Identifier: Apache-2.0
/* Inside the machine: what a cut, a reset and a fault do to its two chips. */
#ifndef SIM_MACHINE_FLASH_H
#define SIM_MACHINE_FLASH_H

#include "sim/machine.h"

/* The hooks of both chips. */
int machine_on_operation(void *context, struct memflash *flash, enum memflash_op kind,
                         uint32_t offset, const uint8_t *data, uint32_t length);
void machine_after_read(void *context, struct memflash *flash, uint32_t offset, uint8_t *data,
                        uint32_t length);

/* The pages of a range have new content. */
void machine_touch(struct machine *m, uint32_t chip, uint32_t offset, uint32_t length);

/* A life begins: what is faint reads as done, or as not done, all life long. */
void machine_settle_faint(struct machine *m);

#endif
