// SPDX-License-Identifier: Apache-2.0
/* Step 3: the microcontroller's own flash, as a device. */
#include "board.h"

#include <string.h>

/* From the data sheet. Times bound Ferry's waits, so take the maxima over temperature. */
static const struct ferry_geometry geometry = {
    .size = 0x80000,
    .write_unit = 4,
    .page = 256,
    .program_typ_us = 64 * 41,
    .program_max_us = 64 * 60,
    .erased = 0xFF,
    .erase_types = 1,
    .erase = {{.size = 4096, .typ_us = 85000, .max_us = 90000}},
};

/*
 * Fills `data` from `offset`. Flash with ECC traps on a word whose write was cut off by a power
 * loss: catch that (fault handler, or the controller's quiet mode) and return FERRY_E_ECC. A torn
 * word is an everyday event for a bootloader.
 */
static int read(void *context, uint32_t offset, void *data, uint32_t length)
{
    (void)context;
    (void)offset;
    memset(data, geometry.erased, length);
    return FERRY_E_UNSUPPORTED;
}

/*
 * Programs any offset and length: partial write units are padded with the erased value. Each write
 * unit is programmed once. Interrupts whose handlers lie in the bank being written must be off, or
 * the handlers in RAM. May return while the controller works, if the next call waits for it.
 * FERRY_OK, FERRY_E_PROGRAM, FERRY_E_TIMEOUT.
 */
static int program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    (void)context;
    (void)offset;
    (void)data;
    (void)length;
    return FERRY_E_UNSUPPORTED;
}

/* Erases one block; `size` is one of the erase types. Feeds the watchdog while it waits. */
static int erase(void *context, uint32_t offset, uint32_t size)
{
    (void)context;
    (void)offset;
    (void)size;
    return FERRY_E_UNSUPPORTED;
}

/* Waits until the controller is idle; what the last operation came to. Invalidate caches here. */
static int finish(void *context)
{
    (void)context;
    return FERRY_OK;
}

static const struct ferry_flash_api api = {read, program, erase, finish};

const struct ferry_flash board_internal = {&api, NULL, &geometry};
