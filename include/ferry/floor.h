// SPDX-License-Identifier: Apache-2.0
/*
 * The security floor: the lowest security counter this device accepts. It lives in internal flash
 * in two CRC'd copies, in two erase blocks, and only rises. SPEC.md gives the bytes.
 */
#ifndef FERRY_FLOOR_H
#define FERRY_FLOOR_H

#include "ferry/flash.h"

/*
 * The floor: the highest of all readable copies, 0 where there is none. `region` is two or more
 * erase blocks of the internal flash; length 0 means that the device has no floor (reads as 0).
 * `*redundant` (may be NULL) tells whether both blocks hold it.
 */
int ferry_floor_read(const struct ferry_region *region, uint32_t *floor, bool *redundant);

/*
 * Raises the floor to `floor` in both blocks, one after the other, and reads back; a copy always
 * stands. Nothing to do where both hold it. At most two erases.
 */
int ferry_floor_raise(const struct ferry_region *region, uint32_t floor);

#endif
