// SPDX-License-Identifier: Apache-2.0
#include "tool/command.h"

int ferry_generate(const char *what)
{
    (void)what;
    return -1;
}
