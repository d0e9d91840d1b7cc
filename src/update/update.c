// SPDX-License-Identifier: Apache-2.0
/* The session: opening it, and what is asked of the bootloader. */
#include <string.h>

#include "ferry/floor.h"
#include "session.h"

int update_record(struct ferry_update *u, const struct ferry_state *state)
{
    return ferry_journal_append(&u->store.journal, state);
}

/* Once per reason, so that a client that tries again and again does not wear the chip. */
static void record_reason(struct ferry_update *u)
{
    struct ferry_state s = *update_state(u);

    if (!u->store_ready || s.reason == u->reason || u->reason == (uint8_t)-FERRY_E_JOURNAL_WRITE)
        return;
    s.reason = u->reason;
    (void)update_record(u, &s);
}

int ferry_update_refuse(struct ferry_update *update, int status)
{
    struct ferry_update *u = update;

    if (status == FERRY_OK)
        return status;
    u->reason = (uint8_t)-status;
    record_reason(u);
    if (u->config->retained) {
        u->config->retained->reason = u->reason;
        ferry_retained_log_number(u->config->retained, "update: refused, status", status);
    }
    return status;
}

static struct ferry_image_rules rules_of(const struct ferry_update *u)
{
    struct ferry_image_rules rules = {u->config->layout->primary_address, u->primary.length,
                                      u->floor};

    return rules;
}

static void look_at_primary(struct ferry_update *u)
{
    struct ferry_image_rules rules = rules_of(u);
    int status = FERRY_OK;

    /* What fails is looked at once more: a read error is not the image's fault. */
    for (uint32_t look = 0; look < 2 && !u->primary_valid; look++) {
        /* In the application the bootloader has just verified what runs. */
        if (u->config->recovery)
            status = ferry_image_verify(&u->primary, &rules, u->config->keys, u->page,
                                        sizeof u->page, &u->image);
        else
            status = ferry_image_parse(&u->primary, &u->image);
        u->primary_valid = status == FERRY_OK;
    }
}

/* Whether the journal has a record, of this device, that can be continued. */
static bool is_ours(const struct ferry_update *u, int status)
{
    const struct ferry_state *s = &u->store.journal.state;

    if (status != FERRY_OK || s->sequence > FERRY_SEQUENCE_MAX - 0xFFFF)
        return false;
    /* Without an image there is nothing that could contradict it. */
    return !u->primary_valid || ferry_state_is_ours(s, u->image.hash);
}

int update_adopt_journal(struct ferry_update *u)
{
    struct ferry_state fresh;

    /* Looked at once more: a journal is worth more than one bad read. */
    int status = ferry_store_open(&u->store, u->config->layout, u->config->external);
    if (is_ours(u, status) || (status != FERRY_OK && status != FERRY_E_JOURNAL_NONE))
        return status;
    ferry_state_init(&fresh, u->store.slots, u->primary_valid ? u->image.hash : NULL);
    return ferry_journal_format(&u->store.journal, &fresh);
}

static int open_store(struct ferry_update *u)
{
    int status = u->config->external_status;

    if (status == FERRY_OK && !u->config->external)
        status = FERRY_E_NO_CHIP;
    if (status != FERRY_OK)
        return status;
    status = ferry_store_open(&u->store, u->config->layout, u->config->external);
    if (is_ours(u, status) || (status != FERRY_OK && status != FERRY_E_JOURNAL_NONE))
        return status;
    /* The bootloader writes no journal of its own accord: recovery waits for an upload. */
    return u->config->recovery ? FERRY_E_JOURNAL_NONE : update_adopt_journal(u);
}

int ferry_update_open(struct ferry_update *update, const struct ferry_update_config *config)
{
    struct ferry_update *u = update;
    const struct ferry_layout *l = config->layout;

    memset(u, 0, sizeof *u);
    u->config = config;
    u->nothing_boots = config->recovery && config->retained &&
                       config->retained->reason == (uint8_t)-FERRY_R_NOTHING_BOOTS;
    u->slot = FERRY_NO_SLOT;
    u->copy_slot = FERRY_NO_SLOT;
    u->idle_slot = FERRY_NO_SLOT;
    u->primary = (struct ferry_region){config->internal, l->primary.offset, l->primary.length};
    struct ferry_region floor = {config->internal, l->floor.offset, l->floor.length};
    int status = ferry_region_check(&u->primary);
    if (status == FERRY_OK)
        status = ferry_floor_read(&floor, &u->floor, NULL);
    if (status != FERRY_OK)
        return status;
    look_at_primary(u);
    u->store_status = open_store(u);
    u->store_ready = u->store_status == FERRY_OK;
    if (u->store_ready)
        u->reason = update_state(u)->reason;
    else
        u->reason = (uint8_t)-u->store_status;
    return FERRY_OK;
}

