// SPDX-License-Identifier: Apache-2.0
/* Any text as a devicetree overlay, applied twice. */
#include <stdlib.h>
#include <string.h>

#include "doctor/dt.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_arena arena = {NULL};
    struct dt dt;
    char *text = malloc(size + 1);

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = 0;
    dt_init(&dt, &arena);
    dt_read(&dt, "a.overlay", text, NULL, NULL);
    dt_read(&dt, "b.overlay", text, NULL, NULL);
    (void)dt_chosen_node(&dt, "nordic,pm-ext-flash");
    ferry_arena_free(&arena);
    free(text);
    return 0;
}
