// SPDX-License-Identifier: Apache-2.0
/*
 * The policy of the bootloader as a pure function: facts in, one action out. The caller carries the
 * action out, updates the facts and asks again, until the answer is to boot or to recover.
 * DESIGN.md has the table; tests/unit/test_decide.c checks it row by row.
 */
#include <string.h>

#include "ferry/boot.h"

typedef struct ferry_boot_decision decision;
typedef struct ferry_boot_facts boot_facts;

static uint8_t code(int status)
{
    return (uint8_t)-status;
}

static decision act(enum ferry_boot_action action, uint8_t slot, uint8_t reason)
{
    decision d;

    memset(&d, 0, sizeof d);
    d.action = (uint8_t)action;
    d.slot = slot;
    d.reason = reason;
    return d;
}

static decision boot(uint8_t reason)
{
    return act(FERRY_DO_BOOT, FERRY_NO_SLOT, reason);
}

static decision record(const struct ferry_state *state)
{
    decision d = act(FERRY_DO_RECORD, FERRY_NO_SLOT, 0);

    d.state = *state;
    return d;
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
           memcmp(f->slot[slot].id, f->state.slot[slot].id, FERRY_ID_SIZE) == 0;
}

/* The slot with a copy of what `state.running` names, other than `except`. */
static uint8_t find_running(const boot_facts *f, uint8_t except)
{
    for (uint8_t i = 0; i < f->slots; i++)
        if (i != except && may_be_good(f, i) &&
            memcmp(f->state.slot[i].id, f->state.running, FERRY_ID_SIZE) == 0)
            return i;
    return FERRY_NO_SLOT;
}

/* Nothing more to do with the request: back to idle, with the reason. */
static decision refuse(const boot_facts *f, uint8_t reason)
{
    struct ferry_state s = f->state;

    if (!f->journal_writable)
        return boot(reason);
    s.phase = FERRY_PHASE_IDLE;
    s.flags &= FERRY_STATE_CONFIRMED;
    s.target = FERRY_NO_SLOT;
    s.reason = reason;
    return record(&s);
}