bool update_is_rescue(const struct ferry_update *u)
{
    return u->nothing_boots && !u->primary_valid;
}

bool update_is_protected(const struct ferry_update *u, uint8_t slot)
{
    const struct ferry_state *s = &u->store.journal.state;

    if (update_is_rescue(u))
        return false;
    if (s->phase == FERRY_PHASE_TRIAL && (slot == s->fallback || slot == s->target))
        return true;
    if (s->phase == FERRY_PHASE_INSTALLING)
        return true;
    /* One copy of what runs. Somebody may have sent it again, into each slot there is. */
    return ferry_state_find(s, s->running) == slot;
}

/* Whether the image in the slot may be installed: checked again by the bootloader, in full. */
static int check_candidate(struct ferry_update *u, uint8_t slot)
{
    const struct ferry_state *s = update_state(u);
    struct ferry_image_rules rules = rules_of(u);
    struct ferry_image image;

    if (slot >= u->store.slots)
        return FERRY_E_SLOT_NONE;
    if (s->slot[slot].state != FERRY_SLOT_COMPLETE)
        return FERRY_E_SLOT_EMPTY;
    if (ferry_id_equal(s->slot[slot].id, s->running))
        return FERRY_E_SAME_IMAGE;
    int status = ferry_image_parse(&u->store.slot[slot], &image);
    if (status == FERRY_OK && !ferry_id_equal(s->slot[slot].id, image.hash))
        status = FERRY_E_IMAGE_HASH;
    return status == FERRY_OK ? ferry_image_check(&image, &rules) : status;
}

int ferry_update_request(struct ferry_update *update, uint8_t slot, bool permanent)
{
    struct ferry_update *u = update;
    uint8_t flag = permanent ? FERRY_STATE_PERMANENT : 0;

    if (!u->store_ready)
        return ferry_update_refuse(u, u->store_status);
    struct ferry_state s = *update_state(u);
    if (!update_is_rescue(u) && (s.phase == FERRY_PHASE_TRIAL || s.phase == FERRY_PHASE_INSTALLING))
        return ferry_update_refuse(u, FERRY_E_ON_TRIAL);
    if (s.phase == FERRY_PHASE_REQUESTED) {
        bool same = s.target == slot && (s.flags & FERRY_STATE_PERMANENT) == flag;
        return same ? FERRY_OK : ferry_update_refuse(u, FERRY_E_PENDING);
    }
    int status = check_candidate(u, slot);
    if (status != FERRY_OK)
        return ferry_update_refuse(u, status);
    s.phase = FERRY_PHASE_REQUESTED;
    s.target = slot;
    s.flags = (uint8_t)((s.flags & FERRY_STATE_CONFIRMED) | flag);
    s.reason = 0;
    status = update_record(u, &s);
    if (status == FERRY_OK)
        u->reason = 0;
    return ferry_update_refuse(u, status);
}

int ferry_update_withdraw(struct ferry_update *update)
{
    struct ferry_update *u = update;

    if (!u->store_ready)
        return u->store_status;
    struct ferry_state s = *update_state(u);
    if (s.phase != FERRY_PHASE_REQUESTED)
        return s.phase == FERRY_PHASE_IDLE ? FERRY_OK : FERRY_E_STATE;
    ferry_state_drop_request(&s);
    return update_record(u, &s);
}

int ferry_update_confirm(struct ferry_update *update)
{
    struct ferry_update *u = update;

    if (!u->store_ready)
        return ferry_update_refuse(u, u->store_status);
    struct ferry_state s = *update_state(u);
    if (s.phase == FERRY_PHASE_INSTALLING)
        return ferry_update_refuse(u, FERRY_E_STATE);
    if (s.phase != FERRY_PHASE_TRIAL && (s.flags & FERRY_STATE_CONFIRMED))
        return FERRY_OK;
    if (u->config->recovery) /* nothing runs that could have proven itself */
        return ferry_update_refuse(u, FERRY_E_STATE);
    if (s.phase == FERRY_PHASE_TRIAL) {
        s.phase = FERRY_PHASE_IDLE;
        s.target = FERRY_NO_SLOT;
    }
    s.flags |= FERRY_STATE_CONFIRMED;
    s.attempts = 0;
    s.power_attempts = 0;
    s.reason = 0;
    int status = update_record(u, &s);
    if (status == FERRY_OK)
        u->reason = 0;
    return ferry_update_refuse(u, status);
}

