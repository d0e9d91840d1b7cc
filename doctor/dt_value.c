// SPDX-License-Identifier: Apache-2.0
#include "doctor/dt_value.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { EXPRESSION_DEPTH_MAX = 16 };

struct expression {
    const char *at;
    const struct dt_macro *macros;
    bool unresolved;
    unsigned depth;
};

static uint64_t read_sum(struct expression *in);

static void skip_space(struct expression *in)
{
    while (isspace((unsigned char)*in->at))
        in->at++;
}

static bool word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static uint64_t expand_macro(struct expression *in, const char *name, size_t length)
{
    for (const struct dt_macro *macro = in->macros; macro != NULL; macro = macro->next) {
        struct expression inner = {macro->value, in->macros, false, in->depth + 1};
        uint64_t value;

        if (strlen(macro->name) != length || strncmp(macro->name, name, length) != 0)
            continue;
        if (in->depth >= EXPRESSION_DEPTH_MAX)
            break;
        value = read_sum(&inner);
        in->unresolved |= inner.unresolved;
        return value;
    }
    in->unresolved = true;
    return 0;
}

static uint64_t read_parenthesis(struct expression *in)
{
    uint64_t value;

    in->at++;
    if (++in->depth > EXPRESSION_DEPTH_MAX) {
        in->unresolved = true;
        return 0;
    }
    value = read_sum(in);
    in->depth--;
    skip_space(in);
    if (*in->at == ')')
        in->at++;
    return value;
}

/* NAME, or DT_SIZE_K(n) and DT_SIZE_M(n). */
static uint64_t read_word(struct expression *in)
{
    const char *name = in->at;
    size_t length = 0;
    uint64_t value;

    while (word_char(name[length]))
        length++;
    in->at += length;
    if (*in->at != '(')
        return expand_macro(in, name, length);
    value = read_parenthesis(in);
    if (length == 9 && strncmp(name, "DT_SIZE_K", 9) == 0)
        return value * 1024;
    if (length == 9 && strncmp(name, "DT_SIZE_M", 9) == 0)
        return value * 1024 * 1024;
    in->unresolved = true;
    return value;
}

static uint64_t read_operand(struct expression *in)
{
    uint64_t value;
    char *end;

    skip_space(in);
    if (*in->at == '(')
        return read_parenthesis(in);
    if (isdigit((unsigned char)*in->at)) {
        value = strtoull(in->at, &end, 0);
        in->at = end;
        while (*in->at == 'U' || *in->at == 'L' || *in->at == 'u' || *in->at == 'l')
            in->at++;
        return value;
    }
    if (word_char(*in->at))
        return read_word(in);
    in->unresolved = true;
    if (*in->at != '\0')
        in->at++;
    return 0;
}

static uint64_t read_product(struct expression *in)
{
    uint64_t value = read_operand(in);

    for (;;) {
        skip_space(in);
        if (*in->at == '*') {
            in->at++;
            value *= read_operand(in);
        } else if (*in->at == '/') {
            uint64_t divisor;

            in->at++;
            divisor = read_operand(in);
            value = divisor == 0 ? 0 : value / divisor;
        } else {
            return value;
        }
    }
}

static uint64_t read_sum(struct expression *in)
{
    uint64_t value = read_product(in);

    for (;;) {
        skip_space(in);
        if (in->at[0] == '+') {
            in->at++;
            value += read_product(in);
        } else if (in->at[0] == '-') {
            in->at++;
            value -= read_product(in);
        } else if (in->at[0] == '|') {
            in->at++;
            value |= read_product(in);
        } else if (in->at[0] == '<' && in->at[1] == '<') {
            in->at += 2;
            value <<= read_product(in) & 63;
        } else {
            return value;
        }
    }
}

static void add_cell(struct dt_prop *prop, uint64_t value)
{
    if (prop->count < DT_CELLS_MAX)
        prop->cells[prop->count++] = value;
}

static const char *read_reference(struct dt *dt, struct dt_prop *prop, const char *at)
{
    bool path = at[1] == '{';
    const char *start = at + (path ? 2 : 1);
    size_t length = 0;

    while (path ? start[length] != '}' && start[length] != '\0' : word_char(start[length]))
        length++;
    if (prop->reference == NULL && length > 0)
        prop->reference = ferry_arena_copy(dt->arena, start, length);
    prop->references++;
    return start + length + (path && start[length] == '}');
}

/* Inside < and >. A cell is an operand; parentheses hold expressions, as in dtc. */
static const char *read_cells(struct dt *dt, struct dt_prop *prop, const char *at,
                              const struct dt_macro *macros)
{
    while (*at != '\0' && *at != '>') {
        struct expression in = {at, macros, false, 0};

        if (isspace((unsigned char)*at) || *at == ',') {
            at++;
        } else if (*at == '&') {
            at = read_reference(dt, prop, at);
        } else {
            add_cell(prop, read_operand(&in));
            prop->unresolved |= in.unresolved;
            at = in.at > at ? in.at : at + 1;
        }
    }
    return *at == '>' ? at + 1 : at;
}

static int hex_digit(char c)
{
    if (isdigit((unsigned char)c))
        return c - '0';
    return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static const char *read_bytes(struct dt_prop *prop, const char *at)
{
    while (*at != '\0' && *at != ']') {
        int high = hex_digit(at[0]);
        int low = high < 0 ? -1 : hex_digit(at[1]);

        if (low < 0) {
            at++;
            continue;
        }
        add_cell(prop, (uint64_t)(high * 16 + low));
        at += 2;
    }
    return *at == ']' ? at + 1 : at;
}

static const char *read_string(struct dt *dt, struct dt_prop *prop, const char *at)
{
    size_t length = strcspn(at, "\"");
    const char *text = ferry_arena_copy(dt->arena, at, length);

    if (prop->text == NULL)
        prop->text = text;
    prop->strings =
        prop->strings == NULL ? text : ferry_arena_format(dt->arena, "%s\n%s", prop->strings, text);
    return at + length + (at[length] == '"');
}

void dt_parse_value(struct dt *dt, struct dt_prop *prop, const struct dt_macro *macros)
{
    const char *at = prop->raw;

    while (*at != '\0') {
        if (*at == '<')
            at = read_cells(dt, prop, at + 1, macros);
        else if (*at == '[')
            at = read_bytes(prop, at + 1);
        else if (*at == '"')
            at = read_string(dt, prop, at + 1);
        else if (*at == '&')
            at = read_reference(dt, prop, at);
        else
            at++;
    }
}
