// SPDX-License-Identifier: Apache-2.0
#include "selftest.h"

#include <mbedtls/memory_buffer_alloc.h>

#include "apps/common/line.h"

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
