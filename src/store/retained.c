// SPDX-License-Identifier: Apache-2.0
#include "ferry/retained.h"

#include <stddef.h>
#include <string.h>

#include "ferry/store.h"

#define MAGIC 0x74657246u /* "Fret" */

static uint32_t content_crc(const struct ferry_retained *r)
{
    const uint32_t start = offsetof(struct ferry_retained, boot_mode);

    return ferry_crc32(0, (const uint8_t *)r + start, (uint32_t)sizeof *r - start);
}

bool ferry_retained_open(struct ferry_retained *retained)
{
    if (retained->magic == MAGIC && retained->crc == content_crc(retained))
        return true;
    memset(retained, 0, sizeof *retained);
    retained->magic = MAGIC;
    ferry_retained_seal(retained);
    return false;
}

void ferry_retained_seal(struct ferry_retained *retained)
{
    retained->crc = content_crc(retained);
}

static void put(struct ferry_retained *r, char c)
{
    r->log[r->log_written++ % FERRY_RETAINED_LOG_SIZE] = (uint8_t)c;
}

static void put_text(struct ferry_retained *r, const char *text)
{
    while (*text)
        put(r, *text++);
}

void ferry_retained_log(struct ferry_retained *retained, const char *line)
{
    if (!retained)
        return;
    put_text(retained, line);
    put(retained, '\n');
    ferry_retained_seal(retained);
}

void ferry_retained_log_number(struct ferry_retained *retained, const char *line, int32_t number)
{
    char text[13]; /* a space, a sign, ten digits, the end */
    char *first = text + sizeof text - 1;
    uint32_t n = number < 0 ? 0u - (uint32_t)number : (uint32_t)number;

    if (!retained)
        return;
    *first = '\0';
    do {
        *--first = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    if (number < 0)
        *--first = '-';
    *--first = ' ';
    put_text(retained, line);
    ferry_retained_log(retained, first);
}

uint32_t ferry_retained_log_read(const struct ferry_retained *retained, uint32_t offset, char *out,
                                 uint32_t length)
{
    uint32_t kept = retained->log_written < FERRY_RETAINED_LOG_SIZE ? retained->log_written
                                                                    : FERRY_RETAINED_LOG_SIZE;
    uint32_t first = retained->log_written - kept;
    uint32_t count = 0;

    for (; count < length && offset + count < kept; count++)
        out[count] = (char)retained->log[(first + offset + count) % FERRY_RETAINED_LOG_SIZE];
    return count;
}
