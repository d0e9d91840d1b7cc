// SPDX-License-Identifier: Apache-2.0
/* The observer: every operation and every boot against what must always hold. */
#include <string.h>

#include "world.h"

#define ATTEMPTS       FERRY_ATTEMPTS_DEFAULT
#define POWER_ATTEMPTS FERRY_POWER_ATTEMPTS_DEFAULT
#define BOOT_US_MAX    900000000u

struct world *observed;

void fail(struct world *w, const char *sentence)
{
    if (!w->failure)
        w->failure = sentence;
}

static bool inside(const struct ferry_span *span, const struct machine_op *op)
{
    return op->offset >= span->offset && op->offset + op->length <= span->offset + span->length;
}

static uint8_t image_at(const struct world *w, const uint8_t *bytes)
{
    for (uint8_t i = 0; i < IMAGES; i++)
        if (w->image[i].data && memcmp(bytes, w->image[i].data, w->image[i].size) == 0)
            return i;
    return NOBODY;
}

uint8_t image_in_primary(const struct world *w)
{
    return image_at(w, w->machine.internal.bytes + w->machine.layout.primary.offset);
}

uint8_t image_in_slot(const struct world *w, uint32_t slot)
{
    return image_at(w, w->machine.external.bytes + w->machine.layout.slot[slot].offset);
}

static uint64_t state_hash(const struct ferry_state *state)
{
    uint8_t record[FERRY_RECORD_SIZE];
    uint64_t hash = 0, word;

    ferry_record_encode(state, false, record);
    for (uint32_t i = 0; i < sizeof record; i += 8) {
        memcpy(&word, record + i, 8);
        hash = (hash ^ word) * 0x9FB21C651E98DF25u;
        hash ^= hash >> 32;
    }
    return hash;
}

/* The primary is whole, strong and not below the floor. */
static bool primary_is_valid(const struct world *w)
{
    uint8_t image = image_in_primary(w);
    const struct machine *m = &w->machine;
    uint32_t counter = w->scenario->counters ? image + 1u : 0;

    return image != NOBODY && counter >= w->truth.floor_any &&
           !machine_is_unfinished(m, 0, m->layout.primary.offset, (uint32_t)w->image[image].size);
}

void observe_verified(const uint8_t digest[32])
{
    struct world *w = observed;

    for (uint32_t i = 0; w && i < IMAGES; i++)
        if (w->image[i].data && memcmp(w->hash[i], digest, 32) == 0)
            w->truth.verified |= (uint8_t)(1u << i);
}

void observe_life(struct world *w)
{
    struct truth *t = &w->truth;

    observed = w;
    t->appends = 0;
    t->attempts = 0;
    t->install_checked = 0;
    t->verified = 0;
    t->opened = false;
    t->settles = false;
    t->primary_was_valid = primary_is_valid(w);
    if (w->machine.fault != FAULT_NONE)
        t->faulty = true;
}

/* Whether somebody wrote this state with this sequence number. */
static bool is_written(const struct truth *t, const struct ferry_state *s, uint32_t sequence)
{
    uint32_t first = t->logged > WRITTEN ? t->logged - WRITTEN : 0;
    struct ferry_state written = *s;

    written.sequence = sequence;
    uint64_t hash = state_hash(&written);
    for (uint32_t i = first; i < t->logged; i++)
        if (t->log[i % WRITTEN].hash == hash)
            return true;
    return false;
}

/* The state the device took must be one that somebody wrote. */
void observe_opened(struct world *w)
{
    const struct machine *m = &w->machine;
    const struct ferry_journal *j = m->booting ? &m->boot.store.journal : &m->update.store.journal;
    struct truth *t = &w->truth;

    if (t->opened || (m->booting && !m->boot.facts.journal_ready))
        return;
    t->opened = true;
    if (is_strict(w) && j->newest != FERRY_POSITION_NONE &&
        !is_written(t, &j->state, j->state.sequence))
        fail(w, "a record was taken that nobody wrote");
    t->settles = t->has_strong && j->newest != FERRY_POSITION_NONE;
    t->taken = j->state;
}

static void note_record(struct truth *t, uint32_t position, const struct ferry_state *s, bool weak)
{
    t->log[t->logged++ % WRITTEN] = (struct written){position, s->sequence, state_hash(s), weak};
}

