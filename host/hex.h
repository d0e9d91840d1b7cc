// SPDX-License-Identifier: Apache-2.0
/* Intel HEX, as linkers write it: 8, 16 and 32 bit addresses. */
#ifndef FERRY_HOST_HEX_H
#define FERRY_HOST_HEX_H

#include "host/file.h"

#define FERRY_HEX_SPAN_MAX (64u * 1024u * 1024u)

/*
 * Decodes the text of `path` (its name is for the sentences only). `*bytes` gets everything from
 * the lowest address to the highest, holes filled with 0xFF; `*address` is the lowest. FERRY_OK,
 * or FERRY_E_SIZE / FERRY_E_NO_MEMORY / FERRY_E_ARGUMENT with a sentence that names the line.
 */
int ferry_hex_decode(const char *path, const struct ferry_bytes *text, struct ferry_bytes *bytes,
                     uint32_t *address, struct ferry_problem *problem);

#endif
