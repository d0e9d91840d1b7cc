// SPDX-License-Identifier: Apache-2.0
/* Step 2: time and the watchdog. Every wait of Ferry is bounded by this clock. */
#include "board.h"

/* Starts the timer. It must run before the first SPI transfer. */
void board_clock_start(void)
{
}

/*
 * Microseconds since any start, wrapping at 2^32 (not at the period of a 24-bit timer: extend it in
 * software). A clock that stands still turns every bounded wait into an endless one.
 */
static uint32_t now_us(void *context)
{
    (void)context;
    return 0;
}

/* Waits at least `us`. May sleep the core where an interrupt of the timer ends the sleep. */
static void sleep_us(void *context, uint32_t us)
{
    (void)context;
    (void)us;
}

/*
 * Feeds every watchdog channel that is enabled, also those that the application of the last life
 * enabled: most watchdogs cannot be stopped and survive a software reset. Ferry calls this at least
 * every 50 ms while it waits for a chip; verifying a signature takes longer (17 million
 * instructions on a Cortex-M4), so give the watchdog a second or more.
 */
static void feed_watchdog(void *context)
{
    (void)context;
}

const struct ferry_clock board_clock = {now_us, sleep_us, feed_watchdog, NULL};
