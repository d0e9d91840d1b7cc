// SPDX-License-Identifier: Apache-2.0
/*
 * The tolerant reader for overlays. An overlay alone is no devicetree: labels and macros come from
 * files that are not here. What cannot be resolved is kept as written; nothing is an error.
 */
#include <ctype.h>
#include <string.h>

#include "doctor/dt.h"
#include "doctor/dt_value.h"

enum { INCLUDE_DEPTH_MAX = 8, NODE_DEPTH_MAX = 32, NODES_MAX = 100000 };

struct reader {
    struct dt *dt;
    const char *file;
    const char *at;
    unsigned line;
    unsigned includes;
    struct dt_macro **macros; /* shared by all included files */
    dt_include_fn *include;
    void *context;
};

static void note_problem(struct reader *in, const char *what)
{
    if (in->dt->problem == NULL)
        in->dt->problem = ferry_arena_format(in->dt->arena, "%s:%u: %s", in->file, in->line, what);
}

static void advance(struct reader *in, size_t count)
{
    while (count-- > 0 && *in->at != '\0') {
        if (*in->at == '\n')
            in->line++;
        in->at++;
    }
}

static void skip_line(struct reader *in)
{
    while (*in->at != '\0' && *in->at != '\n') {
        if (in->at[0] == '\\' && in->at[1] == '\n')
            advance(in, 1);
        advance(in, 1);
    }
}

static bool skip_comment(struct reader *in)
{
    if (in->at[0] == '/' && in->at[1] == '/') {
        skip_line(in);
        return true;
    }
    if (in->at[0] != '/' || in->at[1] != '*')
        return false;
    advance(in, 2);
    while (*in->at != '\0' && !(in->at[0] == '*' && in->at[1] == '/'))
        advance(in, 1);
    advance(in, 2);
    return true;
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || (c != '\0' && strchr(",._+?#-@", c) != NULL);
}

static void read_file(struct reader *in);

static void read_include(struct reader *in, const char *at)
{
    const char *start = strpbrk(at, "\"<\n");
    const char *path = NULL;
    const char *text;
    struct reader inner = *in;

    if (start == NULL || *start != '"' || in->include == NULL || in->includes >= INCLUDE_DEPTH_MAX)
        return;
    start++;
    text = in->include(in->context, in->file,
                       ferry_arena_copy(in->dt->arena, start, strcspn(start, "\"\n")), &path);
    if (text == NULL)
        return;
    inner.file = path;
    inner.at = text;
    inner.line = 1;
    inner.includes++;
    read_file(&inner);
}

static void read_define(struct reader *in, const char *at)
{
    struct dt_macro *macro;
    size_t name = 0;
    size_t length;

    while (*at == ' ' || *at == '\t')
        at++;
    while (isalnum((unsigned char)at[name]) || at[name] == '_')
        name++;
    if (name == 0 || at[name] == '(')
        return;
    length = strcspn(at + name, "\n");
    macro = ferry_arena_take(in->dt->arena, sizeof(*macro));
    macro->name = ferry_arena_copy(in->dt->arena, at, name);
    macro->value = ferry_arena_copy(in->dt->arena, at + name, length);
    macro->next = *in->macros;
    *in->macros = macro;
}

/* `#if 0` hides its lines; every other condition is taken as true. */
static void skip_hidden(struct reader *in)
{
    unsigned depth = 0;

    while (*in->at != '\0') {
        const char *word = in->at + strspn(in->at, " \t");

        if (strncmp(word, "#if", 3) == 0)
            depth++;
        if (depth == 0 && (strncmp(word, "#else", 5) == 0 || strncmp(word, "#endif", 6) == 0))
            return;
        if (strncmp(word, "#endif", 6) == 0)
            depth--;
        skip_line(in);
        advance(in, 1);
    }
}

static bool starts(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncmp(text, word, length) == 0 && !name_char(text[length]);
}

