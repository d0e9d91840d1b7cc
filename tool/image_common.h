// SPDX-License-Identifier: Apache-2.0
/* What the commands around images and keys share. */
#ifndef FERRY_TOOL_IMAGE_COMMON_H
#define FERRY_TOOL_IMAGE_COMMON_H

#include <stdint.h>

#include "host/problem.h"
#include "tool/command.h"

#define HEX_SIZE(bytes) (2 * (bytes) + 1)

/* Lower case hexadecimal digits and a zero. Returns `text`. */
static inline const char *hex_text(const uint8_t *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = 0;
    return text;
}

/* Fails with the sentence of a problem. */
static inline int fail_problem(struct ferry_args *args, enum ferry_exit exit,
                               const struct ferry_problem *problem)
{
    return ferry_fail(args, exit, "%s", problem->text);
}

#endif
