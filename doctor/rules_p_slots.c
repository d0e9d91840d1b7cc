// SPDX-License-Identifier: Apache-2.0
/* P: the slots in the partition file, where the file lies, and what the build makes of it. */
#include <string.h>

#include "doctor/rules.h"

static const struct pm_part *known_part(const struct pm *pm, const char *name)
{
    const struct pm_part *part = pm_find(pm, name);

    return part != NULL && part->has_address && part->has_size ? part : NULL;
}

static void report_primary(const struct doctor_case *c, const struct pm_part *part,
                           const char *observed, const char *required)
{
    struct finding *finding =
        report(c, SEVERITY_ERROR,
               "mcuboot_primary is not mcuboot_pad followed by the application: MCUboot looks "
               "for the image where it is not, or takes it for larger than its slot.");

    seen(c, finding, part->file, part->line, observed, required);
    fix(c, finding, "Make them fit: %s.", required);
}

/* The application's last byte is the slot's last byte, where both are written down. */
static void check_primary_end(const struct doctor_case *c, const struct pm_part *primary,
                              const struct pm_part *app)
{
    if (app != NULL && pm_in(app, PM_INTERNAL) && pm_end(app) != pm_end(primary))
        report_primary(c, primary,
                       text(c, "mcuboot_primary ends at %s, %s at %s", hex(c, pm_end(primary)),
                            app->name, hex(c, pm_end(app))),
                       text(c, "mcuboot_primary: size %s", hex(c, pm_end(app) - primary->address)));
}

static void p08(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    const struct pm_part *primary = known_part(pm, "mcuboot_primary");
    const struct pm_part *pad = known_part(pm, "mcuboot_pad");
    const struct pm_part *inner = known_part(pm, "mcuboot_primary_app");
    const struct pm_part *app = known_part(pm, "app");

    if (primary == NULL || !uses_pm(c)) {
        if (c->fixed.present && c->bootloader && app != NULL && pad == NULL &&
            pm_in(app, PM_INTERNAL) && (known_part(pm, "mcuboot") != NULL || app->address == 0))
            report_primary(c, app, "`app` without mcuboot_primary",
                           "an entry mcuboot_primary that spans mcuboot_pad and app");
        return;
    }
    if (pad != NULL && pad->address != primary->address)
        report_primary(c, pad, text(c, "mcuboot_pad at %s", hex(c, pad->address)),
                       text(c, "mcuboot_pad: address %s", hex(c, primary->address)));
    else if (pad != NULL && inner != NULL && inner->address != pm_end(pad))
        report_primary(c, inner, text(c, "mcuboot_primary_app at %s", hex(c, inner->address)),
                       text(c, "mcuboot_primary_app: address %s", hex(c, pm_end(pad))));
    else if (inner != NULL && pm_end(inner) != pm_end(primary))
        check_primary_end(c, primary, inner);
    else
        check_primary_end(c, primary, app);
}

static void p09(const struct doctor_case *c)
{
    const struct pm_part *pad = known_part(layout_of(c), "mcuboot_pad");
    uint64_t usual = c->board == NULL ? 0 : c->board->pad;
    bool odd;
    struct finding *finding;

    if (pad == NULL || !pad->size_given || pad->size == usual)
        return;
    odd = pad->size < 0x200 || pad->size > 0x1000 || pad->size % 0x100 != 0;
    if (usual == 0 && !odd)
        return;
    finding = report(c, odd || usual != 0 ? SEVERITY_ERROR : SEVERITY_WARNING,
                     "mcuboot_pad has %s bytes, but images are signed with a header of %s: "
                     "MCUboot finds no image header, or jumps beside the vector table.",
                     hex(c, pad->size), hex(c, usual == 0 ? 0x200 : usual));
    if (usual != 0 && pad->size == 0x1000)
        finding->severity = SEVERITY_WARNING;
    seen(c, finding, pad->file, pm_line(pad, "size"), text(c, "size: %s", hex(c, pad->size)),
         hex(c, usual == 0 ? 0x200 : usual));
    fix(c, finding, "  size: %s", hex(c, usual == 0 ? 0x200 : usual));
}

static bool needs_pages(const struct pm_part *part)
{
    if (!pm_in(part, PM_INTERNAL) && !pm_in(part, PM_EXTERNAL))
        return false;
    if (strstr(part->name, "_pad") != NULL || strstr(part->name, "_app") != NULL)
        return false;
    return strcmp(part->name, "mcuboot_primary") == 0 ||
           text_starts(part->name, "mcuboot_secondary") ||
           strcmp(part->name, "mcuboot_scratch") == 0 || strstr(part->name, "storage") != NULL ||
           text_starts(part->name, "littlefs") || text_starts(part->name, "settings");
}

