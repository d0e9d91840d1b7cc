// SPDX-License-Identifier: Apache-2.0
#include "board.h"

#define HALF_BLOCK 0x8000u

/*
 * Most of QEMU's chip models complain about 32 KiB erases, also where their own SFDP offers them.
 * Leaving them out costs nothing: two of these blocks are one of 64 KiB.
 */
static void leave_out_half_blocks(struct ferry_geometry *geometry)
{
    uint8_t kept = 0;

    for (uint8_t i = 0; i < geometry->erase_types; i++)
        if (geometry->erase[i].size != HALF_BLOCK)
            geometry->erase[kept++] = geometry->erase[i];
    geometry->erase_types = kept;
}

int board_chip_start(struct board_chip *chip, const struct ferry_spi *spi, uint32_t needed_size)
{
    const struct ferry_nor_options options = {.table = &ferry_nor_table,
                                              .needed_size = needed_size};

    board_spi_open(spi);
    int status = ferry_nor_start(&chip->nor, spi, &board_clock, &options, &chip->flash);
    if (status != FERRY_OK)
        return status;
    chip->geometry = *chip->flash.geometry;
    leave_out_half_blocks(&chip->geometry);
    chip->flash.geometry = &chip->geometry;
    return FERRY_OK;
}
