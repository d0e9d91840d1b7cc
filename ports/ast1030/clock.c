// SPDX-License-Identifier: Apache-2.0
/* Time: SysTick counts CPU clocks, its interrupt counts milliseconds. */
#include "board.h"
#include "startup.h"

#define ICSR            0xE000ED04u
#define ICSR_PENDSTSET  (1u << 26)
#define ICSR_PENDSTCLR  (1u << 25)
#define SYST_CSR        0xE000E010u
#define SYST_RVR        0xE000E014u
#define SYST_CVR        0xE000E018u
#define CYCLES_PER_US   (BOARD_CPU_HZ / 1000000u)
#define CYCLES_PER_TICK (BOARD_CPU_HZ / 1000u)

static volatile uint32_t milliseconds;

void board_tick(void)
{
    milliseconds++;
}

void board_clock_start(void)
{
    board_write(SYST_RVR, CYCLES_PER_TICK - 1);
    board_write(SYST_CVR, 0);
    board_write(SYST_CSR, 7); /* CPU clock, interrupt, on */
}

void board_clock_stop(void)
{
    board_write(SYST_CSR, 0);
    board_write(ICSR, ICSR_PENDSTCLR);
}

/*
 * The counter and the milliseconds belong together only if no tick came between; a tick that has
 * come but not been counted yet would make time run backwards.
 */
static uint32_t now_us(void *context)
{
    (void)context;
    uint32_t tick;
    uint32_t left;
    bool pending;

    do {
        tick = milliseconds;
        left = board_read(SYST_CVR);
        pending = (board_read(ICSR) & ICSR_PENDSTSET) != 0;
    } while (tick != milliseconds);
    if (pending) {
        left = board_read(SYST_CVR);
        tick++;
    }
    return tick * 1000u + (CYCLES_PER_TICK - 1 - left) / CYCLES_PER_US;
}

static void feed_watchdog(void *context)
{
    (void)context;
    board_watchdog_feed();
}

/* Sleeps the core for whole ticks and spins for the rest. */
static void sleep_us(void *context, uint32_t us)
{
    uint32_t started = now_us(context);

    for (;;) {
        uint32_t passed = now_us(context) - started;
        board_watchdog_feed();
        if (passed >= us)
            return;
        if (us - passed > 2000u)
            __asm__ volatile("wfi");
    }
}

const struct ferry_clock board_clock = {
    .now_us = now_us,
    .sleep_us = sleep_us,
    .feed_watchdog = feed_watchdog,
};
