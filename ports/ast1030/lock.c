// SPDX-License-Identifier: Apache-2.0
/*
 * What this board can do before the jump. The write enable of the internal chip is dropped, and the
 * memory protection unit makes its window and its controller read-only
 * for everybody, privileged code too: an image that writes there by mistake faults. It is no
 * lock, though: nothing QEMU models keeps a privileged image from turning the unit off again.
 * On silicon this is where the controller's write protection, which only a reset lifts, belongs.
 */
#include "board.h"

#define MPU_CONTROL 0xE000ED94u
#define MPU_NUMBER  0xE000ED98u
#define MPU_BASE    0xE000ED9Cu
#define MPU_SIZE    0xE000EDA0u

#define MPU_ON            0x5u        /* on, default map for everything else */
#define READ_ONLY_NO_EXEC 0x16000000u /* XN, AP = read-only for all */
#define NORMAL_MEMORY     0x00080000u /* not cached; unaligned loads are fine */
#define DEVICE_MEMORY     0x00010000u
#define SIZE_FIELD(log2)  ((((log2)-1u) << 1) | 1u)

static void protect(uint32_t number, uint32_t base, uint32_t log2, uint32_t kind)
{
    board_write(MPU_NUMBER, number);
    board_write(MPU_BASE, base);
    board_write(MPU_SIZE, READ_ONLY_NO_EXEC | kind | SIZE_FIELD(log2));
}

int board_lock(void)
{
    board_spi_close(&board_internal_spi);
    board_spi_close(&board_external_spi);
    protect(0, BOARD_FMC_WINDOW, 27, NORMAL_MEMORY);
    protect(1, BOARD_FMC_REGISTERS, 12, DEVICE_MEMORY);
    __asm__ volatile("dsb" ::: "memory");
    board_write(MPU_CONTROL, MPU_ON);
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    return FERRY_E_UNSUPPORTED;
}
