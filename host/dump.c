// SPDX-License-Identifier: Apache-2.0
#include "host/dump.h"

#include <stdlib.h>
#include <string.h>

static int newest_first(const void *left, const void *right)
{
    const struct ferry_seen_record *a = left;
    const struct ferry_seen_record *b = right;

    if (a->state.sequence != b->state.sequence)
        return a->state.sequence > b->state.sequence ? -1 : 1;
    return a->position > b->position ? -1 : 1;
}

static bool all_are(const uint8_t *bytes, uint8_t value)
{
    for (uint32_t i = 0; i < FERRY_RECORD_SIZE; i++) {
        if (bytes[i] != value)
            return false;
    }
    return true;
}

static void take_position(struct ferry_seen_journal *journal, uint32_t position,
                          const uint8_t *bytes)
{
    struct ferry_seen_record *record = &journal->record[journal->records];

    memcpy(&record->state, bytes, sizeof(record->state));
    if (ferry_record_is_good(&record->state)) {
        record->next_erased = record->state.next_erased != 0;
        record->position = position;
        journal->records++;
    } else if (all_are(bytes, 0xFF)) {
        journal->erased++;
    } else if (all_are(bytes, 0)) {
        journal->used++;
    } else {
        journal->torn++;
    }
}

int ferry_dump_journal(const struct ferry_region *region, struct ferry_seen_journal *journal)
{
    uint32_t positions = region->length / FERRY_RECORD_SIZE;

    memset(journal, 0, sizeof(*journal));
    if (positions > FERRY_RECORDS_MAX)
        positions = FERRY_RECORDS_MAX;
    journal->record = calloc(positions, sizeof(*journal->record));
    if (journal->record == NULL)
        return FERRY_E_NO_MEMORY;
    for (uint32_t at = 0; at < positions; at++) {
        uint8_t bytes[FERRY_RECORD_SIZE];
        int status = ferry_region_read(region, at * FERRY_RECORD_SIZE, bytes, sizeof(bytes));

        if (status != FERRY_OK) {
            free(journal->record);
            journal->record = NULL;
            return status;
        }
        take_position(journal, at, bytes);
    }
    qsort(journal->record, journal->records, sizeof(*journal->record), newest_first);
    return FERRY_OK;
}
