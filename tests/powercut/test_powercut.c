// SPDX-License-Identifier: Apache-2.0
/*
 * Cuts the power at every flash operation of an update and of everything around it: upload,
 * request, install, trial, confirm, rollback. After each cut the device is left alone, and must get
 * by itself to where it was sent. Each case is a line that can be repeated:
 *
 *     test_powercut [--all] GOAL GEOMETRY MORE-CUTS OPERATION TEAR
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "images.h"
#include "sim/machine.h"

#define LIVES_MAX 60

/* What the people around the device want of it. */
enum goal {
    GOAL_UPDATE,    /* new image on trial, confirmed by itself */
    GOAL_PERMANENT, /* new image for good */
    GOAL_ROLLBACK,  /* the new image resets by watchdog and never confirms */
    GOAL_BACK,      /* updated, then asked back to the previous image */
    GOALS,
};

static const char *const goal_names[GOALS] = {"update", "permanent", "rollback", "back"};

static const struct geometry {
    const char *name;
    struct machine_config config;
    uint32_t image_size;
} geometries[] = {
    {"4k-4k-3", {4096, 4096, 0x10000, 3}, 18000},
    {"4k-4k-2", {4096, 4096, 0x10000, 2}, 18000},
    {"2k-4k-3", {2048, 4096, 0x8000, 3}, 9000},
    {"8k-4k-3", {8192, 4096, 0x10000, 3}, 36000},
    {"128k-4k-3", {0x20000, 4096, 0x40000, 3}, 140000},
    {"4k-64k-3", {4096, 0x10000, 0x20000, 3}, 70000},
    {"windows", {4096, 4096, 0x30000, 3}, 150000},
};
#define GEOMETRIES (sizeof geometries / sizeof geometries[0])

struct run {
    const struct geometry *geometry;
    enum goal goal;
    struct ferry_bytes old_image, new_image;
    uint32_t uncut; /* operations without any cut */
    uint32_t chain; /* cuts after the first */
    bool back_asked;
    bool done;
    const char *failure;
};

static bool runs(const struct machine *m, const struct ferry_bytes *image)
{
    return memcmp(m->internal.bytes + m->layout.primary.offset, image->data, image->size) == 0;
}

static bool slot_holds(const struct machine *m, uint32_t slot, const struct ferry_bytes *image)
{
    return memcmp(m->external.bytes + m->layout.slot[slot].offset, image->data, image->size) == 0;
}

/* There is always a whole image somewhere, whatever was being done when the power went. */
static void check_an_image_is_left(void *context, struct machine *m)
{
    struct run *r = context;
    bool found = runs(m, &r->old_image) || runs(m, &r->new_image);

    for (uint32_t i = 0; i < m->layout.slots; i++)
        found = found || slot_holds(m, i, &r->old_image) || slot_holds(m, i, &r->new_image);
    if (!found)
        r->failure = "no whole image anywhere at the cut";
}

/* On trial the old image is whole in a slot, and cannot be overwritten or erased. */
static void check_way_back(struct machine *m, struct run *r)
{
    const struct ferry_state *s = &m->update.store.journal.state;
    uint8_t way_back = s->fallback;

    if (s->phase != FERRY_PHASE_TRIAL)
        return;
    if (way_back >= m->layout.slots || !slot_holds(m, way_back, &r->old_image))
        r->failure = "on trial without a way back";
    else if (ferry_update_erase(&m->update, way_back) != FERRY_E_SLOT_IN_USE)
        r->failure = "the way back could be erased";
}

static int upload(struct machine *m, struct run *r)
{
    const struct ferry_bytes *image = &r->new_image;
    uint8_t identity[32];
    uint32_t offset;

    ferry_sha256(image->data, image->size, identity);
    int status = ferry_update_begin(&m->update, identity, 32, (uint32_t)image->size, &offset);
    while (status == FERRY_OK && offset < image->size) {
        uint32_t left = (uint32_t)image->size - offset;
        uint32_t part = left < 1000 ? left : 1000;
        status = ferry_update_write(&m->update, offset, image->data + offset, part, &offset);
        (void)ferry_update_poll(&m->update);
    }
    return status;
}

