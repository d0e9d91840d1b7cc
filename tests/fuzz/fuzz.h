// SPDX-License-Identifier: Apache-2.0
#ifndef FERRY_TEST_FUZZ_H
#define FERRY_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* One input; 0. libFuzzer's name. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
