// SPDX-License-Identifier: Apache-2.0
/* What a rule says: the rule, a sentence, evidence, and the text that puts it right. */
#ifndef FERRY_DOCTOR_FINDING_H
#define FERRY_DOCTOR_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "host/arena.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR };

struct doctor_case;

/* One row of a family's table. */
struct rule {
    const char *id;
    const char *title;
    enum severity severity; /* the most it reports */
    int rank;               /* among findings of one severity: causes before their effects */
    const char *unless;     /* ids, space-separated: with one of them reported, this is its echo */
    void (*check)(const struct doctor_case *c);
};

struct evidence {
    const char *file; /* as the user knows it */
    unsigned line;    /* 0 = the file as a whole, or a file that should exist */
    const char *observed;
    const char *required; /* or NULL */
    struct evidence *next;
};

enum edit_kind { EDIT_REPLACE, EDIT_INSERT_AFTER, EDIT_DELETE, EDIT_APPEND, EDIT_RENAME };

struct edit {
    enum edit_kind kind;
    const char *file;
    unsigned line;    /* replace, delete: this one; insert: behind it */
    const char *text; /* new line(s) without the last newline; rename: the new path */
    struct edit *next;
};

struct finding {
    const struct rule *rule;
    enum severity severity;
    const char *message; /* what will happen on the device, and why */
    const char *fix;     /* what to put where; may be NULL */
    const char *variant; /* "nrf52840dk_nrf52840", "... (release)"; NULL if there is only one */
    struct evidence *evidence;
    struct edit *edits; /* only where the fix is unambiguous */
    struct finding *next;
};

struct findings {
    struct ferry_arena *arena;
    struct finding *first;
    struct finding **tail;
    size_t count;
    size_t errors;
    size_t warnings;
    size_t notes;
};

void findings_init(struct findings *findings, struct ferry_arena *arena);

/* Drops echoes and doubles, sorts by severity and rank, and counts. */
void findings_settle(struct findings *findings);

/*
 * The words rules speak in. `report` starts a finding of the rule that runs; the others add to it.
 * `text` is printf into the case's arena.
 */
struct finding *report(const struct doctor_case *c, enum severity severity, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void seen(const struct doctor_case *c, struct finding *finding, const char *file, unsigned line,
          const char *observed, const char *required);
void fix(const struct doctor_case *c, struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void edit(const struct doctor_case *c, struct finding *finding, enum edit_kind kind,
          const char *file, unsigned line, const char *text);
const char *text(const struct doctor_case *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

const char *severity_name(enum severity severity);

#endif
