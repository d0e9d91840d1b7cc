// SPDX-License-Identifier: Apache-2.0
/* One journal record: 128 bytes, little endian. SPEC.md, "Journal record". */
#include "record.h"

#include <string.h>

#include "bytes.h"

#define STATE_SHIFT 28u
#define SIZE_MASK   0x0FFFFFFFu
#define NEXT_ERASED 0x80u

static uint32_t record_crc(const uint8_t *record)
{
    uint32_t crc = ferry_crc32(0, record, RECORD_CRC);

    return ferry_crc32(crc, record + RECORD_CRC + 4, FERRY_RECORD_SIZE - RECORD_CRC - 4);
}

void ferry_record_encode(const struct ferry_state *state, bool next_erased,
                         uint8_t record[FERRY_RECORD_SIZE])
{
    memset(record, 0, FERRY_RECORD_SIZE);
    put16(record, RECORD_MAGIC);
    record[2] = RECORD_VERSION;
    record[3] = (uint8_t)(state->slots | (next_erased ? NEXT_ERASED : 0));
    put32(record + RECORD_SEQUENCE, state->sequence);
    record[12] = state->phase;
    record[13] = state->flags;
    record[14] = state->target;
    record[15] = state->fallback;
    record[16] = state->reason;
    record[17] = state->attempts;
    record[18] = state->power_attempts;
    put16(record + 20, state->installed);
    put16(record + 22, state->received);
    put32(record + 24, state->generation);
    memcpy(record + 32, state->running, FERRY_ID_SIZE);
    for (uint32_t i = 0; i < FERRY_SLOTS_MAX; i++) {
        uint8_t *entry = record + 48 + 20 * i;
        memcpy(entry, state->slot[i].id, FERRY_ID_SIZE);
        put32(entry + 16,
              (state->slot[i].size & SIZE_MASK) | (uint32_t)state->slot[i].state << STATE_SHIFT);
    }
    put32(record + RECORD_CRC, record_crc(record));
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

    memset(&s, 0, sizeof s);
    if (!ferry_record_header(record, &s.sequence) ||
        get32(record + RECORD_CRC) != record_crc(record))
        return FERRY_E_JOURNAL_NONE;
    s.slots = record[3] & 0x0F;
    s.phase = record[12];
    s.flags = record[13];
    s.target = record[14];
    s.fallback = record[15];
    s.reason = record[16];
    s.attempts = record[17];
    s.power_attempts = record[18];
    s.installed = get16(record + 20);
    s.received = get16(record + 22);
    s.generation = get32(record + 24);
    memcpy(s.running, record + 32, FERRY_ID_SIZE);
    for (uint32_t i = 0; i < FERRY_SLOTS_MAX; i++) {
        const uint8_t *entry = record + 48 + 20 * i;
        uint32_t word = get32(entry + 16);
        memcpy(s.slot[i].id, entry, FERRY_ID_SIZE);
        s.slot[i].size = word & SIZE_MASK;
        s.slot[i].state = (uint8_t)(word >> STATE_SHIFT);
    }
    if (!is_plausible(&s))
        return FERRY_E_JOURNAL_NONE;
    *state = s;
    *next_erased = (record[3] & NEXT_ERASED) != 0;
    return FERRY_OK;
}
