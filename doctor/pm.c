// SPDX-License-Identifier: Apache-2.0
#include "doctor/pm.h"

#include <string.h>

static bool number_under(const struct ferry_yaml *map, const char *key, uint64_t *number)
{
    return ferry_yaml_number(ferry_yaml_get(map, key), number);
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text);
    size_t tail = strlen(end);

    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static void read_span(struct pm_part *part, struct ferry_arena *arena)
{
    const struct ferry_yaml *span = ferry_yaml_get(part->yaml, "span");

    if (span == NULL || span->kind != FERRY_YAML_LIST)
        span = ferry_yaml_get(part->yaml, "orig_span");
    part->is_span = span != NULL && (span->kind == FERRY_YAML_LIST || span->text[0] != '\0');
    if (!part->is_span || span->kind != FERRY_YAML_LIST)
        return;
    part->span = ferry_arena_take(arena, (span->count + 1) * sizeof(*part->span));
    for (const struct ferry_yaml_item *item = span->items; item != NULL; item = item->next) {
        if (item->value->kind == FERRY_YAML_SCALAR)
            part->span[part->span_count++] = item->value->text;
    }
}

static void read_part(struct pm_part *part, struct ferry_arena *arena, const char *file,
                      const struct ferry_yaml_item *item)
{
    part->name = item->key;
    part->file = file;
    part->line = item->line;
    part->yaml = item->value;
    part->duplicate = item->duplicate;
    part->has_address = number_under(item->value, "address", &part->address);
    part->has_end = number_under(item->value, "end_address", &part->end);
    part->size_given = number_under(item->value, "size", &part->size);
    part->has_size = part->size_given;
    if (!part->has_size && part->has_address && part->has_end && part->end >= part->address) {
        part->size = part->end - part->address;
        part->has_size = true;
    }
    part->device = ferry_yaml_text(item->value, "device");
    part->region = ferry_yaml_text(item->value, "region");
    part->region_given = part->region != NULL && part->region[0] != '\0';
    if (!part->region_given)
        part->region = ends_with(item->key, "_sram") ? "sram_primary" : PM_INTERNAL;
    read_span(part, arena);
}

static const struct ferry_yaml *parse(struct ferry_arena *arena, const char *file, const char *text,
                                      size_t length, const char **problem)
{
    struct ferry_yaml_error error;
    const struct ferry_yaml *root = ferry_yaml_parse(arena, text, length, &error);

    if (root == NULL) {
        *problem = ferry_arena_format(arena, "%s:%u: %s", file, error.line, error.message);
        return NULL;
    }
    if (root->kind != FERRY_YAML_MAP) {
        *problem = ferry_arena_format(arena, "%s: is no map of names, so no partition file", file);
        return NULL;
    }
    if (root->count > PM_PARTS_MAX) {
        *problem = ferry_arena_format(arena, "%s: has %zu entries, which no partition file has",
                                      file, root->count);
        return NULL;
    }
    return root;
}

bool pm_read(struct pm *pm, struct ferry_arena *arena, const char *file, const char *text,
             size_t length, const char **problem)
{
    const struct ferry_yaml *root = parse(arena, file, text, length, problem);

    memset(pm, 0, sizeof(*pm));
    if (root == NULL)
        return false;
    pm->file = file;
    pm->yaml = root;
    pm->parts = ferry_arena_take(arena, (root->count + 1) * sizeof(*pm->parts));
    for (const struct ferry_yaml_item *item = root->items; item != NULL; item = item->next) {
        if (item->value->kind == FERRY_YAML_MAP)
            read_part(&pm->parts[pm->count++], arena, file, item);
    }
    pm->present = pm->count > 0;
    return true;
}

bool pm_read_regions(struct pm_regions *regions, struct ferry_arena *arena, const char *file,
                     const char *text, size_t length, const char **problem)
{
    const struct ferry_yaml *root = parse(arena, file, text, length, problem);

    if (root == NULL)
        return false;
    regions->list = ferry_arena_take(arena, (root->count + 1) * sizeof(*regions->list));
    for (const struct ferry_yaml_item *item = root->items; item != NULL; item = item->next) {
        struct pm_region *region = &regions->list[regions->count];

        if (item->value->kind != FERRY_YAML_MAP)
            continue;
        region->name = item->key;
        region->file = file;
        region->line = item->line;
        region->driver = ferry_yaml_text(item->value, "default_driver_kconfig");
        region->device = ferry_yaml_text(item->value, "device");
        region->strategy = ferry_yaml_text(item->value, "placement_strategy");
        number_under(item->value, "base_address", &region->base);
        region->has_size = number_under(item->value, "size", &region->size);
        regions->count++;
    }
    regions->present = regions->count > 0;
    return true;
}

