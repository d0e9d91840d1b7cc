// SPDX-License-Identifier: Apache-2.0
/* One journal record: 128 bytes, little endian. SPEC.md, "Journal record". */
#include "record.h"

#include <stddef.h>
#include <string.h>

#define MAGIC   0x7246u /* "Fr" */
#define VERSION 1u

/* The state is programmed as it lies in memory: that must be what SPEC.md says. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little endian");
_Static_assert(offsetof(struct ferry_state, sequence) + 4 == RECORD_HEADER, "record layout");
_Static_assert(offsetof(struct ferry_state, crc) == RECORD_HEADER, "record layout");
_Static_assert(offsetof(struct ferry_state, running) == 32, "record layout");
_Static_assert(sizeof(struct ferry_slot_entry) == 20, "record layout");

/* Over everything but itself. */
static uint32_t record_crc(const struct ferry_state *record)
{
    const uint8_t *bytes = (const uint8_t *)record;
    uint32_t behind = RECORD_HEADER + sizeof record->crc;
    uint32_t crc = ferry_crc32(0, bytes, RECORD_HEADER);

    return ferry_crc32(crc, bytes + behind, FERRY_RECORD_SIZE - behind);
}

void ferry_record_seal(struct ferry_state *record)
{
    record->magic = MAGIC;
    record->version = VERSION;
    record->crc = record_crc(record);
}

void ferry_record_encode(const struct ferry_state *state, bool next_erased,
                         uint8_t record[FERRY_RECORD_SIZE])
{
    struct ferry_state s = *state;

    s.next_erased = next_erased;
    ferry_record_seal(&s);
    memcpy(record, &s, sizeof s);
}

bool ferry_record_has_header(const struct ferry_state *record)
{
    return record->magic == MAGIC && record->version == VERSION &&
           record->sequence <= FERRY_SEQUENCE_MAX;
}

/* A CRC is not authenticity: whatever is used as an index or a count is checked again here. */
static bool is_plausible(const struct ferry_state *s)
{
    bool has_target = s->target < s->slots;

    if (s->slots < FERRY_SLOTS_MIN || s->slots > FERRY_SLOTS_MAX || s->phase > FERRY_PHASE_TRIAL)
        return false;
    if (!has_target && (s->target != FERRY_NO_SLOT || s->phase != FERRY_PHASE_IDLE))
        return false;
    if (s->fallback >= s->slots && s->fallback != FERRY_NO_SLOT)
        return false;
    for (uint32_t i = 0; i < s->slots; i++)
        if (s->slot[i].state > FERRY_SLOT_COPYING)
            return false;
    return true;
}

bool ferry_record_is_good(const struct ferry_state *record)
{
    return ferry_record_has_header(record) && record->crc == record_crc(record) &&
           is_plausible(record);
}