int ferry_update_back(struct ferry_update *update, uint8_t *slot)
{
    struct ferry_update *u = update;

    if (!u->store_ready)
        return ferry_update_refuse(u, u->store_status);
    struct ferry_state s = *update_state(u);
    uint8_t previous = s.fallback;
    if (previous == FERRY_NO_SLOT || s.slot[previous].state != FERRY_SLOT_COMPLETE)
        return ferry_update_refuse(u, FERRY_E_SLOT_EMPTY);
    if (slot)
        *slot = previous;
    if (s.phase != FERRY_PHASE_TRIAL)
        return ferry_update_request(u, previous, true);
    /* No more attempts for the image on trial: the next boot goes back. */
    s.attempts = FERRY_ATTEMPTS_GIVEN_UP;
    s.reason = (uint8_t)-FERRY_R_WENT_BACK;
    return ferry_update_refuse(u, update_record(u, &s));
}

int ferry_update_erase(struct ferry_update *update, uint8_t slot)
{
    struct ferry_update *u = update;

    if (!u->store_ready)
        return ferry_update_refuse(u, u->store_status);
    if (slot >= u->store.slots)
        return ferry_update_refuse(u, FERRY_E_SLOT_NONE);
    if (update_is_protected(u, slot))
        return ferry_update_refuse(u, FERRY_E_SLOT_IN_USE);
    struct ferry_state s = *update_state(u);
    if (s.phase == FERRY_PHASE_REQUESTED && s.target == slot) {
        ferry_state_drop_request(&s);
    }
    if (s.fallback == slot)
        s.fallback = FERRY_NO_SLOT;
    if (u->open && u->slot == slot)
        u->open = false;
    if (s.slot[slot].state == FERRY_SLOT_ERASED)
        return FERRY_OK;
    memset(&s.slot[slot], 0, sizeof s.slot[slot]);
    return ferry_update_refuse(u, update_record(u, &s));
}

uint8_t ferry_update_other(const struct ferry_update *update)
{
    const struct ferry_state *s = &update->store.journal.state;
    uint8_t previous = FERRY_NO_SLOT;

    if (!update->store_ready)
        return FERRY_NO_SLOT;
    if (s->phase == FERRY_PHASE_REQUESTED)
        return s->target;
    if (s->phase == FERRY_PHASE_TRIAL)
        return s->fallback;
    for (uint8_t i = 0; i < update->store.slots; i++) {
        const struct ferry_slot_entry *e = &s->slot[i];
        if (e->state != FERRY_SLOT_COMPLETE || ferry_id_equal(e->id, s->running))
            continue;
        if (i != s->fallback)
            return i;
        previous = i;
    }
    return previous;
}

static uint8_t phase_of(const struct ferry_update *u)
{
    const struct ferry_state *s = &u->store.journal.state;

    if (u->open)
        return FERRY_UPDATE_RECEIVING;
    if (!u->store_ready)
        return FERRY_UPDATE_IDLE;
    if (s->phase == FERRY_PHASE_TRIAL)
        return FERRY_UPDATE_TRIAL;
    if (s->phase != FERRY_PHASE_IDLE)
        return FERRY_UPDATE_REQUESTED;
    uint8_t other = ferry_update_other(u);
    return other != FERRY_NO_SLOT && other != s->fallback ? FERRY_UPDATE_COMPLETE
                                                          : FERRY_UPDATE_IDLE;
}

/* In 32 bits, where `received * 100` might not fit. */
static uint8_t percent_of(uint32_t received, uint32_t size)
{
    if (size > UINT32_MAX / 100) {
        received /= 128;
        size /= 128;
    }
    return (uint8_t)(size == 0 ? 0 : received * 100 / size);
}

void ferry_update_status(const struct ferry_update *update, struct ferry_update_status *status)
{
    const struct ferry_update *u = update;

    status->phase = phase_of(u);
    status->reason = u->reason;
    status->slot = u->open ? u->slot : ferry_update_other(u);
    status->received = u->received;
    status->size = u->size;
    status->percent = percent_of(u->received, u->size);
}
