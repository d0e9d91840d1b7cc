// SPDX-License-Identifier: Apache-2.0
/* Bytes in memory as a flash device that can only be read: for files and dumps. */
#ifndef FERRY_HOST_BUFFER_FLASH_H
#define FERRY_HOST_BUFFER_FLASH_H

#include "ferry/flash.h"

struct ferry_buffer_flash {
    struct ferry_flash flash;
    struct ferry_geometry geometry;
    const uint8_t *data;
};

/*
 * `size` bytes of `data`, which stay the caller's. Erase blocks are 4 KiB. The struct must not be
 * moved afterwards.
 */
void ferry_buffer_flash_open(struct ferry_buffer_flash *buffer, const uint8_t *data, uint32_t size);

/* All of it. */
struct ferry_region ferry_buffer_flash_region(const struct ferry_buffer_flash *buffer);

#endif
