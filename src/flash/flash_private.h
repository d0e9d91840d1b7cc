// SPDX-License-Identifier: Apache-2.0
/* What regions and drivers share. */
#ifndef FERRY_FLASH_PRIVATE_H
#define FERRY_FLASH_PRIVATE_H

#include "ferry/flash.h"

/* Whether all bytes are `value`. */
bool ferry_flash_is_filled(const uint8_t *data, uint8_t value, uint32_t length);

#endif
