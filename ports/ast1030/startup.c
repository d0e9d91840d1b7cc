// SPDX-License-Identifier: Apache-2.0
/* Vector table and what runs before main, in the bootloader and in an image alike. */
#include <string.h>

#include "board.h"
#include "startup.h"

#define VECTORS (16u + BOARD_UART5_IRQ + 1u)

extern uint32_t board_stack_top[];
extern uint8_t board_data_start[], board_data_end[], board_data_load[];
extern uint8_t board_bss_start[], board_bss_end[];

int main(void);

struct vectors {
    uint32_t *stack;
    void (*handler[VECTORS - 1])(void);
};

const struct vectors board_vectors __attribute__((used, section(".vectors"))) = {
    .stack = board_stack_top,
    .handler =
        {
            [0] = board_start,
            [1] = board_fault,  /* NMI */
            [2] = board_fault,  /* hard fault; the finer ones are not enabled and arrive here */
            [10] = board_fault, /* supervisor call: nobody makes one */
            [14] = board_tick,
            [15 + BOARD_UART5_IRQ] = board_uart_interrupt,
        },
};

_Noreturn void board_start(void)
{
    if (&board_data_load[0] != &board_data_start[0])
        memcpy(board_data_start, board_data_load, (size_t)(board_data_end - board_data_start));
    memset(board_bss_start, 0, (size_t)(board_bss_end - board_bss_start));
    main();
    board_reset();
}

_Noreturn void board_jump(const void *vectors)
{
    const uint32_t *table = vectors;

    board_write(0xE000ED08u, (uint32_t)(uintptr_t)vectors); /* VTOR */
    __asm__ volatile("dsb\n\tisb\n\tmsr msp, %0\n\tcpsie i\n\tbx %1" ::"r"(table[0]), "r"(table[1])
                     : "memory");
    __builtin_unreachable();
}
