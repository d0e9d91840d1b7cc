// SPDX-License-Identifier: Apache-2.0
/*
 * How lives end. The SoC's own record of reset events is not modelled by QEMU, so each life leaves
 * a mark in RAM that survives a reset: "alive" from its start on, something better where it ends
 * on purpose. A life that ended while alive was ended by the watchdog; or by the reset pin, which
 * cannot be told apart and counts as the watchdog, the stricter of the two. After power-up the
 * RAM holds no valid mark.
 */
#include "board.h"

#define LIFE_ALIVE   0x464C0001u
#define LIFE_ASKED   0x464C0002u
#define LIFE_FAULTED 0x464C0003u

struct board_retained board_retained __attribute__((used, section(".retained")));

static void mark(uint32_t life)
{
    board_retained.life = life;
    board_retained.inverted = ~life;
}

enum ferry_reset_cause board_reset_cause(void)
{
    uint32_t life = board_retained.life;
    bool valid = board_retained.inverted == ~life;

    mark(LIFE_ALIVE); /* of this life, from here on */
    if (!valid)
        return FERRY_RESET_POWER;
    switch (life) {
    case LIFE_ALIVE:
        return FERRY_RESET_WATCHDOG;
    case LIFE_ASKED:
        return FERRY_RESET_SOFTWARE;
    case LIFE_FAULTED:
        return FERRY_RESET_LOCKUP;
    default:
        return FERRY_RESET_POWER;
    }
}

static _Noreturn void reset_system(void)
{
    __asm__ volatile("dsb");
    board_write(0xE000ED0Cu, 0x05FA0004u); /* AIRCR: SYSRESETREQ */
    for (;;)
        continue;
}

_Noreturn void board_reset(void)
{
    mark(LIFE_ASKED);
    reset_system();
}

/* Touches no more than RAM and one register: a fault in here would lock the core up. */
_Noreturn void board_fault(void)
{
    mark(LIFE_FAULTED);
    reset_system();
}