static void p10(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    uint64_t page = c->board == NULL ? PAGE : c->board->page;

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];
        uint64_t unit = pm_in(part, PM_EXTERNAL) ? PAGE : page;
        bool bad_start = part->address % unit != 0;
        struct finding *finding;

        if (!part->has_address || !part->has_size || !needs_pages(part) ||
            (!bad_start && part->size % unit == 0))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "%s does not lie on whole erase pages of %s bytes: erasing its edge "
                         "erases its neighbour, or fails.",
                         part->name, hex(c, unit));
        seen(c, finding, part->file, pm_line(part, bad_start ? "address" : "size"),
             text(c, "%s %s", bad_start ? "address" : "size",
                  hex(c, bad_start ? part->address : part->size)),
             text(c, "a multiple of %s", hex(c, unit)));
        fix(c, finding, "Use %s or %s.",
            hex(c, (bad_start ? part->address : part->size) / unit * unit),
            hex(c, ((bad_start ? part->address : part->size) / unit + 1) * unit));
    }
}

static bool belongs_outside(const struct doctor_case *c, const struct pm_part *part)
{
    if (strcmp(part->name, PM_EXTERNAL) == 0 || text_ends(part->name, "_ext"))
        return true;
    return c->external && text_starts(part->name, "mcuboot_secondary") &&
           strstr(part->name, "_app") == NULL && strstr(part->name, "_pad") == NULL;
}

static void p11(const struct doctor_case *c)
{
    for (size_t i = 0; i < c->fixed.count; i++) {
        const struct pm_part *part = &c->fixed.parts[i];
        struct finding *finding;

        if (part->region_given || !belongs_outside(c, part) || part->is_span)
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "%s has no `region`: the partition manager puts it into the internal "
                         "flash without a word.",
                         part->name);
        seen(c, finding, part->file, part->line, "no `region:`", "region: external_flash");
        fix(c, finding, "  region: external_flash");
        edit(c, finding, EDIT_INSERT_AFTER, part->file, part->line, "  region: external_flash");
    }
}

static bool known_region(const struct doctor_case *c, const char *region)
{
    static const char *const names[] = {PM_INTERNAL, PM_EXTERNAL, "sram_primary",
                                        "otp",       "ram_flash", "rpu_sram"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(region, names[i]) == 0)
            return true;
    }
    return pm_region(&c->regions, region) != NULL || text_starts(region, "sram") ||
           c->built.present || c->cmake_overrides;
}

static void p12(const struct doctor_case *c)
{
    for (size_t i = 0; i < c->fixed.count; i++) {
        const struct pm_part *part = &c->fixed.parts[i];
        struct finding *finding;

        if (!part->region_given || known_region(c, part->region))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "%s asks for the region `%s`, which does not exist: the build stops with "
                         "a KeyError, or leaves the partition out.",
                         part->name, part->region);
        seen(c, finding, part->file, pm_line(part, "region"), part->region,
             "flash_primary, external_flash, sram_primary ...");
        fix(c, finding, "  region: external_flash   (or flash_primary)");
    }
}

static void p13(const struct doctor_case *c)
{
    const struct dt_prop *jedec = dt_get(c->chip, "jedec-id");
    const struct chip *own;
    const struct chip *named;

    if (jedec == NULL || jedec->count < 3)
        return;
    own = chip_by_id((uint32_t)(jedec->cells[0] << 16 | jedec->cells[1] << 8 | jedec->cells[2]));
    for (size_t i = 0; own != NULL && i < c->fixed.count; i++) {
        const struct pm_part *part = &c->fixed.parts[i];
        struct finding *finding;

        named = part->device == NULL ? NULL : chip_by_name(part->device);
        if (named == NULL || named->jedec == own->jedec)
            continue;
        finding = report(c, SEVERITY_NOTE,
                         "`device: %s` of %s is not the chip of the devicetree (%s). It does no "
                         "harm: the partition manager takes the device of the region.",
                         part->device, part->name, own->name);
        seen(c, finding, part->file, pm_line(part, "device"), part->device, own->name);
        return;
    }
}

/* ---- P-14: a layout that is not read ---- */

static bool names_other_board(const struct doctor_case *c, const char *rest)
{
    return boards_find(c->boards, rest) != NULL || strstr(rest, "nrf") != NULL ||
           strstr(rest, "thingy") != NULL || (c->stem != NULL && text_starts(rest, c->stem));
}

static const char *why_not_read(const struct doctor_case *c, const struct tree_file *file)
{
    const char *name = path_name(file->path);
    const char *folder = path_folder(c->arena, file->path + strlen(c->app));

    if (text_ends(name, ".yaml"))
        return "the extension must be .yml";
    if (strcmp(folder, "boards") == 0 || strcmp(folder, "sysbuild") == 0 ||
        text_starts(folder, "child_image"))
        return "it must lie beside prj.conf";
    if (folder[0] == '\0' && text_starts(name, "pm_static_") &&
        !names_other_board(c, name + strlen("pm_static_")))
        return "what follows pm_static_ is no board, revision or build type of this project";
    return NULL;
}

