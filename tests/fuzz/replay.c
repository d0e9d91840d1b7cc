// SPDX-License-Identifier: Apache-2.0
/* Runs a fuzz target over files, and over each file cut short: a regression test without a fuzzer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define MOST (1u << 20)

static void run(const uint8_t *bytes, size_t length)
{
    uint8_t *copy = malloc(length + 1); /* exact bounds for a sanitizer */

    if (copy == NULL) {
        abort();
    }
    memcpy(copy, bytes, length);
    (void)LLVMFuzzerTestOneInput(copy, length);
    free(copy);
}

int main(int count, char **names)
{
    static uint8_t bytes[MOST];

    for (int i = 1; i < count; i++) {
        FILE *file = fopen(names[i], "rb");
        size_t length;

        if (file == NULL) {
            perror(names[i]);
            return 1;
        }
        length = fread(bytes, 1, sizeof(bytes), file);
        (void)fclose(file);
        for (size_t cut = 0; cut <= length; cut += 1 + length / 64) {
            run(bytes, cut);
        }
        run(bytes, length);
    }
    printf("%d inputs\n", count - 1);
    return count > 1 ? 0 : 1;
}
