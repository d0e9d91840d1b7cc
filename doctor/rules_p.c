// SPDX-License-Identifier: Apache-2.0
/* P: the partition file. The partition manager checks almost none of this for static layouts. */
#include <string.h>

#include "doctor/rules.h"

/* Only flash: partitions of RAM may share it. */
static bool is_flash_region(const char *region)
{
    return strstr(region, "sram") == NULL && strcmp(region, "otp") != 0 &&
           strcmp(region, "ram_flash") != 0;
}

static bool is_remainder(const struct pm_part *part)
{
    return strcmp(part->name, part->region) == 0;
}

static bool masks_region(const struct pm_part *part, size_t others)
{
    return is_remainder(part) && part->address == 0 && others > 1;
}

/* Second images may share one slot on purpose when they are updated one after the other. */
static bool may_share(const struct pm_part *a, const struct pm_part *b)
{
    return (text_starts(a->name, "EMPTY_") || text_starts(b->name, "EMPTY_")) ||
           (text_starts(a->name, "mcuboot_secondary") &&
            text_starts(b->name, "mcuboot_secondary") && strcmp(a->name, b->name) != 0 &&
            a->address == b->address);
}

static void report_overlap(const struct doctor_case *c, const struct pm_part *a,
                           const struct pm_part *b)
{
    uint64_t end = pm_end(a) < pm_end(b) ? pm_end(a) : pm_end(b);
    struct finding *finding =
        report(c, SEVERITY_ERROR,
               "%s and %s share %s..%s of %s: whichever is written last destroys the other, and "
               "the image or the data in it is lost without a word.",
               a->name, b->name, hex(c, b->address), hex(c, end), a->region);

    seen(c, finding, b->file, pm_line(b, "address"),
         text(c, "%s starts at %s", b->name, hex(c, b->address)),
         text(c, "at or above %s, where %s ends", hex(c, pm_end(a)), a->name));
    seen(c, finding, a->file, pm_line(a, "size"),
         text(c, "%s: %s..%s", a->name, hex(c, a->address), hex(c, pm_end(a))), NULL);
    fix(c, finding, "Move %s to %s, or make %s end at %s.", b->name, hex(c, pm_end(a)), a->name,
        hex(c, b->address));
}

static void fix_remainder(const struct doctor_case *c, struct finding *finding,
                          const struct pm_part *part, uint64_t start)
{
    uint64_t end = pm_end(part);

    if (start >= end) {
        fix(c, finding, "Delete the entry `%s`.", part->name);
        return;
    }
    fix(c, finding, "Give %s what is left over:\n  address: %s\n  size: %s", part->name,
        hex(c, start), hex(c, end - start));
    edit_part(c, finding, part, start, end - start);
}

/* What is left over starts behind all others, or it is everybody's space as well as theirs. */
static void check_remainder(const struct doctor_case *c, const struct pm_part *part,
                            const struct pm_part *const *leaves, size_t count)
{
    const struct pm_part *last = NULL;
    struct finding *finding;

    for (size_t i = 0; i < count; i++) {
        bool shared = leaves[i] != part && leaves[i]->address < pm_end(part) &&
                      part->address < pm_end(leaves[i]);

        if (shared && (last == NULL || pm_end(leaves[i]) > pm_end(last)))
            last = leaves[i];
    }
    if (last == NULL)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "`%s`, what is left over of the chip, starts before %s ends: whichever is "
                     "written last destroys the other, and the image or the data in it is lost "
                     "without a word.",
                     part->name, last->name);
    seen(c, finding, part->file, pm_line(part, "address"),
         text(c, "%s: %s..%s", part->name, hex(c, part->address), hex(c, pm_end(part))),
         text(c, "address %s, where %s ends", hex(c, pm_end(last)), last->name));
    fix_remainder(c, finding, part, pm_end(last));
}

static void overlaps_in(const struct doctor_case *c, const struct pm *pm, const char *region)
{
    size_t count;
    const struct pm_part **leaves = leaves_of(c, pm, region, &count);
    const struct pm_part *reach = NULL;

    for (size_t i = 0; i < count; i++) {
        if (is_remainder(leaves[i]) && count > 1) {
            if (!masks_region(leaves[i], count)) /* else P-02 says so */
                check_remainder(c, leaves[i], leaves, count);
            continue;
        }
        if (reach != NULL && leaves[i]->address < pm_end(reach) && !may_share(reach, leaves[i]))
            report_overlap(c, reach, leaves[i]);
        if (reach == NULL || pm_end(leaves[i]) > pm_end(reach))
            reach = leaves[i];
    }
}

