// SPDX-License-Identifier: Apache-2.0
/*
 * The agent's self test: the known-answer tests of the cryptographic library that a product of
 * this size links for its connections. One test at a time, in idle time; the longest takes a second
 * of this core, so a product would cut it up, and the watchdog is not fed meanwhile.
 */
#ifndef AST1030_SELFTEST_H
#define AST1030_SELFTEST_H

#include <stdbool.h>

/* Runs the next test; after the last says what they came to. False when there is none left. */
bool selftest_step(void (*say)(const char *line));

/* What a release tests, ended by NULL: one file per release, selftest_<major>.c. */
struct selftest {
    const char *name;
    int (*run)(int verbose); /* 0 = passed */
};
extern const struct selftest selftests[];

#endif
