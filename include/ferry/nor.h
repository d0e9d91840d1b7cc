// SPDX-License-Identifier: Apache-2.0
/*
 * SPI NOR flash: finds out what chip is there (JEDEC id, SFDP per JESD216, a table of parts and
 * quirks), and is a flash device afterwards.
 */
#ifndef FERRY_NOR_H
#define FERRY_NOR_H

#include "ferry/flash.h"
#include "ferry/spi.h"

/* Quirks of a part, for what its SFDP does not say or says wrongly. */
#define FERRY_NOR_NO_SFDP         0x01u /* do not trust the SFDP: use the table row */
#define FERRY_NOR_MX25R           0x02u /* set high-performance mode (configuration register 2) */
#define FERRY_NOR_NO_4BYTE_ENTER  0x04u /* always in 4-byte mode, or has 4-byte opcodes only */
#define FERRY_NOR_FLAG_STATUS     0x08u /* failure bits in the flag status register (70h) */
#define FERRY_NOR_SECURITY_STATUS 0x10u /* P_FAIL/E_FAIL in the security register (2Bh) */
#define FERRY_NOR_WREN_FOR_4BYTE  0x20u /* entering 4-byte mode needs write enable */

/* A row of the part table, generated from data/chips. */
struct ferry_nor_part {
    const char *name;
    uint8_t id[3];  /* manufacturer, type, density */
    uint8_t quirks; /* FERRY_NOR_... */
    uint8_t erase_opcode[FERRY_FLASH_ERASE_TYPES];
    uint8_t block_protect_mask; /* protection bits of status register 1 */
    uint8_t quad_enable;        /* JESD216 dword 15 QER value */
    uint16_t wakeup_us;         /* from deep power-down */
    struct ferry_geometry geometry;
};

/* The generated table, ended by a row with name NULL. A build may leave it out and pass NULL. */
extern const struct ferry_nor_part ferry_nor_parts[];

/* What the caller decides. Zero-initialised is right for a bootloader. */
struct ferry_nor_options {
    const struct ferry_nor_part *parts; /* table to search, NULL = SFDP only */
    uint32_t needed_size;               /* bytes the layout needs; 0 = do not check */
    bool read_back;                     /* read every page after its program and compare */
    bool no_reset;                      /* the chip is shared: send no reset and no mode command */
};

/* One chip. Owned by the caller, about 150 bytes; nothing in it is for anyone but the driver. */
struct ferry_nor {
    const struct ferry_spi *spi;
    const struct ferry_clock *clock;
    struct ferry_nor_options options;
    struct ferry_geometry geometry;
    uint8_t erase_opcode[FERRY_FLASH_ERASE_TYPES];
    uint8_t id[3];
    uint8_t quirks;
    uint8_t block_protect_mask;
    uint8_t quad_enable;
    uint8_t address_bytes;
    bool from_sfdp;      /* geometry from SFDP, not from the table */
    const char *name;    /* of the table row, NULL if the part is in no table */
    uint8_t pending;     /* operation under way, see nor.c */
    uint32_t started_us; /* when it began */
    uint32_t limit_us;   /* its bound */
    uint32_t pending_offset;
    uint32_t pending_length;
    const uint8_t *pending_data;
};

/*
 * Wakes, identifies and prepares the chip, then fills `nor` and `flash`. Order: release from deep
 * power-down; wait while busy (an erase of the last life may still run, up to the part's maximum;
 * a floating bus is recognised at once); software reset; JEDEC id twice; SFDP; table; protection
 * bits; 4-byte mode where the size needs it. An absent chip costs a few milliseconds.
 *
 * FERRY_OK, or: FERRY_E_NO_CHIP (id 000000/FFFFFF), FERRY_E_FLOATING, FERRY_E_TIMEOUT,
 * FERRY_E_CHIP_UNKNOWN, FERRY_E_CHIP_SIZE, FERRY_E_PROTECTED (write enable does not latch),
 * FERRY_E_IO.
 */
int ferry_nor_start(struct ferry_nor *nor, const struct ferry_spi *spi,
                    const struct ferry_clock *clock, const struct ferry_nor_options *options,
                    struct ferry_flash *flash);

/*
 * Leaves the chip as the next program expects it: idle, awake, 3-byte addresses, single line.
 * Bounded by the operation under way. FERRY_OK or the status of that operation.
 */
int ferry_nor_stop(struct ferry_nor *nor);

/* Sends the chip to deep power-down (opcode B9h) after it is idle. */
int ferry_nor_sleep(struct ferry_nor *nor);

#endif