static bool first_in_region(const struct pm *pm, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(pm->parts[i].region, pm->parts[at].region) == 0)
            return false;
    }
    return true;
}

static void p01(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < pm->count; i++) {
        if (is_flash_region(pm->parts[i].region) && first_in_region(pm, i))
            overlaps_in(c, pm, pm->parts[i].region);
    }
}

static void p02(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];
        size_t count;
        const struct pm_part **leaves;
        const struct pm_part *last = NULL;
        struct finding *finding;

        if (!pm_is_leaf(pm, part) || !is_remainder(part) || !is_flash_region(part->region))
            continue;
        leaves = leaves_of(c, pm, part->region, &count);
        if (!masks_region(part, count))
            continue;
        for (size_t k = 0; k < count; k++) {
            if (leaves[k] != part && (last == NULL || pm_end(leaves[k]) > pm_end(last)))
                last = leaves[k];
        }
        if (last == NULL || part->address >= pm_end(last))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "`%s` covers the whole chip from 0, and with it %s and every other "
                         "partition there: code that uses `%s` erases the update slot.",
                         part->name, last->name, part->name);
        seen(c, finding, part->file, pm_line(part, "address"),
             text(c, "%s: %s..%s", part->name, hex(c, part->address), hex(c, pm_end(part))),
             text(c, "address %s, where %s ends", hex(c, pm_end(last)), last->name));
        fix_remainder(c, finding, part, pm_end(last));
    }
}

static void p03(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];
        struct finding *finding;

        if (!part->has_end || !part->has_address || !part->size_given || part->end == pm_end(part))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s says end_address %s, but address + size is %s. The partition "
                         "manager ignores end_address, so the partition is not what it seems.",
                         part->name, hex(c, part->end), hex(c, pm_end(part)));
        seen(c, finding, part->file, pm_line(part, "end_address"),
             text(c, "end_address: %s", hex(c, part->end)),
             text(c, "%s (%s + %s)", hex(c, pm_end(part)), hex(c, part->address),
                  hex(c, part->size)));
        if (part->end > part->address)
            fix(c, finding,
                "Write `end_address: %s`; or, if the end is what you mean, "
                "`size: %s`.",
                hex(c, pm_end(part)), hex(c, part->end - part->address));
        else
            fix(c, finding, "Write `end_address: %s`.", hex(c, pm_end(part)));
    }
}

static void report_bounds(const struct doctor_case *c, const struct pm_part *part, uint64_t base,
                          uint64_t size)
{
    bool external = pm_in(part, PM_EXTERNAL);
    struct finding *finding = report(
        c, SEVERITY_ERROR, "%s lies at %s..%s, but %s has %s..%s only. %s", part->name,
        hex(c, part->address), hex(c, pm_end(part)), external ? "the external chip" : "the flash",
        hex(c, base), hex(c, base + size),
        external ? "The upload fails near its end, or wraps around and overwrites the chip's "
                   "first bytes."
                 : "Nothing there can be written; the build does not notice.");

    seen(c, finding, part->file, pm_line(part, "size"),
         text(c, "%s + %s", hex(c, part->address), hex(c, part->size)),
         text(c, "at most %s", hex(c, base + size)));
    fix(c, finding,
        "Make %s end at or below %s. If the chip is larger than that, correct its "
        "devicetree `size`, which is in bits.",
        part->name, hex(c, base + size));
}

static void p04(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    uint64_t external = external_size(c);
    uint64_t base = 0;
    uint64_t internal = 0;
    bool known = internal_flash(c, &base, &internal);

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];

        if (!part->has_address || !part->has_size || part->size == 0 || part->is_span)
            continue;
        if (pm_in(part, PM_EXTERNAL) && external != 0 && pm_end(part) > external)
            report_bounds(c, part, 0, external);
        if (pm_in(part, PM_INTERNAL) && known && uses_pm(c) &&
            (part->address < base || pm_end(part) > base + internal))
            report_bounds(c, part, base, internal);
    }
}

/* How many holes there are besides the one that `app` fills; the second one's start and end. */
static unsigned count_gaps(const struct pm_part **leaves, size_t count, uint64_t base, uint64_t end,
                           uint64_t hole[2])
{
    uint64_t at = base;
    unsigned gaps = 0;

    for (size_t i = 0; i <= count; i++) {
        uint64_t next = i == count ? end : leaves[i]->address;

        if (i < count && strcmp(leaves[i]->name, "app") == 0)
            continue;
        if (next > at && ++gaps == 2) {
            hole[0] = at;
            hole[1] = next;
        }
        if (i < count && pm_end(leaves[i]) > at)
            at = pm_end(leaves[i]);
    }
    return gaps;
}

