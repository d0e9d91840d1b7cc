// SPDX-License-Identifier: Apache-2.0
/*
 * The mask ROM of the modelled microcontroller: copies the first 64 KiB of the internal flash to
 * where the bootloader is linked, and starts it. QEMU loads this file itself (-kernel) and writes
 * it again at every reset, so it is the one piece that is not in a flash image. It has no RAM.
 */
#include "board.h"

_Noreturn void rom_start(void);

struct rom_vectors {
    uint32_t stack;
    void (*start)(void);
};

const struct rom_vectors rom_vectors __attribute__((used, section(".vectors"))) = {
    .stack = BOARD_ROM_SIZE, /* nothing is pushed: rom_start is a leaf */
    .start = rom_start,
};

/* A blank chip has nothing to start: stay here until somebody programs it and resets. */
static inline _Noreturn void wait_for_ever(void)
{
    for (;;)
        __asm__ volatile("wfi");
}

_Noreturn void rom_start(void)
{
    const volatile uint32_t *flash = (const volatile uint32_t *)BOARD_FMC_WINDOW;
    volatile uint32_t *shadow = (volatile uint32_t *)BOARD_BOOT_SHADOW;

    for (uint32_t word = 0; word < BOARD_BOOT_SIZE / 4; word++)
        shadow[word] = flash[word];
    uint32_t stack = shadow[0];
    uint32_t start = shadow[1];
    if (stack == 0xFFFFFFFFu)
        wait_for_ever();
    board_write(0xE000ED08u, BOARD_BOOT_SHADOW); /* VTOR */
    __asm__ volatile("msr msp, %0\n\tdsb\n\tisb\n\tbx %1" ::"r"(stack), "r"(start) : "memory");
    __builtin_unreachable();
}
