// SPDX-License-Identifier: Apache-2.0
/* Runs scenarios with the power cut in every way; counts, and says how to repeat a failure. */
#ifndef TESTS_POWERCUT_CAMPAIGN_H
#define TESTS_POWERCUT_CAMPAIGN_H

#include "world.h"

/* How the power is cut. */
enum mode {
    MODE_TORN,       /* one cut at each operation, each torn pattern */
    MODE_PAIRS,      /* each pair of clean cuts */
    MODE_PAIRS_TORN, /* each pair, each cut with a pattern of the pair's seed */
    MODE_CHAIN,      /* a cut at each operation, then up to four more at random */
    MODE_FAULTS,     /* a cut at each operation, then each fault from the next boot on */
    MODES,
};
extern const char *const mode_names[MODES];

/* One line of the table, and what to do for it. */
struct job {
    uint32_t scenario, geometry;
    enum mode mode;
    uint32_t stride[2]; /* of the first and the second cut */
    uint32_t rounds;    /* how often with other seeds */
};

struct result {
    uint32_t cases, cut_boots, failures, operations;
    double seconds;
    char replay[160]; /* of the first failure */
    char failure[120];
};

/* A single case: what `powercut replay` gets. UINT32_MAX = all. */
struct only {
    uint32_t operation[2], pattern, round;
};

/* Runs a job. States that were cut are added to `states`, a table shared by all workers. */
struct states {
    uint64_t count, capacity;
    uint64_t slot[];
};
void campaign_run(const struct job *job, const struct only *only, struct states *states,
                  struct result *result);

/* Prints each operation and boot from now on. */
extern bool campaign_trace;

#endif