static uint8_t slot_of(const struct machine *m, const struct ferry_bytes *image)
{
    const struct ferry_state *s = &m->update.store.journal.state;
    struct ferry_image info;

    for (uint8_t i = 0; i < m->layout.slots; i++)
        if (s->slot[i].state == FERRY_SLOT_COMPLETE &&
            ferry_image_parse(&m->update.store.slot[i], &info) == FERRY_OK &&
            slot_holds(m, i, image))
            return i;
    return FERRY_NO_SLOT;
}

/* The old image's life: it wants the new one. */
static void life_of_old(struct machine *m, struct run *r)
{
    const struct ferry_state *s = &m->update.store.journal.state;
    uint8_t reason = s->reason;

    if (r->goal == GOAL_ROLLBACK && reason == (uint8_t)-FERRY_R_TRIAL_FAILED) {
        r->done = true;
        return;
    }
    if (r->goal == GOAL_ROLLBACK && reason == (uint8_t)-FERRY_R_TRIAL_POWER) {
        r->failure = "a few power cuts ended the trial";
        return;
    }
    if (r->goal == GOAL_BACK && r->back_asked) {
        r->done = true;
        return;
    }
    if (s->phase == FERRY_PHASE_REQUESTED)
        return;
    for (int i = 0; i < 3; i++)
        (void)ferry_update_poll(&m->update);
    uint8_t slot = slot_of(m, &r->new_image);
    if (slot == FERRY_NO_SLOT) {
        int status = upload(m, r);
        if (status != FERRY_OK) {
            r->failure = "upload refused";
            return;
        }
        slot = slot_of(m, &r->new_image);
    }
    if (ferry_update_request(&m->update, slot, r->goal == GOAL_PERMANENT) != FERRY_OK)
        r->failure = "request refused";
    m->cause = FERRY_RESET_SOFTWARE;
}

static void life_of_new(struct machine *m, struct run *r)
{
    const struct ferry_state *s = &m->update.store.journal.state;

    if (r->goal == GOAL_ROLLBACK) {
        if (s->phase != FERRY_PHASE_TRIAL)
            r->failure = "an image that was never confirmed is taken for good";
        m->cause = FERRY_RESET_WATCHDOG;
        return;
    }
    if (s->phase == FERRY_PHASE_TRIAL && ferry_update_confirm(&m->update) != FERRY_OK)
        r->failure = "confirm refused";
    if (r->goal != GOAL_BACK) {
        r->done = s->phase == FERRY_PHASE_IDLE;
        return;
    }
    if (s->phase == FERRY_PHASE_IDLE && ferry_update_back(&m->update, NULL) != FERRY_OK)
        r->failure = "back refused";
    r->back_asked = true;
    m->cause = FERRY_RESET_SOFTWARE;
}

static void life(struct machine *m, void *context)
{
    struct run *r = context;

    if (machine_open_update(m) != FERRY_OK || !m->update.store_ready) {
        r->failure = "the application cannot open the store";
        return;
    }
    check_way_back(m, r);
    if (runs(m, &r->old_image))
        life_of_old(m, r);
    else if (runs(m, &r->new_image))
        life_of_new(m, r);
    else
        r->failure = "something else runs";
}

/* Lives until the goal is reached. Returns a sentence about what went wrong, or NULL. */
static const char *play(struct machine *m, struct run *r)
{
    r->done = false;
    r->back_asked = false;
    r->failure = NULL;
    m->watch = check_an_image_is_left;
    m->watch_context = r;
    for (int lives = 0; lives < LIVES_MAX; lives++) {
        enum machine_result result = machine_start(m);
        if (result == MACHINE_RECOVERY)
            return "nothing boots";
        if (result == MACHINE_RUNS)
            result = machine_run(m, life, r);
        if (r->failure || (r->done && result == MACHINE_RUNS))
            return r->failure;
    }
    return "the goal was not reached";
}

static void prepare(struct machine *m, struct run *r, const struct geometry *g, enum goal goal)
{
    r->geometry = g;
    r->goal = goal;
    r->old_image = images_make(1, g->image_size, 1, 0);
    r->new_image = images_make(2, g->image_size + 900, 2, 0);
    machine_init(m, &g->config, images_keys());
    machine_flash_primary(m, r->old_image.data, (uint32_t)r->old_image.size);
}

static void release(struct machine *m, struct run *r)
{
    machine_free(m);
    ferry_bytes_free(&r->old_image);
    ferry_bytes_free(&r->new_image);
}

