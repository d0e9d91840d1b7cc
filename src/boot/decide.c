// SPDX-License-Identifier: Apache-2.0
/*
 * The policy of the bootloader as a pure function: facts in, one action out. The caller carries the
 * action out, updates the facts and asks again, until the answer is to boot or to recover.
 * DESIGN.md has the table; tests/unit/test_decide.c checks it row by row.
 */
#include <string.h>

#include "ferry/boot.h"

typedef struct ferry_boot_decision boot_decision;
typedef struct ferry_boot_facts boot_facts;

static uint8_t code(int status)
{
    return (uint8_t)-status;
}

static void act(boot_decision *d, enum ferry_boot_action action, uint8_t slot, uint8_t reason)
{
    d->action = (uint8_t)action;
    d->slot = slot;
    d->reason = reason;
}

static void boot(boot_decision *d, uint8_t reason)
{
    act(d, FERRY_DO_BOOT, FERRY_NO_SLOT, reason);
}

/* d->state starts as a copy of the facts' state; what was changed in it is recorded. */
static void record(boot_decision *d)
{
    act(d, FERRY_DO_RECORD, FERRY_NO_SLOT, 0);
}

static bool is_good(const boot_facts *f, uint8_t slot)
{
    return slot < f->slots && f->slot[slot].known == FERRY_GOOD && !f->slot[slot].install_failed;
}

/* The slot is said to hold a whole image, and nothing found in this life contradicts it. */
static bool may_be_good(const boot_facts *f, uint8_t slot)
{
    if (slot >= f->slots || f->state.slot[slot].state != FERRY_SLOT_COMPLETE)
        return false;
    if (f->slot[slot].install_failed || f->slot[slot].known == FERRY_BAD)
        return false;
    return f->slot[slot].known == FERRY_UNKNOWN ||
           ferry_id_equal(f->slot[slot].id, f->state.slot[slot].id);
}

/* Asks for the slot to be verified, where that was not done yet. */
static bool must_verify(const boot_facts *f, boot_decision *d, uint8_t slot)
{
    if (f->slot[slot].known != FERRY_UNKNOWN)
        return false;
    act(d, FERRY_DO_VERIFY, slot, 0);
    return true;
}

/* The slot with a copy of what `state.running` names, other than `except`. */
static uint8_t find_running(const boot_facts *f, uint8_t except)
{
    for (uint8_t i = 0; i < f->slots; i++)
        if (i != except && may_be_good(f, i) &&
            ferry_id_equal(f->state.slot[i].id, f->state.running))
            return i;
    return FERRY_NO_SLOT;
}

/* Nothing more to do with the request: back to idle, with the reason. */
static void refuse(const boot_facts *f, boot_decision *d, uint8_t reason)
{
    if (!f->journal_writable) {
        boot(d, reason);
        return;
    }
    ferry_state_drop_request(&d->state);
    d->state.reason = reason;
    record(d);
}

/* How little is lost when the slot is overwritten; 0 = it may not be. */
static uint32_t copy_preference(const boot_facts *f, uint8_t slot)
{
    static const uint8_t worth[] = {
        [FERRY_SLOT_UNKNOWN] = 3,  [FERRY_SLOT_ERASED] = 4,  [FERRY_SLOT_RECEIVING] = 2,
        [FERRY_SLOT_COMPLETE] = 1, [FERRY_SLOT_COPYING] = 5,
    };

    if (slot == f->state.target || f->slot[slot].copy_failed)
        return 0;
    return worth[f->state.slot[slot].state];
}

static uint8_t choose_copy_slot(const boot_facts *f)
{
    uint8_t best = FERRY_NO_SLOT;
    uint32_t preference = 0;

    for (uint8_t i = 0; i < f->slots; i++) {
        uint32_t p = copy_preference(f, i);
        if (p > preference) {
            preference = p;
            best = i;
        }
    }
    return best;
}

/* The running image is not in the store: copy it there, in three steps, before it is erased. */
static void make_fallback(const boot_facts *f, boot_decision *d)
{
    uint8_t slot = choose_copy_slot(f);

    if (slot == FERRY_NO_SLOT) {
        refuse(f, d, code(FERRY_E_NO_FALLBACK));
        return;
    }
    struct ferry_slot_entry *entry = &d->state.slot[slot];
    bool recorded = entry->state == FERRY_SLOT_COPYING && ferry_id_equal(entry->id, f->primary);
    bool copied = f->slot[slot].known == FERRY_GOOD && ferry_id_equal(f->slot[slot].id, f->primary);
    if (recorded && !copied) {
        act(d, FERRY_DO_COPY, slot, 0);
        return;
    }
    if (entry->state == FERRY_SLOT_RECEIVING)
        d->state.received = 0;
    ferry_slot_set(entry, recorded ? FERRY_SLOT_COMPLETE : FERRY_SLOT_COPYING, f->primary,
                   f->primary_size);
    record(d);
}

