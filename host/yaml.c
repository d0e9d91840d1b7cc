// SPDX-License-Identifier: Apache-2.0
#include "host/yaml.h"

#include <ctype.h>
#include <string.h>
#include <yaml.h>

enum { DEPTH_MAX = 32, NODES_MAX = 400000, ANCHORS_MAX = 20000, DUPLICATE_SCAN_MAX = 4096 };

struct anchor {
    const char *name;
    struct ferry_yaml *node;
    bool open; /* its collection has not ended: an alias to it would be a cycle */
    struct anchor *next;
};

struct reader {
    struct ferry_arena *arena;
    yaml_parser_t parser;
    struct anchor *anchors;
    size_t anchor_count;
    size_t nodes;
    struct ferry_yaml_error *error;
};

static struct ferry_yaml *read_node(struct reader *reader, yaml_event_t *event, unsigned depth);

static void fail(struct reader *reader, unsigned line, const char *message)
{
    if (reader->error->message == NULL) {
        reader->error->line = line;
        reader->error->message = ferry_arena_string(reader->arena, message);
    }
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    const char *problem;

    if (yaml_parser_parse(&reader->parser, event) != 0)
        return true;
    problem = reader->parser.problem != NULL ? reader->parser.problem : "not YAML";
    fail(reader, (unsigned)reader->parser.problem_mark.line + 1, problem);
    memset(event, 0, sizeof(*event));
    return false;
}

static unsigned line_of(const yaml_event_t *event)
{
    return (unsigned)event->start_mark.line + 1;
}

static struct anchor *remember(struct reader *reader, const yaml_char_t *name,
                               struct ferry_yaml *node)
{
    struct anchor *anchor;

    if (name == NULL)
        return NULL;
    if (++reader->anchor_count > ANCHORS_MAX) {
        fail(reader, node->line, "too many anchors");
        return NULL;
    }
    anchor = ferry_arena_take(reader->arena, sizeof(*anchor));
    anchor->name = ferry_arena_string(reader->arena, (const char *)name);
    anchor->node = node;
    anchor->open = true;
    anchor->next = reader->anchors;
    reader->anchors = anchor;
    return anchor;
}

static struct ferry_yaml *resolve_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;

    for (struct anchor *anchor = reader->anchors; anchor != NULL; anchor = anchor->next) {
        if (strcmp(anchor->name, name) != 0)
            continue;
        if (!anchor->open)
            return anchor->node;
        fail(reader, line_of(event), "an anchor that contains itself");
        return NULL;
    }
    fail(reader, line_of(event), "an alias without its anchor");
    return NULL;
}

static struct ferry_yaml *new_node(struct reader *reader, const yaml_event_t *event,
                                   enum ferry_yaml_kind kind)
{
    struct ferry_yaml *node = ferry_arena_take(reader->arena, sizeof(*node));

    node->kind = kind;
    node->line = line_of(event);
    node->text = "";
    if (++reader->nodes > NODES_MAX)
        fail(reader, node->line, "too many nodes");
    return node;
}

static struct ferry_yaml *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    struct ferry_yaml *node = new_node(reader, event, FERRY_YAML_SCALAR);
    struct anchor *anchor = remember(reader, event->data.scalar.anchor, node);

    node->text = ferry_arena_copy(reader->arena, (const char *)event->data.scalar.value,
                                  event->data.scalar.length);
    node->quoted = event->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
                   event->data.scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (anchor != NULL)
        anchor->open = false;
    return node;
}

static void mark_duplicate(const struct ferry_yaml *map, struct ferry_yaml_item *item)
{
    size_t scanned = 0;

    for (const struct ferry_yaml_item *seen = map->items; seen != NULL; seen = seen->next) {
        if (seen == item || ++scanned > DUPLICATE_SCAN_MAX)
            return;
        if (strcmp(seen->key, item->key) == 0) {
            item->duplicate = true;
            return;
        }
    }
}

static bool read_key(struct reader *reader, const yaml_event_t *event, struct ferry_yaml_item *item)
{
    if (event->type != YAML_SCALAR_EVENT) {
        fail(reader, line_of(event), "a key that is not a plain word");
        return false;
    }
    item->key = ferry_arena_copy(reader->arena, (const char *)event->data.scalar.value,
                                 event->data.scalar.length);
    return true;
}

static bool read_item(struct reader *reader, struct ferry_yaml *parent, yaml_event_t *event,
                      struct ferry_yaml_item *item, unsigned depth)
{
    yaml_event_t value;

    item->line = line_of(event);
    if (parent->kind == FERRY_YAML_LIST) {
        item->value = read_node(reader, event, depth + 1);
        return item->value != NULL;
    }
    if (!read_key(reader, event, item) || !next_event(reader, &value))
        return false;
    item->value = read_node(reader, &value, depth + 1);
    yaml_event_delete(&value);
    return item->value != NULL;
}

