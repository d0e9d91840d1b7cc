// SPDX-License-Identifier: Apache-2.0
#include "host/problem.h"

#include <stdarg.h>
#include <stdio.h>

int ferry_problem_set(struct ferry_problem *problem, int status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(problem->text, sizeof(problem->text), format, args);
    va_end(args);
    return status;
}
