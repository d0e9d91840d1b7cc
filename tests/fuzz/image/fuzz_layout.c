// SPDX-License-Identifier: Apache-2.0
/* Any text as a layout: what is accepted lies inside its chips, apart, on whole blocks. */
#include "host/layout.h"
#include "tests/fuzz/image/check.h"

#define BLOCK 0x1000u

static void check_span(const struct ferry_span *span, uint32_t size)
{
    FUZZ_CHECK(span->offset % BLOCK == 0 && span->length % BLOCK == 0);
    FUZZ_CHECK(span->length <= size && span->offset <= size - span->length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_problem problem = {""};
    struct ferry_layout_file file;
    const struct ferry_layout *layout = &file.layout;

    if (ferry_layout_parse(&file, "in.yml", (const char *)data, size, NULL, &problem) == FERRY_OK) {
        check_span(&layout->primary, layout->internal_size);
        check_span(&layout->floor, layout->internal_size);
        check_span(&layout->journal, layout->external_size);
        FUZZ_CHECK(layout->slots >= FERRY_SLOTS_MIN && layout->slots <= FERRY_SLOTS_MAX);
        for (uint32_t i = 0; i < layout->slots; i++)
            check_span(&layout->slot[i], layout->external_size);
    } else {
        FUZZ_CHECK(problem.text[0] != 0);
    }
    ferry_layout_free(&file);
    return 0;
}