static void p05(const struct doctor_case *c)
{
    uint64_t base;
    uint64_t size;
    uint64_t hole[2] = {0, 0};
    size_t count;
    const struct pm_part **leaves;
    struct finding *finding;

    /* The partition manager builds nRF54L flash in three sizes: no gap can be told there. */
    if (!c->fixed.present || c->built.present || !internal_flash(c, &base, &size) ||
        strcmp(c->board->family, "nrf54l") == 0)
        return;
    leaves = leaves_of(c, &c->fixed, PM_INTERNAL, &count);
    if (count < 2 || count_gaps(leaves, count, base, base + size, hole) < 2)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The internal flash has more than one gap: the build stops with \"Incorrect "
                     "amount of gaps found\", because only one can become the application.");
    seen(c, finding, c->fixed.file, leaves[0]->line,
         text(c, "also free: %s..%s", hex(c, hole[0]), hex(c, hole[1])), "one gap, for `app`");
    fix(c, finding, "Fill it:\nEMPTY_0:\n  address: %s\n  size: %s\n  region: flash_primary",
        hex(c, hole[0]), hex(c, hole[1] - hole[0]));
}

static bool has_remainder(const struct pm_part **leaves, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_remainder(leaves[i]))
            return true;
    }
    return false;
}

static void p06(const struct doctor_case *c)
{
    uint64_t size = external_size(c);
    uint64_t at = 0;
    size_t count;
    const struct pm_part **leaves;

    if (!c->fixed.present || c->built.present)
        return;
    leaves = leaves_of(c, &c->fixed, PM_EXTERNAL, &count);
    if (count == 0 || has_remainder(leaves, count) ||
        (size != 0 && pm_end(leaves[count - 1]) == size))
        return;
    for (size_t i = 0; i < count; i++) {
        if (leaves[i]->address > at) {
            struct finding *finding =
                report(c, SEVERITY_ERROR,
                       "%s..%s of the external chip is free in front of %s: the build stops with "
                       "\"Statically defined partitions are not packed at start\".",
                       hex(c, at), hex(c, leaves[i]->address), leaves[i]->name);

            seen(c, finding, leaves[i]->file, pm_line(leaves[i], "address"),
                 text(c, "%s at %s", leaves[i]->name, hex(c, leaves[i]->address)),
                 text(c, "address %s", hex(c, at)));
            fix(c, finding,
                "Move it down, or fill the hole:\nEMPTY_EXT:\n  address: %s\n  size: %s\n"
                "  region: external_flash",
                hex(c, at), hex(c, leaves[i]->address - at));
            return;
        }
        if (pm_end(leaves[i]) > at)
            at = pm_end(leaves[i]);
    }
}

struct extent {
    uint64_t start;
    uint64_t end;
    uint64_t sum;
    bool known;
};

/* The bytes of all leaves below a span; unknown when one of them is placed by the build. */
static void add_extent(const struct pm *pm, const struct pm_part *part, struct extent *extent,
                       unsigned depth)
{
    for (size_t i = 0; i < part->span_count && extent->known; i++) {
        const struct pm_part *child = pm_find(pm, part->span[i]);

        if (child == NULL || !child->has_address || !child->has_size || depth > 8) {
            extent->known = false;
        } else if (child->is_span && child->span_count > 0) {
            add_extent(pm, child, extent, depth + 1);
        } else {
            extent->start = child->address < extent->start ? child->address : extent->start;
            extent->end = pm_end(child) > extent->end ? pm_end(child) : extent->end;
            extent->sum += child->size;
        }
    }
}

static bool is_primary_name(const char *name)
{
    return strcmp(name, "mcuboot_primary") == 0 || strcmp(name, "mcuboot_primary_app") == 0;
}

/* Other spans only tell the hardware or TF-M where a border is. */
static bool holds_images(const char *name)
{
    return text_starts(name, "mcuboot") || text_starts(name, "s0") || text_starts(name, "s1") ||
           strcmp(name, "app_image") == 0;
}

