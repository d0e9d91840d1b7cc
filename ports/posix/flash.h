// SPDX-License-Identifier: Apache-2.0
/*
 * A flash chip in a file: programming only clears bits, erasing works on whole blocks, both count
 * as operations that the power may go in. Where the board has a speed, an operation goes on after
 * the call, as on a chip, and the next call waits for it.
 */
#ifndef PORTS_POSIX_FLASH_H
#define PORTS_POSIX_FLASH_H

#include "ferry/flash.h"
#include "ports/posix/machine.h"

#define POSIX_INTERNAL_SIZE 0x200000u
#define POSIX_EXTERNAL_SIZE 0x800000u

/* One chip as one process sees it. Owned by the caller. */
struct posix_flash {
    struct machine *machine;
    const char *name;
    uint8_t *bytes;
    struct ferry_geometry geometry;
    uint64_t busy_until; /* ns of the monotonic clock */
    bool internal;
};

/* Geometry of a microcontroller's flash: 4 KiB pages, words of 4 bytes that are written once. */
struct ferry_geometry posix_flash_internal(uint32_t size);

/* Geometry of a SPI NOR chip: 4 KiB and 64 KiB erases, pages of 256 bytes. */
struct ferry_geometry posix_flash_external(uint32_t size);

/*
 * Opens the file of a chip, makes it erased where it is missing. Returns the descriptor, or -1 with
 * a message on stderr. `*size` gets the size of the file, which is the size of the chip.
 */
int posix_flash_open(const char *dir, const char *file, uint32_t new_size, uint32_t *size);

/* Maps the chip behind `fd` and makes `flash` a device. FERRY_OK or FERRY_E_NO_CHIP. */
int posix_flash_start(struct posix_flash *chip, struct ferry_flash *flash, struct machine *machine,
                      bool internal);

#endif
