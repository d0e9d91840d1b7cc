// SPDX-License-Identifier: Apache-2.0
/* What the files of the NOR driver share. */
#ifndef FERRY_NOR_PRIVATE_H
#define FERRY_NOR_PRIVATE_H

#include "ferry/nor.h"

enum nor_opcode {
    OP_WRITE_STATUS = 0x01,
    OP_PROGRAM = 0x02,
    OP_READ = 0x03,
    OP_WRITE_DISABLE = 0x04,
    OP_READ_STATUS = 0x05,
    OP_WRITE_ENABLE = 0x06,
    OP_FAST_READ = 0x0B,
    OP_PROGRAM_4BYTE = 0x12,
    OP_READ_4BYTE = 0x13,
    OP_FAST_READ_4BYTE = 0x0C,
    OP_READ_CONFIGURATION = 0x15,
    OP_READ_SECURITY = 0x2B,
    OP_CLEAR_FLAG_STATUS = 0x50,
    OP_WRITE_ENABLE_VOLATILE = 0x50, /* the same number at other makers */
    OP_READ_SFDP = 0x5A,
    OP_RESET_ENABLE = 0x66,
    OP_READ_FLAG_STATUS = 0x70,
    OP_RESET = 0x99,
    OP_READ_ID = 0x9F,
    OP_WAKE = 0xAB,
    OP_ENTER_4BYTE = 0xB7,
    OP_POWER_DOWN = 0xB9,
    OP_EXIT_4BYTE = 0xE9,
};

#define STATUS_BUSY         0x01u
#define STATUS_WRITE_ENABLE 0x02u

/* Longer than any part takes out of deep power-down. The generator of the part table checks it. */
#define NOR_WAKEUP_US 100u

/* One command, alone or with bytes to read. */
int ferry_nor_send(const struct ferry_nor *nor, uint8_t opcode);
int ferry_nor_get(const struct ferry_nor *nor, uint8_t opcode, uint8_t *data, uint32_t length);

uint32_t ferry_nor_now_us(const struct ferry_nor *nor);

/* Feeds the watchdog and waits, 50 ms at most. */
void ferry_nor_pause(const struct ferry_nor *nor, uint32_t us);

/*
 * Looks at the busy bit every `pause` microseconds until it is clear, or `limit` microseconds
 * after `started`. FERRY_OK, FERRY_E_TIMEOUT, FERRY_E_NO_CHIP (the status reads FF),
 * FERRY_E_FLOATING (bits change that do not while a chip is busy), FERRY_E_IO.
 */
int ferry_nor_poll(const struct ferry_nor *nor, uint32_t started, uint32_t limit, uint32_t pause);

/* Reads the id twice into `id`. FERRY_OK, FERRY_E_NO_CHIP, FERRY_E_FLOATING or FERRY_E_IO. */
int ferry_nor_read_id(const struct ferry_nor *nor, uint8_t id[3]);

/* A mode command between write enable, which some parts want, and write disable. */
int ferry_nor_set_mode(const struct ferry_nor *nor, uint8_t opcode);

/* Software reset, then waits `recovery_us` and until the chip is idle. */
int ferry_nor_reset(const struct ferry_nor *nor, uint32_t recovery_us);

/* Writes status and configuration registers after one of the two write enables, and waits. */
int ferry_nor_write_status(const struct ferry_nor *nor, uint8_t enable, const uint8_t *registers,
                           uint32_t count);

extern const struct ferry_flash_api ferry_nor_api;

#endif
