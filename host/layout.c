// SPDX-License-Identifier: Apache-2.0
#include "host/layout.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/yaml.h"

#define ENTRIES_MAX  1024u
#define FINDINGS_MAX 256u

/* Numbers of one entry as the file gives them. */
struct extent {
    bool has_address;
    bool has_size;
    bool has_end;
    uint64_t address;
    uint64_t size;
    uint64_t end;
    unsigned end_line;
};

void ferry_layout_note(struct ferry_layout_file *file, bool error, unsigned line,
                       const char *format, ...)
{
    struct ferry_layout_finding *finding;
    va_list args;

    if (file->findings == FINDINGS_MAX)
        return;
    if (file->finding == NULL)
        file->finding = ferry_arena_take(&file->arena, FINDINGS_MAX * sizeof(*file->finding));
    finding = &file->finding[file->findings++];
    finding->error = error;
    finding->line = line;
    va_start(args, format);
    finding->text = ferry_arena_vformat(&file->arena, format, args);
    va_end(args);
}

const struct ferry_layout_entry *ferry_layout_find(const struct ferry_layout_file *file,
                                                   const char *name)
{
    for (size_t i = 0; i < file->entries; i++) {
        if (strcmp(file->entry[i].name, name) == 0)
            return &file->entry[i];
    }
    return NULL;
}

/* A number of the entry; a value that is none is an error. */
static bool take_number(struct ferry_layout_file *file, const struct ferry_yaml_item *entry,
                        const char *key, uint64_t *number, unsigned *line)
{
    const struct ferry_yaml_item *item = ferry_yaml_item(entry->value, key);

    if (item == NULL)
        return false;
    *line = item->line;
    if (ferry_yaml_number(item->value, number) && *number <= UINT32_MAX)
        return true;
    ferry_layout_note(file, true, item->line,
                      "%s: '%s' is no number of bytes below 2^32; write it like 0x10000 or 65536",
                      entry->key, key);
    return false;
}

/* address with size, or with end_address, or all three if they agree. */
static bool take_extent(struct ferry_layout_file *file, const struct ferry_yaml_item *entry,
                        struct extent *extent)
{
    unsigned line;
    size_t before = file->findings;

    memset(extent, 0, sizeof(*extent));
    extent->has_address = take_number(file, entry, "address", &extent->address, &line);
    extent->has_size = take_number(file, entry, "size", &extent->size, &line);
    extent->has_end = take_number(file, entry, "end_address", &extent->end, &extent->end_line);
    if (file->findings != before)
        return false;
    if (!extent->has_address || (!extent->has_size && !extent->has_end)) {
        ferry_layout_note(file, true, entry->line, "%s has no %s", entry->key,
                          extent->has_address ? "'size' and no 'end_address'" : "'address'");
        return false;
    }
    if (extent->has_end && extent->end < extent->address) {
        ferry_layout_note(file, true, extent->end_line,
                          "%s ends at 0x%llx, before its start 0x%llx", entry->key,
                          (unsigned long long)extent->end, (unsigned long long)extent->address);
        return false;
    }
    if (!extent->has_size)
        extent->size = extent->end - extent->address;
    if (extent->has_end && extent->address + extent->size != extent->end) {
        ferry_layout_note(
            file, true, extent->end_line,
            "%s: address 0x%llx and size 0x%llx end at 0x%llx, but end_address says "
            "0x%llx",
            entry->key, (unsigned long long)extent->address, (unsigned long long)extent->size,
            (unsigned long long)(extent->address + extent->size), (unsigned long long)extent->end);
        return false;
    }
    return true;
}

static void take_entry(struct ferry_layout_file *file, const struct ferry_yaml_item *item)
{
    struct ferry_layout_entry *entry = &file->entry[file->entries];
    const char *region;
    struct extent extent;

    if (item->duplicate) {
        ferry_layout_note(file, true, item->line, "%s is there twice; remove or rename one of them",
                          item->key);
        return;
    }
    if (item->value->kind != FERRY_YAML_MAP) {
        ferry_layout_note(file, true, item->line,
                          "%s is no entry: 'address', 'size' and 'region' belong below it",
                          item->key);
        return;
    }
    for (const struct ferry_yaml_item *key = item->value->items; key != NULL; key = key->next) {
        if (key->duplicate)
            ferry_layout_note(file, true, key->line, "%s: '%s' is there twice", item->key,
                              key->key);
    }
    if (!take_extent(file, item, &extent))
        return;
    region = ferry_yaml_text(item->value, "region");
    entry->name = item->key;
    entry->region = region != NULL ? region : FERRY_LAYOUT_INTERNAL;
    entry->address = (uint32_t)extent.address;
    entry->size = (uint32_t)extent.size;
    entry->line = item->line;
    entry->container = ferry_yaml_item(item->value, "span") != NULL ||
                       ferry_yaml_item(item->value, "orig_span") != NULL;
    file->entries++;
}

