// SPDX-License-Identifier: Apache-2.0
/* N: two images at once: the nRF5340's network core. */
#include <string.h>

#include "doctor/rules.h"

/* Both cores in one transaction: MCUboot holds the network image in simulated flash. */
static bool simultaneous(const struct doctor_case *c)
{
    return option_yes(c, &c->sysbuild, "MCUBOOT_NRF53_MULTI_IMAGE_UPDATE") ||
           option_yes(c, &c->mcuboot, "NRF53_MULTI_IMAGE_UPDATE");
}

static const struct image *owner(const struct doctor_case *c)
{
    return is_sysbuild(c) ? &c->sysbuild : &c->mcuboot;
}

static const char *trigger(const struct doctor_case *c)
{
    return is_sysbuild(c) ? "MCUBOOT_NRF53_MULTI_IMAGE_UPDATE" : "NRF53_MULTI_IMAGE_UPDATE";
}

static void need(const struct doctor_case *c, const struct image *image, const char *name,
                 const char *value)
{
    const struct kconf_line *line = option(c, image, name);
    struct finding *finding;

    if (line != NULL && (strcmp(line->value, value) == 0 || line->is_default ||
                         (value[0] == '2' && strcmp(line->value, "3") == 0)))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "Both cores are to be updated at once, but %s lacks %s: the network core is "
                     "never updated, or the pair is refused.",
                     image->title, name);
    seen_option(c, finding, image, name, value);
    seen_option(c, finding, owner(c), trigger(c), NULL);
    set_option(c, finding, image, name, value);
}

static void n01(const struct doctor_case *c)
{
    if (!simultaneous(c) || c->cmake_overrides)
        return;
    if (is_sysbuild(c)) {
        need(c, &c->sysbuild, "NETCORE_APP_UPDATE", "y");
        need(c, &c->sysbuild, "MCUBOOT_UPDATEABLE_IMAGES", "2");
        return;
    }
    if (c->sdk.generation != GENERATION_CHILD_IMAGE)
        return;
    need(c, &c->mcuboot, "UPDATEABLE_IMAGE_NUMBER", "2");
    need(c, &c->application, "UPDATEABLE_IMAGE_NUMBER", "2");
}

static void n02(const struct doctor_case *c)
{
    enum boot_mode mode = boot_mode(c);
    struct finding *finding;

    if (!simultaneous(c) || !is_swap(mode) || c->cmake_overrides ||
        option_yes(c, &c->mcuboot, "USE_NRF53_MULTI_IMAGE_WITHOUT_UPGRADE_ONLY"))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "Two images are installed with %s: going back would restore the network core "
                     "from RAM that is long empty, and leaves it without a program.",
                     boot_mode_name(mode));
    seen_option(c, finding, owner(c),
                is_sysbuild(c) ? "MCUBOOT_MODE_OVERWRITE_ONLY" : "BOOT_UPGRADE_ONLY", "y");
    seen_option(c, finding, owner(c), trigger(c), NULL);
    ask_for(c, finding, owner(c),
            is_sysbuild(c) ? "SB_CONFIG_MCUBOOT_MODE_OVERWRITE_ONLY=y"
                           : "CONFIG_BOOT_UPGRADE_ONLY=y");
}

static void n03(const struct doctor_case *c)
{
    static const char *const values[][2] = {{"FLASH_SIMULATOR", "y"},
                                            {"FLASH_SIMULATOR_DOUBLE_WRITES", "y"},
                                            {"FLASH_SIMULATOR_STATS", "n"}};

    for (size_t i = 0; simultaneous(c) && i < 3; i++) {
        enum tri wanted = strcmp(values[i][1], "y") == 0 ? YES : NO;
        enum tri state = option_is(c, &c->mcuboot, values[i][0]);
        bool absent = state == UNKNOWN && wanted == YES &&
                      c->sdk.generation == GENERATION_CHILD_IMAGE && !c->cmake_overrides;
        struct finding *finding;

        if (state == wanted || (state == UNKNOWN && !absent))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "MCUboot keeps the network core's image in simulated flash, which needs "
                         "CONFIG_%s=%s.",
                         values[i][0], values[i][1]);
        seen_option(c, finding, &c->mcuboot, values[i][0], values[i][1]);
        set_option(c, finding, &c->mcuboot, values[i][0], values[i][1]);
    }
}