static void p14(const struct doctor_case *c)
{
    if (!c->has_source || c->cmake_overrides || !c->bootloader)
        return;
    for (size_t i = tree_lower(c->tree, c->app); i < c->tree->count; i++) {
        const struct tree_file *file = &c->tree->files[i];
        const char *name = path_name(file->path);
        const char *why;
        struct finding *finding;

        if (!text_starts(file->path, c->app))
            break;
        if (file->used || !text_starts(name, "pm_static") ||
            (!text_ends(name, ".yml") && !text_ends(name, ".yaml")))
            continue;
        why = why_not_read(c, file);
        if (why == NULL)
            continue;
        finding = report(c, c->fixed.present ? SEVERITY_NOTE : SEVERITY_ERROR,
                         "This layout is not read (%s): the build makes up its own, and it may "
                         "change with every build.",
                         why);
        seen(c, finding, file->shown, 0, file->shown, text(c, "%spm_static.yml", c->app));
        fix(c, finding, "Rename it to %spm_static.yml.", c->app);
        if (!c->fixed.present)
            edit(c, finding, EDIT_RENAME, file->shown, 0, text(c, "%spm_static.yml", c->app));
    }
}

static void p15(const struct doctor_case *c)
{
    const struct pm_part *part = pm_find(layout_of(c), "mcuboot_secondary");
    struct finding *finding;

    if (!c->external || part == NULL || pm_in(part, PM_EXTERNAL) || part->is_span)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "mcuboot_secondary lies in %s, although the project means it to lie in the "
                     "external chip: updates go to the internal flash, which they halve.",
                     part->region);
    seen(c, finding, part->file, pm_line(part, "region"), text(c, "region: %s", part->region),
         "region: external_flash");
    seen(c, finding, c->external_file, c->external_line, c->external_why, NULL);
    fix(c, finding, "mcuboot_secondary:\n  address: 0x0\n  region: external_flash\n  size: %s",
        hex(c, part->size));
}

static void p16(const struct doctor_case *c)
{
    const struct pm_part *second = pm_find(&c->fixed, "mcuboot_secondary");
    const struct pm_part *first = pm_find(&c->fixed, "mcuboot_primary");
    struct finding *finding;

    if (!c->external || second == NULL || first != NULL || c->built.present || !second->size_given)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The layout fixes mcuboot_secondary but not mcuboot_primary: the next build "
                     "may give the first slot another size, and then no update fits any more.");
    seen(c, finding, second->file, second->line, "mcuboot_secondary alone",
         "mcuboot, mcuboot_primary and mcuboot_secondary");
    fix(c, finding, "Build once, and copy build/partitions.yml over %s.", second->file);
}

static void p17_config(const struct doctor_case *c, const struct pm_part *boot)
{
    unsigned long long size;
    const struct kconf_line *line = written(c, &c->mcuboot, "PM_PARTITION_SIZE_MCUBOOT");
    struct finding *finding;

    if (!c->fixed.present || !kconf_number(line, &size) || size == boot->size)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "MCUboot's partition has %s bytes in the static layout; the %s in its "
                     "configuration has no effect beside it. MCUboot may not fit.",
                     hex(c, boot->size), hex(c, size));
    seen(c, finding, boot->file, pm_line(boot, "size"), hex(c, boot->size), hex(c, size));
    seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value), NULL);
    fix(c, finding, "Enlarge `mcuboot` in %s (and move mcuboot_primary), or delete the option.",
        boot->file);
}

static void p17(const struct doctor_case *c)
{
    const struct pm_part *boot = known_part(layout_of(c), "mcuboot");
    struct tree_file *binary;
    unsigned line;
    const struct artifact *log = log_has(c, "region `FLASH' overflowed by", &line);
    struct finding *finding;

    if (log != NULL) {
        finding = report(c, SEVERITY_ERROR,
                         "The linker says that the image does not fit its flash. If the line "
                         "before names mcuboot, it is MCUboot's partition that is too small.");
        seen(c, finding, log->file, line, "region `FLASH' overflowed", "MCUboot in its partition");
        fix(c, finding,
            "In MCUboot's configuration: CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000 "
            "(with a static layout: a larger `mcuboot`), or CONFIG_LOG=n, "
            "CONFIG_SIZE_OPTIMIZATIONS=y and no CONFIG_DEBUG_OPTIMIZATIONS.");
    }
    if (boot == NULL)
        return;
    p17_config(c, boot);
    binary = c->build == NULL ? NULL : tree_findf(c->tree, "%smcuboot/zephyr/zephyr.bin", c->build);
    if (binary == NULL || binary->size <= boot->size)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot has %llu bytes, its partition %llu: it is cut "
                     "off, and nothing boots.",
                     (ull)binary->size, (ull)boot->size);
    seen(c, finding, binary->shown, 0, text(c, "%llu bytes", (ull)binary->size),
         text(c, "at most %llu", (ull)boot->size));
    fix(c, finding, "Enlarge `mcuboot` in the layout, or make MCUboot smaller (CONFIG_LOG=n).");
}

