// SPDX-License-Identifier: Apache-2.0
#include "selftest.h"

#include <mbedtls/memory_buffer_alloc.h>

#include "apps/common/line.h"
#include "board.h"

/* What the library's tests want of a C library. */
int selftest_random(void);

int selftest_random(void)
{
    static uint32_t state = 1;

    state = state * 1664525u + 1013904223u;
    return (int)(state >> 1);
}

int selftest_print(const char *format, ...)
{
    (void)format;
    return 0;
}

int selftest_format(char *text, unsigned size, const char *format, ...)
{
    (void)format;
    if (size > 0)
        text[0] = '\0';
    return 0;
}

void selftest_exit(int status)
{
    (void)status;
    board_fault();
}

static unsigned next;
static unsigned failed;
static unsigned char heap[32768] __attribute__((aligned(8)));

static void say_result(void (*say)(const char *line))
{
    struct line line;

    line_start(&line, "app: self test: ");
    line_number(&line, next - failed);
    line_text(&line, " of ");
    line_number(&line, next);
    line_text(&line, " passed");
    say(line.text);
}

static void say_failure(const char *name, void (*say)(const char *line))
{
    struct line line;

    line_start(&line, "app: self test failed: ");
    line_text(&line, name);
    say(line.text);
}

bool selftest_step(void (*say)(const char *line))
{
    static bool done;

    if (done)
        return false;
    if (next == 0)
        mbedtls_memory_buffer_alloc_init(heap, sizeof heap);
    if (!selftests[next].run) {
        done = true;
        say_result(say);
        return false;
    }
    if (selftests[next].run(0) != 0) {
        failed++;
        say_failure(selftests[next].name, say);
    }
    next++;
    return true;
}
