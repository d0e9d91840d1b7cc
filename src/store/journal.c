// SPDX-License-Identifier: Apache-2.0
/*
 * The journal: a ring of erase blocks filled with records, one after the other.
 *
 * What a power cut can leave is a *weak* record or block: one that reads well now and badly later,
 * or the other way round. So a life (the time between two resets) begins by settling, before its
 * first append: every torn position behind the newest record, and the one after them, which may
 * hold a record too weak to be seen, are overwritten with zeros, the strongest state NOR has; then
 * the newest state is appended again. From then on nothing written by an earlier life can win.
 */
#include <string.h>

#include "record.h"

/* Positions kept free for request, attempt and confirm, so that none of them waits for an erase. */
#define RESERVE 8u

static uint32_t per_block(const struct ferry_journal *j)
{
    return j->block / FERRY_RECORD_SIZE;
}

static uint32_t positions(const struct ferry_journal *j)
{
    return j->region.length / FERRY_RECORD_SIZE;
}

static uint32_t block_of(const struct ferry_journal *j, uint32_t position)
{
    return position / per_block(j);
}

/* First position after the block that `position` is in; not wrapped. */
static uint32_t block_end(const struct ferry_journal *j, uint32_t position)
{
    return (block_of(j, position) + 1) * per_block(j);
}

static int read_record(const struct ferry_journal *j, uint32_t position, uint8_t *record)
{
    return ferry_region_read(&j->region, position * FERRY_RECORD_SIZE, record, FERRY_RECORD_SIZE);
}

/* Takes the record at `position` if it is a good one of this layout and newer than what is held. */
static int consider(struct ferry_journal *j, uint32_t position)
{
    uint8_t record[FERRY_RECORD_SIZE];
    struct ferry_state state;
    bool next_erased;

    int status = read_record(j, position, record);
    if (status != FERRY_OK)
        return status;
    status = ferry_record_decode(record, &state, &next_erased);
    if (status != FERRY_OK || state.slots != j->slots)
        return FERRY_E_JOURNAL_NONE;
    if (j->newest == FERRY_POSITION_NONE || state.sequence > j->state.sequence) {
        j->state = state;
        j->next_erased = next_erased;
        j->newest = position;
    }
    return FERRY_OK;
}

/* The position whose header claims the highest sequence number. */
static int find_candidate(const struct ferry_journal *j, uint32_t *candidate)
{
    uint32_t highest = 0;
    int error = FERRY_OK;

    *candidate = FERRY_POSITION_NONE;
    for (uint32_t at = 0; at < positions(j); at++) {
        uint8_t header[RECORD_HEADER];
        uint32_t sequence;
        int status = ferry_region_read(&j->region, at * FERRY_RECORD_SIZE, header, sizeof header);
        if (status != FERRY_OK)
            error = status;
        else if (ferry_record_header(header, &sequence) &&
                 (*candidate == FERRY_POSITION_NONE || sequence > highest)) {
            highest = sequence;
            *candidate = at;
        }
    }
    return error;
}

/* Reads every record whole: for the case that the one with the best header is torn. */
static int find_any(struct ferry_journal *j)
{
    int error = FERRY_OK;

    for (uint32_t at = 0; at < positions(j); at++) {
        int status = consider(j, at);
        if (status != FERRY_OK && status != FERRY_E_JOURNAL_NONE)
            error = status;
    }
    return error;
}

int ferry_journal_open(struct ferry_journal *journal, const struct ferry_region *region,
                       uint8_t slots)
{
    uint32_t candidate;

    memset(journal, 0, sizeof *journal);
    journal->region = *region;
    journal->block = ferry_region_block(region);
    journal->newest = FERRY_POSITION_NONE;
    journal->slots = slots;
    journal->state.slots = slots;
    if (region->length / journal->block < 2 || journal->block < 16 * FERRY_RECORD_SIZE)
        return FERRY_E_LAYOUT;

    int status = find_candidate(journal, &candidate);
    if (candidate != FERRY_POSITION_NONE && consider(journal, candidate) != FERRY_OK)
        status = find_any(journal);
    if (journal->newest != FERRY_POSITION_NONE)
        return FERRY_OK;
    return status != FERRY_OK ? status : FERRY_E_JOURNAL_NONE;
}

/* Overwrites a position with zeros, unless it already is. Whether it took is not asked: the
 * append that follows is read back. */
static void kill_position(struct ferry_journal *j, uint32_t position)
{
    uint8_t zeros[FERRY_RECORD_SIZE] = {0};

    if (ferry_region_compare(&j->region, position * FERRY_RECORD_SIZE, zeros, sizeof zeros) ==
        FERRY_OK)
        return;
    ferry_region_program(&j->region, position * FERRY_RECORD_SIZE, zeros, sizeof zeros);
    ferry_region_finish(&j->region);
}

/* The first position of the block after the one `position` is in. */
static uint32_t next_block(const struct ferry_journal *j, uint32_t position)
{
    return block_end(j, position) % positions(j);
}

static int erase_next(struct ferry_journal *j)
{
    uint32_t offset = next_block(j, j->newest) * FERRY_RECORD_SIZE;

    int status = ferry_region_erase(&j->region, offset, offset + j->block);
    if (status == FERRY_OK)
        status = ferry_region_compare(&j->region, offset, NULL, j->block);
    j->next_erased = status == FERRY_OK;
    return status;
}

