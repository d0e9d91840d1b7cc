// SPDX-License-Identifier: Apache-2.0
/*
 * powercut [--slice | --sharp | --all] [--jobs N] [--json FILE] [SCENARIO [GEOMETRY [MODE]]]
 * powercut replay SCENARIO GEOMETRY MODE FIRST SECOND PATTERN ROUND
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "campaign.h"

#define JOBS_MAX 1024u
#define STATES   (1u << 23)

/* Shared by the workers. */
struct shared {
    uint32_t next, jobs;
    bool stop_at_failure, failed;
    struct job job[JOBS_MAX];
    struct result result[JOBS_MAX];
};

static const struct only all = {{UINT32_MAX, UINT32_MAX}, UINT32_MAX, UINT32_MAX};

static void *share(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        abort();
    return memory;
}

/* What a run covers: all of it, what make test has time for, or what finds a mistake soonest. */
enum extent { ALL, SLICE, SHARP };

/* How densely a job cuts. 0 = not at all. */
static struct job plan(uint32_t scenario, uint32_t geometry, enum mode mode, enum extent extent)
{
    struct job j = {scenario, geometry, mode, {1, 1}, 1};
    const struct scenario *s = &scenarios[scenario];
    const struct geometry *g = &geometries[geometry];
    bool large = s->windows || g->image_size > 100000, huge = g->image_size > 400000;

    if (g->config.slots < s->slots_min)
        j.rounds = 0;
    if (s->windows && geometry > 1 && !huge)
        j.rounds = j.rounds && geometry == 4; /* the same windows in every geometry */
    j.stride[0] = huge ? 397 : large ? 41 : 1;
    j.stride[1] = huge ? 997 : large ? 97 : 1;
    if ((mode == MODE_PAIRS || mode == MODE_PAIRS_TORN) && (huge || large))
        j.stride[0] *= 8;
    if (mode == MODE_CHAIN && !large)
        j.rounds *= 4;
    if (extent == SHARP) {
        j.rounds = j.rounds > 0 && (geometry == 0 || geometry == 4) && mode != MODE_PAIRS;
        j.stride[0] = large ? 41 : mode == MODE_TORN ? 1 : 5;
        j.stride[1] = large ? 97 : 7;
        j.rounds = j.rounds && (!large || mode == MODE_TORN);
    }
    if (extent == SLICE) {
        bool pairs = mode == MODE_PAIRS || mode == MODE_PAIRS_TORN;
        j.stride[0] = large ? 1013 : pairs ? 41 : mode == MODE_TORN ? 13 : 17;
        j.stride[1] = large ? 1013 : 41;
        j.rounds = j.rounds > 0 && !huge && (!large || (mode == MODE_TORN && scenario % 5 == 0));
    }
    return j;
}

static int index_of(const char *name, const char *(*name_of)(uint32_t), uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(name, name_of(i)) == 0)
            return (int)i;
    fprintf(stderr, "powercut: %s is unknown; known are:", name);
    for (uint32_t i = 0; i < count; i++)
        fprintf(stderr, " %s", name_of(i));
    fprintf(stderr, "\n");
    exit(2);
}

static const char *scenario_name(uint32_t i)
{
    return scenarios[i].name;
}

static const char *geometry_name(uint32_t i)
{
    return geometries[i].name;
}

static uint32_t number(const char *text)
{
    return (uint32_t)strtol(text, NULL, 0);
}

static int replay(char **argv)
{
    struct job job = {(uint32_t)index_of(argv[0], scenario_name, scenario_count),
                      (uint32_t)index_of(argv[1], geometry_name, geometry_count),
                      (enum mode)(number(argv[2]) % MODES),
                      {1, 1},
                      number(argv[6]) + 1};
    struct only only = {{number(argv[3]), number(argv[4])}, number(argv[5]), number(argv[6])};
    struct result result;

    campaign_trace = true;
    campaign_run(&job, &only, NULL, &result);
    printf("%u cases, %u failed\n", result.cases, result.failures);
    return result.failures > 0;
}

static void work(struct shared *s, struct states *states)
{
    for (;;) {
        uint32_t i = __atomic_fetch_add(&s->next, 1, __ATOMIC_RELAXED);
        if (i >= s->jobs || (s->stop_at_failure && s->failed))
            return;
        struct result *r = &s->result[i];
        const struct job *j = &s->job[i];
        campaign_run(j, &all, states, r);
        s->failed = s->failed || r->failures > 0;
        printf("%-12s %-9s %-10s %6u ops %8u cases %8u cut boots %6.1f s %u failed\n",
               scenarios[j->scenario].name, geometries[j->geometry].name, mode_names[j->mode],
               r->operations, r->cases, r->cut_boots, r->seconds, r->failures);
        fflush(stdout);
    }
}

