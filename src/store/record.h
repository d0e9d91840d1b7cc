// SPDX-License-Identifier: Apache-2.0
/* Inside the store: what journal.c needs to know of a record's bytes. */
#ifndef FERRY_STORE_RECORD_H
#define FERRY_STORE_RECORD_H

#include "ferry/store.h"

#define RECORD_MAGIC    0x7246u /* "Fr" */
#define RECORD_VERSION  1u
#define RECORD_SEQUENCE 4u
#define RECORD_HEADER   8u
#define RECORD_CRC      8u

/* Whether these first 8 bytes may begin a record, and its sequence number. */
bool ferry_record_header(const uint8_t *header, uint32_t *sequence);

#endif
