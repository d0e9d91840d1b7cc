// SPDX-License-Identifier: Apache-2.0
/* The rules a layout has to keep to, and struct ferry_layout out of its entries. */
#include <stdio.h>
#include <string.h>

#include "host/layout.h"

/* The smallest erase block: 4 KiB on every SPI NOR chip and on the usual internal flash. */
#define BLOCK 0x1000u

/* Chips erase these much faster per byte. */
#define LARGE_BLOCK 0x10000u

static bool in_region(const struct ferry_layout_entry *entry, const char *region)
{
    return strcmp(entry->region, region) == 0;
}

static uint64_t end_of(const struct ferry_layout_entry *entry)
{
    return (uint64_t)entry->address + entry->size;
}

/* A container may hold others whole; containers only name what others hold, so they may cross. */
static bool may_share(const struct ferry_layout_entry *a, const struct ferry_layout_entry *b)
{
    bool b_in_a = b->address >= a->address && end_of(b) <= end_of(a);
    bool a_in_b = a->address >= b->address && end_of(a) <= end_of(b);

    return (a->container && b->container) || (a->container && b_in_a) || (b->container && a_in_b);
}

static void check_overlaps(struct ferry_layout_file *file)
{
    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *a = &file->entry[i];

        for (size_t k = i + 1; k < file->entries; k++) {
            const struct ferry_layout_entry *b = &file->entry[k];

            if (!in_region(b, a->region) || b->address >= end_of(a))
                break; /* sorted: nothing behind it reaches back */
            if (b->size == 0 || may_share(a, b))
                continue;
            ferry_layout_note(file, true, b->line > a->line ? b->line : a->line,
                              "%s (0x%x to 0x%llx, line %u) and %s (0x%x to 0x%llx, line %u) "
                              "overlap in %s; move or shrink one of them",
                              a->name, a->address, (unsigned long long)end_of(a), a->line, b->name,
                              b->address, (unsigned long long)end_of(b), b->line, a->region);
        }
    }
}

static uint32_t region_end(struct ferry_layout_file *file, const char *region, uint32_t limit,
                           const char *chip)
{
    uint64_t end = 0;

    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        if (!in_region(entry, region))
            continue;
        if (end_of(entry) > end)
            end = end_of(entry);
        if (end_of(entry) > UINT32_MAX || (limit != 0 && end_of(entry) > limit))
            ferry_layout_note(file, true, entry->line,
                              "%s ends at 0x%llx, past the end of the %s flash (0x%x bytes)",
                              entry->name, (unsigned long long)end_of(entry), chip,
                              limit != 0 ? limit : UINT32_MAX);
    }
    return end > UINT32_MAX ? UINT32_MAX : (uint32_t)end;
}

/* Takes one of Ferry's entries: in the right chip, on whole erase blocks, at least `least` bytes.
 */
static bool take_span(struct ferry_layout_file *file, const char *name, const char *region,
                      uint32_t least, struct ferry_span *span)
{
    const struct ferry_layout_entry *entry = ferry_layout_find(file, name);

    if (entry == NULL)
        return false;
    span->offset = entry->address;
    span->length = entry->size;
    if (!in_region(entry, region))
        ferry_layout_note(file, true, entry->line, "%s lies in %s; it belongs into %s", name,
                          entry->region, region);
    if (entry->address % BLOCK != 0 || entry->size % BLOCK != 0)
        ferry_layout_note(file, true, entry->line,
                          "%s (0x%x, 0x%x bytes) does not begin and end on an erase block of 0x%x "
                          "bytes; align address and size",
                          name, entry->address, entry->size, BLOCK);
    if (entry->size < least)
        ferry_layout_note(file, true, entry->line, "%s has 0x%x bytes; it needs at least 0x%x",
                          name, entry->size, least);
    return true;
}

static void require_span(struct ferry_layout_file *file, const char *name, const char *region,
                         uint32_t least, struct ferry_span *span)
{
    if (!take_span(file, name, region, least, span))
        ferry_layout_note(file, true, 0, "there is no '%s' in it; Ferry needs one in %s", name,
                          region);
}

static void note_slot(struct ferry_layout_file *file, const char *name)
{
    const struct ferry_layout_entry *entry = ferry_layout_find(file, name);
    uint32_t primary = file->layout.primary.length;

    if (entry->size < primary)
        ferry_layout_note(file, false, entry->line,
                          "%s (0x%x bytes) is smaller than mcuboot_primary (0x%x): no image can "
                          "be larger than the smallest slot",
                          name, entry->size, primary);
    if (entry->address % LARGE_BLOCK != 0)
        ferry_layout_note(file, false, entry->line,
                          "%s does not begin on 64 KiB: parts of it are erased in 4 KiB steps, "
                          "which takes longer",
                          name);
}