/* A torn record that reads well again must never be newer than what was written after it. */
static void check_torn(struct world *w, const struct ferry_state *s)
{
    const struct truth *t = &w->truth;
    uint32_t first = t->logged > WRITTEN ? t->logged - WRITTEN : 0;

    for (uint32_t i = first; i < t->logged; i++)
        if (t->log[i % WRITTEN].weak && t->log[i % WRITTEN].sequence >= s->sequence)
            fail(w, "a torn record could win over a newer one");
}

static void forget_records(struct truth *t, uint32_t from, uint32_t to)
{
    uint32_t first = t->logged > WRITTEN ? t->logged - WRITTEN : 0;

    for (uint32_t i = first; i < t->logged; i++) {
        struct written *r = &t->log[i % WRITTEN];
        if (r->position >= from && r->position < to)
            *r = (struct written){FERRY_POSITION_NONE, 0, 0, false};
    }
}

static bool is_filled(const uint8_t *bytes, uint8_t value, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != value)
            return false;
    return true;
}

/* The same but for its number: what settling appends. */
static bool is_same_state(const struct ferry_state *a, const struct ferry_state *b)
{
    struct ferry_state other = *b;

    other.sequence = a->sequence;
    return state_hash(a) == state_hash(&other);
}

static void observe_append(struct world *w, const struct machine_op *op, uint32_t position)
{
    struct truth *t = &w->truth;
    struct ferry_state s = {0};

    if (op->length == sizeof s)
        memcpy(&s, op->data, sizeof s);
    bool settling = t->appends == 0 && t->settles && is_same_state(&t->taken, &s);
    if (op->length != sizeof s || !ferry_record_is_good(&s)) {
        fail(w, "something that is no record was written into the journal");
        return;
    }
    if (is_strict(w)) {
        if (machine_is_unfinished(&w->machine, 1, op->offset, op->length))
            fail(w, "a record was appended where another was torn");
        if (!is_filled(w->machine.external.bytes + op->offset, 0xFF, op->length))
            fail(w, "a record was appended where there is one");
        if (t->has_strong && s.sequence <= t->strong.sequence)
            fail(w, "a record is not newer than the newest");
        if (op->outcome == OP_DONE)
            check_torn(w, &s);
        if (!settling)
            rule_record(w, t->has_strong ? &t->strong : NULL, &s, position);
    }
    if (!t->tampered && !settling && op->outcome != OP_LOST)
        rule_confirmed(w, &s);
    if (op->outcome == OP_LOST)
        return;
    note_record(t, position, &s, op->outcome == OP_TORN);
    if (op->outcome == OP_TORN)
        return;
    if (!settling && t->has_strong && s.phase == FERRY_PHASE_TRIAL &&
        t->strong.phase == FERRY_PHASE_TRIAL && w->machine.booting &&
        s.attempts + s.power_attempts != t->strong.attempts + t->strong.power_attempts)
        t->attempts++;
    if (s.phase == FERRY_PHASE_TRIAL && (!t->has_strong || t->strong.phase != FERRY_PHASE_TRIAL))
        t->trial_runs[0] = t->trial_runs[1] = t->cuts_on_trial = 0;
    t->has_strong = true;
    t->strong = s;
    t->strong_position = position;
    t->appends++;
}

static void observe_journal(struct world *w, const struct machine_op *op)
{
    struct truth *t = &w->truth;
    uint32_t position = (op->offset - w->machine.layout.journal.offset) / FERRY_RECORD_SIZE;
    bool at_newest = t->has_strong && t->strong_position >= position &&
                     t->strong_position < position + op->length / FERRY_RECORD_SIZE;

    if (!op->erase && !is_filled(op->data, 0x00, op->length)) {
        observe_append(w, op, position);
        return;
    }
    if (at_newest && is_strict(w) && !t->unrecorded)
        fail(w, "the newest record was destroyed");
    if (op->erase && op->outcome == OP_DONE)
        forget_records(t, position, position + op->length / FERRY_RECORD_SIZE);
    if (!op->erase && op->outcome == OP_DONE)
        forget_records(t, position, position + 1);
    if (at_newest && op->outcome != OP_LOST)
        t->has_strong = false;
}

