// SPDX-License-Identifier: Apache-2.0
/*
 * SPI NOR flash: finds out what chip is there (JEDEC id, SFDP per JESD216, a table of parts and
 * quirks), and is a flash device afterwards.
 *
 * Single line commands only. `quad_enable` is known and carried, but nothing uses it yet.
 */
#ifndef FERRY_NOR_H
#define FERRY_NOR_H

#include "ferry/flash.h"
#include "ferry/sfdp.h"
#include "ferry/spi.h"

/* Quirks of a part, for what its SFDP does not say or says wrongly. */
#define FERRY_NOR_NO_SFDP         0x01u /* do not trust the SFDP: use the table row */
#define FERRY_NOR_MX25R           0x02u /* set high-performance mode (configuration register 2) */
#define FERRY_NOR_OPCODES_4BYTE   0x04u /* 13h, 0Ch, 12h work, the row's erase opcodes take 4 */
#define FERRY_NOR_FLAG_STATUS     0x08u /* failure bits in the flag status register (70h) */
#define FERRY_NOR_SECURITY_STATUS 0x10u /* P_FAIL/E_FAIL in the security register (2Bh) */
#define FERRY_NOR_UNPROTECT_50H   0x20u /* 50h, 01h clear protection bits until the next reset */

/* One erase command of a row. Milliseconds, because a row should be small. */
struct ferry_nor_erase {
    uint8_t size_log2; /* 0 = none */
    uint8_t opcode;
    uint16_t typ_ms;
    uint16_t max_ms;
};

/* A row of the part table, generated from data/chips. Pages are 256 bytes. */
struct ferry_nor_part {
    const char *name;
    uint8_t id[3]; /* manufacturer, type, density */
    uint8_t size_log2;
    uint8_t quirks;             /* FERRY_NOR_... */
    uint8_t block_protect_mask; /* protection bits of status register 1 */
    uint8_t quad_enable;        /* JESD216 dword 15 QER value, 0xFF = not known */
    uint16_t program_typ_us;    /* of a page */
    uint16_t program_max_us;
    struct ferry_nor_erase erase[FERRY_FLASH_ERASE_TYPES]; /* ascending by size */
};

/*
 * What the driver does for parts that a table names. The code behind it, and so the quirks, are
 * linked only into a build that has a table.
 */
struct ferry_nor;
struct ferry_nor_table_api {
    /* Looks the id up: fills in what SFDP does not say. `status` is what reading SFDP came to. */
    int (*describe)(struct ferry_nor *nor, int status);
    /* Before the first write; `registers[0]` is the status register. */
    int (*prepare)(const struct ferry_nor *nor, uint8_t registers[3]);
    /* After an operation: the failure bits of parts that have them; `failed` where one is set. */
    int (*check)(const struct ferry_nor *nor, int failed);
};
extern const struct ferry_nor_table_api ferry_nor_table_api;

/* The part table. */
struct ferry_nor_table {
    const struct ferry_nor_table_api *api; /* &ferry_nor_table_api */
    const struct ferry_nor_part *parts;    /* ended by a row with name NULL */
};

/* The generated ones. */
extern const struct ferry_nor_part ferry_nor_parts[];
extern const struct ferry_nor_table ferry_nor_table;

/* What the caller decides. Zero-initialised is right for a bootloader without a part table. */
struct ferry_nor_options {
    const struct ferry_nor_table *table; /* NULL = SFDP only */
    uint32_t needed_size;                /* bytes the layout needs; 0 = do not check */
    bool read_back;                      /* compare after each page program and block erase */
    bool no_reset;                       /* the chip is shared: send no reset and no mode command */
};

/* One chip. Owned by the caller, about 160 bytes; look, do not touch. */
struct ferry_nor {
    const struct ferry_spi *spi;
    const struct ferry_clock *clock;
    uint8_t id[3];
    bool from_sfdp; /* `chip` from SFDP, not from the table */
    uint8_t quirks;
    uint8_t block_protect_mask;
    uint8_t address_bytes;
    uint8_t read_opcode;
    uint8_t program_opcode;
    bool in_4byte_mode;
    bool prepared;       /* power mode and protection were looked at, before the first write */
    bool protect;        /* protection bits were set when the last operation began */
    uint8_t pending;     /* what the chip is doing, see nor.c */
    uint32_t started_us; /* when it began */
    uint32_t limit_us;   /* its bound */
    uint32_t pause_us;   /* between two looks */
    uint32_t pending_offset;
    uint32_t pending_length;
    struct ferry_nor_options options;
    const char *name;       /* of the table row, NULL if the part is in no table */
    struct ferry_sfdp chip; /* what it says of itself, or its row does */
};

/*
 * Wakes, identifies and prepares the chip, then fills `nor` and `flash`. Order: release from deep
 * power-down; wait while busy (an erase of the last life may still run, 6 s at most); software
 * reset; JEDEC id twice; SFDP; table; 4-byte addresses where the size needs them. Writes no
 * register that is kept without power. An absent or floating chip costs less than 5 ms.
 *
 * With `no_reset` neither reset nor mode command is sent. A chip above 16 MiB then needs 4-byte
 * opcodes (else FERRY_E_UNSUPPORTED), an MX25R stays in the power mode it is in, and protection
 * bits stay as they are.
 *
 * FERRY_OK, or: FERRY_E_NO_CHIP (id 000000/FFFFFF), FERRY_E_FLOATING, FERRY_E_TIMEOUT,
 * FERRY_E_CHIP_UNKNOWN, FERRY_E_CHIP_SIZE, FERRY_E_UNSUPPORTED, FERRY_E_IO.
 *
 * Operations on `flash` add: FERRY_E_PROTECTED (write enable does not latch, or protection bits
 * are set and the block did not change), FERRY_E_PROGRAM, FERRY_E_ERASE, FERRY_E_READBACK, and
 * FERRY_E_NO_CHIP where the chip stops answering. Protection bits are cleared before the first
 * write where the part can do that until its next reset only; else they stay, and the blocks they
 * really protect are found by comparing.
 */
int ferry_nor_start(struct ferry_nor *nor, const struct ferry_spi *spi,
                    const struct ferry_clock *clock, const struct ferry_nor_options *options,
                    struct ferry_flash *flash);

/*
 * Leaves the chip as the next program expects it: idle, awake, 3-byte addresses, single line,
 * protection as it was. Bounded by the operation under way. FERRY_OK or the status of that
 * operation.
 */
int ferry_nor_stop(struct ferry_nor *nor);

/* Sends the chip to deep power-down (B9h) after it is idle. The next call on it wakes it. */
int ferry_nor_sleep(struct ferry_nor *nor);

#endif
