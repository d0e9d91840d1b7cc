// SPDX-License-Identifier: Apache-2.0
/*
 * A devicetree as the doctor sees it: nodes with labels and properties, each with file and line.
 * Filled from board facts, from overlays (a tolerant reader: macros and unknown labels are no
 * error) and from a built zephyr.dts (compiled by dtc, walked with libfdt).
 */
#ifndef FERRY_DOCTOR_DT_H
#define FERRY_DOCTOR_DT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/arena.h"

#define DT_CELLS_MAX  24
#define DT_LABELS_MAX 4

struct dt_prop {
    const char *name;
    const char *raw;              /* the value as written, without the semicolon; "" if none */
    const char *text;             /* first string, or NULL */
    const char *strings;          /* all strings joined by '\n', or NULL */
    const char *reference;        /* first &label or &{/path} of it, without '&', or NULL */
    uint64_t cells[DT_CELLS_MAX]; /* numbers of <...> or bytes of [...] */
    size_t count;                 /* how many */
    size_t references;            /* how many & in it: entries of a phandle list */
    bool unresolved;              /* holds a macro the reader does not know */
    const char *file;
    unsigned line;
    struct dt_prop *next;
};

struct dt_node {
    const char *name; /* with its unit address: "mx25r64@0" */
    const char *labels[DT_LABELS_MAX];
    struct dt_node *parent;
    struct dt_node *children;
    struct dt_node *next;
    struct dt_prop *props;
    bool placeholder; /* a &label nobody defined here: it lives in a file we do not have */
    bool deleted;
    const char *file; /* where it was defined or first referred to */
    unsigned line;
};

struct dt {
    struct ferry_arena *arena;
    struct dt_node *root;
    struct dt_node *unknown; /* parent of placeholders */
    size_t nodes;
    const char *problem; /* first thing that could not be read: "FILE:LINE: ..." */
    bool cut;            /* ... and nothing behind it was */
};

/* Finds a file an overlay #includes with quotes: its text, or NULL. */
typedef const char *dt_include_fn(void *context, const char *from, const char *name,
                                  const char **path);

void dt_init(struct dt *dt, struct ferry_arena *arena);

/* Applies an overlay or a board's .dts on top of what is there. Never fails: see dt->problem. */
void dt_read(struct dt *dt, const char *file, const char *text, dt_include_fn *include,
             void *context);

/*
 * Reads a built zephyr.dts: `dtc` compiles it, libfdt walks it, lines come from the text itself.
 * Falls back to dt_read where dtc is missing or refuses the file; false then.
 */
bool dt_read_built(struct dt *dt, const char *file, const char *text);

struct dt_node *dt_by_label(const struct dt *dt, const char *label);
struct dt_node *dt_by_path(const struct dt *dt, const char *path); /* "/soc/spi@a000" */
struct dt_node *dt_child(const struct dt_node *node, const char *name);
struct dt_node *dt_make_child(struct dt *dt, struct dt_node *parent, const char *name,
                              const char *file, unsigned line);
void dt_add_label(struct dt_node *node, const char *label);
struct dt_prop *dt_set(struct dt *dt, struct dt_node *node, const char *name, const char *raw,
                       const char *file, unsigned line);
const struct dt_prop *dt_get(const struct dt_node *node, const char *name);

/* /chosen/<name>: the property, and the node it points at (NULL if unknown). */
const struct dt_prop *dt_chosen(const struct dt *dt, const char *name);
struct dt_node *dt_chosen_node(const struct dt *dt, const char *name);
/* What /chosen/<name> is called: a label where one is known, else a path; NULL if not set. */
const char *dt_chosen_name(const struct dt *dt, const char *name);

/* "okay" unless a status property says otherwise, here or in a parent. */
bool dt_enabled(const struct dt_node *node);
bool dt_compatible(const struct dt_node *node, const char *compatible);
bool dt_number(const struct dt_node *node, const char *name, uint64_t *number);

/* Calls `visit` for every node that was not deleted, parents first; stops when it returns true. */
struct dt_node *dt_each(const struct dt *dt, bool (*visit)(const struct dt_node *, void *),
                        void *context);

/* The first of the node's labels, or its name. */
const char *dt_label(const struct dt_node *node);

#endif
