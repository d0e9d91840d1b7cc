// SPDX-License-Identifier: Apache-2.0
/* SFDP (JESD216F): the pure parser of the basic flash parameter table. No I/O. */
#ifndef FERRY_SFDP_H
#define FERRY_SFDP_H

#include <stddef.h>

#include "ferry/flash.h"

#define FERRY_SFDP_BFPT_MAX 80 /* bytes read of the basic table: 20 double words */

/* What the basic flash parameter table says. */
struct ferry_sfdp {
    struct ferry_geometry geometry;
    uint8_t erase_opcode[FERRY_FLASH_ERASE_TYPES];
    uint8_t address_bytes; /* 3 = 3 only, 4 = 4 only, 7 = 3 or 4 */
    uint8_t quad_enable;   /* QER value, 0xFF = not given */
    uint8_t enter_4byte;   /* dword 16 bits 31..24, 0 = not given */
    uint16_t wakeup_us;    /* exit from deep power-down, 0 = not given */
    uint8_t soft_reset;    /* dword 16 bits 13..8 */
    bool has_times;        /* dwords 10 and 11 are there */
};

/*
 * Reads the SFDP header (at least 16 bytes: the header and its first parameter header) and says
 * where the basic table is. FERRY_OK, or FERRY_E_CHIP_UNKNOWN when this is no SFDP.
 */
int ferry_sfdp_header(const uint8_t *header, size_t length, uint32_t *table_offset,
                      uint32_t *table_length);

/*
 * Decodes a basic table of 36 bytes (JESD216) or more. Times that the table does not give are
 * left at safe upper bounds. FERRY_OK or FERRY_E_CHIP_UNKNOWN when it makes no sense.
 */
int ferry_sfdp_basic(const uint8_t *table, size_t length, struct ferry_sfdp *sfdp);

#endif