static bool is_verified(const struct world *w, uint32_t slot)
{
    uint8_t image = slot < w->machine.layout.slots ? image_in_slot(w, slot) : NOBODY;

    return image != NOBODY && (w->truth.verified >> image & 1);
}

/* "Weak is not written", for whatever cannot be undone. */
static void check_settled(struct world *w, const char *sentence)
{
    if (is_strict(w) && w->truth.has_strong && w->truth.appends == 0)
        fail(w, sentence);
}

static void check_fresh(struct world *w, const struct machine_op *op)
{
    const uint8_t *bytes =
        (op->chip ? w->machine.external.bytes : w->machine.internal.bytes) + op->offset;

    if (op->erase || !is_strict(w))
        return;
    if (machine_is_unfinished(&w->machine, op->chip, op->offset, op->length))
        fail(w, "an interrupted block was used without being erased again");
    for (uint32_t i = 0; i < op->length; i++)
        if (bytes[i] != 0xFF && bytes[i] != op->data[i])
            fail(w, "something was programmed twice");
}

static void observe_primary(struct world *w, const struct machine_op *op)
{
    struct truth *t = &w->truth;
    const struct ferry_state *s = &t->strong;

    if (!w->machine.booting && !w->machine.recovery)
        fail(w, "the application wrote internal flash");
    check_fresh(w, op);
    if (!is_strict(w))
        t->unrecorded = true; /* of which no record may speak */
    if (!is_strict(w) || !t->has_strong || t->install_checked == t->appends + 1)
        return;
    t->install_checked = t->appends + 1; /* once per record: looking at images takes time */
    check_settled(w, "the primary was overwritten because of a record that may be weak");
    if (s->phase != FERRY_PHASE_INSTALLING)
        fail(w, "the primary was overwritten without a record of an install");
    if (!is_verified(w, s->target))
        fail(w, "the primary was overwritten by an image not verified in this life");
    if (t->primary_was_valid && !(s->flags & FERRY_STATE_REVERT) && !is_verified(w, s->fallback))
        fail(w, "a valid primary was erased without a verified way back");
}

static uint32_t get32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The positions and blocks of the floor are smaller than the machine's granules. */
static void check_floor_fresh(struct world *w, const struct machine_op *op, uint32_t copy)
{
    struct truth *t = &w->truth;
    const uint8_t *bytes = w->machine.internal.bytes + op->offset;

    if (op->erase) {
        t->floor_broken[copy] = op->outcome == OP_TORN;
        t->floor_torn[copy] = t->floor_broken[copy] ? t->floor_torn[copy] : 0;
        return;
    }
    if (t->floor_broken[copy] || t->floor_torn[copy] == op->offset + 1)
        fail(w, "a floor was written where an operation was interrupted");
    for (uint32_t i = 0; i < op->length && is_strict(w); i++)
        if (bytes[i] != 0xFF)
            fail(w, "a floor was written where there is something");
    if (op->outcome == OP_TORN)
        t->floor_torn[copy] = op->offset + 1;
}

static void observe_floor(struct world *w, const struct machine_op *op)
{
    struct truth *t = &w->truth;
    uint32_t block = w->machine.internal.geometry.erase[0].size;
    uint32_t copy = (op->offset - w->machine.layout.floor.offset) / block;

    if (!w->machine.booting)
        fail(w, "the application wrote the floor");
    check_floor_fresh(w, op, copy);
    if (op->erase && op->outcome != OP_LOST)
        t->floor_copy[copy] = 0;
    if (op->erase || op->length < 16)
        return;
    uint32_t floor = get32(op->data + 4), allowed = 0;
    for (uint32_t i = 0; i < IMAGES; i++)
        if (t->may_stay >> i & 1)
            allowed = i + 1;
    if (floor > allowed)
        fail(w, "the floor was raised for an image that nobody confirmed");
    if (floor > t->floor_any)
        check_settled(w, "the floor was raised because of a record that may be weak");
    if (floor > t->floor_any)
        t->floor_any = floor;
    if (op->outcome == OP_DONE)
        t->floor_copy[copy] = floor;
    uint32_t both = t->floor_copy[0] < t->floor_copy[1] ? t->floor_copy[0] : t->floor_copy[1];
    if (both > t->floor)
        t->floor = both;
}

