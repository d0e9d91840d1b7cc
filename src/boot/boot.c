// SPDX-License-Identifier: Apache-2.0
/* Carries out what ferry_boot_decide says: the I/O around the policy. */
#include "ferry/boot.h"

#include <string.h>

#include "ferry/floor.h"

/* Far more steps than any path takes; a bound, so that a hostile chip cannot keep a boot going. */
#define STEPS_MAX 64u

/* A transient read error must not cost an image: what fails is looked at once more. */
static int verify(struct ferry_boot *b, const struct ferry_region *region,
                  struct ferry_image *image)
{
    const struct ferry_image_rules rules = {b->layout->primary_address, b->primary.length,
                                            b->floor};
    int status = FERRY_OK;

    for (uint32_t look = 0; look < 2; look++) {
        status = ferry_image_verify(region, &rules, b->keys, b->work, b->work_size, image);
        if (status == FERRY_OK)
            break;
    }
    return status;
}

static void verify_primary(struct ferry_boot *b)
{
    struct ferry_boot_facts *f = &b->facts;

    f->primary_valid = verify(b, &b->primary, &b->image) == FERRY_OK;
    memcpy(f->primary, b->image.hash, sizeof f->primary);
    f->primary_size = b->image.total_size;
}

static void verify_slot(struct ferry_boot *b, uint8_t slot)
{
    struct ferry_slot_facts *s = &b->facts.slot[slot];
    struct ferry_image image;

    int status = verify(b, &b->store.slot[slot], &image);
    s->known = status == FERRY_OK ? FERRY_GOOD : FERRY_BAD;
    s->reason = (uint8_t)-status;
    if (status != FERRY_OK)
        return;
    ferry_id_set(s->id, image.hash);
    s->size = image.total_size;
    s->rank = ferry_version_rank(&image.version);
}

/* What a record that was appended says of this life; the facts have the state before it. */
static void note_progress(struct ferry_boot *b, const struct ferry_state *state)
{
    struct ferry_boot_facts *f = &b->facts;
    bool same_phase = state->phase == f->state.phase;

    for (uint32_t i = 0; i < f->slots; i++)
        if (f->state.slot[i].state == FERRY_SLOT_ERASED &&
            state->slot[i].state == FERRY_SLOT_COPYING)
            b->slots_erased |= (uint8_t)(1u << i);
    if (state->phase == FERRY_PHASE_INSTALLING) {
        if (!same_phase)
            f->install_is_fresh = true;
        else if (state->target != f->state.target)
            f->install_is_fresh = false; /* the install before it left pages half done */
    }
    if (state->phase == FERRY_PHASE_TRIAL && same_phase)
        f->attempt_recorded = true;
}

static void append(struct ferry_boot *b, const struct ferry_state *state)
{
    struct ferry_journal *journal = &b->store.journal;

    if (ferry_journal_append(journal, state) != FERRY_OK) {
        b->facts.journal_writable = false;
        ferry_retained_log(b->retained, "journal failed");
        return;
    }
    note_progress(b, state);
    b->facts.state = journal->state;
}

/* Progress. If it cannot be recorded the copy goes on: a resume does again what is not recorded. */
static void record_window(void *context, uint32_t windows)
{
    struct ferry_boot *b = context;
    struct ferry_state s = b->facts.state;

    if (!b->facts.journal_writable)
        return;
    s.installed = (uint16_t)windows;
    append(b, &s);
}

/*
 * "Weak is not written": before anything irreversible is done because of a record, it is made
 * strong. False: it could not be, and the policy is asked again with that fact.
 */
static bool settle(struct ferry_boot *b)
{
    struct ferry_boot_facts *f = &b->facts;

    if (!f->journal_writable || ferry_journal_settle(&b->store.journal) == FERRY_OK)
        return true;
    f->journal_writable = false;
    return false;
}

/* One pass of the copy; whether the primary holds the slot's image afterwards. */
static bool install_once(struct ferry_boot *b, const struct ferry_copy *copy, uint8_t slot)
{
    struct ferry_boot_facts *f = &b->facts;

    int status = ferry_copy_run(copy);
    if (status != FERRY_OK)
        ferry_retained_log_number(b->retained, "copy failed", status);
    verify_primary(b);
    return f->primary_valid && memcmp(f->primary, f->slot[slot].id, FERRY_ID_SIZE) == 0;
}

static void install(struct ferry_boot *b, const struct ferry_boot_decision *d)
{
    struct ferry_boot_facts *f = &b->facts;
    struct ferry_copy copy = {
        .source = &b->store.slot[d->slot],
        .destination = &b->primary,
        .size = f->slot[d->slot].size,
        .from_window = d->unrecorded ? 0 : f->state.installed,
        .skip_equal = d->skip_equal,
        .work = b->work,
        .work_size = b->work_size,
        .window_done = d->unrecorded ? NULL : record_window,
        .context = b,
    };

    if (!d->unrecorded && !settle(b))
        return;
    if (d->unrecorded && f->primary_valid)
        b->retained->went_back = 1;
    f->went_back = b->retained->went_back != 0;
    ferry_retained_log_number(b->retained, "install", d->slot);
    bool arrived = install_once(b, &copy, d->slot);
    if (!arrived) {
        /* Once more, all of it: what failed may have been the way and not the place. */
        copy.from_window = 0;
        copy.skip_equal = false;
        if (!d->unrecorded)
            record_window(b, 0);
        arrived = install_once(b, &copy, d->slot);
    }
    f->installed = arrived ? d->slot : FERRY_NO_SLOT;
    f->slot[d->slot].install_failed = !arrived;
}

