// SPDX-License-Identifier: Apache-2.0
/* A copy of a golden project in a temporary folder, which a test may change and look at. */
#ifndef FERRY_TESTS_DOCTOR_PROJECT_H
#define FERRY_TESTS_DOCTOR_PROJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "doctor/doctor.h"

#define GIVEN_MAX 8

struct project {
    char root[256];
    char *given[GIVEN_MAX]; /* the files of its folder given/, made from their descriptions */
    size_t given_count;
};

/* Copies `golden`; false when it cannot. */
bool project_copy(struct project *project, const char *golden);
void project_remove(struct project *project);

/*
 * One change of one file:
 *   s|old|new|   the first occurrence of `old` becomes `new`
 *   d|text|      the first line that holds `text` goes
 *   a|text|      a line more at the end (or a new file)
 *   m|path|      the file gets another name
 *   x||          the file goes
 * `\n` in a text is a line break, `\t` a tab. false when there is nothing to change.
 */
bool project_edit(const struct project *project, const char *file, const char *edit);

/* Makes given/NAME from given/NAME.spec (images) and given/NAME.d (packages), or takes it as is. */
bool project_give(struct project *project);

/* Opens and checks the project; `baseline` is a file of it, or NULL. Close the doctor afterwards.
 */
bool project_check(const struct project *project, struct doctor *doctor, const char *baseline);

#endif
