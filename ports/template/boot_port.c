// SPDX-License-Identifier: Apache-2.0
/* Step 4: what only the board knows about a boot. */
#include "board.h"

/*
 * Reads the reset cause register and clears it: most of them collect causes over resets. Several at
 * a time: watchdog before lock-up before software; nothing set, brown-out and reset pin are POWER.
 * What is reported here decides what a trial is charged for.
 */
static enum ferry_reset_cause reset_cause(void *context)
{
    (void)context;
    return FERRY_RESET_POWER;
}

/* Whether the recovery button is held. Give its pull-up some microseconds to act. Called once. */
static bool recovery_asked(void *context)
{
    (void)context;
    return false;
}

/*
 * Mandatory. After this nothing can change the bootloader, its keys and the floor until the next
 * reset, not even an application that was taken over: a write protection of flash blocks that only
 * a reset lifts (ACL on nRF52/53, BLOCK_PROTECT on others, a privileged MPU region where there is
 * nothing better). Also hands over: external chip idle (ferry_nor_stop), its pins released,
 * interrupts off, timers stopped.
 *
 * FERRY_OK. A part that has no such lock returns FERRY_E_UNSUPPORTED: the device boots, and says so
 * in its log at every boot.
 */
static int lock(void *context)
{
    (void)context;
    if (board_chip.spi)
        (void)ferry_nor_stop(&board_chip);
    board_spi_release();
    return FERRY_E_UNSUPPORTED;
}

const struct ferry_boot_port board_boot_port = {reset_cause, recovery_asked, lock, NULL};
