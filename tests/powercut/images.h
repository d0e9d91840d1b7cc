// SPDX-License-Identifier: Apache-2.0
/* Signed images for the power-cut tests, and a signature check that remembers its answers. */
#ifndef TESTS_POWERCUT_IMAGES_H
#define TESTS_POWERCUT_IMAGES_H

#include "host/sign.h"

/* A key made once per process. */
const struct ferry_key_file *images_key(void);
const struct ferry_keys *images_keys(void);

/* A signed image of `size` payload bytes with content of `seed`, version `major`.0.0. */
struct ferry_bytes images_make(uint8_t major, uint32_t size, uint32_t seed, uint32_t counter);

#endif
