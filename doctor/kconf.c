// SPDX-License-Identifier: Apache-2.0
#include "doctor/kconf.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct kconf_line *append(struct kconf *kconf, struct ferry_arena *arena)
{
    struct kconf_line *line;

    if (kconf->count == kconf->room) {
        size_t room = kconf->room == 0 ? 64 : kconf->room * 2;
        struct kconf_line *lines = ferry_arena_take(arena, room * sizeof(*lines));

        if (kconf->count > 0)
            memcpy(lines, kconf->lines, kconf->count * sizeof(*lines));
        kconf->lines = lines;
        kconf->room = room;
    }
    kconf->indexed = false;
    line = &kconf->lines[kconf->count];
    line->order = kconf->count++;
    return line;
}

static size_t name_length(const char *text)
{
    size_t length = 0;

    while (isalnum((unsigned char)text[length]) || text[length] == '_')
        length++;
    return length;
}

static bool is_option(const char *text, size_t length)
{
    return (length > 7 && strncmp(text, "CONFIG_", 7) == 0) ||
           (length > 10 && strncmp(text, "SB_CONFIG_", 10) == 0);
}

static const char *read_value(struct ferry_arena *arena, const char *text, size_t length)
{
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    if (length >= 2 && text[0] == '"') {
        const char *end = memchr(text + 1, '"', length - 1);

        if (end != NULL)
            return ferry_arena_copy(arena, text + 1, (size_t)(end - text - 1));
    }
    for (size_t i = 0; i + 1 < length; i++) {
        if (isspace((unsigned char)text[i]) && text[i + 1] == '#') {
            length = i;
            break;
        }
    }
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    return ferry_arena_copy(arena, text, length);
}

/* "CONFIG_X=value" and "# CONFIG_X is not set". */
static void read_line(struct kconf *kconf, struct ferry_arena *arena, const char *file,
                      unsigned number, const char *text, size_t length)
{
    bool comment = length > 2 && text[0] == '#' && text[1] == ' ';
    const char *start = comment ? text + 2 : text;
    size_t left = length - (size_t)(start - text);
    size_t name = name_length(start);
    struct kconf_line *line;

    if (name >= left || !is_option(start, name))
        return;
    if (comment ? strncmp(start + name, " is not set", 11) != 0 : start[name] != '=')
        return;
    line = append(kconf, arena);
    line->name = ferry_arena_copy(arena, start, name);
    line->file = file;
    line->line = number;
    line->value = comment ? "n" : read_value(arena, start + name + 1, left - name - 1);
}

void kconf_read(struct kconf *kconf, struct ferry_arena *arena, const char *file, const char *text)
{
    unsigned number = 1;

    if (strncmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        read_line(kconf, arena, file, number++, text, length);
        text += length + (text[length] == '\n');
    }
}

static bool starts_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    return strncmp(text, word, length) == 0 && isspace((unsigned char)text[length]);
}

static const char *skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

/* A default without its condition; the length of what is left. */
static size_t cut_condition(const char *text, size_t length, bool *conditional)
{
    for (size_t i = 0; i + 4 < length; i++) {
        if (strncmp(text + i, " if ", 4) == 0) {
            *conditional = true;
            return i;
        }
    }
    return length;
}

/* The default of a choice is the name of one of its options. */
static bool is_symbol(const char *value)
{
    return isupper((unsigned char)value[0]) && name_length(value) == strlen(value);
}

struct kconfig_place {
    const char *prefix;
    const char *file;
    unsigned line;
    bool conditional; /* inside `if` ... `endif` */
};

static void read_default(struct kconf *kconf, struct ferry_arena *arena, const char *name,
                         struct kconfig_place place, const char *text)
{
    size_t length = cut_condition(text, strcspn(text, "\r\n"), &place.conditional);
    const char *value = read_value(arena, text, length);
    struct kconf_line *line = append(kconf, arena);

    line->name = is_symbol(value) ? ferry_arena_format(arena, "%s%s", place.prefix, value) : name;
    line->value = is_symbol(value) ? "y" : value;
    line->file = place.file;
    line->line = place.line;
    line->is_default = true;
    line->conditional = place.conditional;
}

void kconf_read_defaults(struct kconf *kconf, struct ferry_arena *arena, const char *prefix,
                         const char *file, const char *text)
{
    struct kconfig_place place = {prefix, file, 1, false};
    const char *current = NULL;
    unsigned depth = 0;

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const char *start = skip_blanks(text);

        if (starts_word(start, "config") || starts_word(start, "choice")) {
            const char *name = skip_blanks(start + 6);

            current = ferry_arena_format(arena, "%s%.*s", prefix, (int)name_length(name), name);
        } else if (starts_word(start, "if")) {
            depth++;
        } else if (starts_word(start, "endif") && depth > 0) {
            depth--;
        } else if (current != NULL && starts_word(start, "default")) {
            place.conditional = depth > 0;
            read_default(kconf, arena, current, place, skip_blanks(start + 7));
        }
        place.line++;
        text += length + (text[length] == '\n');
    }
}

void kconf_append(struct kconf *kconf, struct ferry_arena *arena, const struct kconf *from)
{
    for (size_t i = 0; i < from->count; i++) {
        struct kconf_line *line = append(kconf, arena);
        size_t order = line->order;

        *line = from->lines[i];
        line->order = order;
    }
}

static int by_name(const void *a, const void *b)
{
    const struct kconf_line *left = *(struct kconf_line *const *)a;
    const struct kconf_line *right = *(struct kconf_line *const *)b;
    int order = strcmp(left->name, right->name);

    if (order != 0)
        return order;
    return left->order < right->order ? -1 : left->order > right->order;
}

static void build_index(struct kconf *kconf, struct ferry_arena *arena)
{
    kconf->sorted = ferry_arena_take(arena, kconf->count * sizeof(struct kconf_line *));
    for (size_t i = 0; i < kconf->count; i++)
        kconf->sorted[i] = &kconf->lines[i];
    if (kconf->count > 1)
        qsort(kconf->sorted, kconf->count, sizeof(struct kconf_line *), by_name);
    kconf->indexed = true;
}

struct kconf_line *const *kconf_all(struct kconf *kconf, struct ferry_arena *arena,
                                    const char *name, size_t *count)
{
    size_t low = 0;
    size_t high = kconf->count;

    if (!kconf->indexed)
        build_index(kconf, arena);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(kconf->sorted[middle]->name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < kconf->count && strcmp(kconf->sorted[low + *count]->name, name) == 0)
        (*count)++;
    return kconf->sorted + low;
}

const struct kconf_line *kconf_find(struct kconf *kconf, struct ferry_arena *arena,
                                    const char *name)
{
    size_t count;
    struct kconf_line *const *all = kconf_all(kconf, arena, name, &count);
    const struct kconf_line *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!all[i]->is_default || found == NULL ||
            (found->is_default && strcmp(found->value, "y") != 0))
            found = all[i];
    }
    return found;
}

bool kconf_number(const struct kconf_line *line, unsigned long long *number)
{
    char *end = NULL;

    if (line == NULL || !isdigit((unsigned char)line->value[0]))
        return false;
    errno = 0;
    *number = strtoull(line->value, &end, 0);
    return errno == 0 && *end == '\0';
}
