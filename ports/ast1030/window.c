// SPDX-License-Identifier: Apache-2.0
/*
 * The internal flash as an application sees it: mapped into memory, and read-only since the
 * bootloader's lock. The geometry is that of the chip on the FMC.
 */
#include <string.h>

#include "board.h"

static int window_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    (void)context;
    memcpy(data, (const uint8_t *)BOARD_FMC_WINDOW + offset, length);
    board_watchdog_feed();
    return FERRY_OK;
}

static int window_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    (void)context;
    (void)offset;
    (void)data;
    (void)length;
    return FERRY_E_DENIED;
}

static int window_erase(void *context, uint32_t offset, uint32_t size)
{
    (void)context;
    (void)offset;
    (void)size;
    return FERRY_E_DENIED;
}

static int window_finish(void *context)
{
    (void)context;
    return FERRY_OK;
}

static const struct ferry_flash_api window_api = {
    .read = window_read,
    .program = window_program,
    .erase = window_erase,
    .finish = window_finish,
};

static const struct ferry_geometry window_geometry = {
    .size = 8u << 20,
    .write_unit = 1,
    .page = 256,
    .program_max_us = 3000,
    .erased = 0xFF,
    .erase_types = 1,
    .erase = {{.size = 4096, .max_us = 400000}},
};

const struct ferry_flash board_internal_window = {.api = &window_api, .geometry = &window_geometry};
