// SPDX-License-Identifier: Apache-2.0
#include "doctor/finding.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/case.h"

void findings_init(struct findings *findings, struct ferry_arena *arena)
{
    memset(findings, 0, sizeof(*findings));
    findings->arena = arena;
    findings->tail = &findings->first;
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};

    return names[severity];
}

struct finding *report(const struct doctor_case *c, enum severity severity, const char *format, ...)
{
    struct finding *finding = ferry_arena_take(c->arena, sizeof(*finding));
    va_list args;

    finding->rule = c->rule;
    finding->severity = severity;
    finding->variant = c->variant;
    va_start(args, format);
    finding->message = ferry_arena_vformat(c->arena, format, args);
    va_end(args);
    *c->out->tail = finding;
    c->out->tail = &finding->next;
    return finding;
}

void seen(const struct doctor_case *c, struct finding *finding, const char *file, unsigned line,
          const char *observed, const char *required)
{
    struct evidence **tail = &finding->evidence;
    struct evidence *evidence = ferry_arena_take(c->arena, sizeof(*evidence));

    evidence->file = file;
    evidence->line = line;
    evidence->observed = observed;
    evidence->required = required;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = evidence;
}

void fix(const struct doctor_case *c, struct finding *finding, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    finding->fix = ferry_arena_vformat(c->arena, format, args);
    va_end(args);
}

void edit(const struct doctor_case *c, struct finding *finding, enum edit_kind kind,
          const char *file, unsigned line, const char *new_text)
{
    struct edit **tail = &finding->edits;
    struct edit *one = ferry_arena_take(c->arena, sizeof(*one));

    one->kind = kind;
    one->file = file;
    one->line = line;
    one->text = new_text;
    while (*tail != NULL)
        tail = &(*tail)->next;
    *tail = one;
}

const char *text(const struct doctor_case *c, const char *format, ...)
{
    va_list args;
    const char *result;

    va_start(args, format);
    result = ferry_arena_vformat(c->arena, format, args);
    va_end(args);
    return result;
}

static bool same_place(const struct finding *a, const struct finding *b)
{
    const struct evidence *left = a->evidence;
    const struct evidence *right = b->evidence;

    if (left == NULL || right == NULL)
        return left == right && strcmp(a->message, b->message) == 0;
    return strcmp(left->file, right->file) == 0 && left->line == right->line &&
           strcmp(left->observed, right->observed) == 0;
}

static bool is_double(const struct findings *findings, const struct finding *finding)
{
    for (const struct finding *seen_one = findings->first; seen_one != finding;
         seen_one = seen_one->next) {
        if (seen_one->rule == finding->rule && same_place(seen_one, finding))
            return true;
    }
    return false;
}

/* A cause in one variant does not explain an effect in another. */
static bool same_variant(const struct finding *a, const struct finding *b)
{
    if (a->variant == NULL || b->variant == NULL)
        return true;
    return strcmp(a->variant, b->variant) == 0;
}

static bool is_echo(const struct findings *findings, const struct finding *finding)
{
    if (finding->rule->unless == NULL)
        return false;
    for (const struct finding *other = findings->first; other != NULL; other = other->next) {
        if (other != finding && same_variant(other, finding) && other->severity > SEVERITY_NOTE &&
            text_has_word(finding->rule->unless, other->rule->id))
            return true;
    }
    return false;
}

static int by_weight(const void *a, const void *b)
{
    const struct finding *left = *(struct finding *const *)a;
    const struct finding *right = *(struct finding *const *)b;

    if (left->severity != right->severity)
        return left->severity > right->severity ? -1 : 1;
    if (left->rule->rank != right->rule->rank)
        return left->rule->rank < right->rule->rank ? -1 : 1;
    return strcmp(left->rule->id, right->rule->id);
}

static void count(struct findings *findings, const struct finding *finding)
{
    findings->count++;
    findings->errors += finding->severity == SEVERITY_ERROR;
    findings->warnings += finding->severity == SEVERITY_WARNING;
    findings->notes += finding->severity == SEVERITY_NOTE;
}

void findings_settle(struct findings *findings)
{
    struct finding **all;
    size_t kept = 0;
    size_t total = 0;

    for (struct finding *finding = findings->first; finding != NULL; finding = finding->next)
        total++;
    all = ferry_arena_take(findings->arena, (total + 1) * sizeof(struct finding *));
    for (struct finding *finding = findings->first; finding != NULL; finding = finding->next) {
        if (!is_double(findings, finding) && !is_echo(findings, finding))
            all[kept++] = finding;
    }
    if (kept > 1)
        qsort(all, kept, sizeof(struct finding *), by_weight);
    findings->first = NULL;
    findings->tail = &findings->first;
    for (size_t i = 0; i < kept; i++) {
        all[i]->next = NULL;
        *findings->tail = all[i];
        findings->tail = &all[i]->next;
        count(findings, all[i]);
    }
}
