// SPDX-License-Identifier: Apache-2.0
/*
 * SFDP (JESD216F): the pure parser of what a SPI NOR chip says about itself. No I/O, no state; any
 * bytes are legal input.
 */
#ifndef FERRY_SFDP_H
#define FERRY_SFDP_H

#include <stddef.h>

#include "ferry/flash.h"

#define FERRY_SFDP_HEADER_MAX 64 /* bytes read of the headers: SFDP's own and seven tables' */
#define FERRY_SFDP_BASIC_MAX  64 /* bytes used of the basic table: 16 double words */
#define FERRY_SFDP_4BYTE_MAX  8  /* bytes used of the 4-byte address instruction table */

/* Which table. */
#define FERRY_SFDP_BASIC 0xFF00u /* basic flash parameters */
#define FERRY_SFDP_4BYTE 0xFF84u /* 4-byte address instructions */

/* How 4-byte addresses are switched on: dword 16 bits 31..24. */
#define FERRY_SFDP_ENTER_B7      0x01u /* opcode B7h */
#define FERRY_SFDP_ENTER_WREN_B7 0x02u /* write enable, then B7h */
#define FERRY_SFDP_ENTER_OPCODES 0x20u /* has 4-byte opcodes, no mode is needed */
#define FERRY_SFDP_ENTER_ALWAYS  0x40u /* always in 4-byte mode */

/* How a software reset is done: dword 16 bits 13..8. */
#define FERRY_SFDP_RESET_66_99 0x10u /* 66h, then 99h */

struct ferry_sfdp {
    struct ferry_geometry geometry;
    uint8_t erase_opcode[FERRY_FLASH_ERASE_TYPES];
    uint8_t address_bytes; /* 3 = 3 only, 4 = 4 only, 7 = 3 or 4 */
    uint8_t quad_enable;   /* QER value, 0xFF = not given */
    uint8_t enter_4byte;   /* FERRY_SFDP_ENTER_..., 0 = not given */
    bool has_times;        /* dwords 10 and 11 are there */
    bool opcodes_4byte;    /* above 16 MiB: erase_opcode, 13h, 0Ch and 12h take four bytes */
    bool unprotect_by_50h; /* protection bits can be cleared for this power cycle: 50h, 01h */
};

/*
 * Finds a table. `header` is what the chip holds from SFDP address 0 on, at least 16 bytes: its
 * header and as many parameter headers as were read. FERRY_OK, or FERRY_E_CHIP_UNKNOWN where this
 * is no SFDP or the table is not listed.
 */
int ferry_sfdp_find(const uint8_t *header, size_t length, uint32_t table, uint32_t *table_offset,
                    uint32_t *table_length);

/*
 * Decodes a basic table of 36 bytes (JESD216) or more, and the 4-byte address instruction table
 * (`table_4byte` may be NULL). Erase types below 4 KiB, and 4 KiB where the chip cannot erase all
 * of itself so, are left out. Times that the table does not give are left at bounds no part
 * exceeds, with typical times of 0. FERRY_OK or FERRY_E_CHIP_UNKNOWN when it makes no sense.
 */
int ferry_sfdp_decode(const uint8_t *basic, size_t length, const uint8_t *table_4byte,
                      size_t length_4byte, struct ferry_sfdp *sfdp);

/*
 * Two facts for tools; the driver needs neither and does not link them.
 * How a software reset is done: FERRY_SFDP_RESET_..., 0 = not given.
 */
uint32_t ferry_sfdp_soft_reset(const uint8_t *basic, size_t length);

/* Longest time out of deep power-down in microseconds, rounded up; 0 = not given. */
uint32_t ferry_sfdp_wakeup_us(const uint8_t *basic, size_t length);

#endif
