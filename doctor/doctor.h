// SPDX-License-Identifier: Apache-2.0
/*
 * The doctor: opens a project, builds its cases, runs the rules over them.
 */
#ifndef FERRY_DOCTOR_DOCTOR_H
#define FERRY_DOCTOR_DOCTOR_H

#include "doctor/case.h"

struct doctor_options {
    const char *sdk;      /* "2.9", "3.3.1"; NULL = find out */
    const char *board;    /* a board name or target; NULL = all the project configures */
    const char *baseline; /* partitions.yml of the release in the field, or NULL */
};

struct doctor_problem {
    const char *text; /* one sentence: what could not be read, where */
    struct doctor_problem *next;
};

struct doctor {
    struct ferry_arena arena;
    struct doctor_options options;
    struct tree tree;
    struct boards boards;
    struct artifacts artifacts;
    struct findings findings;
    struct pm baseline;
    struct doctor_case **cases;
    size_t case_count;
    struct doctor_problem *problems;
    bool partial; /* single files only: what is missing says nothing */
};

/*
 * Reads what `paths` name: one folder and any files, or files alone. false when there is nothing
 * to look at; `doctor->problems` says why. Close it in either case.
 */
bool ferry_doctor_open(struct doctor *doctor, const struct doctor_options *options,
                       const char *const *paths, size_t count);

/* Opens a tree that was made in memory (a thread's snippets). */
void ferry_doctor_open_tree(struct doctor *doctor, const struct doctor_options *options);

/* Runs all rules. The result is in doctor->findings. */
void ferry_doctor_check(struct doctor *doctor);

void ferry_doctor_close(struct doctor *doctor);

/* 0 clean (notes do not count), 1 warnings, 2 errors or something unreadable. */
int ferry_doctor_exit(const struct doctor *doctor);

/* All rules, NULL-terminated families of rows that end with a NULL id. */
extern const struct rule *const doctor_families[];

const struct rule *ferry_doctor_rule(const char *id);
/* The rule's page as Markdown, NULL where there is none. */
const char *ferry_doctor_page(const char *id);
size_t ferry_doctor_rule_count(void);

/* Used by the parts of the library. */
void doctor_problem(struct doctor *doctor, const char *text);
const char *doctor_text(struct doctor *doctor, struct tree_file *file);

/* resolve.c: finds applications, boards and builds, and fills doctor->cases. */
void doctor_resolve(struct doctor *doctor);
/* resolve_images.c: what each image of a case reads. */
void doctor_resolve_sources(struct doctor *doctor, struct doctor_case *c);
/* resolve_build.c: what a build folder says. */
void doctor_resolve_build(struct doctor *doctor, struct doctor_case *c);
/* sdk.c: generation and version. */
void doctor_detect_sdk(struct doctor *doctor, struct doctor_case *c);
unsigned doctor_parse_version(const char *version);
/* resolve_facts.c: what follows from the rest: chips, partitions, what is meant. */
void doctor_resolve_facts(struct doctor *doctor, struct doctor_case *c);

#endif
