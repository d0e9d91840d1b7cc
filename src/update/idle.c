// SPDX-License-Identifier: Apache-2.0
/* Background work, in bounded steps: nothing here waits for more than one erase or one page. */
#include <string.h>

#include "session.h"

#define ERASE_LARGE 0x10000u

/* Whether the running image should be copied into the store now, and where to. */
static uint8_t choose_copy_slot(const struct ferry_update *u)
{
    const struct ferry_state *s = &u->store.journal.state;
    uint8_t best = FERRY_NO_SLOT;
    uint32_t preference = 0;

    if (!u->primary_valid || u->config->recovery || s->phase != FERRY_PHASE_IDLE ||
        ferry_state_find(s, u->image.hash) != FERRY_NO_SLOT)
        return FERRY_NO_SLOT;
    for (uint8_t i = 0; i < u->store.slots; i++) {
        static const uint8_t worth[] = {
            [FERRY_SLOT_UNKNOWN] = 2,
            [FERRY_SLOT_ERASED] = 3,
            [FERRY_SLOT_RECEIVING] = 1,
            [FERRY_SLOT_COPYING] = 4,
        };
        uint8_t state = s->slot[i].state;
        if (state < sizeof worth && worth[state] > preference &&
            u->store.slot[i].length >= u->image.total_size) {
            preference = worth[state];
            best = i;
        }
    }
    return best;
}

static bool start_copy(struct ferry_update *u)
{
    uint8_t slot = choose_copy_slot(u);
    if (slot == FERRY_NO_SLOT)
        return false;
    struct ferry_state s = *update_state(u);
    bool erased = s.slot[slot].state == FERRY_SLOT_ERASED;
    ferry_slot_set(&s.slot[slot], FERRY_SLOT_COPYING, u->image.hash, u->image.total_size);
    if (update_record(u, &s) != FERRY_OK) {
        u->idle_failed = true;
        return false;
    }
    u->copy_slot = slot;
    u->copied = 0;
    u->idle_slot = FERRY_NO_SLOT; /* its progress was in idle_erased */
    u->idle_erased = erased ? u->store.slot[slot].length : 0;
    return true;
}

static void end_copy(struct ferry_update *u, int status)
{
    struct ferry_state s = *update_state(u);
    uint8_t slot = u->copy_slot;

    u->copy_slot = FERRY_NO_SLOT;
    if (s.slot[slot].state != FERRY_SLOT_COPYING)
        return; /* the slot was taken for something else meanwhile */
    if (status == FERRY_OK)
        s.slot[slot].state = FERRY_SLOT_COMPLETE;
    else
        memset(&s.slot[slot], 0, sizeof s.slot[slot]);
    (void)update_record(u, &s);
    if (status != FERRY_OK) {
        u->idle_failed = true; /* no second try in this life: the bootloader makes the copy */
        (void)ferry_update_refuse(u, status);
    }
}

/* One block erased or one page copied and read back. */
static void copy_step(struct ferry_update *u)
{
    const struct ferry_region *slot = &u->store.slot[u->copy_slot];
    uint32_t size = u->image.total_size;
    uint8_t page[FERRY_UPDATE_PAGE];
    uint32_t erased = 0;
    int status;

    if (u->copied >= u->idle_erased) {
        status = ferry_region_erase_step(slot, u->idle_erased, slot->length, ERASE_LARGE, &erased);
        u->idle_erased += erased;
    } else {
        uint32_t part = size - u->copied < sizeof page ? size - u->copied : sizeof page;
        status = ferry_region_read(&u->primary, u->copied, page, part);
        if (status == FERRY_OK)
            status = ferry_region_program(slot, u->copied, page, part);
        if (status == FERRY_OK)
            status = ferry_region_compare(slot, u->copied, page, part);
        u->copied += part;
    }
    if (status != FERRY_OK || u->copied >= size)
        end_copy(u, status);
}

/* A slot whose content is nobody's: erased ahead of the next update. */
static uint8_t choose_idle_slot(const struct ferry_update *u)
{
    const struct ferry_state *s = &u->store.journal.state;

    for (uint8_t i = 0; i < u->store.slots; i++)
        if (s->slot[i].state == FERRY_SLOT_UNKNOWN)
            return i;
    return FERRY_NO_SLOT;
}

static bool idle_erase_step(struct ferry_update *u)
{
    if (u->idle_slot == FERRY_NO_SLOT) {
        u->idle_slot = choose_idle_slot(u);
        u->idle_erased = 0;
        if (u->idle_slot == FERRY_NO_SLOT)
            return false;
    }
    const struct ferry_region *slot = &u->store.slot[u->idle_slot];
    uint32_t erased = 0;
    /* The record that gives the slot up may be weak: it is made strong before anything is erased.
     */
    int status = ferry_journal_settle(&u->store.journal);
    if (status == FERRY_OK && u->idle_erased < slot->length) {
        status = ferry_region_erase_step(slot, u->idle_erased, slot->length, ERASE_LARGE, &erased);
        u->idle_erased += erased;
        if (status == FERRY_OK && u->idle_erased < slot->length)
            return true;
    }
    if (status == FERRY_OK)
        status = ferry_region_finish(slot);
    struct ferry_state s = *update_state(u);
    bool still_free = s.slot[u->idle_slot].state == FERRY_SLOT_UNKNOWN;
    if (status == FERRY_OK && still_free) {
        s.slot[u->idle_slot].state = FERRY_SLOT_ERASED;
        status = update_record(u, &s);
    }
    u->idle_slot = FERRY_NO_SLOT;
    u->idle_failed = status != FERRY_OK;
    return status == FERRY_OK;
}

bool ferry_update_poll(struct ferry_update *update)
{
    struct ferry_update *u = update;

    if (ferry_update_poll_upload(u))
        return true;
    if (u->open || !u->store_ready || u->idle_failed)
        return false;
    if (u->copy_slot != FERRY_NO_SLOT) {
        copy_step(u);
        return true;
    }
    if (start_copy(u))
        return true;
    return update_state(u)->phase == FERRY_PHASE_IDLE && idle_erase_step(u);
}