static void n04(const struct doctor_case *c)
{
    const struct pm_part *ram = pm_find(layout_of(c), "pcd_sram");
    enum tri state = option_is(c, &c->mcuboot, "PCD_APP");
    struct finding *finding;

    if (!simultaneous(c))
        return;
    if (state == NO ||
        (state == UNKNOWN && c->sdk.generation == GENERATION_CHILD_IMAGE && !c->cmake_overrides)) {
        finding = report(c, SEVERITY_ERROR,
                         "MCUboot cannot hand the image to the network core: CONFIG_PCD_APP is "
                         "not set.");
        seen_option(c, finding, &c->mcuboot, "PCD_APP", "y");
        set_option(c, finding, &c->mcuboot, "PCD_APP", "y");
    }
    if (ram == NULL || !ram->has_address || (ram->address == 0x20000000 && ram->size == 0x2000))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "pcd_sram is the mailbox to the network core's bootloader, which looks for it "
                     "at 0x20000000, 0x2000 bytes: a command written elsewhere is never read.");
    seen(c, finding, ram->file, pm_line(ram, "address"),
         text(c, "%s + %s", hex(c, ram->address), hex(c, ram->size)), "0x20000000 + 0x2000");
    fix(c, finding, "pcd_sram:\n  address: 0x20000000\n  size: 0x2000\n  region: sram_primary");
}

static void check_second_image(const struct doctor_case *c, const struct pm_part *part,
                               const char *region)
{
    bool wrong_region = !pm_in(part, region);
    struct finding *finding;

    if (!wrong_region && part->size == 0x40000)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "%s must be 0x40000 bytes in %s, the size of the network core's flash: "
                     "otherwise its image is never accepted.",
                     part->name, region);
    seen(c, finding, part->file, pm_line(part, wrong_region ? "region" : "size"),
         text(c, "%s in %s", hex(c, part->size), part->region), text(c, "0x40000 in %s", region));
    fix(c, finding, "%s:\n  size: 0x40000\n  region: %s", part->name, region);
}

static void n05(const struct doctor_case *c)
{
    const struct pm_part *first = pm_find(layout_of(c), "mcuboot_primary_1");
    const struct pm_part *second = pm_find(layout_of(c), "mcuboot_secondary_1");

    if (!simultaneous(c) || !uses_pm(c))
        return;
    if (first != NULL)
        check_second_image(c, first, "ram_flash");
    if (second != NULL && c->external)
        check_second_image(c, second, PM_EXTERNAL);
}

static void n06(const struct doctor_case *c)
{
    const struct kconf_line *line = option(c, &c->sysbuild, "SECURE_BOOT_NETCORE");
    struct finding *finding;

    if (!is_sysbuild(c) || !option_yes(c, &c->sysbuild, "NETCORE_APP_UPDATE") ||
        (line != NULL && (line->is_default || strcmp(line->value, "y") == 0)) || c->cmake_overrides)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The network core is to be updated, but gets no bootloader (b0n): nothing "
                     "there takes the new image.");
    seen_option(c, finding, &c->sysbuild, "SECURE_BOOT_NETCORE", "y");
    seen_option(c, finding, &c->sysbuild, "NETCORE_APP_UPDATE", NULL);
    set_option(c, finding, &c->sysbuild, "SECURE_BOOT_NETCORE", "y");
}

static void n07(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        bool second = false;
        struct finding *finding;

        if (one->kind != ARTIFACT_PACKAGE || !both_cores(c) || one->file_count == 0)
            continue;
        for (size_t i = 0; i < one->file_count; i++)
            second |= one->files[i].image_index == 1;
        if (second || one->files[0].image_index < 0)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The package has an image for the application core only: after the "
                         "update the two cores may speak different versions of the radio "
                         "protocol.");
        seen(c, finding, one->file, 0, "image_index 0 only", "image_index 0 and 1");
        fix(c, finding, "Send the dfu_application.zip of a build with both cores.");
    }
}

