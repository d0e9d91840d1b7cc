// SPDX-License-Identifier: Apache-2.0
/* One request for each command, and for each shape it has. */
#ifndef FERRY_TEST_SMP_SAMPLES_H
#define FERRY_TEST_SMP_SAMPLES_H

#include "tests/unit/smp/message.h"

#define SAMPLES 26u

/* Writes sample `index` with header version 1 or 2. `file` is an image of `size` bytes. */
void make_sample(unsigned index, bool version2, const uint8_t *file, uint32_t size,
                 struct message *request);

#endif
