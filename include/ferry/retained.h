// SPDX-License-Identifier: Apache-2.0
/*
 * RAM that survives a reset but not a power cut: what the bootloader tells the application, what
 * the application asks of the bootloader, and the last lines of the log. Everything is covered by
 * a CRC; content that does not check is treated as empty. SPEC.md gives every byte.
 */
#ifndef FERRY_RETAINED_H
#define FERRY_RETAINED_H

#include <stdbool.h>
#include <stdint.h>

#define FERRY_RETAINED_LOG_SIZE 512u

/* What the application may ask for with its next reset. */
enum ferry_boot_mode {
    FERRY_BOOT_NORMAL = 0,
    FERRY_BOOT_RECOVERY = 1, /* stay in the bootloader and serve SMP */
};

/* Placed by the port in no-init RAM, 4-byte aligned. Use the functions below. */
struct ferry_retained {
    uint32_t magic;
    uint32_t crc;         /* CRC-32 of everything that follows */
    uint8_t boot_mode;    /* enum ferry_boot_mode, consumed by the bootloader */
    uint8_t reason;       /* of the last boot: a status without its sign, 0 = nothing to say */
    uint8_t chip_status;  /* what starting the external chip came to, without sign */
    uint8_t went_back;    /* 1: this power-up has already gone back without a record */
    uint32_t boots;       /* resets since power-up */
    uint32_t floor;       /* the security floor as the bootloader read it */
    uint32_t log_written; /* bytes ever written to the log; the position is modulo its size */
    uint8_t log[FERRY_RETAINED_LOG_SIZE];
};

/* Makes the content valid: kept if its CRC holds, else cleared. True if it was kept. */
bool ferry_retained_open(struct ferry_retained *retained);

/* Recomputes the CRC after a change. */
void ferry_retained_seal(struct ferry_retained *retained);

/* Appends a line (a newline is added), overwriting the oldest, and seals. NULL is accepted. */
void ferry_retained_log(struct ferry_retained *retained, const char *line);

/* Appends `line`, a space and a decimal number; for reason codes and offsets. */
void ferry_retained_log_number(struct ferry_retained *retained, const char *line, int32_t number);

/* Copies log bytes from `offset` of the kept tail into `out`. Returns how many. */
uint32_t ferry_retained_log_read(const struct ferry_retained *retained, uint32_t offset, char *out,
                                 uint32_t length);

#endif
