// SPDX-License-Identifier: Apache-2.0
#include "ferry/store.h"

#define POLYNOMIAL 0xEDB88320u /* reflected */

/* Bit by bit: records are short, and a table would be larger than the code. */
uint32_t ferry_crc32(uint32_t crc, const void *data, uint32_t length)
{
    const uint8_t *bytes = data;

    crc = ~crc;
    for (uint32_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (POLYNOMIAL & (0u - (crc & 1)));
    }
    return ~crc;
}
