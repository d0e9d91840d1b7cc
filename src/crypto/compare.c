// SPDX-License-Identifier: Apache-2.0
#include "ferry/crypto.h"

int ferry_compare(const void *a, const void *b, size_t length)
{
    /* volatile: the compiler must not leave the loop at the first difference. */
    const volatile uint8_t *left = a;
    const volatile uint8_t *right = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < length; i++)
        difference |= left[i] ^ right[i];
    return difference;
}
