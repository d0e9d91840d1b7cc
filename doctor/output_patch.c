// SPDX-License-Identifier: Apache-2.0
/* The unambiguous fixes as a patch that `git apply` takes, or applied in place. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/output.h"

enum { FILES_MAX = 256, CONTEXT = 3 };

/* A file's lines, and what becomes of them. */
struct line {
    const char *text; /* without its newline */
    bool deleted;
    const char *before_replaced; /* old text of a replaced line */
    const char *inserted;        /* lines behind it, separated by newlines */
};

struct target {
    const char *file;
    const char *renamed;
    bool exists;
    bool ends_with_newline;
    struct line *lines; /* lines[0] stands before the first line */
    size_t count;
    bool changed;
};

struct patch {
    struct doctor *doctor;
    struct target targets[FILES_MAX];
    size_t count;
};

static void split_lines(struct doctor *doctor, struct target *target, const char *content)
{
    size_t count = 1;

    for (const char *at = content; *at != '\0'; at++)
        count += *at == '\n';
    target->lines = ferry_arena_take(&doctor->arena, (count + 1) * sizeof(*target->lines));
    target->ends_with_newline = true;
    while (*content != '\0') {
        size_t length = strcspn(content, "\n");

        target->lines[++target->count].text = ferry_arena_copy(&doctor->arena, content, length);
        target->ends_with_newline = content[length] == '\n';
        content += length + (content[length] == '\n');
    }
}

static struct target *target_of(struct patch *patch, const char *file)
{
    struct target *target;
    struct tree_file *found = NULL;
    const char *content;

    for (size_t i = 0; i < patch->count; i++) {
        if (strcmp(patch->targets[i].file, file) == 0)
            return &patch->targets[i];
    }
    if (patch->count >= FILES_MAX)
        return NULL;
    target = &patch->targets[patch->count++];
    memset(target, 0, sizeof(*target));
    target->file = file;
    for (size_t i = 0; i < patch->doctor->tree.count && found == NULL; i++) {
        if (strcmp(patch->doctor->tree.files[i].shown, file) == 0)
            found = &patch->doctor->tree.files[i];
    }
    content = found == NULL ? NULL : doctor_text(patch->doctor, found);
    target->exists = found != NULL;
    split_lines(patch->doctor, target, content == NULL ? "" : content);
    return target;
}

static bool has_line(const struct target *target, const char *text)
{
    for (size_t i = 1; i <= target->count; i++) {
        if (!target->lines[i].deleted && strcmp(target->lines[i].text, text) == 0)
            return true;
    }
    for (size_t i = 0; i <= target->count; i++) {
        const char *inserted = target->lines[i].inserted;
        const char *at = inserted == NULL ? NULL : strstr(inserted, text);

        if (at != NULL && (at == inserted || at[-1] == '\n') &&
            (at[strlen(text)] == '\n' || at[strlen(text)] == '\0'))
            return true;
    }
    return false;
}

static void insert_text(struct patch *patch, struct target *target, size_t at, const char *text)
{
    struct line *line = &target->lines[at];

    line->inserted = line->inserted == NULL ? text
                                            : ferry_arena_format(&patch->doctor->arena, "%s\n%s",
                                                                 line->inserted, text);
    target->changed = true;
}

/* Appends line by line, so that two findings may ask for the same line. */
static void append_lines(struct patch *patch, struct target *target, const char *text)
{
    bool single = strchr(text, '{') == NULL;

    if (!single) {
        const char *added = target->lines[target->count].inserted;

        if (added == NULL || strstr(added, text) == NULL)
            insert_text(patch, target, target->count, text);
        return;
    }
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        const char *line = ferry_arena_copy(&patch->doctor->arena, text, length);

        if (!has_line(target, line))
            insert_text(patch, target, target->count, line);
        text += length + (text[length] == '\n');
    }
}