/* ferry_slot_0, _1 ... without a gap. */
static void take_slots(struct ferry_layout_file *file)
{
    struct ferry_layout *layout = &file->layout;
    char name[32];

    for (unsigned i = 0; i < 100; i++) {
        const struct ferry_layout_entry *entry;

        (void)snprintf(name, sizeof(name), "ferry_slot_%u", i);
        entry = ferry_layout_find(file, name);
        if (entry == NULL)
            continue;
        if (i >= FERRY_SLOTS_MAX) {
            ferry_layout_note(file, true, entry->line, "%s: slots are numbered 0 to %u", name,
                              FERRY_SLOTS_MAX - 1);
        } else if (i != layout->slots) {
            ferry_layout_note(file, true, entry->line,
                              "%s is there, but no ferry_slot_%u; number the slots without a gap",
                              name, layout->slots);
            return;
        } else {
            (void)take_span(file, name, FERRY_LAYOUT_EXTERNAL, LARGE_BLOCK, &layout->slot[i]);
            note_slot(file, name);
            layout->slots++;
        }
    }
    if (layout->slots < FERRY_SLOTS_MIN)
        ferry_layout_note(file, true, 0,
                          "there %s; Ferry needs at least ferry_slot_0 and ferry_slot_1 in %s, "
                          "each as large as mcuboot_primary",
                          layout->slots == 0 ? "are no slots" : "is one slot only",
                          FERRY_LAYOUT_EXTERNAL);
    else if (layout->slots == FERRY_SLOTS_MIN)
        ferry_layout_note(file, false, 0,
                          "two slots: a new image takes the place of the previous one, so that "
                          "there is nothing to go back to once an update is confirmed");
}

/* Slots MCUboot swaps: whole blocks, and as many of them in either chip. */
static void check_stock(struct ferry_layout_file *file)
{
    static const char *const pairs[][2] = {{"mcuboot_primary", "mcuboot_secondary"},
                                           {"mcuboot_primary_1", "mcuboot_secondary_1"}};

    for (size_t i = 0; i < 2; i++) {
        const struct ferry_layout_entry *primary = ferry_layout_find(file, pairs[i][0]);
        const struct ferry_layout_entry *secondary = ferry_layout_find(file, pairs[i][1]);

        if (secondary != NULL && (secondary->address % BLOCK != 0 || secondary->size % BLOCK != 0))
            ferry_layout_note(file, true, secondary->line,
                              "%s does not begin and end on a 4 KiB block", secondary->name);
        if (primary == NULL || secondary == NULL || primary->size == secondary->size)
            continue;
        ferry_layout_note(file, false, secondary->line,
                          "%s (0x%x bytes) and %s (0x%x) differ: MCUboot swaps slots of the same "
                          "size; `ferry doctor` on the project knows what its mode allows",
                          primary->name, primary->size, secondary->name, secondary->size);
    }
}

static bool is_stock(const struct ferry_layout_file *file)
{
    return ferry_layout_find(file, "ferry_journal") == NULL &&
           ferry_layout_find(file, "ferry_slot_0") == NULL &&
           ferry_layout_find(file, "mcuboot_primary") != NULL;
}

void ferry_layout_check(struct ferry_layout_file *file, const struct ferry_layout_device *device)
{
    static const struct ferry_layout_device unknown = {.flash_base = 0};
    struct ferry_layout *layout = &file->layout;

    if (device == NULL)
        device = &unknown;
    check_overlaps(file);
    layout->internal_size =
        region_end(file, FERRY_LAYOUT_INTERNAL, device->internal_size, "internal");
    layout->external_size =
        region_end(file, FERRY_LAYOUT_EXTERNAL, device->external_size, "external");
    file->stock = device->stock && is_stock(file);
    if (file->stock) {
        check_stock(file);
        return;
    }
    require_span(file, "mcuboot_primary", FERRY_LAYOUT_INTERNAL, LARGE_BLOCK, &layout->primary);
    require_span(file, "ferry_journal", FERRY_LAYOUT_EXTERNAL, 2 * BLOCK, &layout->journal);
    if (!take_span(file, "ferry_floor", FERRY_LAYOUT_INTERNAL, 2 * BLOCK, &layout->floor))
        ferry_layout_note(file, false, 0,
                          "there is no 'ferry_floor': the device cannot refuse old images by "
                          "their security counter");
    take_slots(file);
    layout->primary_address = device->flash_base + layout->primary.offset;
}
