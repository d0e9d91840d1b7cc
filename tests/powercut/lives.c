// SPDX-License-Identifier: Apache-2.0
/*
 * What the application does in each life, driven by what it wants and by what it finds: after a cut
 * it starts over from whatever state the device is in, as real ones do.
 */
#include <string.h>

#include "memo.h"
#include "world.h"

#define LIVES_MAX 90
#define POLLS_MAX 20000

static const struct ferry_state *state_of(const struct world *w)
{
    return &w->machine.update.store.journal.state;
}

/* On trial the way back is whole, and no begin and no erase on it is accepted. */
static void check_way_back(struct world *w)
{
    const struct ferry_state *s = state_of(w);

    if (s->phase != FERRY_PHASE_TRIAL || !is_strict(w))
        return;
    if (s->fallback >= s->slots || image_in_slot(w, s->fallback) != w->start)
        fail(w, "on trial without a way back");
    else if (ferry_update_erase(&w->machine.update, s->fallback) != FERRY_E_SLOT_IN_USE)
        fail(w, "the way back could be erased");
}

/* The slot the store calls complete with this image, or FERRY_NO_SLOT. */
static uint8_t slot_of(const struct world *w, uint8_t image)
{
    uint8_t slot = ferry_state_find(state_of(w), w->hash[image]);

    if (w->truth.tampered) {
        /* People see from the refusal that what is called complete is not. */
        for (slot = 0; slot < w->machine.layout.slots; slot++)
            if (state_of(w)->slot[slot].state == FERRY_SLOT_COMPLETE &&
                image_in_slot(w, slot) == image)
                return slot;
        return FERRY_NO_SLOT;
    }
    if (slot != FERRY_NO_SLOT && is_strict(w) && image_in_slot(w, slot) != image)
        fail((struct world *)w, "a slot that is called complete is not");
    return slot;
}

static int upload(struct world *w)
{
    struct ferry_update *u = &w->machine.update;
    const struct ferry_bytes *image = &w->image[w->goal.image];
    uint8_t identity[32];
    uint32_t offset;

    ferry_sha256(image->data, image->size, identity);
    int status = ferry_update_preflight(u, (uint32_t)image->size);
    if (status == FERRY_OK)
        status = ferry_update_begin(u, identity, 32, (uint32_t)image->size, &offset);
    while (status == FERRY_OK && offset < image->size) {
        uint32_t left = (uint32_t)image->size - offset;
        uint32_t part = left < 1000 ? left : 1000;
        status = ferry_update_write(u, offset, image->data + offset, part, &offset);
        (void)ferry_update_poll(u);
    }
    return status;
}

static void poll_until_idle(struct world *w)
{
    for (int i = 0; i < POLLS_MAX; i++)
        if (!ferry_update_poll(&w->machine.update))
            return;
    fail(w, "background work does not end");
}

static void ask(struct world *w, uint8_t slot, bool permanent)
{
    /* From the call on it may happen; from the answer on it must. */
    if (permanent)
        w->truth.may_stay |= (uint8_t)(1u << w->goal.image);
    if (ferry_update_request(&w->machine.update, slot, permanent) == FERRY_OK)
        w->accepted = true;
    else if (is_strict(w))
        fail(w, "a request was refused");
    w->machine.cause = FERRY_RESET_SOFTWARE;
}

static bool wants_upload(const struct world *w)
{
    return w->goal.kind != GOAL_BACK && w->goal.kind != GOAL_SLOT;
}

/* Brings the wanted image into the store and asks for it. */
static void want(struct world *w)
{
    uint8_t slot = slot_of(w, w->goal.image);

    if (slot == FERRY_NO_SLOT && wants_upload(w)) {
        int status = upload(w);
        if (status != FERRY_OK) {
            if (is_strict(w))
                fail(w, "an upload was refused");
            return;
        }
        slot = slot_of(w, w->goal.image);
    }
    if (w->goal.kind == GOAL_BACK) {
        uint8_t back = FERRY_NO_SLOT;
        w->truth.may_stay |= (uint8_t)(1u << w->goal.image);
        w->asked_back = true;
        int status = ferry_update_back(&w->machine.update, &back);
        w->accepted = status == FERRY_OK;
        if (status != FERRY_OK && is_strict(w))
            fail(w, "the way back was refused");
        w->done = status != FERRY_OK && w->truth.tampered;
        w->machine.cause = FERRY_RESET_SOFTWARE;
        return;
    }
    if (slot == FERRY_NO_SLOT) {
        if (is_strict(w))
            fail(w, "an image is not in the store any more");
        w->done = w->truth.tampered; /* what is gone cannot come back */
        return;
    }
    ask(w, slot, w->goal.kind == GOAL_PERMANENT || w->goal.kind == GOAL_SLOT);
}

static void withdraw(struct world *w)
{
    w->withdrawn = true;
    w->accepted = false;
    if (ferry_update_withdraw(&w->machine.update) != FERRY_OK && is_strict(w))
        fail(w, "a withdrawal was refused");
}