static void n08(const struct doctor_case *c)
{
    unsigned line;
    const struct artifact *log = log_has(c, "mcumgr_img_grp: Failed to open flash area ID", &line);
    struct finding *finding;

    if (log == NULL)
        return;
    finding = report(c, SEVERITY_NOTE,
                     "Harmless on an nRF5340 with both cores updated: the application cannot open "
                     "the network core's first slot, which lives in MCUboot's RAM.");
    seen(c, finding, log->file, line, "Failed to open flash area", NULL);
}

static void n09(const struct doctor_case *c)
{
    unsigned line;
    const struct artifact *log = log_has(c, "Hash not found", &line);
    struct finding *finding;

    if (log == NULL || !both_cores(c))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The network core's image cannot be tested by its hash: the application does "
                     "not see the slot it would go to.");
    seen(c, finding, log->file, line, "Hash not found", "confirm instead of test for image 1");
    fix(c, finding, "Upload both images, then confirm image 1 (`image confirm`), not test.");
}

static void n10(const struct doctor_case *c)
{
    struct finding *finding;

    if (!before(c, SDK_VERSION(2, 4, 0)) || !c->external || simultaneous(c) ||
        !option_yes(c, &c->application, "NRF53_UPGRADE_NETWORK_CORE"))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "Before SDK 2.4 MCUboot reads the network core's image as if the external "
                     "chip were memory: a bus fault at every boot after the upload.");
    seen(c, finding, c->sdk.why, 0,
         text(c, "SDK %u.%u", c->sdk.version / 10000, c->sdk.version / 100 % 100), "2.4 or newer");
    seen_option(c, finding, &c->application, "NRF53_UPGRADE_NETWORK_CORE", NULL);
    fix(c, finding, "Update the SDK, or update both cores at once (N-01).");
}

static void n11(const struct doctor_case *c)
{
    const struct pm_part *slot = pm_find(layout_of(c), "mcuboot_secondary_1");

    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        for (size_t i = 0; slot != NULL && slot->has_size && i < one->file_count; i++) {
            const struct manifest_file *file = &one->files[i];
            struct finding *finding;

            if (file->image_index != 1 || file->actual_size < 0 ||
                (uint64_t)file->actual_size <= slot->size)
                continue;
            finding = report(c, SEVERITY_WARNING,
                             "The network core's image has %lld bytes, its slot %s: the upload "
                             "stops in the middle.",
                             file->actual_size, hex(c, slot->size));
            seen(c, finding, one->file, 0, text(c, "%s: %lld bytes", file->file, file->actual_size),
                 text(c, "at most %llu", (ull)slot->size));
            fix(c, finding, "Make the network core's image smaller; its flash is no larger.");
        }
    }
}

const struct rule doctor_rules_n[] = {
    {"N-01", "Half of what an update of both cores needs", SEVERITY_ERROR, 71, NULL, n01},
    {"N-02", "Swap with two images", SEVERITY_ERROR, 70, NULL, n02},
    {"N-03", "The simulated flash of the network core", SEVERITY_ERROR, 73, NULL, n03},
    {"N-04", "The mailbox to the network core", SEVERITY_ERROR, 73, NULL, n04},
    {"N-05", "The network core's slots", SEVERITY_ERROR, 72, "P-19", n05},
    {"N-06", "No bootloader on the network core", SEVERITY_ERROR, 71, NULL, n06},
    {"N-07", "A package for one core of two", SEVERITY_WARNING, 75, NULL, n07},
    {"N-08", "A harmless line in the log", SEVERITY_NOTE, 76, NULL, n08},
    {"N-09", "Test on the network core's image", SEVERITY_WARNING, 76, NULL, n09},
    {"N-10", "Network core from an external slot before 2.4", SEVERITY_ERROR, 72, NULL, n10},
    {"N-11", "The network core's image is too large", SEVERITY_WARNING, 75, NULL, n11},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
