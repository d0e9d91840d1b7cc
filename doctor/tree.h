// SPDX-License-Identifier: Apache-2.0
/*
 * The files of a folder: found once, read when a reader asks for them. Links to folders are not
 * followed, so a loop of links ends; depth, number and size are bounded.
 */
#ifndef FERRY_DOCTOR_TREE_H
#define FERRY_DOCTOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/arena.h"

#define TREE_TEXT_MAX (8u * 1024u * 1024u) /* no configuration file is larger */

struct tree_file {
    const char *path;  /* relative to the tree's root, with '/' */
    const char *full;  /* as it is opened */
    const char *shown; /* as findings call it: `path`, unless a single file was given */
    uint64_t size;
    int64_t mtime_ns;
    const char *text; /* after tree_read: zero-terminated */
    size_t length;
    bool tried;
    bool used; /* an image, sysbuild or the partition manager reads it */
};

struct tree {
    struct ferry_arena *arena;
    const char *root;
    struct tree_file *files; /* sorted by path */
    size_t count;
    size_t room;
    bool cut;           /* a bound was reached: not everything is listed */
    const char *closed; /* the first folder that could not be opened, or NULL */
};

/* Lists `root`. false with `*problem` (one sentence) when the folder cannot be opened. */
bool tree_open(struct tree *tree, struct ferry_arena *arena, const char *root,
               const char **problem);

/* Adds one file under the name `path`; used for files given one by one. NULL if unreadable. */
struct tree_file *tree_add(struct tree *tree, const char *path, const char *full);

/* Adds a file that exists in memory only. */
struct tree_file *tree_add_text(struct tree *tree, const char *path, const char *text);

/* Sorts after tree_add. */
void tree_sort(struct tree *tree);

struct tree_file *tree_find(const struct tree *tree, const char *path);

/* tree_find with a printf path. */
struct tree_file *tree_findf(const struct tree *tree, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Whether any file lies under the folder `path` (no trailing slash). */
bool tree_has_folder(const struct tree *tree, const char *path);

/* First file whose path is >= `path`, as an index: the start of a folder's files. */
size_t tree_lower(const struct tree *tree, const char *path);

/*
 * The text of a file, read at most once. NULL with `*problem` (a sentence with the path) when it
 * cannot be read, is too large, or holds zero bytes where text was expected.
 */
const char *tree_read(struct tree *tree, struct tree_file *file, const char **problem);

/* The bytes of a file (any content), bounded by `max`. NULL with `*problem`. */
const uint8_t *tree_bytes(struct tree *tree, const struct tree_file *file, size_t max,
                          size_t *length, const char **problem);

/* The file's name without its folders, and its folder ("" for the root). */
const char *path_name(const char *path);
const char *path_folder(struct ferry_arena *arena, const char *path);

#endif
