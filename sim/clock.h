// SPDX-License-Identifier: Apache-2.0
/*
 * A clock that only moves when somebody waits or a bus carries bytes. Hours of flash time pass in
 * milliseconds, and every run with the same inputs takes the same virtual time.
 */
#ifndef SIM_CLOCK_H
#define SIM_CLOCK_H

#include "ferry/spi.h"

struct sim_clock {
    uint64_t now_ns;
    uint64_t slept_ns; /* of it, in sleep_us */
    uint32_t feeds;    /* of the watchdog */
    uint64_t last_fed_ns;
    uint64_t hunger_ns; /* longest time between two feeds, or since the start */
};

/* Makes `ferry` a clock over `clock`, which starts at zero. */
void sim_clock_start(struct sim_clock *clock, struct ferry_clock *ferry);

void sim_clock_advance_ns(struct sim_clock *clock, uint64_t ns);

static inline uint64_t sim_clock_us(const struct sim_clock *clock)
{
    return clock->now_ns / 1000;
}

#endif