/* How little is lost when the slot is overwritten; 0 = it may not be. */
static uint32_t copy_preference(const boot_facts *f, uint8_t slot)
{
    const struct ferry_slot_entry *e = &f->state.slot[slot];

    if (slot == f->state.target || f->slot[slot].copy_failed)
        return 0;
    if (e->state == FERRY_SLOT_COPYING)
        return 5;
    if (e->state == FERRY_SLOT_ERASED)
        return 4;
    if (e->state == FERRY_SLOT_UNKNOWN || f->slot[slot].known == FERRY_BAD)
        return 3;
    return e->state == FERRY_SLOT_RECEIVING ? 2 : 1;
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
static decision make_fallback(const boot_facts *f)
{
    struct ferry_state s = f->state;
    uint8_t slot = choose_copy_slot(f);

    if (slot == FERRY_NO_SLOT)
        return refuse(f, code(FERRY_E_NO_FALLBACK));
    struct ferry_slot_entry *entry = &s.slot[slot];
    bool recorded = entry->state == FERRY_SLOT_COPYING && ferry_id_equal(entry->id, f->primary);
    if (recorded && f->slot[slot].known != FERRY_GOOD)
        return act(FERRY_DO_COPY, slot, 0);
    if (recorded)
        entry->state = FERRY_SLOT_COMPLETE;
    else {
        if (entry->state == FERRY_SLOT_RECEIVING)
            s.received = 0;
        entry->state = FERRY_SLOT_COPYING;
        ferry_id_set(entry->id, f->primary);
    }
    entry->size = f->primary_size;
    return record(&s);
}

/* A request and a valid primary: everything is verified before the first page is erased. */
static decision on_request(const boot_facts *f)
{
    struct ferry_state s = f->state;
    uint8_t target = s.target;

    if (!f->journal_writable)
        return boot(code(FERRY_E_JOURNAL_WRITE));
    if (s.slot[target].state != FERRY_SLOT_COMPLETE)
        return refuse(f, code(FERRY_E_SLOT_EMPTY));
    if (ferry_id_equal(s.slot[target].id, f->primary))
        return refuse(f, code(FERRY_E_SAME_IMAGE));
    if (f->slot[target].known == FERRY_UNKNOWN)
        return act(FERRY_DO_VERIFY, target, 0);
    if (f->slot[target].known == FERRY_BAD)
        return refuse(f, f->slot[target].reason);
    if (!may_be_good(f, target))
        return refuse(f, code(FERRY_E_SLOT_EMPTY));

    uint8_t fallback = find_running(f, target);
    if (fallback == FERRY_NO_SLOT)
        return make_fallback(f);
    if (f->slot[fallback].known == FERRY_UNKNOWN)
        return act(FERRY_DO_VERIFY, fallback, 0);
    s.phase = FERRY_PHASE_INSTALLING;
    s.flags = (uint8_t)((s.flags & FERRY_STATE_PERMANENT) | FERRY_STATE_SKIP);
    s.fallback = fallback;
    s.installed = 0;
    s.reason = 0;
    return record(&s);
}

/* The state to record when the primary is overwritten by `slot` for good, because of `reason`. */
static struct ferry_state going_back(const boot_facts *f, uint8_t slot, uint8_t reason)
{
    struct ferry_state s = f->state;

    s.phase = FERRY_PHASE_INSTALLING;
    s.flags = FERRY_STATE_REVERT;
    s.target = slot;
    s.fallback = FERRY_NO_SLOT;
    s.reason = reason;
    s.installed = 0;
    s.attempts = 0;
    s.power_attempts = 0;
    return s;
}

/* The copy is complete and verified. */
static decision finish_install(const boot_facts *f)
{
    struct ferry_state s = f->state;

    ferry_id_set(s.running, f->primary);
    s.installed = 0;
    s.attempts = 0;
    s.power_attempts = 0;
    if (s.flags & (FERRY_STATE_REVERT | FERRY_STATE_PERMANENT)) {
        bool confirmed = (s.flags & (FERRY_STATE_PERMANENT | FERRY_STATE_CONFIRMED)) != 0;
        /* What failed its trial is not the "previous image" one would want to go back to. */
        if ((s.flags & FERRY_STATE_REVERT) && s.reason != code(FERRY_R_WENT_BACK))
            s.fallback = FERRY_NO_SLOT;
        s.phase = FERRY_PHASE_IDLE;
        s.flags = confirmed ? FERRY_STATE_CONFIRMED : 0;
        s.target = FERRY_NO_SLOT;
    } else {
        s.phase = FERRY_PHASE_TRIAL;
        s.flags = 0;
    }
    return record(&s);
}

static uint8_t newest_good(const boot_facts *f)
{
    uint8_t best = FERRY_NO_SLOT;

    for (uint8_t i = 0; i < f->slots; i++)
        if (is_good(f, i) &&
            (best == FERRY_NO_SLOT ||
             ferry_version_compare(&f->slot[i].version, &f->slot[best].version) > 0))
            best = i;
    return best;
}

/* Installs `slot` over an invalid primary, with a record if there can be one. */
static decision install_over_nothing(const boot_facts *f, uint8_t slot, uint8_t reason)
{
    if (!f->journal_ready || !f->journal_writable) {
        decision d = act(FERRY_DO_INSTALL, slot, reason);
        d.unrecorded = true;
        return d;
    }
    struct ferry_state s = going_back(f, slot, reason);
    if ((f->state.flags & FERRY_STATE_CONFIRMED) &&
        memcmp(f->slot[slot].id, f->state.running, FERRY_ID_SIZE) == 0)
        s.flags |= FERRY_STATE_CONFIRMED;
    s.slot[slot].state = FERRY_SLOT_COMPLETE;
    s.slot[slot].size = f->slot[slot].size;
    memcpy(s.slot[slot].id, f->slot[slot].id, FERRY_ID_SIZE);
    memcpy(s.running, f->slot[slot].id, FERRY_ID_SIZE);
    return record(&s);
}

/* The two slots that the journal names as most likely good, best first. */
static void take_hints(const boot_facts *f, uint8_t hints[2])
{
    const struct ferry_state *s = &f->state;
    bool wanted = s->phase == FERRY_PHASE_REQUESTED && (s->flags & FERRY_STATE_PERMANENT) != 0;

    hints[0] = find_running(f, FERRY_NO_SLOT);
    hints[1] = s->phase == FERRY_PHASE_REQUESTED ? s->target : s->fallback;
    if (wanted || s->phase == FERRY_PHASE_TRIAL) {
        /* What was asked for to stay; on trial the way back, not what is being tried. */
        uint8_t first = hints[1];
        hints[1] = hints[0];
        hints[0] = first;
    }
}

/*
 * No valid primary and no install that could go on: any verified image of the store is better than
 * none. First what the journal names as good, then the newest.
 */
static decision restore(const boot_facts *f, uint8_t reason)
{
    uint8_t hints[2] = {FERRY_NO_SLOT, FERRY_NO_SLOT};

    if (!f->store_ready)
        return act(FERRY_DO_RECOVERY, FERRY_NO_SLOT, code(FERRY_R_NOTHING_BOOTS));
    if (f->journal_ready)
        take_hints(f, hints);
    for (uint32_t i = 0; i < 2; i++) {
        if (!may_be_good(f, hints[i]))
            continue;
        if (f->slot[hints[i]].known == FERRY_UNKNOWN)
            return act(FERRY_DO_VERIFY, hints[i], 0);
        return install_over_nothing(f, hints[i], reason);
    }
    for (uint8_t i = 0; i < f->slots; i++)
        if (f->slot[i].known == FERRY_UNKNOWN)
            return act(FERRY_DO_VERIFY, i, 0);
    uint8_t best = newest_good(f);
    if (best == FERRY_NO_SLOT)
        return act(FERRY_DO_RECOVERY, FERRY_NO_SLOT, code(FERRY_R_NOTHING_BOOTS));
    return install_over_nothing(f, best, reason);
}

/* The target of an install under way cannot be used: go back to what ran before. */
static decision abandon_install(const boot_facts *f)
{
    uint8_t target = f->state.target;
    uint8_t reason =
        f->slot[target].known == FERRY_BAD ? f->slot[target].reason : code(FERRY_R_INSTALL_FAILED);
    uint8_t fallback = f->state.fallback;

    if (fallback == target || !may_be_good(f, fallback))
        fallback = find_running(f, target);
    if (fallback == FERRY_NO_SLOT)
        return f->primary_valid ? refuse(f, reason) : restore(f, reason);
    if (f->slot[fallback].known == FERRY_UNKNOWN)
        return act(FERRY_DO_VERIFY, fallback, 0);
    if (!f->journal_writable)
        return install_over_nothing(f, fallback, reason);
    struct ferry_state s = going_back(f, fallback, reason);
    s.flags |= FERRY_STATE_CONFIRMED;
    return record(&s);
}

/* Whether a valid primary may lose its next page: the way back must be verified too. */
static decision check_way_back(const boot_facts *f, bool *checked)
{
    struct ferry_state s = f->state;
    uint8_t fallback = s.fallback;

    *checked = true;
    if ((s.flags & FERRY_STATE_REVERT) != 0 || is_good(f, fallback))
        return boot(0);
    *checked = false;
    if (may_be_good(f, fallback))
        return act(FERRY_DO_VERIFY, fallback, 0);
    if (ferry_id_equal(s.running, f->primary)) {
        /* The old image is still whole: start over, with a new copy of it. */
        s.phase = FERRY_PHASE_REQUESTED;
        s.fallback = FERRY_NO_SLOT;
        return record(&s);
    }
    /* The new image is whole and nothing verified is left to go back to: accept it as it is. */
    boot_facts accepted = *f;
    accepted.state.fallback = FERRY_NO_SLOT;
    return finish_install(&accepted);
}

/* The trial is over, or cannot be counted: the fallback takes its place again. */
static decision go_back(const boot_facts *f, uint8_t reason)
{
    uint8_t fallback = f->state.fallback;

    if (fallback == f->state.target || !may_be_good(f, fallback))
        return boot(code(FERRY_R_TRIAL_STUCK));
    if (f->slot[fallback].known == FERRY_UNKNOWN)
        return act(FERRY_DO_VERIFY, fallback, 0);
    if (!f->journal_writable) {
        decision d = act(FERRY_DO_INSTALL, fallback, reason);
        d.unrecorded = true;
        return f->went_back ? boot(code(FERRY_E_JOURNAL_WRITE)) : d;
    }
    struct ferry_state s = going_back(f, fallback, reason);
    s.flags |= FERRY_STATE_SKIP | FERRY_STATE_CONFIRMED;
    s.fallback = f->state.target; /* should the way back not verify in the primary */
    return record(&s);
}

/* The new image is in place, and that cannot be recorded: its attempts could not be counted. */
static decision arrived_unrecorded(const boot_facts *f)
{
    decision d = boot(0);

    if ((f->state.flags & (FERRY_STATE_REVERT | FERRY_STATE_PERMANENT)) == 0)
        d = go_back(f, code(FERRY_R_UNRECORDED));
    if (d.action == FERRY_DO_BOOT)
        d.reason = code(FERRY_E_JOURNAL_WRITE);
    return d;
}

/* An install was recorded. The primary may be the old image, the new one, or neither. */
static decision on_install(const boot_facts *f)
{
    struct ferry_state s = f->state;
    uint8_t target = s.target;

    if (may_be_good(f, target) && f->slot[target].known == FERRY_UNKNOWN)
        return act(FERRY_DO_VERIFY, target, 0);
    bool arrived = f->primary_valid && ferry_id_equal(s.slot[target].id, f->primary);
    if (f->primary_valid && !f->journal_writable)
        return arrived ? arrived_unrecorded(f) : boot(code(FERRY_E_JOURNAL_WRITE));
    if (arrived && (f->installed == target || !may_be_good(f, target)))
        return finish_install(f);
    if (!may_be_good(f, target))
        return abandon_install(f);
    if (f->primary_valid) {
        bool checked;
        decision d = check_way_back(f, &checked);
        if (!checked)
            return d;
    }
    decision d = act(FERRY_DO_INSTALL, target, s.reason);
    d.skip_equal = (s.flags & FERRY_STATE_SKIP) != 0 && f->install_is_fresh;
    return d;
}

static bool ended_by_power(uint8_t cause)
{
    return cause == FERRY_RESET_POWER;
}

/* An image on trial: count the attempt, then boot; or go back. */
static decision on_trial(const boot_facts *f)
{
    struct ferry_state s = f->state;

    if (f->attempt_recorded)
        return boot(0);
    if (s.attempts >= f->attempts_max)
        return go_back(f,
                       s.reason == code(FERRY_R_WENT_BACK) ? s.reason : code(FERRY_R_TRIAL_FAILED));
    if (s.power_attempts >= f->power_max)
        return go_back(f, code(FERRY_R_TRIAL_POWER));
    if (!f->journal_writable) {
        decision d = go_back(f, code(FERRY_R_UNRECORDED));
        if (d.action == FERRY_DO_BOOT)
            d.reason = code(FERRY_E_JOURNAL_WRITE);
        return d;
    }
    if (ended_by_power(f->cause))
        s.power_attempts++;
    else
        s.attempts++;
    return record(&s);
}

static decision with_primary(const boot_facts *f)
{
    if (!f->store_ready || !f->journal_ready)
        return boot(0);
    if (!ferry_state_is_ours(&f->state, f->primary))
        return boot(code(FERRY_E_JOURNAL_FOREIGN));
    switch (f->state.phase) {
    case FERRY_PHASE_REQUESTED:
        return on_request(f);
    case FERRY_PHASE_INSTALLING:
        return on_install(f);
    case FERRY_PHASE_TRIAL:
        return on_trial(f);
    default:
        return boot(f->state.reason);
    }
}

struct ferry_boot_decision ferry_boot_decide(const struct ferry_boot_facts *facts)
{
    if (facts->recovery_asked)
        return act(FERRY_DO_RECOVERY, FERRY_NO_SLOT, code(FERRY_R_RECOVERY_ASKED));
    if (facts->primary_valid)
        return with_primary(facts);
    if (facts->store_ready && facts->journal_ready && facts->state.phase == FERRY_PHASE_INSTALLING)
        return on_install(facts);
    return restore(facts, code(FERRY_R_RESTORED));
}
