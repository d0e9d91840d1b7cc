// SPDX-License-Identifier: Apache-2.0
#include "apps/common/line.h"

static void put(struct line *line, char c)
{
    if (line->length + 1 >= sizeof line->text)
        return;
    line->text[line->length++] = c;
    line->text[line->length] = '\0';
}

void line_start(struct line *line, const char *text)
{
    line->length = 0;
    line->text[0] = '\0';
    line_text(line, text);
}

void line_text(struct line *line, const char *text)
{
    while (*text)
        put(line, *text++);
}

void line_number(struct line *line, uint32_t number)
{
    char digits[10];
    uint32_t count = 0;

    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    while (count > 0)
        put(line, digits[--count]);
}

void line_hex(struct line *line, const uint8_t *bytes, uint32_t count)
{
    static const char digit[] = "0123456789abcdef";

    for (uint32_t i = 0; i < count; i++) {
        put(line, digit[bytes[i] >> 4]);
        put(line, digit[bytes[i] & 15]);
    }
}

void line_version(struct line *line, const struct ferry_version *version)
{
    line_number(line, version->major);
    put(line, '.');
    line_number(line, version->minor);
    put(line, '.');
    line_number(line, version->revision);
    if (version->build != 0) {
        put(line, '.');
        line_number(line, version->build);
    }
}
