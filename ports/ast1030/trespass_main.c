// SPDX-License-Identifier: Apache-2.0
/* A signed program that writes where the bootloader's lock forbids it: a test of the lock. */
#include "board.h"
#include "startup.h"

int main(void)
{
    board_watchdog_start();
    board_clock_start();
    board_uart_start();
    board_uart_line("app: writes to the internal flash");
    board_spi_open(&board_internal_spi);
    board_uart_line("app: NOT LOCKED");
    return 0;
}
