// SPDX-License-Identifier: Apache-2.0
/*
 * Explains what a device, a build or a user said: known lines of logs, configuration that is quoted
 * in the same text, images and dumps. Causes are ranked; the doctor's findings decide between them.
 */
#ifndef FERRY_DOCTOR_EXPLAIN_H
#define FERRY_DOCTOR_EXPLAIN_H

#include <jansson.h>
#include <stdio.h>

#include "doctor/doctor.h"

#define EXPLAIN_CAUSES_MAX 6

struct explain_cause {
    const char *rule; /* the doctor's rule, or NULL */
    const char *text;
};

/* One known line. */
struct explain_row {
    const char *needles[3]; /* any of them; NULL ends the list */
    const char *meaning;
    struct explain_cause causes[EXPLAIN_CAUSES_MAX]; /* the likeliest first; NULL text ends */
    const char *next;                                /* what to do now */
    int weight; /* how much a line says: a symptom 1, a clear error 2, a cause by itself 3 */
};

extern const struct explain_row explain_rows[];
extern const size_t explain_row_count;

/* The meaning of an SMP error: image group codes and generic ones. NULL = not known. */
const char *explain_smp_error(bool image_group, unsigned long code);

struct explain_hit {
    const struct explain_row *row;
    const char *meaning; /* the row's, or made for this line */
    unsigned line;
    const char *text; /* the line */
    unsigned count;   /* how often */
    struct explain_hit *next;
};

struct explain_verdict {
    const char *rule; /* or NULL */
    const char *text;
    const char *next;
    unsigned line;
    int score;
    int best;       /* the most that one line added: its words are shown */
    bool confirmed; /* the configuration shows it */
};

#define EXPLAIN_QUOTES_MAX 8

/* One doctor per post that quotes configuration. */
struct explain_quotes {
    struct ferry_arena arena; /* of the quotations themselves */
    struct doctor *list[EXPLAIN_QUOTES_MAX];
    size_t count;
};

struct explanation {
    struct ferry_arena arena;
    const char *file;
    struct explain_hit *hits;
    struct explain_verdict *verdicts; /* best first */
    size_t verdict_count;
    struct explain_quotes quotes; /* what is quoted in the text, through the doctor's eyes */
    struct doctor *project;       /* of --project, or NULL; not owned */
};

/* Reads a text. `project` may be NULL; it must have been checked. */
void ferry_explain_text(struct explanation *explanation, const char *file, const char *text,
                        struct doctor *project);
void ferry_explain_print(FILE *out, const struct explanation *explanation);
json_t *ferry_explain_json(const struct explanation *explanation);
void ferry_explain_free(struct explanation *explanation);

/* An image, a package or a dump: what it is. false when `artifact` is a text. */
bool ferry_explain_artifact(FILE *out, const struct artifact *artifact);

/* snippets.c: finds what is quoted in a text and runs the doctor over it. */
void explain_quoted(struct explain_quotes *quotes, const char *text);
void explain_quotes_free(struct explain_quotes *quotes);

#endif