/* A trial is over: whether as it should. True: nothing more is wanted. */
static bool came_back(struct world *w)
{
    uint8_t reason = state_of(w)->reason;
    bool trial = w->goal.kind == GOAL_ROLLBACK || w->goal.kind == GOAL_POWERLOSS ||
                 w->goal.kind == GOAL_TRIALBACK;

    if (trial && !is_strict(w) && w->tried && reason)
        return true; /* a broken chip may be the reason as well */
    switch (w->goal.kind) {
    case GOAL_ROLLBACK:
        return reason == (uint8_t)-FERRY_R_TRIAL_FAILED && w->tried;
    case GOAL_POWERLOSS:
        return reason == (uint8_t)-FERRY_R_TRIAL_POWER && w->tried;
    case GOAL_TRIALBACK:
        return reason == (uint8_t)-FERRY_R_WENT_BACK && w->asked_back;
    default:
        return false;
    }
}

static void life_of_start(struct world *w)
{
    const struct ferry_state *s = state_of(w);

    if (came_back(w)) {
        w->done = true;
        return;
    }
    if (is_strict(w) && w->confirmed)
        fail(w, "a confirmed image went away");
    if (w->goal.kind == GOAL_WITHDRAW && !w->withdrawn && s->phase == FERRY_PHASE_REQUESTED) {
        withdraw(w);
        return;
    }
    if (s->phase == FERRY_PHASE_REQUESTED)
        return;
    if (is_strict(w) && w->accepted && s->reason == 0)
        fail(w, "an accepted request was lost");
    if (is_strict(w) && w->accepted)
        fail(w, "an accepted request was refused or undone");
    if (w->goal.kind == GOAL_COPY) {
        poll_until_idle(w);
        w->done = slot_of(w, w->goal.image) != FERRY_NO_SLOT;
        if (!w->done && is_strict(w))
            fail(w, "the running image was not copied");
        return;
    }
    for (int i = 0; i < 3; i++)
        (void)ferry_update_poll(&w->machine.update);
    want(w);
}

static void confirm(struct world *w)
{
    w->truth.may_stay |= (uint8_t)(1u << w->goal.image);
    if (ferry_update_confirm(&w->machine.update) == FERRY_OK)
        w->confirmed = true;
    else if (is_strict(w))
        fail(w, "confirm was refused");
}

static void life_of_wanted(struct world *w)
{
    const struct ferry_state *s = state_of(w);
    bool trial = s->phase == FERRY_PHASE_TRIAL;

    w->tried = true;
    if (w->goal.kind == GOAL_ROLLBACK || w->goal.kind == GOAL_POWERLOSS) {
        if (!trial && is_strict(w))
            fail(w, "an image that was never confirmed is taken for good");
        bool stuck = w->machine.retained.reason == (uint8_t)-FERRY_R_TRIAL_STUCK;
        /* Where nothing is left to go back to. */
        w->done = !is_strict(w) && (!trial || stuck);
        w->machine.cause = w->goal.kind == GOAL_ROLLBACK ? FERRY_RESET_WATCHDOG : FERRY_RESET_POWER;
        return;
    }
    if (w->goal.kind == GOAL_TRIALBACK && trial) {
        w->asked_back = true;
        bool refused = ferry_update_back(&w->machine.update, NULL) != FERRY_OK;
        if (refused && is_strict(w))
            fail(w, "the way back was refused");
        refused = refused || w->machine.retained.reason == (uint8_t)-FERRY_R_TRIAL_STUCK;
        w->done = refused && !is_strict(w);
        w->machine.cause = FERRY_RESET_SOFTWARE;
        return;
    }
    if (trial)
        confirm(w);
    if (!is_strict(w) && w->goal.kind != GOAL_TRIALBACK && !trial)
        confirm(w);
    w->done = s->phase == FERRY_PHASE_IDLE;
    /* Idle time: whatever is to be erased or copied begins, and may be cut. */
    for (int i = 0; i < 6 && w->done; i++)
        (void)ferry_update_poll(&w->machine.update);
}

static void life(struct machine *m, void *context)
{
    struct world *w = context;

    m->recovery = false;
    m->cause = FERRY_RESET_POWER;
    if (machine_open_update(m) != FERRY_OK || !m->update.store_ready) {
        if (is_strict(w))
            fail(w, "the application cannot open the store");
        m->cause = FERRY_RESET_SOFTWARE;
        return;
    }
    observe_opened(w);
    check_way_back(w);
    uint8_t runs = image_in_primary(w);
    if (w->failure)
        return;
    if (w->goal.kind == GOAL_RECOVERY)
        w->done = runs == w->goal.image;
    else if (runs == w->goal.image && w->goal.kind != GOAL_COPY)
        life_of_wanted(w);
    else if (runs == w->start)
        life_of_start(w);
    else if (is_strict(w))
        fail(w, "an image runs that nobody asked for");
    else
        w->done = true;
}

