// SPDX-License-Identifier: Apache-2.0
/* Signed images for the power-cut tests. */
#ifndef TESTS_POWERCUT_IMAGES_H
#define TESTS_POWERCUT_IMAGES_H

#include "host/sign.h"

/* A key made once per process. */
const struct ferry_key_file *images_key(void);
const struct ferry_keys *images_keys(void);

/* A key the device does not know. */
const struct ferry_key_file *images_foreign_key(void);

/* A signed image of `size` payload bytes with content of `seed`, version `major`.0.0. */
struct ferry_bytes images_make(uint8_t major, uint32_t size, uint32_t seed, uint32_t counter);
struct ferry_bytes images_sign(const struct ferry_key_file *key, uint8_t major, uint32_t size,
                               uint32_t seed, uint32_t counter);

/* The image with `count` of its bytes changed, `stride` apart, and signed again. */
struct ferry_bytes images_change(const struct ferry_bytes *image, uint32_t count, uint32_t stride);

#endif
