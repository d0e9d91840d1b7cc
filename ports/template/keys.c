// SPDX-License-Identifier: Apache-2.0
/*
 * Step 8: the public keys that images may be signed with. `ferry keygen` makes a key pair; replace
 * the table by what `ferry getpub` writes. Without a key nothing is accepted.
 */
#include "board.h"

const struct ferry_keys ferry_keys = {.key = NULL, .count = 0};
