// SPDX-License-Identifier: Apache-2.0
/*
 * The reference run goes through a scenario without a cut. Before each of its operations a copy of
 * the device is made, its power is cut there, and it is left alone until it has reached its goal;
 * for pairs the copy does the same to a copy of its own. So no case repeats what came before it.
 */
#include "campaign.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "memo.h"

#define DEPTHS       3u
#define FAILURES_MAX 5u

const char *const mode_names[MODES] = {"torn", "pairs", "torn pairs", "chains", "faults"};
bool campaign_trace;

/* The worlds of a job: the reference, and one for each further cut. */
static struct world worlds[DEPTHS];
static struct ferry_bytes images[IMAGES];
static uint8_t hashes[IMAGES][32];

static struct {
    const struct job *job;
    const struct only *only;
    struct states *states;
    struct result *result;
    uint32_t depth, round;
    uint32_t first; /* operation of the first cut */
    bool stop;
} run;

static uint64_t seed_of(uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t seed = ((uint64_t)a << 40) ^ ((uint64_t)b << 20) ^ c ^ ((uint64_t)run.round << 58);

    return machine_random(&seed);
}

/* A set that only grows; workers share it, so a slot is taken with a compare-and-swap. */
static void note_state(const struct machine *m)
{
    struct states *s = run.states;
    uint64_t hash = machine_state_hash(m) | 1, empty;

    if (!s)
        return;
    for (uint64_t i = hash % s->capacity, n = 0; n < 64; n++, i = (i + 1) % s->capacity) {
        empty = 0;
        if (s->slot[i] == hash)
            return;
        if (__atomic_compare_exchange_n(&s->slot[i], &empty, hash, false, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED)) {
            __atomic_fetch_add(&s->count, 1, __ATOMIC_RELAXED);
            return;
        }
        if (empty == hash)
            return;
    }
}

static void note_failure(const struct world *w, uint32_t second, uint32_t pattern)
{
    const struct job *j = run.job;
    struct result *r = run.result;
    char text[160];

    if (r->failures++ >= FAILURES_MAX)
        run.stop = true;
    snprintf(text, sizeof text, "%s %s %u %u %d %u %u", scenarios[j->scenario].name,
             geometries[j->geometry].name, (unsigned)j->mode, run.first,
             second == UINT32_MAX ? -1 : (int)second, pattern, run.round);
    if (r->failures == 1) {
        snprintf(r->replay, sizeof r->replay, "%s", text);
        snprintf(r->failure, sizeof r->failure, "%s", w->failure);
    }
    printf("FAILED: %s\n  powercut replay %s\n", w->failure, text);
}

static bool is_wanted(uint32_t wanted, uint32_t is)
{
    return wanted == UINT32_MAX || wanted == is;
}

/* What the cut of the operation leaves, in `child`; then it lives until its goal. */
static void cut_and_play(struct world *child, const struct world *parent,
                         const struct machine_op *op, struct machine_pattern pattern, uint64_t seed,
                         uint32_t second, uint32_t number)
{
    struct world *outer = observed;
    struct machine_op torn = *op;

    world_copy(child, parent);
    torn.outcome = OP_TORN;
    observed = child;
    observe_operation(child, &child->machine, &torn);
    machine_tear(&child->machine, &torn, pattern, seed);
    child->cuts++;
    child->truth.cuts_on_trial++;
    note_state(&child->machine);
    run.result->cases++;
    if (run.job->mode == MODE_CHAIN) {
        child->machine.cut_at = (uint32_t)(seed >> 32) % (run.result->operations + 1);
        child->machine.operations = 0;
        struct machine_pattern next = machine_pattern((uint32_t)(seed >> 8) % MACHINE_PATTERNS);
        child->machine.tear = next.tear;
        child->machine.tear_seed = next.seed;
        machine_cut_more(&child->machine, (uint32_t)(seed >> 16) % 4, run.result->operations + 1);
    }
    run.depth++;
    memo_depth = run.depth;
    uint32_t before = child->cuts;
    bool well = world_play(child);
    run.depth--;
    memo_depth = run.depth;
    run.result->cut_boots += 1 + child->cuts - before;
    if (!well)
        note_failure(child, second, number);
    observed = outer;
}