static bool read_directive(struct reader *in)
{
    static const char *const others[] = {"undef", "ifdef", "ifndef", "else",
                                         "elif",  "endif", "error",  "pragma"};
    const char *word;

    if (*in->at != '#')
        return false;
    word = in->at + 1 + strspn(in->at + 1, " \t");
    if (starts(word, "include")) {
        read_include(in, word + 7);
    } else if (starts(word, "define")) {
        read_define(in, word + 6);
    } else if (starts(word, "if")) {
        const char *condition = word + 2 + strspn(word + 2, " \t");

        skip_line(in);
        if (condition[0] == '0' && !name_char(condition[1]))
            skip_hidden(in);
        return true;
    } else {
        bool known = false;

        for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
            known |= starts(word, others[i]);
        if (!known)
            return false;
    }
    skip_line(in);
    return true;
}

static void skip_blank(struct reader *in)
{
    for (;;) {
        if (isspace((unsigned char)*in->at))
            advance(in, 1);
        else if (!skip_comment(in) && !read_directive(in))
            return;
    }
}

static const char *read_name(struct reader *in)
{
    size_t length = 0;
    const char *name;

    while (name_char(in->at[length]))
        length++;
    name = ferry_arena_copy(in->dt->arena, in->at, length);
    advance(in, length);
    return name;
}

