// SPDX-License-Identifier: Apache-2.0
/* Any text as a configuration fragment. */
#include <stdlib.h>
#include <string.h>

#include "doctor/kconf.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_arena arena = {NULL};
    struct kconf kconf;
    unsigned long long number;
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    memset(&kconf, 0, sizeof kconf);
    kconf_read(&kconf, &arena, "prj.conf", text);
    for (size_t i = 0; i < kconf.count; i++)
        (void)kconf_number(&kconf.lines[i], &number);
    (void)kconf_find(&kconf, &arena, "SPI_NOR");
    ferry_arena_free(&arena);
    free(text);
    return 0;
}
