// SPDX-License-Identifier: Apache-2.0
/*
 * One CBOR item as a tree, for replies whose shape the peer decides: keys in any order, definite
 * or indefinite, unknown keys, any integer width. zcbor decodes; this keeps what it found. Nodes
 * point into the message, which has to outlive them.
 */
#ifndef FERRY_HOST_CBOR_TREE_H
#define FERRY_HOST_CBOR_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FERRY_CBOR_NODES 768 /* an item with more is refused */
#define FERRY_CBOR_DEPTH 8   /* one nested deeper is refused */

enum ferry_cbor_type {
    FERRY_CBOR_NULL, /* also undefined */
    FERRY_CBOR_BOOL,
    FERRY_CBOR_INT,
    FERRY_CBOR_BYTES,
    FERRY_CBOR_TEXT,
    FERRY_CBOR_LIST,
    FERRY_CBOR_MAP,
    FERRY_CBOR_OTHER, /* floats and what has no use here */
};

struct ferry_cbor {
    enum ferry_cbor_type type;
    int64_t number;                 /* INT, BOOL; what is beyond it is OTHER */
    const uint8_t *data;            /* BYTES, TEXT */
    size_t length;                  /* of data */
    const uint8_t *key;             /* inside a map; NULL where the key is no text */
    size_t key_length;              /* of key */
    const struct ferry_cbor *first; /* LIST, MAP: its members, in order */
    const struct ferry_cbor *next;  /* the next member of the same list or map */
};

struct ferry_cbor_tree {
    struct ferry_cbor node[FERRY_CBOR_NODES]; /* [0] is the item */
    size_t count;
};

/* Parses the item at the start of `data`. False where it is malformed, too deep or too big. */
bool ferry_cbor_parse(struct ferry_cbor_tree *tree, const uint8_t *data, size_t length);

/* The member of a map, NULL where there is none, it is null, or `map` is no map (or NULL). */
const struct ferry_cbor *ferry_cbor_get(const struct ferry_cbor *map, const char *key);

/* The members' values; false (and `*value` unchanged) where absent, of another type or too big. */
bool ferry_cbor_get_uint(const struct ferry_cbor *map, const char *key, uint32_t *value);
bool ferry_cbor_get_int(const struct ferry_cbor *map, const char *key, int64_t *value);
bool ferry_cbor_get_bool(const struct ferry_cbor *map, const char *key, bool *value);

/*
 * Copies text, ended by a zero and cut to `room`. What a terminal would act on (control
 * characters; also newlines unless `lines`) becomes '?': the device is not trusted. "" where
 * absent.
 */
bool ferry_cbor_get_text(const struct ferry_cbor *map, const char *key, char *text, size_t room,
                         bool lines);

#endif
