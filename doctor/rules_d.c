// SPDX-License-Identifier: Apache-2.0
/* D: the devicetree of both images: what is chosen, enabled, and in a file that is read. */
#include <ctype.h>
#include <string.h>

#include "doctor/rules.h"

#define CHOSEN "nordic,pm-ext-flash"

static const char *chip_label(const struct doctor_case *c)
{
    const char *name = dt_chosen_name(&c->application.dt, CHOSEN);

    if (name == NULL)
        name = dt_chosen_name(&c->mcuboot.dt, CHOSEN);
    if (name == NULL && c->board != NULL && c->board->has_flash)
        name = c->board->flash.label;
    return name == NULL ? "mx25r64" : name;
}

static const char *chosen_text(const struct doctor_case *c)
{
    return text(c, "/ {\n\tchosen {\n\t\tnordic,pm-ext-flash = &%s;\n\t};\n};", chip_label(c));
}

/* Whether an image's devicetree is known well enough to say that something is not in it. */
static bool tree_known(const struct doctor_case *c, const struct image *image)
{
    return image->dt_built || c->board != NULL ||
           (c->external && dt_chosen(&c->application.dt, CHOSEN) != NULL &&
            text_ends(dt_chosen(&c->application.dt, CHOSEN)->file, ".overlay"));
}

/* Up to 2.1 the region's device was a path of the application's tree, not "chosen". */
static bool device_by_path(const struct doctor_case *c)
{
    const struct pm_region *region = pm_region(&c->regions, PM_EXTERNAL);

    if (region != NULL && region->device != NULL)
        return strstr(region->device, "DT_CHOSEN") == NULL;
    return before(c, SDK_VERSION(2, 2, 0));
}

static void d01(const struct doctor_case *c)
{
    struct finding *finding;

    if (!external_boot(c) || !uses_pm(c) || device_by_path(c) || !tree_known(c, &c->mcuboot) ||
        dt_chosen(&c->mcuboot.dt, CHOSEN) != NULL || (c->cmake_overrides && !c->mcuboot.dt_built))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot does not know which chip holds the second slot: uploads succeed, "
                     "and at boot it cannot open the slot (\"Failed to open flash area ID 2\", "
                     "-2). The application's overlay does not reach MCUboot.");
    seen(c, finding, c->mcuboot.overlay_home, 0, "no nordic,pm-ext-flash in /chosen of MCUboot",
         text(c, "nordic,pm-ext-flash = &%s;", chip_label(c)));
    fix(c, finding, "Put into %s:\n%s", c->mcuboot.overlay_home, chosen_text(c));
    if (c->has_source)
        edit(c, finding, EDIT_APPEND, c->mcuboot.overlay_home, 0, chosen_text(c));
}

static void d02(const struct doctor_case *c)
{
    const struct image *image = &c->application;
    struct finding *finding;

    if (!c->external || !c->bootloader || !uses_pm(c) || dt_chosen(&image->dt, CHOSEN) != NULL ||
        (!image->dt_built && (c->board == NULL || c->cmake_overrides)))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The application's devicetree chooses no external chip, so there is no "
                     "region external_flash: the build stops, or the slot stays in the internal "
                     "flash.");
    seen(c, finding, image->overlay_home, 0, "no nordic,pm-ext-flash in /chosen",
         text(c, "nordic,pm-ext-flash = &%s;", chip_label(c)));
    fix(c, finding, "Put into %s:\n%s", image->overlay_home, chosen_text(c));
    if (c->has_source)
        edit(c, finding, EDIT_APPEND, image->overlay_home, 0, chosen_text(c));
}

static bool cells_differ(const struct dt_node *a, const struct dt_node *b, const char *name)
{
    const struct dt_prop *left = dt_get(a, name);
    const struct dt_prop *right = dt_get(b, name);

    if (left == NULL || right == NULL || left->unresolved || right->unresolved)
        return false;
    return left->count != right->count ||
           memcmp(left->cells, right->cells, left->count * sizeof(left->cells[0])) != 0;
}

static void report_difference(const struct doctor_case *c, const char *what,
                              const struct dt_prop *app, const struct dt_prop *boot)
{
    struct finding *finding =
        report(c, SEVERITY_ERROR,
               "The application and MCUboot disagree about the chip (%s): one writes where the "
               "other does not read.",
               what);

    seen(c, finding, boot->file, boot->line, text(c, "%s = %s (MCUboot)", boot->name, boot->raw),
         text(c, "%s = %s", app->name, app->raw));
    seen(c, finding, app->file, app->line, text(c, "%s = %s (application)", app->name, app->raw),
         NULL);
    fix(c, finding, "Describe and choose the chip in both overlays with the same lines.");
}