static int compare_entries(const void *left, const void *right)
{
    const struct ferry_layout_entry *a = left;
    const struct ferry_layout_entry *b = right;
    int regions = strcmp(a->region, b->region);

    if (regions != 0)
        return regions;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    return a->line < b->line ? -1 : a->line > b->line;
}

static void take_entries(struct ferry_layout_file *file, const struct ferry_yaml *root)
{
    if (root->kind != FERRY_YAML_MAP) {
        ferry_layout_note(file, true, root->line, "this is no layout: it has no named entries");
        return;
    }
    if (root->count > ENTRIES_MAX) {
        ferry_layout_note(file, true, 0, "%zu entries are more than a layout can have (%u)",
                          root->count, ENTRIES_MAX);
        return;
    }
    file->entry = ferry_arena_take(&file->arena, (root->count + 1) * sizeof(*file->entry));
    for (const struct ferry_yaml_item *item = root->items; item != NULL; item = item->next)
        take_entry(file, item);
    if (file->entries > 0)
        qsort(file->entry, file->entries, sizeof(*file->entry), compare_entries);
}

/* The first error as the one sentence. */
static int conclude(const struct ferry_layout_file *file, struct ferry_problem *problem)
{
    for (size_t i = 0; i < file->findings; i++) {
        const struct ferry_layout_finding *finding = &file->finding[i];

        if (!finding->error)
            continue;
        if (finding->line == 0)
            return ferry_problem_set(problem, FERRY_E_LAYOUT, "%s: %s", file->name, finding->text);
        return ferry_problem_set(problem, FERRY_E_LAYOUT, "%s line %u: %s", file->name,
                                 finding->line, finding->text);
    }
    return FERRY_OK;
}

int ferry_layout_parse(struct ferry_layout_file *file, const char *name, const char *text,
                       size_t length, const struct ferry_layout_device *device,
                       struct ferry_problem *problem)
{
    struct ferry_yaml_error error = {.line = 0};
    const struct ferry_yaml *root;

    memset(file, 0, sizeof(*file));
    file->name = ferry_arena_string(&file->arena, name);
    root = ferry_yaml_parse(&file->arena, text, length, &error);
    if (root == NULL) {
        ferry_layout_note(file, true, error.line, "%s", error.message);
        return conclude(file, problem);
    }
    take_entries(file, root);
    if (file->findings == 0) /* what is missing because it could not be read is not missing */
        ferry_layout_check(file, device);
    return conclude(file, problem);
}

int ferry_layout_make(struct ferry_layout_file *file, const char *name,
                      const struct ferry_layout_entry *entry, size_t entries,
                      const struct ferry_layout_device *device, struct ferry_problem *problem)
{
    memset(file, 0, sizeof(*file));
    file->name = ferry_arena_string(&file->arena, name);
    file->entries = entries < ENTRIES_MAX ? entries : ENTRIES_MAX;
    file->entry = ferry_arena_take(&file->arena, (entries + 1) * sizeof(*entry));
    for (size_t i = 0; i < file->entries; i++) {
        file->entry[i] = entry[i];
        file->entry[i].name = ferry_arena_string(&file->arena, entry[i].name);
        file->entry[i].region = ferry_arena_string(&file->arena, entry[i].region);
    }
    if (file->entries > 0)
        qsort(file->entry, file->entries, sizeof(*entry), compare_entries);
    ferry_layout_check(file, device);
    return conclude(file, problem);
}

int ferry_layout_load(struct ferry_layout_file *file, const char *path,
                      const struct ferry_layout_device *device, struct ferry_problem *problem)
{
    struct ferry_bytes text;
    int status;

    memset(file, 0, sizeof(*file));
    status = ferry_file_read(path, FERRY_YAML_SIZE_MAX, &text, problem);
    if (status != FERRY_OK)
        return status;
    status = ferry_layout_parse(file, path, (const char *)text.data, text.size, device, problem);
    ferry_bytes_free(&text);
    return status;
}

void ferry_layout_free(struct ferry_layout_file *file)
{
    ferry_arena_free(&file->arena);
    memset(file, 0, sizeof(*file));
}
