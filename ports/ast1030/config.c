// SPDX-License-Identifier: Apache-2.0
#include "config.h"

const bool board_demo_key = BOARD_DEMO_KEY != 0;
