// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <zcbor_common.h>
#include <zcbor_decode.h>

#include "host/cbor_tree.h"

static struct ferry_cbor *parse_item(struct ferry_cbor_tree *tree, zcbor_state_t *state,
                                     unsigned depth);

static struct ferry_cbor *new_node(struct ferry_cbor_tree *tree)
{
    struct ferry_cbor *node;

    if (tree->count == FERRY_CBOR_NODES)
        return NULL;
    node = &tree->node[tree->count++];
    memset(node, 0, sizeof(*node));
    return node;
}

static bool parse_key(zcbor_state_t *state, struct ferry_cbor *key)
{
    struct zcbor_string text;

    key->key = NULL;
    key->key_length = 0;
    if (zcbor_tstr_decode(state, &text)) {
        key->key = text.value;
        key->key_length = text.len;
        return true;
    }
    /* Keys of other types are legal CBOR and mean nothing here; containers as keys are refused. */
    if (state->payload < state->payload_end &&
        (ZCBOR_MAJOR_TYPE(*state->payload) == ZCBOR_MAJOR_TYPE_LIST ||
         ZCBOR_MAJOR_TYPE(*state->payload) == ZCBOR_MAJOR_TYPE_MAP))
        return false;
    return zcbor_any_skip(state, NULL);
}

/* The members of the list or map that was just entered, up to its end. */
static bool parse_members(struct ferry_cbor_tree *tree, zcbor_state_t *state,
                          struct ferry_cbor *parent, unsigned depth)
{
    const struct ferry_cbor **link = &parent->first;

    while (!zcbor_array_at_end(state)) {
        struct ferry_cbor key = {0};
        struct ferry_cbor *member;

        if (parent->type == FERRY_CBOR_MAP && !parse_key(state, &key))
            return false;
        member = parse_item(tree, state, depth + 1);
        if (member == NULL)
            return false;
        member->key = key.key;
        member->key_length = key.key_length;
        *link = member;
        link = &member->next;
    }
    return parent->type == FERRY_CBOR_MAP ? zcbor_map_end_decode(state)
                                          : zcbor_list_end_decode(state);
}

static bool parse_string(zcbor_state_t *state, struct ferry_cbor *node, bool text)
{
    struct zcbor_string string;

    if (text ? !zcbor_tstr_decode(state, &string) : !zcbor_bstr_decode(state, &string))
        return false;
    node->type = text ? FERRY_CBOR_TEXT : FERRY_CBOR_BYTES;
    node->data = string.value;
    node->length = string.len;
    return true;
}

static bool parse_simple(zcbor_state_t *state, struct ferry_cbor *node)
{
    bool flag;

    if (zcbor_bool_decode(state, &flag)) {
        node->type = FERRY_CBOR_BOOL;
        node->number = flag ? 1 : 0;
        return true;
    }
    node->type = zcbor_nil_expect(state, NULL) || zcbor_undefined_expect(state, NULL)
                     ? FERRY_CBOR_NULL
                     : FERRY_CBOR_OTHER;
    return node->type == FERRY_CBOR_NULL || zcbor_any_skip(state, NULL);
}

static bool parse_value(struct ferry_cbor_tree *tree, zcbor_state_t *state, struct ferry_cbor *node,
                        unsigned depth)
{
    switch (ZCBOR_MAJOR_TYPE(*state->payload)) {
    case ZCBOR_MAJOR_TYPE_PINT:
    case ZCBOR_MAJOR_TYPE_NINT:
        node->type = FERRY_CBOR_INT;
        if (zcbor_int64_decode(state, &node->number))
            return true;
        node->type = FERRY_CBOR_OTHER;
        return zcbor_any_skip(state, NULL);
    case ZCBOR_MAJOR_TYPE_BSTR:
        return parse_string(state, node, false);
    case ZCBOR_MAJOR_TYPE_TSTR:
        return parse_string(state, node, true);
    case ZCBOR_MAJOR_TYPE_LIST:
        node->type = FERRY_CBOR_LIST;
        return zcbor_list_start_decode(state) && parse_members(tree, state, node, depth);
    case ZCBOR_MAJOR_TYPE_MAP:
        node->type = FERRY_CBOR_MAP;
        return zcbor_map_start_decode(state) && parse_members(tree, state, node, depth);
    default:
        return parse_simple(state, node);
    }
}

static struct ferry_cbor *parse_item(struct ferry_cbor_tree *tree, zcbor_state_t *state,
                                     unsigned depth)
{
    struct ferry_cbor *node = depth < FERRY_CBOR_DEPTH ? new_node(tree) : NULL;
    uint32_t tag;

    if (node == NULL)
        return NULL;
    while (zcbor_tag_decode(state, &tag))
        ;
    if (state->payload >= state->payload_end || !parse_value(tree, state, node, depth))
        return NULL;
    return node;
}

bool ferry_cbor_parse(struct ferry_cbor_tree *tree, const uint8_t *data, size_t length)
{
    tree->count = 0;
    ZCBOR_STATE_D(state, FERRY_CBOR_DEPTH + 1, data, length, 1, 0);
    return parse_item(tree, state, 0) != NULL;
}

const struct ferry_cbor *ferry_cbor_get(const struct ferry_cbor *map, const char *key)
{
    size_t length = strlen(key);

    if (map == NULL || map->type != FERRY_CBOR_MAP)
        return NULL;
    for (const struct ferry_cbor *at = map->first; at != NULL; at = at->next) {
        if (at->key != NULL && at->key_length == length && memcmp(at->key, key, length) == 0)
            return at->type != FERRY_CBOR_NULL ? at : NULL;
    }
    return NULL;
}

bool ferry_cbor_get_int(const struct ferry_cbor *map, const char *key, int64_t *value)
{
    const struct ferry_cbor *node = ferry_cbor_get(map, key);

    if (node == NULL || node->type != FERRY_CBOR_INT)
        return false;
    *value = node->number;
    return true;
}

bool ferry_cbor_get_uint(const struct ferry_cbor *map, const char *key, uint32_t *value)
{
    int64_t number;

    if (!ferry_cbor_get_int(map, key, &number) || number < 0 || number > UINT32_MAX)
        return false;
    *value = (uint32_t)number;
    return true;
}

bool ferry_cbor_get_bool(const struct ferry_cbor *map, const char *key, bool *value)
{
    const struct ferry_cbor *node = ferry_cbor_get(map, key);

    if (node == NULL || node->type != FERRY_CBOR_BOOL)
        return false;
    *value = node->number != 0;
    return true;
}

bool ferry_cbor_get_text(const struct ferry_cbor *map, const char *key, char *text, size_t room,
                         bool lines)
{
    const struct ferry_cbor *node = ferry_cbor_get(map, key);
    size_t length;

    text[0] = 0;
    if (node == NULL || node->type != FERRY_CBOR_TEXT)
        return false;
    length = node->length < room ? node->length : room - 1;
    for (size_t i = 0; i < length; i++) {
        uint8_t byte = node->data[i];
        bool control = byte < 0x20 || byte == 0x7F || (byte >= 0x80 && byte < 0xA0);

        text[i] = control && !(lines && byte == '\n') ? '?' : (char)byte;
    }
    text[length] = 0;
    return true;
}