/* Why the target of a request cannot be installed; 0 = nothing known against it. */
static uint8_t objection(const boot_facts *f, uint8_t target)
{
    if (f->state.slot[target].state != FERRY_SLOT_COMPLETE)
        return code(FERRY_E_SLOT_EMPTY);
    if (ferry_id_equal(f->state.slot[target].id, f->primary))
        return code(FERRY_E_SAME_IMAGE);
    if (f->slot[target].known == FERRY_BAD)
        return f->slot[target].reason;
    return may_be_good(f, target) ? 0 : code(FERRY_E_SLOT_EMPTY);
}

/* A request and a valid primary: everything is verified before the first page is erased. */
static void on_request(const boot_facts *f, boot_decision *d)
{
    struct ferry_state *s = &d->state;
    uint8_t target = s->target;
    uint8_t against = objection(f, target);

    if (!f->journal_writable || against) {
        refuse(f, d, f->journal_writable ? against : code(FERRY_E_JOURNAL_WRITE));
        return;
    }
    if (must_verify(f, d, target))
        return;
    uint8_t fallback = find_running(f, target);
    if (fallback == FERRY_NO_SLOT) {
        make_fallback(f, d);
        return;
    }
    if (must_verify(f, d, fallback))
        return;
    s->phase = FERRY_PHASE_INSTALLING;
    s->flags = (uint8_t)((s->flags & FERRY_STATE_PERMANENT) | FERRY_STATE_SKIP);
    s->fallback = fallback;
    s->installed = 0;
    s->reason = 0;
    record(d);
}

/* Records that the primary is to be overwritten by `slot` for good, because of `reason`. */
static void record_going_back(boot_decision *d, uint8_t slot, uint8_t reason, uint8_t flags)
{
    struct ferry_state *s = &d->state;

    s->phase = FERRY_PHASE_INSTALLING;
    s->flags = (uint8_t)(FERRY_STATE_REVERT | flags);
    s->target = slot;
    s->fallback = FERRY_NO_SLOT;
    s->reason = reason;
    s->installed = 0;
    s->attempts = 0;
    s->power_attempts = 0;
    record(d);
}

/* What failed its trial (in `fallback`) is not the image one would want to go back to. */
static uint8_t find_previous(const struct ferry_state *s)
{
    for (uint8_t i = 0; i < s->slots; i++)
        if (i != s->target && i != s->fallback && s->slot[i].state == FERRY_SLOT_COMPLETE)
            return i;
    return FERRY_NO_SLOT;
}

/* The copy is complete and verified. */
static void finish_install(const boot_facts *f, boot_decision *d)
{
    struct ferry_state *s = &d->state;
    uint8_t flags = s->flags;

    ferry_id_set(s->running, f->primary);
    s->installed = 0;
    s->attempts = 0;
    s->power_attempts = 0;
    s->flags = 0;
    record(d);
    if ((flags & (FERRY_STATE_REVERT | FERRY_STATE_PERMANENT)) == 0) {
        s->phase = FERRY_PHASE_TRIAL;
        return;
    }
    if ((flags & FERRY_STATE_REVERT) && s->reason != code(FERRY_R_WENT_BACK))
        s->fallback = find_previous(s);
    s->phase = FERRY_PHASE_IDLE;
    s->target = FERRY_NO_SLOT;
    if (flags & (FERRY_STATE_PERMANENT | FERRY_STATE_CONFIRMED))
        s->flags = FERRY_STATE_CONFIRMED;
}

static uint8_t newest_good(const boot_facts *f)
{
    uint8_t best = FERRY_NO_SLOT;

    for (uint8_t i = 0; i < f->slots; i++)
        if (is_good(f, i) && (best == FERRY_NO_SLOT || f->slot[i].rank > f->slot[best].rank))
            best = i;
    return best;
}

static void install_unrecorded(boot_decision *d, uint8_t slot, uint8_t reason)
{
    act(d, FERRY_DO_INSTALL, slot, reason);
    d->unrecorded = true;
}