/* In recovery: the image is uploaded by somebody with a cable. */
static void life_in_recovery(struct machine *m, void *context)
{
    struct world *w = context;

    m->recovery = true;
    if (machine_open_update(m) != FERRY_OK) {
        fail(w, "recovery cannot open a session");
        return;
    }
    int status = upload(w);
    if (status != FERRY_OK && is_strict(w))
        fail(w, "recovery refused an upload");
    if (status == FERRY_OK && m->update.store_ready) {
        uint8_t slot = ferry_state_find(state_of(w), w->hash[w->goal.image]);
        w->truth.may_stay |= (uint8_t)(1u << w->goal.image);
        if (slot != FERRY_NO_SLOT)
            (void)ferry_update_request(&m->update, slot, true);
    }
    m->cause = FERRY_RESET_SOFTWARE;
}

static enum machine_result live(struct world *w)
{
    observe_life(w);
    if (w->machine.fault != FAULT_NONE && w->fault_boots-- == 0) {
        w->machine.fault = FAULT_NONE;
        w->accepted = w->confirmed = false; /* what got lost by it is asked for again */
    }
    enum machine_result result = machine_start(&w->machine);
    observe_boot_end(w, result);
    if (w->failure)
        return result;
    if (result == MACHINE_RECOVERY) {
        if (w->goal.kind != GOAL_RECOVERY && is_strict(w)) {
            fail(w, "nothing boots");
            return result;
        }
        w->machine.cause = FERRY_RESET_SOFTWARE;
        if (w->machine.fault != FAULT_NONE)
            return result;
        return machine_run(&w->machine, life_in_recovery, w);
    }
    return result == MACHINE_RUNS ? machine_run(&w->machine, life, w) : result;
}

bool world_play(struct world *w)
{
    bool was_done = false;

    w->done = false;
    for (uint32_t lives = 0; lives < LIVES_MAX; lives++) {
        enum machine_result result = live(w);
        w->boots++;
        if (w->machine.hung)
            fail(w, "a life does not end");
        if (w->failure)
            return false;
        if (result == MACHINE_CUT) {
            w->cuts++;
            w->truth.cuts_on_trial++;
        }
        /* And once more: the boot after raises the floor, and must leave everything as it is. */
        bool arrived = w->done && result == MACHINE_RUNS && w->machine.fault == FAULT_NONE;
        if (arrived && was_done)
            return true;
        was_done = arrived;
    }
    fail(w, "the goal was not reached");
    return false;
}

static void set_goal(struct world *w, struct goal goal)
{
    w->goal = goal;
    w->start = image_in_primary(w);
    w->accepted = w->tried = w->confirmed = w->asked_back = w->withdrawn = w->done = false;
    w->machine.cause = FERRY_RESET_POWER;
    if (goal.kind == GOAL_RECOVERY) {
        static const uint8_t zeros[MACHINE_PAGE];
        machine_poke(&w->machine, 0, w->machine.layout.primary.offset, zeros, sizeof zeros);
    }
}

/* Records like those of many updates before this one, up to a place in the block. */
static void fill_journal(struct machine *m, void *context)
{
    struct world *w = context;
    uint32_t per_block = m->external.geometry.erase[0].size / FERRY_RECORD_SIZE;

    if (machine_open_update(m) != FERRY_OK)
        fail(w, "the application cannot open the store");
    struct ferry_journal *j = &m->update.store.journal;
    while (j->newest % per_block != (w->scenario->fill + per_block - 32) % per_block) {
        struct ferry_state s = j->state;
        if (ferry_journal_append(j, &s) != FERRY_OK)
            fail(w, "the journal cannot be filled");
    }
}

/* As after many raised floors: there is room for one more in each copy, then both are erased. */
static void fill_floor(struct machine *m)
{
    uint32_t block = m->internal.geometry.erase[0].size;
    uint32_t stride = 16;
    uint8_t zeros[16] = {0};

    for (uint32_t copy = 0; copy < 2; copy++)
        for (uint32_t at = 0; at + 3 * stride <= block; at += stride)
            machine_poke(m, 0, m->layout.floor.offset + copy * block + at, zeros, stride);
}

bool world_prepare(struct world *w)
{
    machine_flash_primary(&w->machine, w->image[0].data, (uint32_t)w->image[0].size);
    if (w->scenario->fill_floor)
        fill_floor(&w->machine);
    w->truth.may_stay = 1;
    machine_cut_at(&w->machine, UINT32_MAX, machine_pattern(0), 1);
    for (uint32_t i = 0; i < 3 && w->scenario->before[i].kind != GOAL_NONE; i++) {
        set_goal(w, w->scenario->before[i]);
        if (!world_play(w))
            return false;
    }
    if (w->scenario->fill) {
        observe_life(w);
        w->truth.appends = 1;
        (void)machine_run(&w->machine, fill_journal, w);
    }
    set_goal(w, w->scenario->goal);
    return w->failure == NULL;
}
