// SPDX-License-Identifier: Apache-2.0
/* What follows from the files: which chip, which partitions count, what the project means to do. */
#include <string.h>

#include "doctor/doctor.h"

static void set_external(struct doctor_case *c, const char *file, unsigned line, const char *why)
{
    if (c->external)
        return;
    c->external = true;
    c->external_file = file;
    c->external_line = line;
    c->external_why = why;
}

static void external_by_option(struct doctor_case *c, const struct image *image)
{
    const struct kconf_line *line = written(c, image, "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY");

    if (line == NULL)
        line = option(c, image, "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY");
    if (line != NULL && strcmp(line->value, "y") == 0 && !line->is_default)
        set_external(c, line->file, line->line, text(c, "%s=%s", line->name, line->value));
}

static void external_by_layout(struct doctor_case *c, const struct pm *pm)
{
    const struct pm_part *part = pm_find(pm, "mcuboot_secondary");

    if (part != NULL && pm_in(part, PM_EXTERNAL))
        set_external(c, part->file, part->line, text(c, "%s in %s", part->name, part->region));
}

static bool has_nor_driver(const struct doctor_case *c, const struct image *image)
{
    return option_yes(c, image, "SPI_NOR") || option_yes(c, image, "NORDIC_QSPI_NOR");
}

/* MCUboot has no other use for the chip than a slot. */
static void external_by_bootloader(struct doctor_case *c)
{
    const struct dt_prop *chosen = dt_chosen(&c->mcuboot.dt, "nordic,pm-ext-flash");
    const struct kconf_line *driver = written(c, &c->mcuboot, "SPI_NOR");

    if (chosen != NULL && chosen->line != 0 && c->mcuboot.has_overlay)
        set_external(c, chosen->file, chosen->line, "nordic,pm-ext-flash is chosen for MCUboot");
    if (driver == NULL || strcmp(driver->value, "y") != 0)
        driver = written(c, &c->mcuboot, "NORDIC_QSPI_NOR");
    if (driver != NULL && strcmp(driver->value, "y") == 0 &&
        (dt_chosen(&c->application.dt, "nordic,pm-ext-flash") != NULL ||
         has_nor_driver(c, &c->application)))
        set_external(c, driver->file, driver->line, text(c, "%s=y for MCUboot", driver->name));
}

static void find_external(struct doctor_case *c)
{
    if (is_sysbuild(c))
        external_by_option(c, &c->sysbuild);
    external_by_option(c, &c->application);
    external_by_option(c, &c->mcuboot);
    external_by_layout(c, &c->fixed);
    external_by_layout(c, &c->built);
    if (!uses_pm(c)) {
        external_by_layout(c, &c->from_dt);
        external_by_layout(c, &c->boot_dt);
    }
    external_by_bootloader(c);
}

static void find_bootloader(struct doctor_case *c)
{
    c->bootloader = c->mcuboot.built || option_yes(c, &c->sysbuild, "BOOTLOADER_MCUBOOT") ||
                    (!is_sysbuild(c) && option_yes(c, &c->application, "BOOTLOADER_MCUBOOT")) ||
                    option_yes(c, &c->application, "BOOTLOADER_MCUBOOT") ||
                    pm_find(c->pm, "mcuboot") != NULL || c->mcuboot.requested.count > 0;
    c->mcuboot.present |= c->bootloader;
}

/* The chip an image uses: chosen, or in devicetree layouts the one that holds slot1. */
static const struct dt_node *chip_of(const struct dt *dt)
{
    const struct dt_node *node = dt_chosen_node(dt, "nordic,pm-ext-flash");

    if (node == NULL)
        node = dt_by_label(dt, "slot1_partition");
    else
        return node;
    while (node != NULL && strcmp(node->name, "partitions") != 0)
        node = node->parent;
    node = node == NULL ? NULL : node->parent;
    if (node == NULL || dt_compatible(node, "soc-nv-flash") ||
        (dt_get(node, "jedec-id") == NULL && !dt_compatible(node, "jedec,spi-nor") &&
         !dt_compatible(node, "nordic,qspi-nor")))
        return NULL;
    return node;
}

static bool slot_in_chip(const struct pm *pm)
{
    const struct pm_part *part = pm_find(pm, "mcuboot_secondary");

    return part != NULL && pm_in(part, PM_EXTERNAL);
}

/* Devicetree partitions instead of the partition manager. */
static void find_generation(struct doctor_case *c)
{
    bool pm_on = option_yes(c, &c->sysbuild, "PARTITION_MANAGER");
    bool pm_off = option_no(c, &c->sysbuild, "PARTITION_MANAGER") && !c->sysbuild.built;

    if (c->sdk.generation != GENERATION_SYSBUILD || pm_on)
        return;
    if (c->build != NULL && c->application.built) {
        if (!c->built.present && c->from_dt.present &&
            !option_yes(c, &c->application, "PARTITION_MANAGER_ENABLED"))
            c->sdk.generation = GENERATION_DEVICETREE;
        return;
    }
    if (c->fixed.present || before(c, SDK_VERSION(3, 3, 0)))
        return;
    if (pm_off || at_least(c, SDK_VERSION(3, 4, 0)) || slot_in_chip(&c->from_dt) ||
        slot_in_chip(&c->boot_dt))
        c->sdk.generation = GENERATION_DEVICETREE;
}

void doctor_resolve_facts(struct doctor *doctor, struct doctor_case *c)
{
    (void)doctor;
    if (c->application.dt.root == NULL)
        dt_init(&c->application.dt, c->arena);
    if (c->mcuboot.dt.root == NULL)
        dt_init(&c->mcuboot.dt, c->arena);
    if (c->application.title == NULL) {
        c->application.title = "the application";
        c->mcuboot.title = "MCUboot";
        c->sysbuild.title = "sysbuild";
        c->application.conf_home = "prj.conf";
        c->mcuboot.conf_home = "child_image/mcuboot.conf";
        c->sysbuild.conf_home = "sysbuild.conf";
    }
    pm_from_dt(&c->from_dt, c->arena, &c->application.dt);
    pm_from_dt(&c->boot_dt, c->arena, &c->mcuboot.dt);
    find_generation(c);
    c->pm = &c->fixed;
    if (c->built.present)
        c->pm = &c->built;
    else if (!uses_pm(c))
        c->pm = c->from_dt.present ? &c->from_dt : &c->boot_dt;
    c->chip = chip_of(&c->application.dt);
    c->boot_chip = chip_of(&c->mcuboot.dt);
    find_bootloader(c);
    find_external(c);
}
