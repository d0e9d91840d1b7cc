// SPDX-License-Identifier: Apache-2.0
/* What the build compiled in. `ferry layout header` and `ferry getpub` write the first two. */
#ifndef AST1030_CONFIG_H
#define AST1030_CONFIG_H

#include "ferry/image.h"
#include "ferry/layout.h"

extern const struct ferry_layout ferry_layout;
extern const struct ferry_keys ferry_keys; /* images of these keys are accepted */
extern const bool board_demo_key;          /* one of them is the key that everybody has */

#endif