static void add_edit(struct patch *patch, const struct edit *edit)
{
    struct target *target = target_of(patch, edit->file);

    if (target == NULL)
        return;
    switch (edit->kind) {
    case EDIT_RENAME:
        target->renamed = edit->text;
        target->changed = true;
        break;
    case EDIT_APPEND:
        append_lines(patch, target, edit->text);
        break;
    case EDIT_INSERT_AFTER:
        if (edit->line >= 1 && edit->line <= target->count)
            insert_text(patch, target, edit->line, edit->text);
        break;
    case EDIT_DELETE:
    case EDIT_REPLACE:
        if (edit->line < 1 || edit->line > target->count)
            break;
        if (edit->kind == EDIT_DELETE)
            target->lines[edit->line].deleted = true;
        else {
            target->lines[edit->line].before_replaced = target->lines[edit->line].text;
            target->lines[edit->line].text = edit->text;
        }
        target->changed = true;
        break;
    }
}

static size_t collect(struct patch *patch)
{
    size_t fixed = 0;

    for (const struct finding *finding = patch->doctor->findings.first; finding != NULL;
         finding = finding->next) {
        fixed += finding->edits != NULL;
        for (const struct edit *edit = finding->edits; edit != NULL; edit = edit->next)
            add_edit(patch, edit);
    }
    return fixed;
}

static bool is_touched(const struct line *line)
{
    return line->deleted || line->before_replaced != NULL || line->inserted != NULL;
}

static size_t inserted_lines(const struct line *line)
{
    size_t count = line->inserted != NULL;

    for (const char *at = line->inserted; at != NULL && *at != '\0'; at++)
        count += *at == '\n';
    return count;
}

static void print_prefixed(FILE *out, const char *text, char prefix)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        fprintf(out, "%c%.*s\n", prefix, (int)length, text);
        text += length + (text[length] == '\n');
    }
}

static void print_line(FILE *out, const struct target *target, size_t i)
{
    const struct line *line = &target->lines[i];
    const char *old = line->before_replaced != NULL ? line->before_replaced : line->text;
    bool bare = i == target->count && !target->ends_with_newline;

    if (i > 0 && !line->deleted && line->before_replaced == NULL &&
        (!bare || line->inserted == NULL))
        fprintf(out, " %s\n%s", old, bare ? "\\ No newline at end of file\n" : "");
    else if (i > 0) {
        fprintf(out, "-%s\n%s", old, bare ? "\\ No newline at end of file\n" : "");
        if (!line->deleted)
            fprintf(out, "+%s\n", line->text);
    }
    if (line->inserted != NULL)
        print_prefixed(out, line->inserted, '+');
}

/* Lines first..last (1-based, 0 = only insertions in front). `shift`: new minus old so far. */
static void print_hunk(FILE *out, const struct target *target, size_t first, size_t last,
                       long *shift)
{
    size_t old_count = 0;
    size_t new_count = 0;
    size_t start = first == 0 ? 1 : first;

    for (size_t i = first; i <= last; i++) {
        old_count += i > 0;
        new_count += i > 0 && !target->lines[i].deleted;
        new_count += inserted_lines(&target->lines[i]);
    }
    fprintf(out, "@@ -%zu,%zu +%ld,%zu @@\n", old_count == 0 ? 0 : start, old_count,
            (long)(new_count == 0 ? start - 1 : start) + *shift, new_count);
    for (size_t i = first; i <= last; i++)
        print_line(out, target, i);
    *shift += (long)new_count - (long)old_count;
}

static void print_hunks(FILE *out, const struct target *target)
{
    long shift = 0;
    size_t at = 0;

    while (at <= target->count) {
        size_t first = at;
        size_t last;

        while (first <= target->count && !is_touched(&target->lines[first]))
            first++;
        if (first > target->count)
            return;
        last = first;
        for (size_t i = first; i <= target->count && i <= last + 2 * CONTEXT; i++)
            last = is_touched(&target->lines[i]) ? i : last;
        at = last + 1;
        first = first > CONTEXT + 1 ? first - CONTEXT : (first == 0 ? 0 : 1);
        last = last + CONTEXT < target->count ? last + CONTEXT : target->count;
        if (first == 0 && target->count > 0 && last == 0)
            last = target->count < CONTEXT ? target->count : CONTEXT;
        print_hunk(out, target, first, last, &shift);
        at = last + 1 > at ? last + 1 : at;
    }
}

