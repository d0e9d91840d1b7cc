// SPDX-License-Identifier: Apache-2.0
#include "ports/posix/tear.h"

/* splitmix64: small, and good enough to spread tears. */
static uint64_t next(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/*
 * A chip moves the charge of all cells of a page at once and some get there first, so half-done
 * pages are a mix of bits; controllers that write word by word leave a prefix.
 */
void tear_program(uint8_t *bytes, const uint8_t *data, uint32_t length, uint32_t seed)
{
    uint64_t random = seed;
    uint32_t pattern = (uint32_t)(next(&random) % 3);
    uint32_t done = pattern == 1 ? 0 : (uint32_t)(next(&random) % (length + 1u));

    for (uint32_t i = 0; i < length; i++) {
        uint8_t late = i < done ? 0 : (uint8_t)next(&random);
        if (i >= done && pattern == 0)
            break;
        bytes[i] &= (uint8_t)(data[i] | late);
    }
}

/*
 * A chip first programs a whole block to zero, so that no cell is erased too deep, then raises all
 * cells together. So a torn block is old data with a zeroed start, or a mix of bits that is more or
 * less erased; an emulator or a driver that works page by page leaves an erased prefix.
 */
void tear_erase(uint8_t *bytes, uint32_t length, uint32_t seed)
{
    uint64_t random = seed;
    uint32_t pattern = (uint32_t)(next(&random) % 4);
    uint32_t done = (uint32_t)(next(&random) % (length + 1u));

    for (uint32_t i = 0; i < length; i++) {
        if (pattern == 0 && i < done)
            bytes[i] = 0x00;
        else if (pattern == 1)
            bytes[i] = (uint8_t)next(&random);
        else if (pattern == 2)
            bytes[i] = (uint8_t)(0xFF & ~(next(&random) % 500 == 0 ? 1u << (i & 7) : 0u));
        else if (pattern == 3 && i < done)
            bytes[i] = 0xFF;
    }
}
