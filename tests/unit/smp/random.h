// SPDX-License-Identifier: Apache-2.0
/* Seeded random numbers for tests. FERRY_SEED in the environment replays a run. */
#ifndef FERRY_TEST_SMP_RANDOM_H
#define FERRY_TEST_SMP_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct random {
    uint64_t state;
};

static inline void random_start(struct random *random, const char *name)
{
    const char *given = getenv("FERRY_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : (uint64_t)time(NULL);

    printf("%s: replay with FERRY_SEED=%llu\n", name, (unsigned long long)seed);
    random->state = seed;
}

/* splitmix64 */
static inline uint32_t random_below(struct random *random, uint32_t limit)
{
    uint64_t z = random->state += 0x9E3779B97F4A7C15u;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return (uint32_t)((z ^ (z >> 31)) % limit);
}

#endif