/* The partition manager's name of a devicetree partition. */
static const char *name_from_label(const char *label)
{
    static const char *const names[][2] = {{"boot_partition", "mcuboot"},
                                           {"slot0_partition", "mcuboot_primary"},
                                           {"slot1_partition", "mcuboot_secondary"},
                                           {"slot2_partition", "mcuboot_primary_1"},
                                           {"slot3_partition", "mcuboot_secondary_1"},
                                           {"scratch_partition", "mcuboot_scratch"},
                                           {"storage_partition", "settings_storage"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(names[i][0], label) == 0)
            return names[i][1];
    }
    return label;
}

static bool is_nor(const struct dt_node *node)
{
    return dt_compatible(node, "jedec,spi-nor") || dt_compatible(node, "nordic,qspi-nor") ||
           dt_compatible(node, "jedec,mspi-nor") || dt_get(node, "jedec-id") != NULL;
}

/* A node that only an overlay names is a chip outside, unless it is called like flash inside. */
static bool is_unknown_chip(const struct dt_node *node)
{
    static const char *const inside[] = {"flash0", "flash1", "flash", "rram", "mram"};

    for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++) {
        if (strcmp(dt_label(node), inside[i]) == 0 || (i > 2 && strstr(dt_label(node), inside[i])))
            return false;
    }
    return node->placeholder;
}

struct dt_parts {
    struct pm *pm;
    struct ferry_arena *arena;
    const struct dt *dt;
};

static const struct dt_node *partitions_node(const struct dt_node *node)
{
    const struct dt_node *up = node->parent;

    while (up != NULL && strcmp(up->name, "partitions") != 0)
        up = up->parent;
    return up;
}

/* Where the node's offsets start: subpartitions count from the partition that holds them. */
static uint64_t base_of(const struct dt_node *node)
{
    uint64_t base = 0;

    for (const struct dt_node *up = node->parent; up != NULL && strcmp(up->name, "partitions") != 0;
         up = up->parent) {
        uint64_t own;

        if (dt_number(up, "reg", &own))
            base += own;
    }
    return base;
}

static bool add_dt_part(const struct dt_node *node, void *context)
{
    struct dt_parts *in = context;
    const struct dt_prop *reg = dt_get(node, "reg");
    const struct dt_node *top = node->labels[0] == NULL ? NULL : partitions_node(node);
    struct pm_part *part;

    if (top == NULL || top->parent == NULL || reg == NULL || reg->count < 2 || reg->unresolved)
        return false;
    part = &in->pm->parts[in->pm->count++];
    part->name = name_from_label(node->labels[0]);
    part->region = is_nor(top->parent) || is_unknown_chip(top->parent) ||
                           dt_chosen_node(in->dt, "nordic,pm-ext-flash") == top->parent
                       ? PM_EXTERNAL
                       : PM_INTERNAL;
    part->region_given = true;
    part->has_address = part->has_size = part->size_given = true;
    part->address = reg->cells[0] + base_of(node);
    part->size = reg->cells[1];
    part->from_dt = true;
    part->file = reg->file;
    part->line = reg->line;
    for (const struct dt_node *child = node->children; child != NULL; child = child->next)
        part->is_span |= !child->deleted && dt_get(child, "reg") != NULL;
    return false;
}

void pm_from_dt(struct pm *pm, struct ferry_arena *arena, const struct dt *dt)
{
    struct dt_parts in = {pm, arena, dt};

    memset(pm, 0, sizeof(*pm));
    pm->parts = ferry_arena_take(arena, (dt->nodes + 1) * sizeof(*pm->parts));
    dt_each(dt, add_dt_part, &in);
    pm->present = pm->count > 0;
    if (pm->present)
        pm->file = pm->parts[0].file;
}

const struct pm_part *pm_find(const struct pm *pm, const char *name)
{
    const struct pm_part *found = NULL;

    for (size_t i = 0; i < pm->count; i++) {
        if (strcmp(pm->parts[i].name, name) == 0)
            found = &pm->parts[i];
    }
    return found;
}

const struct pm_region *pm_region(const struct pm_regions *regions, const char *name)
{
    for (size_t i = 0; i < regions->count; i++) {
        if (strcmp(regions->list[i].name, name) == 0)
            return &regions->list[i];
    }
    return NULL;
}

uint64_t pm_end(const struct pm_part *part)
{
    return part->size > UINT64_MAX - part->address ? UINT64_MAX : part->address + part->size;
}

unsigned pm_line(const struct pm_part *part, const char *key)
{
    const struct ferry_yaml_item *item =
        part->yaml == NULL ? NULL : ferry_yaml_item(part->yaml, key);

    return item == NULL ? part->line : item->line;
}

bool pm_in(const struct pm_part *part, const char *region)
{
    return strcmp(part->region, region) == 0;
}

static bool is_last_of_name(const struct pm *pm, const struct pm_part *part)
{
    return pm_find(pm, part->name) == part;
}

bool pm_is_leaf(const struct pm *pm, const struct pm_part *part)
{
    return !part->is_span && part->has_address && part->has_size && part->size > 0 &&
           is_last_of_name(pm, part);
}