static void observe_slot(struct world *w, const struct machine_op *op, uint32_t slot)
{
    const struct truth *t = &w->truth;
    const struct ferry_state *s = &t->strong;
    uint8_t state = s->slot[slot].state;

    check_fresh(w, op);
    if (!is_strict(w) || !t->has_strong)
        return;
    check_settled(w, "a slot was written because of a record that may be weak");
    if (state == FERRY_SLOT_COMPLETE)
        fail(w, "a slot was written while its record says it is complete");
    if (state == FERRY_SLOT_ERASED)
        fail(w, "a slot was written while its record says it is erased");
    if (!op->erase && state != FERRY_SLOT_RECEIVING && state != FERRY_SLOT_COPYING)
        fail(w, "a slot was programmed without a begin record");
    if (s->phase == FERRY_PHASE_TRIAL && slot == s->fallback)
        fail(w, "the way back was written during the trial");
}

void observe_operation(void *world, struct machine *machine, const struct machine_op *op)
{
    struct world *w = world;
    const struct ferry_layout *l = &machine->layout;

    observe_opened(w);
    if (op->chip == 0 && inside(&l->primary, op))
        observe_primary(w, op);
    else if (op->chip == 0 && inside(&l->floor, op))
        observe_floor(w, op);
    else if (op->chip == 1 && inside(&l->journal, op))
        observe_journal(w, op);
    else {
        for (uint32_t i = 0; i < l->slots && op->chip == 1; i++)
            if (inside(&l->slot[i], op)) {
                observe_slot(w, op, i);
                return;
            }
        fail(w, "something outside Ferry's regions was written");
    }
}

/* A boot with nothing to do leaves the external chip alone. */
static void check_idle_boot(struct world *w)
{
    const struct machine *m = &w->machine;
    uint32_t positions = m->layout.journal.length / FERRY_RECORD_SIZE;

    if (!is_strict(w) || !w->truth.settles || !w->truth.primary_was_valid ||
        w->truth.taken.phase != FERRY_PHASE_IDLE)
        return;
    if (m->life_ext_ops > 0 && m->life_ops == m->life_ext_ops)
        fail(w, "a boot with nothing to do wrote the external chip");
    if (m->life_ext_ops == 0 && m->life_ext_read > positions * (8 + FERRY_RECORD_SIZE))
        fail(w, "a boot with nothing to do read too much");
}

static void check_trial(struct world *w)
{
    struct truth *t = &w->truth;
    bool power = w->machine.cause == FERRY_RESET_POWER;
    const struct ferry_state *s = t->appends == 0 && t->settles ? &t->taken : &t->strong;

    if (!t->has_strong || s->phase != FERRY_PHASE_TRIAL)
        return;
    t->trial_runs[power]++;
    if (!is_strict(w))
        return;
    if (t->attempts != 1)
        fail(w, "an image on trial was started without a recorded attempt");
    if (t->trial_runs[0] > ATTEMPTS || t->trial_runs[1] > POWER_ATTEMPTS)
        fail(w, "an image on trial ran more often than it may");
}

static void check_running(struct world *w)
{
    const struct machine *m = &w->machine;
    uint8_t image = image_in_primary(w);
    uint32_t counter = w->scenario->counters ? image + 1u : 0;

    if (image == NOBODY) {
        fail(w, "something else runs");
        return;
    }
    if (counter < w->truth.floor)
        fail(w, "an image below the floor runs");
    if (is_strict(w) &&
        machine_is_unfinished(m, 0, m->layout.primary.offset, (uint32_t)w->image[image].size))
        fail(w, "an image with an interrupted page runs");
    if (is_strict(w) && w->scenario->counters && m->retained.floor < w->truth.floor)
        fail(w, "the floor sank");
}

void observe_boot_end(struct world *w, enum machine_result result)
{
    struct machine *m = &w->machine;

    if (m->hung)
        fail(w, "a life does not end");
    if (m->life_us > BOOT_US_MAX)
        fail(w, "a boot takes too long");
    if (result == MACHINE_CUT)
        return;
    observe_opened(w);
    if (result == MACHINE_RECOVERY) {
        if (w->truth.primary_was_valid)
            fail(w, "a valid primary was not booted");
        return;
    }
    if (m->internal.overprograms > 0)
        fail(w, "internal flash was programmed from 0 to 1");
    check_idle_boot(w);
    check_running(w);
    check_trial(w);
}