/* Content that the thief, the repair shop or a dead cell leaves in the external chip. */
static void tamper(struct world *w, uint32_t kind, uint64_t seed)
{
    struct machine *m = &w->machine;
    uint8_t page[MACHINE_PAGE];

    w->truth.tampered = true;
    for (uint32_t at = 0; at < m->external.geometry.size; at += sizeof page) {
        for (uint32_t i = 0; i < sizeof page; i++)
            page[i] = kind == 0 ? 0x00 : kind == 1 ? 0xFF : (uint8_t)(machine_random(&seed) >> 9);
        if (kind == 3 && at >= m->layout.slot[0].offset)
            break; /* only the journal */
        if (kind == 4 && at < m->layout.slot[0].offset)
            continue; /* only the slots */
        machine_poke(m, 1, at, page, sizeof page);
    }
    memset(&w->truth.log, 0, sizeof w->truth.log);
    w->truth.has_strong = false;
}

#define TAMPERS 5u

/* Faults that end after some boots, and content that stays changed. A device that has nothing
 * valid left anywhere is served by recovery. */
static void cut_and_fault(struct world *child, const struct world *parent,
                          const struct machine_op *op, uint32_t fault)
{
    static const struct machine_pattern clean = {TEAR_BEFORE, 0};
    uint64_t seed = seed_of(run.first, fault, 7);

    world_copy(child, parent);
    struct machine_op torn = *op;
    torn.outcome = OP_TORN;
    struct world *outer = observed;
    observed = child;
    observe_operation(child, &child->machine, &torn);
    machine_tear(&child->machine, &torn, clean, seed);
    child->cuts++;
    child->truth.cuts_on_trial++;
    run.result->cases++;
    run.result->cut_boots++;
    if (fault < FAULTS) {
        child->machine.fault = (enum machine_fault)fault;
        child->fault_boots = 1 + (uint32_t)(seed >> 40) % 3;
        child->truth.faulty = true;
    } else
        tamper(child, fault - FAULTS, seed);
    note_state(&child->machine);
    run.depth++;
    memo_depth = run.depth;
    if (!world_play(child))
        note_failure(child, UINT32_MAX, fault);
    run.depth--;
    memo_depth = run.depth;
    observed = outer;
}

static bool is_bookkeeping(const struct machine *m, const struct machine_op *op)
{
    return op->chip ? op->offset < m->layout.slot[0].offset : op->offset < m->layout.primary.offset;
}

/* Page programs of large images are much alike: of those only every n-th is cut. */
static bool is_sampled(const struct machine *m, const struct machine_op *op, uint32_t number,
                       uint32_t stride)
{
    bool erase = op->erase && stride < 100;

    return stride <= 1 || is_bookkeeping(m, op) || erase || number % stride == 0;
}

static void second_cut(struct world *w, const struct machine_op *op)
{
    uint32_t number = w->machine.total, pattern = 0;

    if (run.stop || !is_wanted(run.only->operation[1], number) ||
        !is_sampled(&w->machine, op, number + run.first, run.job->stride[1]))
        return;
    uint64_t seed = seed_of(run.first, number, 3);
    if (run.job->mode == MODE_PAIRS_TORN)
        pattern = (uint32_t)(seed >> 32) % MACHINE_PATTERNS;
    cut_and_play(&worlds[2], w, op, machine_pattern(pattern), seed, number, pattern);
}

static void patterns_of_cut(struct world *w, const struct machine_op *op)
{
    for (uint32_t p = 0; p < MACHINE_PATTERNS && !run.stop; p++)
        if (is_wanted(run.only->pattern, p))
            cut_and_play(&worlds[1], w, op, machine_pattern(p), seed_of(run.first, p, 1),
                         UINT32_MAX, p);
}

