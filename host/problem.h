// SPDX-License-Identifier: Apache-2.0
/* What went wrong, as one sentence for people, beside the status for programs. */
#ifndef FERRY_HOST_PROBLEM_H
#define FERRY_HOST_PROBLEM_H

#include "ferry/status.h"

struct ferry_problem {
    char text[640]; /* no full stop, no newline */
};

/* Writes the sentence and returns `status`, so that a function can end in it. */
int ferry_problem_set(struct ferry_problem *problem, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
