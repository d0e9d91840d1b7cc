// SPDX-License-Identifier: Apache-2.0
/* Any text as Intel HEX. */
#include "host/hex.h"
#include "tests/fuzz/image/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_bytes text = {.data = (uint8_t *)(uintptr_t)data, .size = size};
    struct ferry_problem problem = {""};
    struct ferry_bytes bytes;
    uint32_t address = 0;

    if (ferry_hex_decode("in.hex", &text, &bytes, &address, &problem) != FERRY_OK) {
        FUZZ_CHECK(problem.text[0] != 0 && bytes.data == NULL);
        return 0;
    }
    FUZZ_CHECK(bytes.size > 0 && bytes.size <= FERRY_HEX_SPAN_MAX);
    FUZZ_CHECK(bytes.size - 1 <= UINT32_MAX - address);
    ferry_bytes_free(&bytes);
    return 0;
}