static void first_cut(struct world *w, const struct machine_op *op)
{
    /* Of a record: whole, a part of it, weak, and read as whole in one life, not in another. */
    static const uint8_t sharp[] = {1, 2, 36, 46, 47, 48, 49, 50, 51};
    uint32_t number = w->machine.total, pattern = 0;
    enum mode mode = run.job->mode;

    if (run.stop || !is_wanted(run.only->operation[0], number) ||
        !is_sampled(&w->machine, op, number, run.job->stride[0]))
        return;
    run.first = number;
    uint64_t seed = seed_of(number, 0, 2);
    if (mode == MODE_TORN)
        patterns_of_cut(w, op);
    else if (mode == MODE_FAULTS)
        for (uint32_t f = 1; f < FAULTS + TAMPERS && !run.stop; f++) {
            if (is_wanted(run.only->pattern, f))
                cut_and_fault(&worlds[1], w, op, f);
        }
    else if (mode == MODE_PAIRS_TORN && is_bookkeeping(&w->machine, op))
        for (uint32_t i = 0; i < sizeof sharp && !run.stop; i++) {
            if (is_wanted(run.only->pattern, sharp[i]) || run.only->operation[1] != UINT32_MAX)
                cut_and_play(&worlds[1], w, op, machine_pattern(sharp[i]), seed + i, UINT32_MAX,
                             sharp[i]);
        }
    else {
        if (mode != MODE_PAIRS)
            pattern = (uint32_t)(seed >> 32) % MACHINE_PATTERNS;
        cut_and_play(&worlds[1], w, op, machine_pattern(pattern), seed, UINT32_MAX, pattern);
    }
}

static void on_first(void *world, struct machine *m, const struct machine_op *op)
{
    (void)m;
    observe_opened(world);
    first_cut(world, op);
}

static void on_second(void *world, struct machine *m, const struct machine_op *op)
{
    (void)m;
    observe_opened(world);
    second_cut(world, op);
}

static void trace(void *world, struct machine *m, const struct machine_op *op)
{
    static const char *const outcomes[] = {"", " TORN", " LOST"};

    observe_operation(world, m, op);
    if (campaign_trace && run.depth > 0)
        printf("%*s%s %s %s 0x%x +%u%s%s\n", (int)run.depth * 2, "", m->booting ? "boot" : "app ",
               op->chip ? "external" : "internal", op->erase ? "erase" : "program", op->offset,
               op->length, outcomes[op->outcome],
               ((struct world *)world)->failure ? "  <-- broken" : "");
}

static bool open_worlds(const struct job *job)
{
    const struct scenario *s = &scenarios[job->scenario];
    const struct geometry *g = &geometries[job->geometry];

    world_images(s, g, images, hashes);
    for (uint32_t i = 0; i < DEPTHS; i++) {
        world_init(&worlds[i], s, g, images, (const uint8_t(*)[32])hashes);
        if (campaign_trace)
            worlds[i].machine.watch = trace;
    }
    return world_prepare(&worlds[0]);
}

static void close_worlds(void)
{
    for (uint32_t i = 0; i < DEPTHS; i++)
        world_free(&worlds[i]);
    for (uint32_t i = 0; i < IMAGES; i++)
        ferry_bytes_free(&images[i]);
}

/* Without any cut, nothing remembered: the real hash and the real signature check. */
static void run_uncut(struct result *result)
{
    static const struct machine_pattern clean = {TEAR_BEFORE, 0};

    world_copy(&worlds[1], &worlds[0]);
    machine_cut_at(&worlds[1].machine, UINT32_MAX, clean, 1);
    memo_off = true;
    if (!world_play(&worlds[1]))
        note_failure(&worlds[1], UINT32_MAX, 0);
    memo_off = false;
    result->operations = worlds[1].machine.total;
}

void campaign_run(const struct job *job, const struct only *only, struct states *states,
                  struct result *result)
{
    static const struct machine_pattern clean = {TEAR_BEFORE, 0};
    clock_t start = clock();

    memset(result, 0, sizeof *result);
    memset(&run, 0, sizeof run);
    run.job = job;
    run.only = only;
    run.states = states;
    run.result = result;
    if (!open_worlds(job)) {
        note_failure(&worlds[0], UINT32_MAX, 0);
        close_worlds();
        return;
    }
    run_uncut(result);
    for (run.round = 0; run.round < job->rounds && !run.stop; run.round++) {
        if (!is_wanted(only->round, run.round))
            continue;
        struct world *reference = &worlds[0];
        bool pairs = job->mode == MODE_PAIRS || job->mode == MODE_PAIRS_TORN;
        close_worlds();
        (void)open_worlds(job);
        machine_cut_at(&reference->machine, UINT32_MAX, clean, 1);
        reference->machine.before = on_first;
        worlds[1].machine.before = pairs ? on_second : NULL;
        if (!world_play(reference))
            note_failure(reference, UINT32_MAX, 0);
    }
    close_worlds();
    result->seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
}