static void d03(const struct doctor_case *c)
{
    static const char *const names[] = {"size", "jedec-id", "reg"};
    const char *app = dt_chosen_name(&c->application.dt, CHOSEN);
    const char *boot = dt_chosen_name(&c->mcuboot.dt, CHOSEN);

    if (!c->external || app == NULL || boot == NULL ||
        c->application.dt_built != c->mcuboot.dt_built)
        return;
    if (strcmp(app, boot) != 0) {
        report_difference(c, "they choose different nodes", dt_chosen(&c->application.dt, CHOSEN),
                          dt_chosen(&c->mcuboot.dt, CHOSEN));
        return;
    }
    for (size_t i = 0; i < 3; i++) {
        if (c->chip != NULL && c->boot_chip != NULL &&
            cells_differ(c->chip, c->boot_chip, names[i]))
            report_difference(c, names[i], dt_get(c->chip, names[i]),
                              dt_get(c->boot_chip, names[i]));
    }
}

static void check_enabled(const struct doctor_case *c, const struct image *image,
                          const struct dt_node *chip)
{
    const struct dt_prop *status = dt_get(chip, "status");
    const char *okay;
    struct finding *finding;

    if (chip == NULL || dt_enabled(chip) ||
        (!image->dt_built && c->cmake_overrides && status != NULL && status->line == 0))
        return;
    okay = text(c, "&%s {\n\tstatus = \"okay\";\n};", dt_label(chip));
    finding = report(c, SEVERITY_ERROR,
                     "The flash chip is disabled in the devicetree of %s: the build stops at "
                     "__device_dts_ord, or the image has no driver for it.",
                     image->title);
    seen(c, finding, status == NULL ? chip->file : status->file, status == NULL ? 0 : status->line,
         status == NULL ? "its bus is disabled" : text(c, "status = %s", status->raw),
         "status = \"okay\"");
    fix(c, finding, "Put into %s:\n%s", image->overlay_home, okay);
    if (c->has_source && (status == NULL || status->line == 0))
        edit(c, finding, EDIT_APPEND, image->overlay_home, 0, okay);
}

static void d04(const struct doctor_case *c)
{
    if (!c->external)
        return;
    check_enabled(c, &c->application, c->chip);
    if (c->bootloader)
        check_enabled(c, &c->mcuboot, c->boot_chip);
}

/* ---- D-05: names that no board has ---- */

static bool is_misnamed(const struct doctor_case *c, const char *stem)
{
    size_t length = strlen(c->secure);

    if (strcmp(stem, c->secure) == 0)
        return false;
    if (strncmp(stem, c->secure, length) == 0 && stem[length] == '_')
        return text_has_word("ns mcuboot boot secure s", stem + length + 1);
    return !boards_is_target(c->boards, stem) && !isdigit((unsigned char)stem[0]) &&
           word_distance(stem, c->secure, 2) <= 2;
}

static void check_name(const struct doctor_case *c, const struct tree_file *file)
{
    const char *name = path_name(file->path);
    const char *dot = strrchr(name, '.');
    const char *stem = ferry_arena_copy(c->arena, name, (size_t)(dot - name));
    const char *folder = path_folder(c->arena, file->path);
    const char *wanted = text(c, "%s/%s%s", folder, c->secure, dot);
    struct finding *finding;

    if (file->used || !is_misnamed(c, stem))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot never reads %s: its files are named after the board it is built "
                     "for, which is always the secure one, %s.",
                     name, c->secure);
    seen(c, finding, file->shown, 0, name, text(c, "%s%s", c->secure, dot));
    fix(c, finding, "Rename it to %s.", wanted);
    if (tree_find(c->tree, wanted) == NULL)
        edit(c, finding, EDIT_RENAME, file->shown, 0, wanted);
}

static void d05(const struct doctor_case *c)
{
    static const char *const folders[] = {"child_image/mcuboot/boards/",
                                          "sysbuild/mcuboot/boards/"};
    const char *folder = text(c, "%s%s", c->app, folders[is_sysbuild(c) ? 1 : 0]);

    if (!c->has_source || c->secure == NULL)
        return;
    for (size_t i = tree_lower(c->tree, folder); i < c->tree->count; i++) {
        const struct tree_file *file = &c->tree->files[i];

        if (!text_starts(file->path, folder))
            break;
        if (text_ends(file->path, ".conf") || text_ends(file->path, ".overlay"))
            check_name(c, file);
    }
}

