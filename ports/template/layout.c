// SPDX-License-Identifier: Apache-2.0
/*
 * Step 7: what lies where. Replace this file by what `ferry layout header` writes from your layout
 * file (data/layouts has examples); the numbers below only show its shape.
 */
#include "board.h"

const struct ferry_layout ferry_layout = {
    .primary_address = 0x00010000,
    .primary = {.offset = 0x10000, .length = 0x60000},
    .floor = {.offset = 0x0E000, .length = 0x2000},
    .journal = {.offset = 0x000000, .length = 0x2000},
    .slot = {{.offset = 0x010000, .length = 0x60000},
             {.offset = 0x070000, .length = 0x60000},
             {.offset = 0x0D0000, .length = 0x60000}},
    .slots = 3,
    .internal_size = 0x80000,
    .external_size = 0x130000,
};