/* Copies the running image into the store. */
static void copy_primary(struct ferry_boot *b, uint8_t slot)
{
    struct ferry_boot_facts *f = &b->facts;
    struct ferry_copy copy = {
        .source = &b->primary,
        .destination = &b->store.slot[slot],
        .size = f->primary_size,
        .erased = (b->slots_erased >> slot & 1) != 0,
        .work = b->work,
        .work_size = b->work_size,
    };

    if (!settle(b))
        return;
    ferry_retained_log_number(b->retained, "backup", slot);
    int status = ferry_copy_run(&copy);
    b->slots_erased &= (uint8_t) ~(1u << slot);
    if (status == FERRY_OK)
        verify_slot(b, slot);
    f->slot[slot].copy_failed = status != FERRY_OK || f->slot[slot].known != FERRY_GOOD ||
                                memcmp(f->slot[slot].id, f->primary, FERRY_ID_SIZE) != 0;
    if (f->slot[slot].copy_failed)
        f->slot[slot].known = FERRY_BAD;
}

/* Raised at the first boot after a confirm, healed when only one copy holds it. */
static void care_for_floor(struct ferry_boot *b)
{
    const struct ferry_state *s = &b->facts.state;
    uint32_t floor = b->floor;

    if (b->facts.journal_ready && s->phase == FERRY_PHASE_IDLE &&
        (s->flags & FERRY_STATE_CONFIRMED) && ferry_id_equal(s->running, b->facts.primary) &&
        b->image.security_counter > floor)
        floor = b->image.security_counter;
    if (floor == b->floor && b->floor_redundant)
        return;
    /* "Weak is not written": the confirm is made strong before the floor rises because of it. */
    if (floor != b->floor && ferry_journal_settle(&b->store.journal) != FERRY_OK)
        return;
    int status = ferry_floor_raise(&b->floor_region, floor);
    if (status == FERRY_OK)
        b->floor = floor;
    else
        ferry_retained_log_number(b->retained, "floor failed", status);
}

static void open_facts(struct ferry_boot *b)
{
    struct ferry_boot_facts *f = &b->facts;
    int status = b->external_status;

    memset(f, 0, sizeof *f);
    f->installed = FERRY_NO_SLOT;
    f->journal_writable = true;
    f->attempts_max = b->attempts_max ? b->attempts_max : FERRY_ATTEMPTS_DEFAULT;
    f->power_max = b->power_max ? b->power_max : FERRY_POWER_ATTEMPTS_DEFAULT;
    f->slots = (uint8_t)b->layout->slots;
    f->cause = (uint8_t)b->port->reset_cause(b->port->context);
    f->recovery_asked =
        b->port->recovery_asked(b->port->context) || b->retained->boot_mode == FERRY_BOOT_RECOVERY;
    f->went_back = b->retained->went_back != 0;
    b->retained->boot_mode = FERRY_BOOT_NORMAL;
    verify_primary(b);
    if (status == FERRY_OK && b->external)
        status = ferry_store_open(&b->store, b->layout, b->external);
    else if (status == FERRY_OK)
        status = FERRY_E_NO_CHIP;
    f->journal_ready = status == FERRY_OK;
    if (f->journal_ready)
        f->state = b->store.journal.state;
    if (status == FERRY_E_JOURNAL_NONE)
        status = FERRY_OK;
    f->store_ready = status == FERRY_OK;
    b->retained->chip_status = (uint8_t)-status;
}

static int open_boot(struct ferry_boot *b)
{
    const struct ferry_layout *l = b->layout;

    if (!b->retained || b->work_size < 256)
        return FERRY_E_ARGUMENT;
    (void)ferry_retained_open(b->retained);
    b->retained->boots++;
    b->retained->reason = 0;
    b->slots_erased = 0;
    b->primary = (struct ferry_region){b->internal, l->primary.offset, l->primary.length};
    b->floor_region = (struct ferry_region){b->internal, l->floor.offset, l->floor.length};
    int status = ferry_region_check(&b->primary);
    if (status != FERRY_OK)
        return status;
    return ferry_floor_read(&b->floor_region, &b->floor, &b->floor_redundant);
}

/* The last words, in retained RAM. */
static void seal(struct ferry_boot *b)
{
    b->retained->floor = b->floor;
    ferry_retained_seal(b->retained);
}

static int start_image(struct ferry_boot *b)
{
    care_for_floor(b);
    if (b->port->lock(b->port->context) != FERRY_OK)
        ferry_retained_log(b->retained, "no lock");
    seal(b);
    return FERRY_OK;
}

static int enter_recovery(struct ferry_boot *b)
{
    ferry_retained_log_number(b->retained, "recovery", b->retained->reason);
    seal(b);
    return -(int)b->retained->reason;
}

int ferry_boot_run(struct ferry_boot *boot)
{
    struct ferry_boot *b = boot;

    int status = open_boot(b);
    if (status != FERRY_OK)
        return status;
    open_facts(b);
    for (uint32_t step = 0; step < STEPS_MAX; step++) {
        struct ferry_boot_decision d;
        ferry_boot_decide(&b->facts, &d);
        if (d.reason)
            b->retained->reason = d.reason;
        switch (d.action) {
        case FERRY_DO_BOOT:
            return start_image(b);
        case FERRY_DO_VERIFY:
            verify_slot(b, d.slot);
            break;
        case FERRY_DO_COPY:
            copy_primary(b, d.slot);
            break;
        case FERRY_DO_RECORD:
            append(b, &d.state);
            break;
        case FERRY_DO_INSTALL:
            install(b, &d);
            break;
        default:
            return enter_recovery(b);
        }
    }
    b->retained->reason = (uint8_t)-FERRY_E_STATE;
    return b->facts.primary_valid ? start_image(b) : enter_recovery(b);
}