/* Where a value ends: at its semicolon, or at a brace where that was forgotten. */
static size_t value_length(const char *at)
{
    size_t i = 0;
    bool quoted = false;

    for (; at[i] != '\0'; i++) {
        if (at[i] == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (at[i] == '&' && at[i + 1] == '{') {
            i += strcspn(at + i, "};");
            if (at[i] == '\0')
                break;
        } else if (at[i] == ';' || at[i] == '{' || at[i] == '}')
            break;
    }
    return i;
}

/* The value as written: comments out, blanks squeezed, strings untouched. */
static const char *read_raw_value(struct reader *in)
{
    const char *end = in->at + value_length(in->at);
    char *raw = ferry_arena_take(in->dt->arena, (size_t)(end - in->at) + 1);
    size_t length = 0;
    bool quoted = false;

    while (in->at < end) {
        if (!quoted && skip_comment(in))
            continue;
        if (*in->at == '"')
            quoted = !quoted;
        if (!isspace((unsigned char)*in->at) || quoted)
            raw[length++] = *in->at;
        else if (length > 0 && raw[length - 1] != ' ')
            raw[length++] = ' ';
        advance(in, 1);
    }
    while (length > 0 && raw[length - 1] == ' ')
        raw[--length] = '\0';
    return raw;
}

static void skip_semicolon(struct reader *in)
{
    skip_blank(in);
    if (*in->at == ';')
        advance(in, 1);
}

static void read_body(struct reader *in, struct dt_node *node, unsigned depth);

static struct dt_node *placeholder(struct reader *in, const char *label)
{
    struct dt_node *node = dt_make_child(in->dt, in->dt->unknown, label, in->file, in->line);

    node->placeholder = true;
    dt_add_label(node, label);
    return node;
}

/* &label or &{/path} */
static struct dt_node *read_target(struct reader *in)
{
    struct dt_node *node;
    const char *name;

    advance(in, 1);
    if (*in->at == '{') {
        size_t length = strcspn(in->at, "}");

        name = ferry_arena_copy(in->dt->arena, in->at + 1, length > 0 ? length - 1 : 0);
        advance(in, length + 1);
        node = dt_by_path(in->dt, name);
        return node != NULL ? node : placeholder(in, name);
    }
    name = read_name(in);
    node = dt_by_label(in->dt, name);
    return node != NULL ? node : placeholder(in, name);
}

static void delete_node(struct reader *in, struct dt_node *parent)
{
    struct dt_node *node;

    skip_blank(in);
    if (*in->at == '&') {
        node = read_target(in);
    } else {
        const char *name = read_name(in);

        node = parent == NULL || name[0] == '\0' ? NULL : dt_child(parent, name);
    }
    if (node != NULL)
        node->deleted = true;
    skip_semicolon(in);
}

static void delete_property(struct reader *in, struct dt_node *node)
{
    const char *name;

    skip_blank(in);
    name = read_name(in);
    for (struct dt_prop **at = node == NULL ? NULL : &node->props; at != NULL && *at != NULL;) {
        if (strcmp((*at)->name, name) == 0)
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    skip_semicolon(in);
}

static void open_body(struct reader *in, struct dt_node *node, unsigned depth)
{
    skip_blank(in);
    if (*in->at != '{') {
        skip_semicolon(in);
        return;
    }
    advance(in, 1);
    read_body(in, node, depth + 1);
    skip_semicolon(in);
}

/* /delete-node/, /delete-property/, /dts-v1/ ..., or the root node. */
static void read_slash(struct reader *in, struct dt_node *node, unsigned depth)
{
    if (strncmp(in->at, "/delete-node/", 13) == 0) {
        advance(in, 13);
        delete_node(in, node);
    } else if (strncmp(in->at, "/delete-property/", 17) == 0) {
        advance(in, 17);
        delete_property(in, node);
    } else if (isalpha((unsigned char)in->at[1])) {
        size_t length = 1 + strcspn(in->at + 1, "/\n");

        advance(in, in->at[length] == '/' ? length + 1 : length);
    } else {
        advance(in, 1);
        open_body(in, in->dt->root, depth);
    }
}

static void read_property(struct reader *in, struct dt_node *node, const char *name, unsigned line)
{
    const char *raw = "";
    struct dt_prop *prop;

    if (*in->at == '=') {
        advance(in, 1);
        raw = read_raw_value(in);
    }
    if (*in->at == ';')
        advance(in, 1);
    else
        note_problem(in, "a property without its semicolon");
    if (node == NULL)
        return;
    prop = dt_set(in->dt, node, name, raw, in->file, line);
    dt_parse_value(in->dt, prop, *in->macros);
}

/* A name: a label in front of a node, a node, or a property. */
static void read_named(struct reader *in, struct dt_node *node, const char **label, unsigned depth)
{
    unsigned line = in->line;
    const char *name = read_name(in);

    skip_blank(in);
    if (*in->at == ':') {
        advance(in, 1);
        *label = name;
        return;
    }
    if (*in->at == '{' && node != NULL && in->dt->nodes < NODES_MAX) {
        struct dt_node *child = dt_make_child(in->dt, node, name, in->file, line);

        if (*label != NULL)
            dt_add_label(child, *label);
        open_body(in, child, depth);
    } else if (*in->at == '(') {
        skip_line(in);
    } else {
        read_property(in, node, name, line);
    }
    *label = NULL;
}

static void read_body(struct reader *in, struct dt_node *node, unsigned depth)
{
    const char *label = NULL;

    if (depth > NODE_DEPTH_MAX) {
        note_problem(in, "nodes nested too deeply");
        in->dt->cut = true;
        in->at += strlen(in->at);
        return;
    }
    for (skip_blank(in); *in->at != '\0'; skip_blank(in)) {
        if (*in->at == '}') {
            advance(in, 1);
            if (depth > 0)
                return;
            note_problem(in, "a closing brace too many");
        } else if (*in->at == '/') {
            read_slash(in, node, depth);
        } else if (*in->at == '&') {
            struct dt_node *target = read_target(in);

            if (label != NULL)
                dt_add_label(target, label);
            label = NULL;
            open_body(in, target, depth);
        } else if (name_char(*in->at)) {
            read_named(in, node, &label, depth);
        } else {
            advance(in, 1);
        }
    }
    if (depth > 0)
        note_problem(in, "a node without its closing brace");
}

static void read_file(struct reader *in)
{
    read_body(in, NULL, 0);
}

void dt_read(struct dt *dt, const char *file, const char *text, dt_include_fn *include,
             void *context)
{
    struct dt_macro *macros = NULL;
    struct reader in = {dt, file, text, 1, 0, &macros, include, context};

    read_file(&in);
}
