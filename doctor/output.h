// SPDX-License-Identifier: Apache-2.0
/* What people, scripts and code hosts get to see. */
#ifndef FERRY_DOCTOR_OUTPUT_H
#define FERRY_DOCTOR_OUTPUT_H

#include <jansson.h>
#include <stdio.h>

#include "doctor/doctor.h"

struct output_options {
    bool color;
    bool notes; /* show notes too */
    bool quiet; /* the findings only, no summary */
};

void output_text(FILE *out, const struct doctor *doctor, const struct output_options *options);
json_t *output_json(const struct doctor *doctor, bool notes);
json_t *output_sarif(const struct doctor *doctor, bool notes, const char *version);

/* One finding, as output_text prints it. */
void output_finding(FILE *out, const struct finding *finding, const struct output_options *options);

/* The flash map of a case: text, or an SVG drawing. false when no layout is known. */
bool output_map(FILE *out, const struct doctor_case *c);
bool output_map_svg(FILE *out, const struct doctor_case *c);

/* All edits as one patch for `git apply`; the number of findings it fixes. */
size_t output_patch(FILE *out, struct doctor *doctor);
/* Applies them to the files; the number of files changed, -1 with `*problem` on failure. */
int output_apply(struct doctor *doctor, const char **problem);

#endif
