// SPDX-License-Identifier: Apache-2.0
/* One journal record: 128 bytes, little endian. SPEC.md, "Journal record". */
#include "record.h"

#include <stddef.h>
#include <string.h>

#include "bytes.h"

/* The state is programmed as it lies in memory: that must be what SPEC.md says. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "records are little endian");
_Static_assert(offsetof(struct ferry_state, crc) == RECORD_CRC, "record layout");
_Static_assert(offsetof(struct ferry_state, running) == 32, "record layout");
_Static_assert(sizeof(struct ferry_slot_entry) == 20, "record layout");

static uint32_t record_crc(const void *record)
{
    const uint8_t *bytes = record;
    uint32_t crc = ferry_crc32(0, bytes, RECORD_CRC);

    return ferry_crc32(crc, bytes + RECORD_CRC + 4, FERRY_RECORD_SIZE - RECORD_CRC - 4);
}

void ferry_record_encode(const struct ferry_state *state, bool next_erased,
                         uint8_t record[FERRY_RECORD_SIZE])
{
    struct ferry_state s = *state;

    s.magic = RECORD_MAGIC;
    s.version = RECORD_VERSION;
    s.next_erased = next_erased;
    s.crc = record_crc(&s);
    memcpy(record, &s, sizeof s);
}

bool ferry_record_header(const uint8_t *header, uint32_t *sequence)
{
    *sequence = get32(header + RECORD_SEQUENCE);
    return get16(header) == RECORD_MAGIC && header[2] == RECORD_VERSION &&
           *sequence <= FERRY_SEQUENCE_MAX;
}

/* A CRC is not authenticity: whatever is used as an index or a count is checked again here. */
static bool is_plausible(const struct ferry_state *s)
{
    if (s->slots < FERRY_SLOTS_MIN || s->slots > FERRY_SLOTS_MAX || s->phase > FERRY_PHASE_TRIAL)
        return false;
    if (s->target != FERRY_NO_SLOT && s->target >= s->slots)
        return false;
    if (s->fallback != FERRY_NO_SLOT && s->fallback >= s->slots)
        return false;
    if (s->phase != FERRY_PHASE_IDLE && s->target == FERRY_NO_SLOT)
        return false;
    for (uint32_t i = 0; i < s->slots; i++)
        if (s->slot[i].state > FERRY_SLOT_COPYING)
            return false;
    return true;
}

int ferry_record_decode(const uint8_t record[FERRY_RECORD_SIZE], struct ferry_state *state,
                        bool *next_erased)
{
    struct ferry_state s;

    memcpy(&s, record, sizeof s);
    if (!ferry_record_header(record, &s.sequence) || s.crc != record_crc(&s) || !is_plausible(&s))
        return FERRY_E_JOURNAL_NONE;
    *state = s;
    *next_erased = s.next_erased == 1;
    return FERRY_OK;
}
