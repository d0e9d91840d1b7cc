// SPDX-License-Identifier: Apache-2.0
/* Builds one line of a log without printf. What does not fit is cut off. */
#ifndef APPS_COMMON_LINE_H
#define APPS_COMMON_LINE_H

#include <stdint.h>

#include "ferry/image.h"

struct line {
    char text[120]; /* always ends in a zero */
    uint32_t length;
};

void line_start(struct line *line, const char *text);
void line_text(struct line *line, const char *text);
void line_number(struct line *line, uint32_t number);
void line_hex(struct line *line, const uint8_t *bytes, uint32_t count);

/* "1.2.3", and ".4" where the build number is not 0. */
void line_version(struct line *line, const struct ferry_version *version);

#endif
