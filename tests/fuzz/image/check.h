// SPDX-License-Identifier: Apache-2.0
#ifndef TESTS_FUZZ_IMAGE_CHECK_H
#define TESTS_FUZZ_IMAGE_CHECK_H

#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

/* In every build, also one without assertions. */
#define FUZZ_CHECK(condition)                                                                      \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

#endif
