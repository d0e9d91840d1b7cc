// SPDX-License-Identifier: Apache-2.0
/* What flash looks like when the power goes inside an operation. Pure, but for the bytes given. */
#ifndef PORTS_POSIX_TEAR_H
#define PORTS_POSIX_TEAR_H

#include <stdint.h>

/* Programs `data` over `bytes` in part. The same seed tears the same way. */
void tear_program(uint8_t *bytes, const uint8_t *data, uint32_t length, uint32_t seed);

/* Erases `bytes` in part. */
void tear_erase(uint8_t *bytes, uint32_t length, uint32_t seed);

#endif
