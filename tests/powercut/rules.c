// SPDX-License-Identifier: Apache-2.0
/* What a record may say, given what is true: each change of state against flash as it is. */
#include <string.h>

#include "world.h"

#define CODE(status) ((uint8_t) - (status))

static uint8_t image_of(const struct world *w, const uint8_t id[FERRY_ID_SIZE])
{
    for (uint8_t i = 0; i < IMAGES; i++)
        if (w->image[i].data && memcmp(id, w->hash[i], FERRY_ID_SIZE) == 0)
            return i;
    return NOBODY;
}

static bool slot_is_whole(const struct world *w, uint32_t slot, uint8_t image)
{
    const struct machine *m = &w->machine;

    return image != NOBODY && slot < m->layout.slots && image_in_slot(w, slot) == image &&
           !machine_is_unfinished(m, 1, m->layout.slot[slot].offset,
                                  (uint32_t)w->image[image].size);
}

static bool primary_is_whole(const struct world *w, uint8_t image)
{
    const struct machine *m = &w->machine;

    return image != NOBODY && image_in_primary(w) == image &&
           !machine_is_unfinished(m, 0, m->layout.primary.offset, (uint32_t)w->image[image].size);
}

static bool slot_is_blank(const struct world *w, uint32_t slot)
{
    const struct ferry_span *span = &w->machine.layout.slot[slot];
    const uint8_t *bytes = w->machine.external.bytes + span->offset;

    if (machine_is_unfinished(&w->machine, 1, span->offset, span->length))
        return false;
    for (uint32_t i = 0; i < span->length; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

/* The first bytes of a slot or the primary are those of the image, and strong. */
static bool prefix_is_whole(const struct world *w, uint32_t chip, uint32_t offset, uint8_t image,
                            uint32_t length)
{
    const struct machine *m = &w->machine;
    const uint8_t *bytes = (chip ? m->external.bytes : m->internal.bytes) + offset;

    if (image == NOBODY)
        return false;
    if (length > w->image[image].size)
        length = (uint32_t)w->image[image].size;
    return memcmp(bytes, w->image[image].data, length) == 0 &&
           !machine_is_unfinished(m, chip, offset, length);
}

static void rule_slot(struct world *w, const struct ferry_state *p, const struct ferry_state *s,
                      uint32_t slot)
{
    const struct ferry_slot_entry *was = p ? &p->slot[slot] : NULL, *is = &s->slot[slot];
    bool changed = !was || was->state != is->state || memcmp(was->id, is->id, sizeof is->id) != 0;
    uint32_t offset = w->machine.layout.slot[slot].offset;

    if (changed && is->state == FERRY_SLOT_COMPLETE && !slot_is_whole(w, slot, image_of(w, is->id)))
        fail(w, "a slot is called complete and is not");
    if (changed && is->state == FERRY_SLOT_ERASED && !slot_is_blank(w, slot))
        fail(w, "a slot is called erased and is not");
    if (!was || was->state != FERRY_SLOT_COMPLETE || !changed)
        return;
    if (memcmp(was->id, p->running, FERRY_ID_SIZE) == 0 && p->phase != FERRY_PHASE_INSTALLING)
        fail(w, "the copy of the running image was given up");
    if (p->phase == FERRY_PHASE_TRIAL && slot == p->fallback)
        fail(w, "the way back was given up during the trial");
    (void)offset;
}

static void rule_received(struct world *w, const struct ferry_state *s)
{
    for (uint32_t i = 0; i < s->slots && s->received > 0; i++)
        if (s->slot[i].state == FERRY_SLOT_RECEIVING &&
            !prefix_is_whole(w, 1, w->machine.layout.slot[i].offset, w->goal.image,
                             (uint32_t)s->received * FERRY_WINDOW))
            fail(w, "received windows are called certain and are not");
}

static void rule_installed(struct world *w, const struct ferry_state *s)
{
    if (s->phase == FERRY_PHASE_INSTALLING && s->installed > 0 &&
        !prefix_is_whole(w, 0, w->machine.layout.primary.offset, image_of(w, s->slot[s->target].id),
                         (uint32_t)s->installed * FERRY_WINDOW))
        fail(w, "installed windows are called certain and are not");
}

static void rule_to_install(struct world *w, const struct ferry_state *p,
                            const struct ferry_state *s)
{
    uint8_t target = image_of(w, s->slot[s->target].id);

    if (!w->machine.booting)
        fail(w, "the application recorded an install");
    if (!slot_is_whole(w, s->target, target) || !(w->truth.verified >> target & 1))
        fail(w, "an install was recorded of an image that was not verified");
    if (s->flags & FERRY_STATE_REVERT)
        return;
    uint8_t fallback = s->fallback == FERRY_NO_SLOT ? NOBODY : image_of(w, s->slot[s->fallback].id);
    if (!slot_is_whole(w, s->fallback, fallback) || !(w->truth.verified >> fallback & 1))
        fail(w, "an install was recorded without a verified way back");
    if (p && memcmp(p->running, s->slot[s->fallback].id, FERRY_ID_SIZE) != 0)
        fail(w, "the way back is not what ran before");
}

/* A trial ends because it was confirmed, asked to end, or tried often enough. */
static void rule_from_trial(struct world *w, const struct ferry_state *p,
                            const struct ferry_state *s)
{
    const struct truth *t = &w->truth;

    if (s->phase != FERRY_PHASE_INSTALLING)
        return;
    if (s->reason == CODE(FERRY_R_TRIAL_FAILED) &&
        (p->attempts < FERRY_ATTEMPTS_DEFAULT ||
         t->trial_runs[0] + t->trial_runs[1] + t->cuts_on_trial < FERRY_ATTEMPTS_DEFAULT))
        fail(w, "a trial was ended before it was tried often enough");
    if (s->reason == CODE(FERRY_R_TRIAL_FAILED) && t->trial_runs[0] + t->trial_runs[1] == 0)
        fail(w, "an image that never ran was counted as tried");
    if (s->reason == CODE(FERRY_R_TRIAL_POWER) && p->power_attempts < FERRY_POWER_ATTEMPTS_DEFAULT)
        fail(w, "a few power losses ended a trial");
}

static void rule_trial(struct world *w, const struct ferry_state *p, const struct ferry_state *s)
{
    uint8_t target = image_of(w, s->slot[s->target].id);
    uint8_t fallback = s->fallback == FERRY_NO_SLOT ? NOBODY : image_of(w, s->slot[s->fallback].id);

    if (p && p->phase == FERRY_PHASE_TRIAL) {
        int more = s->attempts + s->power_attempts - p->attempts - p->power_attempts;
        if (w->machine.booting && (more < 0 || more > 1))
            fail(w, "more than one attempt was counted");
        if (w->machine.booting && more == 1 && w->truth.attempts > 0)
            fail(w, "a boot counted two attempts");
        return;
    }
    if (!primary_is_whole(w, target))
        fail(w, "a trial was recorded of an image that is not in the primary");
    if (!slot_is_whole(w, s->fallback, fallback))
        fail(w, "a trial was recorded without a way back");
    if (s->attempts || s->power_attempts)
        fail(w, "a trial begins with attempts");
}

/* Not even a broken chip confirms an image. A journal that was formatted knows no better. */
void rule_confirmed(struct world *w, const struct ferry_state *s)
{
    uint8_t running = image_of(w, s->running);

    if (s->phase == FERRY_PHASE_IDLE && (s->flags & FERRY_STATE_CONFIRMED) && running != NOBODY &&
        s->sequence > 1 && !w->truth.unrecorded && !(w->truth.may_stay >> running & 1))
        fail(w, "an image that nobody confirmed is taken for good");
}

static void rule_idle(struct world *w, const struct ferry_state *p, const struct ferry_state *s)
{
    uint8_t running = image_of(w, s->running);

    if (p && p->phase == FERRY_PHASE_INSTALLING && w->machine.booting &&
        !primary_is_whole(w, running))
        fail(w, "an install is called done and is not");
    if (p && p->phase == FERRY_PHASE_TRIAL && w->machine.booting)
        fail(w, "the bootloader confirmed an image");
}

void rule_record(struct world *w, const struct ferry_state *before, const struct ferry_state *now,
                 uint32_t position)
{
    const struct ferry_state *p = before, *s = now;
    const struct machine *m = &w->machine;
    uint32_t block = m->external.geometry.erase[0].size;
    uint32_t journal = m->layout.journal.length;
    uint32_t next = (position * FERRY_RECORD_SIZE / block + 1) * block % journal;

    if (s->next_erased) {
        const uint8_t *bytes = m->external.bytes + m->layout.journal.offset + next;
        bool blank = !machine_is_unfinished(m, 1, m->layout.journal.offset + next, block);
        for (uint32_t i = 0; i < block && blank; i++)
            blank = bytes[i] == 0xFF;
        if (!blank)
            fail(w, "the journal's next block is called erased and is not");
    }
    for (uint32_t i = 0; i < s->slots; i++)
        rule_slot(w, p, s, i);
    rule_received(w, s);
    rule_installed(w, s);
    if (p && p->phase == FERRY_PHASE_TRIAL)
        rule_from_trial(w, p, s);
    if (s->phase == FERRY_PHASE_INSTALLING && (!p || p->phase != FERRY_PHASE_INSTALLING))
        rule_to_install(w, p, s);
    if (s->phase == FERRY_PHASE_TRIAL)
        rule_trial(w, p, s);
    if (s->phase == FERRY_PHASE_IDLE)
        rule_idle(w, p, s);
    if (s->phase == FERRY_PHASE_REQUESTED && m->booting && p && p->phase == FERRY_PHASE_IDLE)
        fail(w, "the bootloader requested an update");
}
