// SPDX-License-Identifier: Apache-2.0
/* Step 9: log, sleep, reset and the jump. */
#include "board.h"

/*
 * One line for people, on a UART or RTT, or nowhere. On the line that SMP uses it must be whole
 * lines: clients skip what does not begin with a frame marker.
 */
void board_log(void *context, const char *line)
{
    (void)context;
    (void)line;
}

/* Sleeps until a byte may have arrived, 50 ms at most, so that the watchdog is fed: WFI. */
void board_idle(void *context)
{
    (void)context;
}

/* Sends what is still to be sent, then resets the chip. Does not return. */
void board_reset(void *context)
{
    (void)context;
    board_serial_drain();
    for (;;)
        continue; /* NVIC_SystemReset() */
}

/*
 * Starts the image whose vector table is at `vector_table`. On a Cortex-M:
 *
 *   interrupts off, each enabled one disabled and its pending bit cleared; SysTick stopped;
 *   SCB->VTOR = vector_table; barriers;
 *   MSP = first word; MSPLIM = 0 where the core has it; CONTROL = 0;
 *   branch to the second word.
 *
 * From setting MSP on no C may run that uses the stack: two lines of assembler.
 */
_Noreturn void board_jump(uint32_t vector_table)
{
    (void)vector_table;
    for (;;)
        continue;
}