static void d06(const struct doctor_case *c)
{
    struct tree_file *file = tree_findf(c->tree, "%sapp.overlay", c->app);
    const char *problem;
    bool matters;
    struct finding *finding;

    if (!c->has_source || file == NULL || c->cmake_overrides ||
        tree_read(c->tree, file, &problem) == NULL || !c->application.has_overlay ||
        text_ends(c->application.overlay_home, "app.overlay"))
        return;
    matters = c->external && dt_chosen(&c->application.dt, CHOSEN) == NULL &&
              strstr(file->text, CHOSEN) != NULL;
    if (!matters)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "app.overlay is not read, because %s exists: its settings do not reach the "
                     "application.",
                     c->application.overlay_home);
    seen(c, finding, file->shown, 0, "app.overlay, unread", c->application.overlay_home);
    fix(c, finding, "Move its content into %s.", c->application.overlay_home);
}

static void d12(const struct doctor_case *c)
{
    const char *wanted = c->board == NULL ? NULL : c->board->revision;
    struct finding *finding;

    if (!c->external || wanted == NULL || c->revision == NULL)
        return;
    if (doctor_version_compare(c->revision, wanted) >= 0)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "%s before revision %s has no external flash: the node is not in the "
                     "devicetree, or its pins lead nowhere.",
                     c->board->title, wanted);
    seen(c, finding, c->external_file, c->external_line,
         text(c, "built for revision %s", c->revision), text(c, "%s@%s", c->board->name, wanted));
    fix(c, finding, "Build for %s@%s, on a board of that revision.", c->board->name, wanted);
}

/* ---- devicetree layouts ---- */

static const struct dt_node *partitions_of(const struct dt_node *chip)
{
    return chip == NULL ? NULL : dt_child(chip, "partitions");
}

static void check_partitions(const struct doctor_case *c, const struct dt_node *chip)
{
    static const char *const cells[] = {"#address-cells", "#size-cells"};
    const struct dt_node *node = partitions_of(chip);
    const char *missing = NULL;
    struct finding *finding;

    if (node == NULL)
        return;
    if (!dt_compatible(node, "fixed-partitions"))
        missing = "compatible = \"fixed-partitions\";";
    for (size_t i = 0; i < 2 && missing == NULL; i++) {
        uint64_t value = 0;

        if (!dt_number(node, cells[i], &value) || value != 1)
            missing = text(c, "%s = <1>;", cells[i]);
    }
    if (missing == NULL)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The chip's `partitions` node lacks `%s`: its slots do not exist for the "
                     "flash map, and MCUboot cannot open them.",
                     missing);
    seen(c, finding, node->file, node->line, "partitions { ... }", missing);
    fix(c, finding, "Add to the node in both overlays: %s", missing);
}

static void check_slot_tables(const struct doctor_case *c, const char *name)
{
    const struct pm_part *app = pm_find(&c->from_dt, name);
    const struct pm_part *boot = pm_find(&c->boot_dt, name);
    struct finding *finding;

    if (app == NULL || boot == NULL ||
        (app->address == boot->address && app->size == boot->size &&
         strcmp(app->region, boot->region) == 0))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "%s lies at %s+%s for the application and at %s+%s for MCUboot: one writes "
                     "where the other does not look.",
                     name, hex(c, app->address), hex(c, app->size), hex(c, boot->address),
                     hex(c, boot->size));
    seen(c, finding, boot->file, boot->line,
         text(c, "<%s %s> in MCUboot", hex(c, boot->address), hex(c, boot->size)),
         text(c, "<%s %s>", hex(c, app->address), hex(c, app->size)));
    seen(c, finding, app->file, app->line, "the application's", NULL);
    fix(c, finding, "Use one partition table for both: put it into a .dtsi and include it twice.");
}

static void d15(const struct doctor_case *c)
{
    if (c->sdk.generation != GENERATION_DEVICETREE || !c->external)
        return;
    check_partitions(c, c->chip);
    if (c->boot_chip != c->chip && partitions_of(c->boot_chip) != NULL &&
        partitions_of(c->chip) == NULL)
        check_partitions(c, c->boot_chip);
    check_slot_tables(c, "mcuboot_primary");
    check_slot_tables(c, "mcuboot_secondary");
    check_slot_tables(c, "mcuboot_secondary_1");
}

