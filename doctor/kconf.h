// SPDX-License-Identifier: Apache-2.0
/*
 * Kconfig assignments with file and line: fragments in the order they are read, and .config.
 */
#ifndef FERRY_DOCTOR_KCONF_H
#define FERRY_DOCTOR_KCONF_H

#include <stdbool.h>
#include <stddef.h>

#include "host/arena.h"

struct kconf_line {
    const char *name;  /* with its prefix: CONFIG_SPI, SB_CONFIG_... */
    const char *value; /* "y", "n", a number, or a string without its quotes */
    const char *file;
    unsigned line;
    bool is_default;  /* from a Kconfig file's `default`: may hold, need not */
    bool conditional; /* ... and only under a condition */
    size_t order;     /* position in reading order: the last assignment wins */
};

struct kconf {
    struct kconf_line *lines; /* reading order */
    size_t count;
    size_t room;
    bool indexed;               /* `sorted` is up to date */
    struct kconf_line **sorted; /* by name, then order */
};

/* Adds the assignments of one fragment or .config. Lines that are no assignment are skipped. */
void kconf_read(struct kconf *kconf, struct ferry_arena *arena, const char *file, const char *text);

/*
 * Adds `config NAME` ... `default VALUE [if ...]` of a Kconfig file as possible defaults, each name
 * behind `prefix` ("CONFIG_" or "SB_CONFIG_").
 */
void kconf_read_defaults(struct kconf *kconf, struct ferry_arena *arena, const char *prefix,
                         const char *file, const char *text);

/* Appends all of `from`. */
void kconf_append(struct kconf *kconf, struct ferry_arena *arena, const struct kconf *from);

/* The winning assignment of a full name, NULL where there is none. Defaults lose to assignments. */
const struct kconf_line *kconf_find(struct kconf *kconf, struct ferry_arena *arena,
                                    const char *name);

/* All assignments of a name in reading order: `*count` of them. */
struct kconf_line *const *kconf_all(struct kconf *kconf, struct ferry_arena *arena,
                                    const char *name, size_t *count);

/* Reads a number, decimal or 0x. */
bool kconf_number(const struct kconf_line *line, unsigned long long *number);

#endif
