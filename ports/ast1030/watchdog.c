// SPDX-License-Identifier: Apache-2.0
/* The SoC's first watchdog: resets the system when it is not fed. */
#include "board.h"

#define WDT_RELOAD  (BOARD_WDT0 + 0x04u) /* microseconds */
#define WDT_RESTART (BOARD_WDT0 + 0x08u)
#define WDT_CONTROL (BOARD_WDT0 + 0x0Cu)

#define RESTART_KEY   0x4755u
#define ENABLE        0x01u
#define RESET_SYSTEM  0x02u
#define ONE_MEGAHERTZ 0x10u

/*
 * Three seconds: long against the 50 ms within which Ferry feeds it and against a verification of
 * the signature, which does not feed; short for somebody who waits for a rollback.
 */
#define PERIOD_US 3000000u

void board_watchdog_start(void)
{
    board_write(WDT_RELOAD, PERIOD_US);
    board_write(WDT_RESTART, RESTART_KEY);
    board_write(WDT_CONTROL, ENABLE | RESET_SYSTEM | ONE_MEGAHERTZ);
}

void board_watchdog_feed(void)
{
    board_write(WDT_RESTART, RESTART_KEY);
}
