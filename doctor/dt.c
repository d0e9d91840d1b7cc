// SPDX-License-Identifier: Apache-2.0
#include "doctor/dt.h"

#include <string.h>

#include "doctor/dt_value.h"

void dt_init(struct dt *dt, struct ferry_arena *arena)
{
    memset(dt, 0, sizeof(*dt));
    dt->arena = arena;
    dt->root = ferry_arena_take(arena, sizeof(*dt->root));
    dt->root->name = "/";
    dt->unknown = ferry_arena_take(arena, sizeof(*dt->unknown));
    dt->unknown->name = "?";
}

struct dt_node *dt_child(const struct dt_node *node, const char *name)
{
    struct dt_node *found = NULL;
    size_t length = strcspn(name, "@");

    for (struct dt_node *child = node->children; child != NULL; child = child->next) {
        if (child->deleted)
            continue;
        if (strcmp(child->name, name) == 0)
            return child;
        if (name[length] == '\0' && strncmp(child->name, name, length) == 0 &&
            child->name[length] == '@' && found == NULL)
            found = child;
    }
    return found;
}

struct dt_node *dt_make_child(struct dt *dt, struct dt_node *parent, const char *name,
                              const char *file, unsigned line)
{
    struct dt_node **tail = &parent->children;
    struct dt_node *node;

    for (; *tail != NULL; tail = &(*tail)->next) {
        if (!(*tail)->deleted && strcmp((*tail)->name, name) == 0)
            return *tail;
    }
    node = ferry_arena_take(dt->arena, sizeof(*node));
    node->name = name;
    node->parent = parent;
    node->file = file;
    node->line = line;
    *tail = node;
    dt->nodes++;
    return node;
}

void dt_add_label(struct dt_node *node, const char *label)
{
    for (size_t i = 0; i < DT_LABELS_MAX; i++) {
        if (node->labels[i] == NULL) {
            node->labels[i] = label;
            return;
        }
        if (strcmp(node->labels[i], label) == 0)
            return;
    }
}

struct dt_prop *dt_set(struct dt *dt, struct dt_node *node, const char *name, const char *raw,
                       const char *file, unsigned line)
{
    struct dt_prop **tail = &node->props;
    struct dt_prop *next = NULL;
    struct dt_prop *prop;

    while (*tail != NULL && strcmp((*tail)->name, name) != 0)
        tail = &(*tail)->next;
    if (*tail == NULL)
        *tail = ferry_arena_take(dt->arena, sizeof(*prop));
    else
        next = (*tail)->next;
    prop = *tail;
    memset(prop, 0, sizeof(*prop));
    prop->next = next;
    prop->name = name;
    prop->raw = raw;
    prop->file = file;
    prop->line = line;
    return prop;
}

const struct dt_prop *dt_get(const struct dt_node *node, const char *name)
{
    if (node == NULL)
        return NULL;
    for (const struct dt_prop *prop = node->props; prop != NULL; prop = prop->next) {
        if (strcmp(prop->name, name) == 0)
            return prop;
    }
    return NULL;
}

/* The node after `node` in depth-first order, inside `top`. */
static struct dt_node *following(struct dt_node *node, const struct dt_node *top)
{
    if (!node->deleted && node->children != NULL)
        return node->children;
    while (node != NULL && node != top) {
        if (node->next != NULL)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

static struct dt_node *each_below(struct dt_node *top,
                                  bool (*visit)(const struct dt_node *, void *), void *context)
{
    for (struct dt_node *node = top; node != NULL; node = following(node, top)) {
        if (!node->deleted && visit(node, context))
            return node;
    }
    return NULL;
}

struct dt_node *dt_each(const struct dt *dt, bool (*visit)(const struct dt_node *, void *),
                        void *context)
{
    struct dt_node *found = each_below(dt->root, visit, context);

    return found != NULL ? found : each_below(dt->unknown, visit, context);
}

static bool has_label(const struct dt_node *node, void *context)
{
    const char *label = context;

    for (size_t i = 0; i < DT_LABELS_MAX && node->labels[i] != NULL; i++) {
        if (strcmp(node->labels[i], label) == 0)
            return true;
    }
    return false;
}

struct dt_node *dt_by_label(const struct dt *dt, const char *label)
{
    char name[128];

    if (strlen(label) >= sizeof(name))
        return NULL;
    strcpy(name, label);
    return dt_each(dt, has_label, name);
}

struct dt_node *dt_by_path(const struct dt *dt, const char *path)
{
    struct dt_node *node = dt->root;

    while (node != NULL && *path != '\0') {
        char name[128];
        size_t length;

        path += strspn(path, "/");
        length = strcspn(path, "/");
        if (length == 0)
            break;
        if (length >= sizeof(name))
            return NULL;
        memcpy(name, path, length);
        name[length] = '\0';
        node = dt_child(node, name);
        path += length;
    }
    return node;
}

const struct dt_prop *dt_chosen(const struct dt *dt, const char *name)
{
    const struct dt_node *chosen = dt_child(dt->root, "chosen");

    return dt_get(chosen, name);
}

static struct dt_node *find_target(const struct dt *dt, const char *target)
{
    if (target == NULL)
        return NULL;
    return target[0] == '/' ? dt_by_path(dt, target) : dt_by_label(dt, target);
}

struct dt_node *dt_chosen_node(const struct dt *dt, const char *name)
{
    const struct dt_prop *prop = dt_chosen(dt, name);

    if (prop == NULL)
        return NULL;
    return find_target(dt, prop->reference != NULL ? prop->reference : prop->text);
}

const char *dt_chosen_name(const struct dt *dt, const char *name)
{
    const struct dt_prop *prop = dt_chosen(dt, name);
    const struct dt_node *node;

    if (prop == NULL)
        return NULL;
    node = dt_chosen_node(dt, name);
    if (node != NULL)
        return dt_label(node);
    return prop->reference != NULL ? prop->reference : prop->text;
}

const char *dt_label(const struct dt_node *node)
{
    return node->labels[0] != NULL ? node->labels[0] : node->name;
}

bool dt_enabled(const struct dt_node *node)
{
    for (; node != NULL; node = node->parent) {
        const struct dt_prop *status = dt_get(node, "status");

        if (status != NULL && status->text != NULL && strcmp(status->text, "okay") != 0 &&
            strcmp(status->text, "ok") != 0)
            return false;
    }
    return true;
}

bool dt_compatible(const struct dt_node *node, const char *compatible)
{
    const struct dt_prop *prop = dt_get(node, "compatible");
    const char *at = prop == NULL ? NULL : prop->strings;
    size_t length = strlen(compatible);

    while (at != NULL && *at != '\0') {
        size_t word = strcspn(at, "\n");

        if (word == length && strncmp(at, compatible, length) == 0)
            return true;
        at += word + (at[word] == '\n');
    }
    return false;
}

bool dt_number(const struct dt_node *node, const char *name, uint64_t *number)
{
    const struct dt_prop *prop = dt_get(node, name);

    if (prop == NULL || prop->count == 0 || prop->unresolved)
        return false;
    *number = prop->cells[0];
    return true;
}