/* Installs `slot` over an invalid primary, with a record if there can be one. */
static void install_over_nothing(const boot_facts *f, boot_decision *d, uint8_t slot,
                                 uint8_t reason)
{
    struct ferry_slot_entry *entry = &d->state.slot[slot];

    if (!f->journal_ready || !f->journal_writable) {
        install_unrecorded(d, slot, reason);
        return;
    }
    bool was_running = ferry_id_equal(f->slot[slot].id, f->state.running);
    if (f->state.phase == FERRY_PHASE_INSTALLING)
        was_running = false; /* what is confirmed is the target then */
    record_going_back(d, slot, reason, was_running ? f->state.flags & FERRY_STATE_CONFIRMED : 0);
    ferry_slot_set(entry, FERRY_SLOT_COMPLETE, f->slot[slot].id, f->slot[slot].size);
    ferry_id_set(d->state.running, f->slot[slot].id);
}

/* The slot that the journal names as most likely good. */
static uint8_t take_hint(const boot_facts *f)
{
    const struct ferry_state *s = &f->state;
    bool requested = s->phase == FERRY_PHASE_REQUESTED;
    bool wanted = requested && (s->flags & FERRY_STATE_PERMANENT) != 0;
    uint8_t other = requested ? s->target : s->fallback;
    uint8_t best = find_running(f, FERRY_NO_SLOT);

    /* First what was asked for to stay; on trial the way back, not what is being tried. */
    bool other_first = wanted || s->phase == FERRY_PHASE_TRIAL || best == FERRY_NO_SLOT;
    return other_first && may_be_good(f, other) ? other : best;
}

/*
 * No valid primary and no install that could go on: any verified image of the store is better than
 * none. First what the journal names as good, then the newest.
 */
static void restore(const boot_facts *f, boot_decision *d, uint8_t reason)
{
    uint8_t best = f->store_ready && f->journal_ready ? take_hint(f) : FERRY_NO_SLOT;

    if (f->store_ready && best == FERRY_NO_SLOT) {
        for (uint8_t i = 0; i < f->slots; i++)
            if (must_verify(f, d, i))
                return;
        best = newest_good(f);
    }
    if (best == FERRY_NO_SLOT)
        act(d, FERRY_DO_RECOVERY, FERRY_NO_SLOT, code(FERRY_R_NOTHING_BOOTS));
    else if (!must_verify(f, d, best))
        install_over_nothing(f, d, best, reason);
}

/* The target of an install under way cannot be used: go back to what ran before. */
static void abandon_install(const boot_facts *f, boot_decision *d)
{
    uint8_t target = f->state.target;
    uint8_t fallback = f->state.fallback;
    uint8_t reason =
        f->slot[target].known == FERRY_BAD ? f->slot[target].reason : code(FERRY_R_INSTALL_FAILED);

    if (fallback == target || !may_be_good(f, fallback))
        fallback = find_running(f, target);
    /* When a way back fails, what is left is what failed its trial: this does not confirm it. */
    bool reverting = (f->state.flags & FERRY_STATE_REVERT) != 0;
    if (fallback == FERRY_NO_SLOT) {
        if (reverting)
            d->state.flags = 0;
        if (f->primary_valid)
            refuse(f, d, reason);
        else
            restore(f, d, reason);
        return;
    }
    if (must_verify(f, d, fallback))
        return;
    if (f->journal_writable)
        record_going_back(d, fallback, reason, reverting ? 0 : FERRY_STATE_CONFIRMED);
    else
        install_unrecorded(d, fallback, reason);
}

/*
 * Whether a valid primary may lose its next page: the way back must be verified too. If not, `d`
 * says what to do instead.
 */
static bool may_be_overwritten(const boot_facts *f, boot_decision *d)
{
    struct ferry_state *s = &d->state;

    if ((s->flags & FERRY_STATE_REVERT) != 0)
        return true;
    if (may_be_good(f, s->fallback))
        return !must_verify(f, d, s->fallback);
    s->fallback = FERRY_NO_SLOT;
    if (ferry_id_equal(s->running, f->primary)) {
        /* The old image is still whole: start over, with a new copy of it. */
        s->phase = FERRY_PHASE_REQUESTED;
        record(d);
    } else {
        /* The new image is whole and nothing verified is left to go back to: it stays. */
        finish_install(f, d);
    }
    return false;
}