/* What one cut may cost: a window of each chip done again, and some records. */
static uint32_t allowance(const struct machine *m)
{
    uint32_t external = FERRY_WINDOW / 256 + FERRY_WINDOW / m->external.geometry.erase[0].size;
    uint32_t internal = FERRY_WINDOW / 512 + FERRY_WINDOW / m->internal.geometry.erase[0].size;

    return 2 * (external + internal) + 60;
}

static int one_case(const struct machine *factory, struct machine *m, struct run *r,
                    uint32_t operation, enum machine_tear tear)
{
    uint64_t seed = operation * 131u + (uint64_t)tear;

    machine_copy(m, factory);
    machine_cut_at(m, operation, tear, seed);
    if (r->chain)
        machine_cut_more(m, r->chain, r->uncut);
    const char *failure = play(m, r);
    if (!failure && m->total > r->uncut + (r->chain + 1) * allowance(m))
        failure = "more was done again than one cut is worth";
    if (!failure)
        return 0;
    printf("FAILED: test_powercut %s %s %u %u %d: %s\n", goal_names[r->goal], r->geometry->name,
           r->chain, operation, tear, failure);
    return 1;
}

/* One run without a cut: how many operations there are. */
static int measure(const struct machine *factory, struct machine *m, struct run *r)
{
    machine_copy(m, factory);
    machine_cut_at(m, UINT32_MAX, TEAR_BEFORE, 1);
    const char *failure = play(m, r);
    r->uncut = m->total;
    if (failure)
        printf("FAILED: test_powercut %s %s without a cut: %s\n", goal_names[r->goal],
               r->geometry->name, failure);
    return failure != NULL;
}

/* What the command line selects; -1 = all. */
struct selection {
    const char *goal, *geometry;
    long chain, operation, tear;
    uint32_t stride;
};

/* Every operation times every tear. */
static int campaign(const struct geometry *g, enum goal goal, uint32_t chain,
                    const struct selection *only)
{
    struct machine factory, m;
    struct run r = {.chain = chain};
    uint32_t cases = 0;

    prepare(&factory, &r, g, goal);
    machine_init(&m, &g->config, images_keys());
    int failures = measure(&factory, &m, &r);
    uint32_t first = only->operation >= 0 ? (uint32_t)only->operation : chain % only->stride;
    uint32_t end = only->operation >= 0 ? first + 1 : r.uncut;
    for (uint32_t op = first; op < end && failures < 10; op += only->stride)
        for (int tear = 0; tear < TEAR_KINDS; tear++) {
            if (only->tear >= 0 && tear != only->tear)
                continue;
            failures += one_case(&factory, &m, &r, op, (enum machine_tear)tear);
            cases++;
        }
    printf("%-10s %-10s %u more cuts %5u operations %6u cases %d failed\n", goal_names[goal],
           g->name, chain, r.uncut, cases, failures);
    machine_free(&m);
    release(&factory, &r);
    return failures;
}

/* Large images take long: a share of their operations, unless all are asked for. */
static uint32_t stride_of(const struct geometry *g, const struct selection *only)
{
    return only->stride ? only->stride : g->image_size > 40000 ? 211 : 11;
}

static struct selection parse(int argc, char **argv)
{
    struct selection s = {.chain = -1, .operation = -1, .tear = -1};

    s.stride = argc > 1 && strcmp(argv[1], "--all") == 0;
    argc -= (int)s.stride;
    argv += s.stride;
    s.goal = argc > 1 ? argv[1] : NULL;
    s.geometry = argc > 2 ? argv[2] : NULL;
    s.chain = argc > 3 ? atol(argv[3]) : -1;
    s.operation = argc > 4 ? atol(argv[4]) : -1;
    s.tear = argc > 5 ? atol(argv[5]) : -1;
    return s;
}

int main(int argc, char **argv)
{
    struct selection only = parse(argc, argv);
    int failures = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (uint32_t g = 0; g < GEOMETRIES; g++)
        for (int goal = 0; goal < GOALS; goal++)
            for (uint32_t chain = 0; chain < 4; chain++) {
                struct selection here = only;
                here.stride = stride_of(&geometries[g], &only);
                if ((only.goal && strcmp(only.goal, goal_names[goal]) != 0) ||
                    (only.geometry && strcmp(only.geometry, geometries[g].name) != 0) ||
                    (only.chain >= 0 && chain != (uint32_t)only.chain))
                    continue;
                failures += campaign(&geometries[g], (enum goal)goal, chain, &here);
            }
    printf("%d failed\n", failures);
    return failures ? 1 : 0;
}