static void p18(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    const struct pm_part *tfm = known_part(pm, "tfm");
    uint64_t align = c->board == NULL ? 0 : c->board->tfm_align;
    struct finding *finding;

    if (tfm == NULL || align == 0 || pm_end(tfm) % align == 0 || before(c, SDK_VERSION(2, 3, 0)))
        return;
    finding = report(c, c->sdk.version == 0 ? SEVERITY_WARNING : SEVERITY_ERROR,
                     "TF-M ends at %s; the border to the non-secure application must be a multiple "
                     "of %s, what the hardware protects at a time. The build stops, or the "
                     "application faults at its first instruction.",
                     hex(c, pm_end(tfm)), hex(c, align));
    seen(c, finding, tfm->file, pm_line(tfm, "size"), text(c, "ends at %s", hex(c, pm_end(tfm))),
         text(c, "%s", hex(c, (pm_end(tfm) / align + 1) * align)));
    fix(c, finding, "tfm:\n  size: %s   (and move `app` to %s)",
        hex(c, (pm_end(tfm) / align + 1) * align - tfm->address),
        hex(c, (pm_end(tfm) / align + 1) * align));
}

static void check_pair(const struct doctor_case *c, const struct pm *pm, unsigned k)
{
    const struct pm_part *first = pm_find(pm, text(c, "mcuboot_primary_%u", k));
    const struct pm_part *second = pm_find(pm, text(c, "mcuboot_secondary_%u", k));
    struct finding *finding;

    if (first != NULL && second != NULL &&
        (!first->has_size || !second->has_size || first->size == second->size))
        return;
    finding = report(c, SEVERITY_ERROR,
                     first != NULL && second != NULL
                         ? "The two slots of image %u differ in size: it is never updated."
                         : "Image %u is to be updated, but the layout has no pair of slots for "
                           "it: the build stops at PM_MCUBOOT_PRIMARY_%u_ID, or MCUboot cannot "
                           "open them.",
                     k, k);
    if (first != NULL && second != NULL)
        seen(c, finding, second->file, pm_line(second, "size"), hex(c, second->size),
             hex(c, first->size));
    else
        seen(c, finding, pm->file, 0,
             text(c, "no mcuboot_%s_%u", first == NULL ? "primary" : "secondary", k),
             text(c, "mcuboot_primary_%u and mcuboot_secondary_%u", k, k));
    fix(c, finding,
        "Give both the same size: mcuboot_primary_%u (region ram_flash for the network "
        "core) and mcuboot_secondary_%u (region external_flash).",
        k, k);
}

static void p20(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    unsigned images = updateable_images(c);

    if (images < 2 || !uses_pm(c) || pm_find(pm, "mcuboot_primary") == NULL)
        return;
    for (unsigned k = 1; k < images; k++)
        check_pair(c, pm, k);
}

const struct rule doctor_rules_p_slots[] = {
    {"P-08", "The first slot is not header pad plus application", SEVERITY_ERROR, 47,
     "P-01 P-09 P-19", p08},
    {"P-09", "Header pad of the wrong size", SEVERITY_ERROR, 46, NULL, p09},
    {"P-10", "A slot or storage off its erase pages", SEVERITY_ERROR, 53, "P-19", p10},
    {"P-11", "A partition without its region", SEVERITY_ERROR, 45, NULL, p11},
    {"P-12", "An unknown region", SEVERITY_ERROR, 45, "P-19", p12},
    {"P-13", "`device` is another chip", SEVERITY_NOTE, 59, NULL, p13},
    {"P-14", "A static layout that is not read", SEVERITY_ERROR, 12, NULL, p14},
    {"P-15", "The second slot in the internal flash", SEVERITY_ERROR, 44, "P-11 B-01 P-12", p15},
    {"P-16", "Only the second slot is fixed", SEVERITY_WARNING, 57, NULL, p16},
    {"P-17", "MCUboot does not fit its partition", SEVERITY_ERROR, 51, NULL, p17},
    {"P-18", "TF-M ends off its protection border", SEVERITY_ERROR, 52, "P-01", p18},
    {"P-20", "Missing or unequal slots of further images", SEVERITY_ERROR, 51, "N-05 P-19", p20},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
