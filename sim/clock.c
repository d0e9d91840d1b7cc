// SPDX-License-Identifier: Apache-2.0
#include "sim/clock.h"

#include <string.h>

static uint32_t clock_now_us(void *context)
{
    const struct sim_clock *clock = context;

    return (uint32_t)(clock->now_ns / 1000);
}

static void clock_sleep_us(void *context, uint32_t us)
{
    struct sim_clock *clock = context;

    clock->slept_ns += us * UINT64_C(1000);
    sim_clock_advance_ns(clock, us * UINT64_C(1000));
}

static void clock_feed(void *context)
{
    struct sim_clock *clock = context;

    clock->feeds++;
    clock->last_fed_ns = clock->now_ns;
}

void sim_clock_advance_ns(struct sim_clock *clock, uint64_t ns)
{
    clock->now_ns += ns;
    if (clock->now_ns - clock->last_fed_ns > clock->hunger_ns)
        clock->hunger_ns = clock->now_ns - clock->last_fed_ns;
}

void sim_clock_start(struct sim_clock *clock, struct ferry_clock *ferry)
{
    memset(clock, 0, sizeof *clock);
    *ferry = (struct ferry_clock){clock_now_us, clock_sleep_us, clock_feed, clock};
}
