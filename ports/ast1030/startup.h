// SPDX-License-Identifier: Apache-2.0
/* The handlers behind the vector table, and the way out of one program into the next. */
#ifndef AST1030_STARTUP_H
#define AST1030_STARTUP_H

_Noreturn void board_start(void);
void board_tick(void);
void board_uart_interrupt(void);

/* Takes a vector table's stack and entry point. Interrupts are off and cleared by then. */
_Noreturn void board_jump(const void *vectors);

#endif
