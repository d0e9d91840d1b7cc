// SPDX-License-Identifier: Apache-2.0
/* Changes numbers of a partition's entry where they stand, in block or in flow style. */
#include <ctype.h>
#include <string.h>

#include "doctor/rules.h"

static const char *line_of(const struct doctor_case *c, const char *file, unsigned line)
{
    const char *at = NULL;

    for (size_t i = 0; i < c->tree->count && at == NULL; i++) {
        if (strcmp(c->tree->files[i].shown, file) == 0)
            at = c->tree->files[i].text;
    }
    for (; at != NULL && line > 1; line--) {
        at = strchr(at, '\n');
        at = at == NULL ? NULL : at + 1;
    }
    return at == NULL ? NULL : ferry_arena_copy(c->arena, at, strcspn(at, "\r\n"));
}

/* The value of `key:` in a line, NULL when it is not there, or there twice. */
static const char *value_in(const char *line, const char *key)
{
    size_t length = strlen(key);
    const char *found = NULL;

    for (const char *at = strstr(line, key); at != NULL; at = strstr(at + 1, key)) {
        const char *end = at + length + strspn(at + length, " \t");

        if ((at != line && strchr(" \t{,", at[-1]) == NULL) || *end != ':')
            continue;
        if (found != NULL)
            return NULL;
        found = end + 1 + strspn(end + 1, " \t");
    }
    return found;
}

static const char *with_value(const struct doctor_case *c, const char *line, const char *key,
                              uint64_t value)
{
    const char *at = line == NULL ? NULL : value_in(line, key);
    size_t old;

    if (at == NULL)
        return NULL;
    old = strcspn(at, ",} \t#");
    return text(c, "%.*s%s%s", (int)(at - line), line, hex(c, value), at + old);
}

struct change {
    const char *key;
    uint64_t value;
    bool wanted;
    unsigned line;
};

/* All changes of one line, so that none overwrites another. */
static const char *change_line(const struct doctor_case *c, const struct pm_part *part,
                               struct change *changes, size_t count, unsigned number)
{
    const char *line = line_of(c, part->file, number);

    for (size_t i = 0; i < count; i++) {
        if (changes[i].wanted && changes[i].line == number) {
            line = with_value(c, line, changes[i].key, changes[i].value);
            changes[i].wanted = false;
        }
    }
    return line;
}

void edit_part(const struct doctor_case *c, struct finding *finding, const struct pm_part *part,
               uint64_t address, uint64_t size)
{
    struct change changes[] = {
        {"address", address, part->address != address, pm_line(part, "address")},
        {"size", size, part->size_given && part->size != size, pm_line(part, "size")},
        {"end_address", address + size, part->has_end && part->end != address + size,
         pm_line(part, "end_address")}};

    if (part->yaml == NULL)
        return;
    for (size_t i = 0; i < 3; i++) {
        const char *line;

        if (!changes[i].wanted)
            continue;
        line = change_line(c, part, changes, 3, changes[i].line);
        if (line != NULL)
            edit(c, finding, EDIT_REPLACE, part->file, changes[i].line, line);
    }
}
