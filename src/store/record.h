// SPDX-License-Identifier: Apache-2.0
/* Inside the store: what journal.c needs to know of a record's bytes. */
#ifndef FERRY_STORE_RECORD_H
#define FERRY_STORE_RECORD_H

#include "ferry/store.h"

#define RECORD_HEADER 8u /* magic, version, slots, sequence */

/* Whether these may be the first RECORD_HEADER bytes of a record; the others are not looked at. */
bool ferry_record_has_header(const struct ferry_state *record);

#endif