/* The trial is over, or cannot be counted: the fallback takes its place again. */
static void go_back(const boot_facts *f, boot_decision *d, uint8_t reason)
{
    uint8_t fallback = f->state.fallback;

    if (fallback == f->state.target || !may_be_good(f, fallback)) {
        boot(d, code(FERRY_R_TRIAL_STUCK));
        return;
    }
    if (must_verify(f, d, fallback))
        return;
    if (!f->journal_writable) {
        if (f->went_back)
            boot(d, reason);
        else
            install_unrecorded(d, fallback, reason);
        return;
    }
    record_going_back(d, fallback, reason, FERRY_STATE_SKIP | FERRY_STATE_CONFIRMED);
    d->state.fallback = f->state.target; /* should the way back not verify in the primary */
}

/* An attempt that cannot be counted is made where there is no way back, else it is not made. */
static void go_back_uncounted(const boot_facts *f, boot_decision *d)
{
    go_back(f, d, code(FERRY_R_UNRECORDED));
    if (d->action == FERRY_DO_BOOT)
        d->reason = code(FERRY_E_JOURNAL_WRITE);
}

/* A valid primary during an install whose progress cannot be recorded: nothing is begun. */
static void on_install_unrecorded(const boot_facts *f, boot_decision *d, bool arrived)
{
    bool on_trial = (f->state.flags & (FERRY_STATE_REVERT | FERRY_STATE_PERMANENT)) == 0;

    if (arrived && on_trial)
        go_back_uncounted(f, d);
    else
        boot(d, code(FERRY_E_JOURNAL_WRITE));
}

/* An install was recorded. The primary may be the old image, the new one, or neither. */
static void on_install(const boot_facts *f, boot_decision *d)
{
    uint8_t target = f->state.target;
    bool usable = may_be_good(f, target);
    bool arrived = f->primary_valid && ferry_id_equal(f->state.slot[target].id, f->primary);

    if (usable && must_verify(f, d, target))
        return;
    if (f->primary_valid && !f->journal_writable)
        on_install_unrecorded(f, d, arrived);
    else if (arrived && (f->installed == target || !usable))
        finish_install(f, d);
    else if (!usable)
        abandon_install(f, d);
    else if (!f->primary_valid || may_be_overwritten(f, d)) {
        act(d, FERRY_DO_INSTALL, target, f->state.reason);
        d->skip_equal = (f->state.flags & FERRY_STATE_SKIP) != 0 && f->install_is_fresh;
    }
}

/* An image on trial: count the attempt, then boot; or go back. */
static void on_trial(const boot_facts *f, boot_decision *d)
{
    struct ferry_state *s = &d->state;

    if (f->attempt_recorded)
        boot(d, 0);
    else if (s->attempts >= f->attempts_max)
        go_back(f, d,
                s->attempts == FERRY_ATTEMPTS_GIVEN_UP ? code(FERRY_R_WENT_BACK)
                                                       : code(FERRY_R_TRIAL_FAILED));
    else if (s->power_attempts >= f->power_max)
        go_back(f, d, code(FERRY_R_TRIAL_POWER));
    else if (!f->journal_writable)
        go_back_uncounted(f, d);
    else {
        if (f->cause == FERRY_RESET_POWER)
            s->power_attempts++;
        else
            s->attempts++;
        record(d);
    }
}

static void with_primary(const boot_facts *f, boot_decision *d)
{
    if (!f->store_ready || !f->journal_ready)
        boot(d, 0);
    else if (!ferry_state_is_ours(&f->state, f->primary))
        boot(d, code(FERRY_E_JOURNAL_FOREIGN));
    else if (f->state.phase == FERRY_PHASE_REQUESTED)
        on_request(f, d);
    else if (f->state.phase == FERRY_PHASE_INSTALLING)
        on_install(f, d);
    else if (f->state.phase == FERRY_PHASE_TRIAL)
        on_trial(f, d);
    else
        boot(d, f->state.reason);
}

void ferry_boot_decide(const struct ferry_boot_facts *facts, struct ferry_boot_decision *decision)
{
    const boot_facts *f = facts;
    boot_decision *d = decision;

    memset(d, 0, sizeof *d);
    d->state = f->state;
    if (f->recovery_asked)
        act(d, FERRY_DO_RECOVERY, FERRY_NO_SLOT, code(FERRY_R_RECOVERY_ASKED));
    else if (f->primary_valid)
        with_primary(f, d);
    else if (f->store_ready && f->journal_ready && f->state.phase == FERRY_PHASE_INSTALLING)
        on_install(f, d);
    else
        restore(f, d, code(FERRY_R_RESTORED));
}
