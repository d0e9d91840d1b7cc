// SPDX-License-Identifier: Apache-2.0
/*
 * A thin reader over libyaml: a tree with line numbers, in which anchors are resolved and duplicate
 * keys stay visible. Depth, size and node count are bounded; a cyclic anchor is an error.
 */
#ifndef FERRY_HOST_YAML_H
#define FERRY_HOST_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/arena.h"

#define FERRY_YAML_SIZE_MAX (8u * 1024u * 1024u)

enum ferry_yaml_kind { FERRY_YAML_SCALAR, FERRY_YAML_LIST, FERRY_YAML_MAP };

struct ferry_yaml_item;

struct ferry_yaml {
    enum ferry_yaml_kind kind;
    const char *text;              /* scalar: its value, "" for an empty one */
    bool quoted;                   /* scalar: was written in quotes, so it is no number */
    struct ferry_yaml_item *items; /* list or map, in file order */
    size_t count;                  /* entries of a list or map, duplicates included */
    unsigned line;                 /* 1-based line on which the value starts */
};

struct ferry_yaml_item {
    const char *key; /* map: the key; list: NULL */
    unsigned line;   /* 1-based line of the key, or of the list entry */
    bool duplicate;  /* map: an earlier item has the same key; the last one wins */
    struct ferry_yaml *value;
    struct ferry_yaml_item *next;
};

struct ferry_yaml_error {
    unsigned line;       /* 1-based; 0 where no line is to blame */
    const char *message; /* one sentence without a full stop, in the arena */
};

/*
 * Parses the first document of `data`. The tree lives in `arena`. Returns NULL with `error` filled
 * in when the text is not YAML or passes a bound; an empty document gives an empty map.
 */
struct ferry_yaml *ferry_yaml_parse(struct ferry_arena *arena, const char *data, size_t size,
                                    struct ferry_yaml_error *error);

/* The item of a map under `key` (the last one of duplicates), NULL where there is none. */
const struct ferry_yaml_item *ferry_yaml_item(const struct ferry_yaml *map, const char *key);

/* Its value only. NULL-tolerant: a missing map gives NULL. */
const struct ferry_yaml *ferry_yaml_get(const struct ferry_yaml *map, const char *key);

/* The text of a scalar under `key`, NULL where it is missing or no scalar. */
const char *ferry_yaml_text(const struct ferry_yaml *map, const char *key);

/* An unsigned integer as YAML 1.1 writes it: decimal, 0x, 0o or leading 0 octal, `_` separators. */
bool ferry_yaml_number(const struct ferry_yaml *scalar, uint64_t *number);

#endif