/* Moves the next append into the next block, which is erased now if it was not. */
static int enter_next_block(struct ferry_journal *j)
{
    if (!j->next_erased && erase_next(j) != FERRY_OK)
        return FERRY_E_JOURNAL_WRITE;
    j->next = next_block(j, j->newest);
    return FERRY_OK;
}

/* Programs the record at `next` and reads it back. Whatever happens, the position is used up. */
static int write_record(struct ferry_journal *j, const struct ferry_state *state, bool next_erased)
{
    uint8_t record[FERRY_RECORD_SIZE];
    uint32_t offset = j->next * FERRY_RECORD_SIZE;

    ferry_record_encode(state, next_erased, record);
    int status = ferry_region_program(&j->region, offset, record, sizeof record);
    if (status == FERRY_OK)
        status = ferry_region_finish(&j->region);
    if (status == FERRY_OK)
        status = ferry_region_compare(&j->region, offset, record, sizeof record);
    if (status != FERRY_OK)
        kill_position(j, j->next);
    return status;
}

/* One append in a settled journal. A position that does not take the record is left behind. */
static int append_settled(struct ferry_journal *j, const struct ferry_state *state)
{
    struct ferry_state s = *state;

    for (uint32_t attempt = 0; attempt < 2; attempt++) {
        bool new_block = block_of(j, j->next) != block_of(j, j->newest);
        s.slots = j->slots;
        s.sequence = j->state.sequence + 1 + attempt;
        if (s.sequence > FERRY_SEQUENCE_MAX)
            return FERRY_E_JOURNAL_WRITE;
        int status = write_record(j, &s, new_block ? false : j->next_erased);
        if (status == FERRY_OK) {
            j->next_erased = new_block ? false : j->next_erased;
            j->newest = j->next++;
            j->state = s;
            return FERRY_OK;
        }
        if (++j->next % per_block(j) == 0)
            break;
    }
    return FERRY_E_JOURNAL_WRITE;
}

/* Makes sure that `next` is a position that can be written. */
static int make_room(struct ferry_journal *j)
{
    uint32_t end = block_end(j, j->newest);

    if (j->next == end)
        return enter_next_block(j);
    if (block_of(j, j->next) == block_of(j, j->newest)) {
        if (end - j->next <= RESERVE && !j->next_erased)
            (void)erase_next(j); /* ahead; while there is room a failure costs nothing yet */
        return FERRY_OK;
    }
    /* Positions of the next block did not take a record: on to the others, as long as there are. */
    if (block_of(j, j->next) == block_of(j, next_block(j, j->newest)))
        return FERRY_OK;
    return FERRY_E_JOURNAL_WRITE;
}

/* The last position of the newest record's block that does not read erased. */
static uint32_t last_used(const struct ferry_journal *j)
{
    uint32_t last = j->newest;

    for (uint32_t at = j->newest + 1; at < block_end(j, j->newest); at++)
        if (ferry_region_compare(&j->region, at * FERRY_RECORD_SIZE, NULL, FERRY_RECORD_SIZE) !=
            FERRY_OK)
            last = at;
    return last;
}

int ferry_journal_settle(struct ferry_journal *journal)
{
    struct ferry_journal *j = journal;

    if (j->newest == FERRY_POSITION_NONE)
        return FERRY_E_JOURNAL_NONE;
    if (j->settled)
        return FERRY_OK;
    uint32_t end = block_end(j, j->newest);
    uint32_t weak = last_used(j) + 1;
    for (uint32_t at = j->newest + 1; at <= weak && at < end; at++)
        kill_position(j, at);
    j->next = weak + 1;
    if (j->next >= end) {
        /* An earlier life may have got into the next block: erase it, whatever the record says. */
        j->next_erased = false;
        if (enter_next_block(j) != FERRY_OK)
            return FERRY_E_JOURNAL_WRITE;
    }
    int status = append_settled(j, &j->state);
    j->settled = status == FERRY_OK;
    return status;
}

int ferry_journal_append(struct ferry_journal *journal, const struct ferry_state *state)
{
    int status = ferry_journal_settle(journal);
    if (status == FERRY_OK)
        status = make_room(journal);
    if (status != FERRY_OK)
        return status;
    return append_settled(journal, state);
}

int ferry_journal_erase_ahead(struct ferry_journal *journal, bool *did)
{
    struct ferry_journal *j = journal;

    *did = false;
    if (!j->settled || j->next_erased || j->newest == FERRY_POSITION_NONE ||
        block_end(j, j->newest) - j->newest > per_block(j) / 2)
        return FERRY_OK;
    *did = true;
    return erase_next(j);
}

int ferry_journal_format(struct ferry_journal *journal, const struct ferry_state *state)
{
    struct ferry_journal *j = journal;

    int status = ferry_region_erase(&j->region, 0, j->region.length);
    if (status == FERRY_OK)
        status = ferry_region_compare(&j->region, 0, NULL, j->region.length);
    if (status != FERRY_OK)
        return status;
    j->newest = 0;
    j->next = 0;
    j->next_erased = true;
    j->state.sequence = 0;
    status = append_settled(j, state);
    j->settled = status == FERRY_OK;
    if (status != FERRY_OK)
        j->newest = FERRY_POSITION_NONE;
    return status;
}
