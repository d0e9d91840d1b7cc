// SPDX-License-Identifier: Apache-2.0
/* Step 6: RAM that outlives a reset. */
#include "board.h"

/*
 * In a section that no start-up code clears or initialises, at the same address in the bootloader
 * and in the application: see memory.ld. Its CRC tells garbage from content, so it needs no
 * preparation. On parts that keep RAM only on request, ask for it (RAM retention registers).
 */
__attribute__((section(".ferry_retained"), aligned(4))) struct ferry_retained board_retained;
