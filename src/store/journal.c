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

static int read_at(const struct ferry_journal *j, uint32_t position, void *data, uint32_t length)
{
    return ferry_region_read(&j->region, position * FERRY_RECORD_SIZE, data, length);
}

/* Whether what begins with this header may take the place of what is held. */
static bool is_newer(const struct ferry_journal *j, const struct ferry_state *record)
{
    return ferry_record_has_header(record) &&
           (j->newest == FERRY_POSITION_NONE || record->sequence > j->state.sequence);
}

/*
 * Takes the record at `position` if it is a good one of this layout and newer than what is held.
 * What is newer and not good is looked at once more: if it was the read, an older state would win.
 */
static int consider(struct ferry_journal *j, uint32_t position)
{
    struct ferry_state record;
    int status = FERRY_OK;

    for (uint32_t look = 0; look < 2; look++) {
        status = read_at(j, position, &record, RECORD_HEADER);
        if (status == FERRY_OK && !is_newer(j, &record))
            break;
        if (status == FERRY_OK)
            status = read_at(j, position, &record, sizeof record);
        if (status == FERRY_OK && is_newer(j, &record) && ferry_record_is_good(&record) &&
            record.slots == j->slots) {
            j->state = record;
            j->newest = position;
            break;
        }
    }
    return status;
}

int ferry_journal_open(struct ferry_journal *journal, const struct ferry_region *region,
                       uint8_t slots)
{
    struct ferry_journal *j = journal;
    int error = FERRY_E_JOURNAL_NONE;

    memset(j, 0, sizeof *j);
    j->region = *region;
    j->block = ferry_region_block(region);
    j->newest = FERRY_POSITION_NONE;
    j->slots = slots;
    j->state.slots = slots;
    if (region->length / j->block < 2 || j->block < 16 * FERRY_RECORD_SIZE)
        return FERRY_E_LAYOUT;
    /* From the end, where the newest of a block is: of the others the header is enough then. */
    for (uint32_t at = positions(j); at-- > 0;) {
        int status = consider(j, at);
        if (status != FERRY_OK)
            error = status;
    }
    return j->newest != FERRY_POSITION_NONE ? FERRY_OK : error;
}

/* Overwrites a position with zeros, even one that reads so: that may be a weak kill of a life
 * before. Whether it took is not asked: the append that follows is read back. */
static void kill_position(struct ferry_journal *j, uint32_t position)
{
    const struct ferry_state zeros = {0};

    ferry_region_program(&j->region, position * FERRY_RECORD_SIZE, &zeros, sizeof zeros);
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
    j->state.next_erased = status == FERRY_OK;
    return status;
}

/* Moves the next append into the next block, which is erased now if it was not. */
static int enter_next_block(struct ferry_journal *j)
{
    if (!j->state.next_erased && erase_next(j) != FERRY_OK)
        return FERRY_E_JOURNAL_WRITE;
    j->state.next_erased = false;
    j->next = next_block(j, j->newest);
    j->end = j->next + per_block(j);
    return FERRY_OK;
}

/* Programs the record at `next` and reads it back. Whatever happens, the position is used up. */
static int write_record(struct ferry_journal *j, const struct ferry_state *record)
{
    uint32_t position = j->next++;
    uint32_t offset = position * FERRY_RECORD_SIZE;

    int status = ferry_region_program(&j->region, offset, record, sizeof *record);
    if (status == FERRY_OK)
        status = ferry_region_compare(&j->region, offset, record, sizeof *record);
    if (status == FERRY_OK)
        j->newest = position;
    else
        kill_position(j, position);
    return status;
}

/* One append in a settled journal. A position that does not take the record is left behind. */
static int append_settled(struct ferry_journal *j, const struct ferry_state *state)
{
    struct ferry_state record = *state;

    record.slots = j->slots;
    record.next_erased = j->state.next_erased;
    for (uint32_t attempt = 0; attempt < 2 && j->next < j->end; attempt++) {
        if (j->state.sequence >= FERRY_SEQUENCE_MAX)
            break;
        record.sequence = ++j->state.sequence;
        ferry_record_seal(&record);
        if (write_record(j, &record) == FERRY_OK) {
            j->state = record;
            return FERRY_OK;
        }
    }
    return FERRY_E_JOURNAL_WRITE;
}

/* Makes sure that `next` is a position that can be written. */
static int make_room(struct ferry_journal *j)
{
    bool did;

    if (j->next >= j->end)
        return enter_next_block(j);
    if (j->end - j->next <= RESERVE)
        (void)ferry_journal_erase_ahead(j, &did); /* while there is room a failure costs nothing */
    return FERRY_OK;
}

static bool is_blank(const struct ferry_journal *j, uint32_t position)
{
    return ferry_region_compare(&j->region, position * FERRY_RECORD_SIZE, NULL,
                                FERRY_RECORD_SIZE) == FERRY_OK;
}

int ferry_journal_settle(struct ferry_journal *journal)
{
    struct ferry_journal *j = journal;

    if (j->newest == FERRY_POSITION_NONE)
        return FERRY_E_JOURNAL_NONE;
    if (j->settled)
        return FERRY_OK;
    j->end = block_end(j, j->newest);
    uint32_t weak = j->end; /* the first position that nothing follows */
    while (weak > j->newest + 1 && is_blank(j, weak - 1))
        weak--;
    for (uint32_t at = j->newest + 1; at <= weak && at < j->end; at++)
        kill_position(j, at);
    j->next = weak + 1;
    if (j->next >= j->end) {
        /* An earlier life may have got into the next block: erase it, whatever the record says.
         * Zeros first: else a record too weak to be seen could come back when the erase is cut off,
         * and the block would be used half erased. */
        for (uint32_t i = 0; i < per_block(j); i++)
            kill_position(j, next_block(j, j->newest) + i);
        j->state.next_erased = false;
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

    /* Not where the newest record has still to get into the block in use: it is that "next" one. */
    *did = j->settled && !j->state.next_erased && j->end == block_end(j, j->newest) &&
           j->end - j->next <= per_block(j) / 2;
    return *did ? erase_next(j) : FERRY_OK;
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
    j->end = per_block(j);
    j->state.next_erased = true;
    j->state.sequence = 0;
    status = append_settled(j, state);
    j->settled = status == FERRY_OK;
    if (status != FERRY_OK)
        j->newest = FERRY_POSITION_NONE;
    return status;
}