static void p07(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];
        struct extent extent = {UINT64_MAX, 0, 0, true};
        struct finding *finding;

        if (part->span_count == 0 || !part->has_address || !part->has_size ||
            is_primary_name(part->name) || !is_flash_region(part->region))
            continue;
        add_extent(pm, part, &extent, 0);
        if (!extent.known || (extent.start == part->address && extent.end == pm_end(part)))
            continue;
        finding = report(c, holds_images(part->name) ? SEVERITY_ERROR : SEVERITY_WARNING,
                         "%s is said to span %s..%s, but what it spans lies at %s..%s: code that "
                         "uses the span and code that uses its parts disagree about the flash.",
                         part->name, hex(c, part->address), hex(c, pm_end(part)),
                         hex(c, extent.start), hex(c, extent.end));
        seen(c, finding, part->file, pm_line(part, "size"),
             text(c, "%s + %s", hex(c, part->address), hex(c, part->size)),
             text(c, "%s + %s", hex(c, extent.start), hex(c, extent.end - extent.start)));
        fix(c, finding, "Give %s the address and size of its parts:\n  address: %s\n  size: %s",
            part->name, hex(c, extent.start), hex(c, extent.end - extent.start));
    }
}

static const char *const known_keys[] = {
    "address",     "end_address",  "size",   "region",           "device",  "span",
    "orig_span",   "placement",    "inside", "share_size",       "sharers", "one_of",
    "affiliation", "extra_params", "align",  "dynamic_partition"};

static const char *meant_key(const char *key)
{
    const char *best = NULL;

    for (size_t i = 0; i < sizeof(known_keys) / sizeof(known_keys[0]); i++) {
        unsigned distance = word_distance(key, known_keys[i], 2);

        if (distance == 0)
            return NULL;
        if (distance <= 2 && strlen(known_keys[i]) > 3)
            best = known_keys[i];
    }
    return best;
}

static void check_keys(const struct doctor_case *c, const struct pm_part *part)
{
    for (const struct ferry_yaml_item *item = part->yaml->items; item != NULL; item = item->next) {
        const char *meant = meant_key(item->key);
        struct finding *finding;

        if (!item->duplicate && meant == NULL)
            continue;
        finding =
            item->duplicate
                ? report(c, SEVERITY_WARNING, "%s has `%s` twice; the last one counts, silently.",
                         part->name, item->key)
                : report(c, SEVERITY_WARNING,
                         "%s has an unknown key `%s`: it is ignored, as if the line were "
                         "not there.",
                         part->name, item->key);
        seen(c, finding, part->file, item->line, item->key,
             item->duplicate ? "one of the two lines" : meant);
        fix(c, finding, item->duplicate ? "Delete one of the two lines." : "Write `%s`.",
            item->duplicate ? "" : meant);
    }
}

static void check_number(const struct doctor_case *c, const struct pm_part *part, const char *key,
                         bool readable)
{
    const char *value = ferry_yaml_text(part->yaml, key);
    uint64_t number;
    struct finding *finding;

    if (value == NULL || value[0] == '\0')
        return;
    if (readable && ferry_yaml_number(ferry_yaml_get(part->yaml, key), &number) &&
        number <= UINT32_MAX)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "%s of %s is no 32-bit number: the partition does not lie where you think.",
                     key, part->name);
    seen(c, finding, part->file, pm_line(part, key), value, "a number up to 0xffffffff");
    fix(c, finding, "Write the value as a number, for example `%s: 0x10000`.", key);
}

static void p19(const struct doctor_case *c)
{
    const struct pm *pm = &c->fixed;

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];

        if (part->duplicate) {
            struct finding *finding = report(
                c, SEVERITY_WARNING,
                "%s is in the file twice; the first entry is ignored, silently.", part->name);

            seen(c, finding, part->file, part->line, text(c, "a second `%s:`", part->name),
                 "one entry");
            fix(c, finding, "Delete the entry you do not mean.");
        }
        check_keys(c, part);
        check_number(c, part, "address", part->has_address);
        check_number(c, part, "size", part->size_given);
    }
}

const struct rule doctor_rules_p[] = {
    {"P-01", "Overlapping partitions", SEVERITY_ERROR, 50, "P-11 P-15 P-19 N-05", p01},
    {"P-02", "The remainder of a chip covers everything in it", SEVERITY_ERROR, 49, "P-11", p02},
    {"P-03", "end_address contradicts address and size", SEVERITY_WARNING, 56, NULL, p03},
    {"P-04", "A partition outside its chip", SEVERITY_ERROR, 52, "D-07 P-11 P-19", p04},
    {"P-05", "More than one gap in the internal flash", SEVERITY_ERROR, 55,
     "P-01 P-08 P-09 P-11 P-19", p05},
    {"P-06", "External partitions are not packed from the start", SEVERITY_ERROR, 54,
     "P-01 P-11 P-19", p06},
    {"P-07", "A span that is not the sum of its parts", SEVERITY_ERROR, 53, "P-01 P-08 P-18 P-19",
     p07},
    {"P-19", "Duplicate names, unknown keys, impossible numbers", SEVERITY_WARNING, 48, NULL, p19},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