static void d16(const struct doctor_case *c)
{
    const struct dt_prop *typo = dt_chosen(&c->mcuboot.dt, "nordic,code-partition");
    bool missing = c->mcuboot.own_prj && c->mcuboot.has_overlay &&
                   dt_chosen(&c->mcuboot.dt, "zephyr,code-partition") == NULL;
    struct finding *finding;

    if (c->sdk.generation != GENERATION_DEVICETREE || c->mcuboot.dt_built ||
        (typo == NULL && !missing))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot is not told where it lies itself: with a configuration folder of "
                     "your own its app.overlay is not read, and it is linked over the first slot.");
    seen(c, finding, typo != NULL ? typo->file : c->mcuboot.overlay_home,
         typo != NULL ? typo->line : 0,
         typo != NULL ? "nordic,code-partition" : "no zephyr,code-partition in /chosen",
         "zephyr,code-partition = &boot_partition;");
    fix(c, finding, "/ {\n\tchosen {\n\t\tzephyr,code-partition = &boot_partition;\n\t};\n};");
}

static void d17(const struct doctor_case *c)
{
    const struct pm_part *slot = pm_find(&c->from_dt, "mcuboot_secondary");
    const struct pm_part *real = pm_find(c->pm, "mcuboot_secondary");
    struct finding *finding;

    if (!uses_pm(c) || slot == NULL || real == NULL || c->application.dt_built ||
        !text_ends(slot->file, ".overlay") ||
        (slot->address == real->address && slot->size == real->size &&
         strcmp(slot->region, real->region) == 0))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The overlay moves slot1_partition, but the partition manager is in charge "
                     "and does not look at devicetree partitions: the slot stays where %s has it.",
                     real->file);
    seen(c, finding, slot->file, slot->line,
         text(c, "slot1_partition at %s in %s", hex(c, slot->address), slot->region),
         text(c, "mcuboot_secondary at %s in %s", hex(c, real->address), real->region));
    fix(c, finding, "Change mcuboot_secondary in %s, and delete the partitions from the overlay.",
        real->file);
}

static void d18(const struct doctor_case *c)
{
    const struct pm_part *slot = pm_find(c->pm, "mcuboot_secondary");

    if (!uses_pm(c) || slot == NULL || !pm_in(slot, PM_EXTERNAL))
        return;
    for (size_t i = 0; i < c->from_dt.count; i++) {
        const struct pm_part *part = &c->from_dt.parts[i];
        struct finding *finding;

        if (!pm_in(part, PM_EXTERNAL) || part->address >= pm_end(slot) ||
            pm_end(part) <= slot->address || text_starts(part->name, "mcuboot"))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The devicetree puts %s at %s..%s of the same chip, inside the update "
                         "slot: the partition manager does not see it. If anything mounts it, "
                         "updates and its data destroy each other.",
                         part->name, hex(c, part->address), hex(c, pm_end(part)));
        seen(c, finding, part->file, part->line,
             text(c, "%s at %s", part->name, hex(c, part->address)),
             text(c, "outside %s..%s", hex(c, slot->address), hex(c, pm_end(slot))));
        fix(c, finding, "Make it a partition of pm_static.yml behind %s, or move it there.",
            hex(c, pm_end(slot)));
    }
}

const struct rule doctor_rules_d[] = {
    {"D-01", "No external chip chosen for MCUboot", SEVERITY_ERROR, 30,
     "D-05 D-16 F-01 F-03 F-04 F-05 D-12", d01},
    {"D-02", "No external chip chosen for the application", SEVERITY_ERROR, 31, "D-06 D-12", d02},
    {"D-03", "The images choose different chips", SEVERITY_ERROR, 33, "D-07 D-08 D-10", d03},
    {"D-04", "The chip is disabled", SEVERITY_ERROR, 32, "D-05 D-06 D-12 F-01 F-03", d04},
    {"D-05", "A board file whose name no board has", SEVERITY_ERROR, 11, NULL, d05},
    {"D-06", "app.overlay beside a board's overlay", SEVERITY_ERROR, 12, NULL, d06},
    {"D-12", "A board revision without the chip", SEVERITY_ERROR, 29, NULL, d12},
    {"D-15", "Devicetree partitions that are malformed or differ", SEVERITY_ERROR, 34, NULL, d15},
    {"D-16", "MCUboot's own partition is not chosen", SEVERITY_ERROR, 33, NULL, d16},
    {"D-17", "Devicetree slots under the partition manager", SEVERITY_WARNING, 38, NULL, d17},
    {"D-18", "Devicetree partitions inside the slot", SEVERITY_WARNING, 39, NULL, d18},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
