// SPDX-License-Identifier: Apache-2.0
/* Whole files in memory. */
#ifndef FERRY_HOST_FILE_H
#define FERRY_HOST_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/problem.h"

struct ferry_bytes {
    uint8_t *data; /* from malloc; NULL when empty */
    size_t size;
};

/*
 * Reads a file of at most `most` bytes; "-" is standard input. A zero byte follows the content, so
 * that text can be searched. FERRY_OK, FERRY_E_IO, FERRY_E_SIZE or FERRY_E_NO_MEMORY, with the
 * problem. The caller frees `bytes`.
 */
int ferry_file_read(const char *path, size_t most, struct ferry_bytes *bytes,
                    struct ferry_problem *problem);

/* How a file is written. */
enum ferry_file_mode {
    FERRY_FILE_PUBLIC, /* as the umask says */
    FERRY_FILE_SECRET, /* for its owner alone */
};

/*
 * Writes a file as a whole: under another name beside it, then renamed, so that a failure leaves
 * the old one. "-" is standard output. Without `replace` an existing file is an error.
 * FERRY_OK, FERRY_E_STATE (exists) or FERRY_E_IO.
 */
int ferry_file_write(const char *path, const void *data, size_t size, enum ferry_file_mode mode,
                     bool replace, struct ferry_problem *problem);

/* Frees the content; secrets are overwritten first. */
void ferry_bytes_free(struct ferry_bytes *bytes);

#endif