static struct ferry_yaml *read_collection(struct reader *reader, const yaml_event_t *start,
                                          enum ferry_yaml_kind kind, unsigned depth)
{
    bool is_map = kind == FERRY_YAML_MAP;
    yaml_event_type_t end = is_map ? YAML_MAPPING_END_EVENT : YAML_SEQUENCE_END_EVENT;
    struct ferry_yaml *node = new_node(reader, start, kind);
    struct ferry_yaml_item **tail = &node->items;
    struct anchor *anchor = remember(
        reader, is_map ? start->data.mapping_start.anchor : start->data.sequence_start.anchor,
        node);

    while (reader->error->message == NULL) {
        struct ferry_yaml_item *item = ferry_arena_take(reader->arena, sizeof(*item));
        yaml_event_t event;
        bool ended;
        bool good;

        if (!next_event(reader, &event))
            return NULL;
        ended = event.type == end;
        good = ended || read_item(reader, node, &event, item, depth);
        yaml_event_delete(&event);
        if (!good)
            return NULL;
        if (ended)
            break;
        *tail = item;
        tail = &item->next;
        node->count++;
        if (is_map)
            mark_duplicate(node, item);
    }
    if (anchor != NULL)
        anchor->open = false;
    return reader->error->message == NULL ? node : NULL;
}

static struct ferry_yaml *read_node(struct reader *reader, yaml_event_t *event, unsigned depth)
{
    if (depth > DEPTH_MAX) {
        fail(reader, line_of(event), "nested too deeply");
        return NULL;
    }
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return read_scalar(reader, event);
    case YAML_ALIAS_EVENT:
        return resolve_alias(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return read_collection(reader, event, FERRY_YAML_LIST, depth);
    case YAML_MAPPING_START_EVENT:
        return read_collection(reader, event, FERRY_YAML_MAP, depth);
    default:
        fail(reader, line_of(event), "an unexpected end");
        return NULL;
    }
}

static struct ferry_yaml *read_document(struct reader *reader)
{
    struct ferry_yaml *root = NULL;
    bool done = false;

    while (!done) {
        yaml_event_t event;

        if (!next_event(reader, &event))
            return NULL;
        switch (event.type) {
        case YAML_STREAM_START_EVENT:
        case YAML_DOCUMENT_START_EVENT:
            break;
        case YAML_STREAM_END_EVENT:
            root = new_node(reader, &event, FERRY_YAML_MAP);
            done = true;
            break;
        default:
            root = read_node(reader, &event, 0);
            done = true;
            break;
        }
        yaml_event_delete(&event);
    }
    return root;
}

struct ferry_yaml *ferry_yaml_parse(struct ferry_arena *arena, const char *data, size_t size,
                                    struct ferry_yaml_error *error)
{
    struct reader reader = {.arena = arena, .error = error};
    struct ferry_yaml *root;

    memset(error, 0, sizeof(*error));
    if (size > FERRY_YAML_SIZE_MAX) {
        fail(&reader, 0, "larger than 8 MiB, which no partition file is");
        return NULL;
    }
    if (yaml_parser_initialize(&reader.parser) == 0) {
        fail(&reader, 0, "the YAML parser cannot start: out of memory");
        return NULL;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)data, size);
    root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    return error->message == NULL ? root : NULL;
}

const struct ferry_yaml_item *ferry_yaml_item(const struct ferry_yaml *map, const char *key)
{
    const struct ferry_yaml_item *found = NULL;

    if (map == NULL || map->kind != FERRY_YAML_MAP)
        return NULL;
    for (const struct ferry_yaml_item *item = map->items; item != NULL; item = item->next) {
        if (strcmp(item->key, key) == 0)
            found = item;
    }
    return found;
}

const struct ferry_yaml *ferry_yaml_get(const struct ferry_yaml *map, const char *key)
{
    const struct ferry_yaml_item *item = ferry_yaml_item(map, key);

    return item == NULL ? NULL : item->value;
}

const char *ferry_yaml_text(const struct ferry_yaml *map, const char *key)
{
    const struct ferry_yaml *value = ferry_yaml_get(map, key);

    return value == NULL || value->kind != FERRY_YAML_SCALAR ? NULL : value->text;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (isxdigit((unsigned char)c))
        return tolower((unsigned char)c) - 'a' + 10;
    return 99;
}

bool ferry_yaml_number(const struct ferry_yaml *scalar, uint64_t *number)
{
    const char *text;
    uint64_t value = 0;
    uint64_t base = 10;
    bool digits = false;

    if (scalar == NULL || scalar->kind != FERRY_YAML_SCALAR || scalar->quoted)
        return false;
    text = scalar->text;
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    } else if (text[0] == '0' && text[1] != '\0') {
        base = 8;
        text += text[1] == 'o' ? 2 : 1;
    }
    for (; *text != '\0'; text++) {
        uint64_t digit;

        if (*text == '_' && digits)
            continue;
        digit = (uint64_t)digit_value(*text);
        if (digit >= base || value > (UINT64_MAX - digit) / base)
            return false;
        value = value * base + digit;
        digits = true;
    }
    *number = value;
    return digits;
}