static bool run_workers(struct shared *s, struct states *states, uint32_t workers)
{
    bool well = true;

    fflush(stdout);
    for (uint32_t i = 0; i < workers; i++)
        if (fork() == 0) {
            work(s, states);
            exit(0);
        }
    for (uint32_t i = 0; i < workers; i++) {
        int status;
        wait(&status);
        well = well && status == 0;
    }
    return well;
}

static int write_json(const char *path, const struct shared *s, const struct states *states)
{
    FILE *f = fopen(path, "w");

    if (!f) {
        fprintf(stderr, "powercut: cannot write %s\n", path);
        return 1;
    }
    fprintf(f, "{\"states\": %llu, \"patterns\": %u, \"jobs\": [",
            (unsigned long long)states->count, MACHINE_PATTERNS);
    for (uint32_t i = 0; i < s->jobs; i++) {
        const struct job *j = &s->job[i];
        const struct result *r = &s->result[i];
        fprintf(
            f,
            "%s\n{\"scenario\": \"%s\", \"geometry\": \"%s\", \"mode\": \"%s\", \"stride\": %u, "
            "\"operations\": %u, \"cases\": %u, \"cut_boots\": %u, \"failures\": %u, "
            "\"seconds\": %.3f, \"replay\": \"%s\", \"failure\": \"%s\"}",
            i ? "," : "", scenarios[j->scenario].name, geometries[j->geometry].name,
            mode_names[j->mode], j->stride[0], r->operations, r->cases, r->cut_boots, r->failures,
            r->seconds, r->replay, r->failure);
    }
    fprintf(f, "\n]}\n");
    return fclose(f) != 0;
}

struct options {
    enum extent extent;
    uint32_t workers;
    const char *json, *name[3];
};

static struct options parse(int argc, char **argv)
{
    struct options o = {.workers = 2};
    uint32_t names = 0;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--slice") == 0)
            o.extent = SLICE;
        else if (strcmp(argv[i], "--sharp") == 0)
            o.extent = SHARP;
        else if (strcmp(argv[i], "--all") == 0)
            o.extent = ALL;
        else if (strcmp(argv[i], "--jobs") == 0 && i + 1 < argc)
            o.workers = number(argv[++i]);
        else if (strcmp(argv[i], "--json") == 0 && i + 1 < argc)
            o.json = argv[++i];
        else if (names < 3)
            o.name[names++] = argv[i];
    }
    return o;
}

static void make_jobs(struct shared *s, const struct options *o)
{
    int scenario = o->name[0] ? index_of(o->name[0], scenario_name, scenario_count) : -1;
    int geometry = o->name[1] ? index_of(o->name[1], geometry_name, geometry_count) : -1;

    /* The long ones first: the workers then end together. */
    for (uint32_t n = 0; n < geometry_count; n++)
        for (uint32_t i = 0; i < scenario_count; i++)
            for (int mode = 0; mode < MODES; mode++) {
                uint32_t g = o->extent == SHARP ? n : geometry_count - 1 - n;
                struct job j = plan(i, g, (enum mode)mode, o->extent);
                if (j.rounds == 0 || s->jobs == JOBS_MAX || (scenario >= 0 && (int)i != scenario) ||
                    (geometry >= 0 && (int)g != geometry) ||
                    (o->name[2] && (int)number(o->name[2]) != mode))
                    continue;
                s->job[s->jobs++] = j;
            }
}

int main(int argc, char **argv)
{
    struct result sum = {0};

    setvbuf(stdout, NULL, _IOLBF, 0);

    if (argc == 9 && strcmp(argv[1], "replay") == 0)
        return replay(argv + 2);
    struct options o = parse(argc, argv);
    struct shared *s = share(sizeof *s);
    struct states *states = share(sizeof *states + (size_t)STATES * sizeof(uint64_t));
    states->capacity = STATES;
    s->stop_at_failure = o.extent == SHARP;
    make_jobs(s, &o);
    if (!run_workers(s, states, o.workers))
        sum.failures++;
    for (uint32_t i = 0; i < s->jobs; i++) {
        sum.cases += s->result[i].cases;
        sum.cut_boots += s->result[i].cut_boots;
        sum.failures += s->result[i].failures;
        sum.seconds += s->result[i].seconds;
    }
    printf("%u jobs, %u cases, %u cut boots, %llu states, %.0f s of CPU, %u failed\n", s->jobs,
           sum.cases, sum.cut_boots, (unsigned long long)states->count, sum.seconds, sum.failures);
    if (o.json && write_json(o.json, s, states) != 0)
        return 2;
    return sum.failures > 0;
}