static bool has_hunks(const struct target *target)
{
    for (size_t i = 0; i <= target->count; i++) {
        if (is_touched(&target->lines[i]))
            return true;
    }
    return false;
}

static void print_target(FILE *out, const struct target *target)
{
    const char *new_name = target->renamed != NULL ? target->renamed : target->file;

    if (!target->changed)
        return;
    fprintf(out, "diff --git a/%s b/%s\n", target->file, new_name);
    if (target->renamed != NULL)
        fprintf(out, "similarity index %d%%\nrename from %s\nrename to %s\n",
                has_hunks(target) ? 90 : 100, target->file, new_name);
    if (!has_hunks(target))
        return;
    if (!target->exists)
        fprintf(out, "new file mode 100644\n--- /dev/null\n+++ b/%s\n", new_name);
    else
        fprintf(out, "--- a/%s\n+++ b/%s\n", target->file, new_name);
    print_hunks(out, target);
}

size_t output_patch(FILE *out, struct doctor *doctor)
{
    struct patch *patch = ferry_arena_take(&doctor->arena, sizeof(*patch));
    size_t fixed;

    patch->doctor = doctor;
    fixed = collect(patch);
    for (size_t i = 0; i < patch->count; i++)
        print_target(out, &patch->targets[i]);
    return fixed;
}

static void print_new(FILE *out, const struct target *target)
{
    for (size_t i = 0; i <= target->count; i++) {
        const struct line *line = &target->lines[i];

        if (i > 0 && !line->deleted)
            fprintf(out, "%s\n", line->text);
        if (line->inserted != NULL)
            fprintf(out, "%s\n", line->inserted);
    }
}

static bool make_folders(struct doctor *doctor, const char *path)
{
    char *copy = ferry_arena_string(&doctor->arena, path);

    for (char *at = strchr(copy + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST)
            return false;
        *at = '/';
    }
    return true;
}

static const char *on_disk(struct doctor *doctor, const char *file)
{
    for (size_t i = 0; i < doctor->tree.count; i++) {
        if (strcmp(doctor->tree.files[i].shown, file) == 0)
            return doctor->tree.files[i].full;
    }
    return ferry_arena_format(&doctor->arena, "%s/%s",
                              doctor->tree.root == NULL ? "." : doctor->tree.root, file);
}

static bool write_target(struct doctor *doctor, const struct target *target)
{
    const char *path = on_disk(doctor, target->renamed != NULL ? target->renamed : target->file);
    const char *old = on_disk(doctor, target->file);
    const char *temporary = ferry_arena_format(&doctor->arena, "%s.ferry-new", path);
    FILE *out;

    if (!make_folders(doctor, path))
        return false;
    if (!has_hunks(target))
        return rename(old, path) == 0;
    out = fopen(temporary, "w");
    if (out == NULL)
        return false;
    print_new(out, target);
    if (fclose(out) != 0 || rename(temporary, path) != 0)
        return false;
    return target->renamed == NULL || unlink(old) == 0;
}

int output_apply(struct doctor *doctor, const char **problem)
{
    struct patch *patch = ferry_arena_take(&doctor->arena, sizeof(*patch));
    int written = 0;

    patch->doctor = doctor;
    collect(patch);
    for (size_t i = 0; i < patch->count; i++) {
        if (!patch->targets[i].changed)
            continue;
        if (!write_target(doctor, &patch->targets[i])) {
            *problem = ferry_arena_format(&doctor->arena, "%s: cannot be written: %s",
                                          patch->targets[i].file, strerror(errno));
            return -1;
        }
        written++;
    }
    return written;
}
