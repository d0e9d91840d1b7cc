// SPDX-License-Identifier: Apache-2.0
/* K: Kconfig: the driver, the gate, the stack; in MCUboot and in the application. */
#include <stdlib.h>
#include <string.h>

#include "doctor/rules.h"

static bool asks(const struct doctor_case *c, const struct image *image, const char *name)
{
    const struct kconf_line *line = written(c, image, name);

    return line != NULL && !line->is_default && strcmp(line->value, "y") == 0;
}

/* Which of the options a driver needs an image has not; in `lines` as they should be written. */
static const char *missing_options(const struct doctor_case *c, const struct image *image,
                                   const char *const *names, size_t count, bool *surely)
{
    const char *lines = NULL;

    *surely = false;
    for (size_t i = 0; i < count; i++) {
        enum tri state = option_is(c, image, names[i]);

        if (state == YES)
            continue;
        *surely |= state == NO;
        lines = lines == NULL ? text(c, "CONFIG_%s=y", names[i])
                              : text(c, "%s\nCONFIG_%s=y", lines, names[i]);
    }
    return lines;
}

/* The nRF52840 DK's own MCUboot settings turn the QSPI driver off since 2.6. */
static bool qspi_off_by_default(const struct doctor_case *c)
{
    return c->board != NULL && strcmp(c->board->name, "nrf52840dk") == 0 &&
           !before(c, SDK_VERSION(2, 6, 0));
}

static void k01(const struct doctor_case *c)
{
    static const char *const spi[] = {"SPI", "SPI_NOR"};
    static const char *const qspi[] = {"NORDIC_QSPI_NOR"};
    bool on_spi = chip_on_spi(c) == YES;
    bool wrong = on_spi ? asks(c, &c->mcuboot, "NORDIC_QSPI_NOR") : asks(c, &c->mcuboot, "SPI_NOR");
    bool surely;
    const char *lines;
    struct finding *finding;

    if (!external_boot(c) || chip_on_spi(c) == UNKNOWN || c->cmake_overrides)
        return;
    lines = missing_options(c, &c->mcuboot, on_spi ? spi : qspi, on_spi ? 2 : 1, &surely);
    if (lines == NULL || (!on_spi && !surely && !wrong && !qspi_off_by_default(c)))
        return;
    finding = report(c, surely || wrong ? SEVERITY_ERROR : SEVERITY_WARNING,
                     "MCUboot has no driver for the external chip, which hangs on %s: uploads "
                     "succeed, and at boot the second slot cannot be read (\"Cannot upgrade\", "
                     "or -19).",
                     on_spi ? "SPI" : "QSPI");
    seen_option(c, finding, &c->mcuboot, on_spi ? "SPI_NOR" : "NORDIC_QSPI_NOR", "y");
    if (on_spi)
        seen_option(c, finding, &c->mcuboot, "SPI", "y");
    if (wrong)
        seen_option(c, finding, &c->mcuboot, on_spi ? "NORDIC_QSPI_NOR" : "SPI_NOR",
                    on_spi ? "n" : "no need of it");
    ask_for(c, finding, &c->mcuboot,
            wrong && on_spi ? text(c, "%s\nCONFIG_NORDIC_QSPI_NOR=n", lines) : lines);
}

/* ---- K-02: the option that lets the slot into the flash map ---- */

static void gate_by_build(const struct doctor_case *c, const struct pm_region *region)
{
    const struct image *images[] = {&c->application, &c->mcuboot};
    const char *name = region->driver + strlen("CONFIG_");

    for (size_t i = 0; i < 2; i++) {
        struct finding *finding;

        if (!images[i]->built || option_yes(c, images[i], name))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The second slot enters the flash map only with %s, and %s is built "
                         "without: its flash map has no slot (\"Failed to open flash area\", -2).",
                         region->driver, images[i]->title);
        seen(c, finding, region->file, region->line,
             text(c, "default_driver_kconfig: %s", region->driver), NULL);
        seen_option(c, finding, images[i], name, "y");
        if (strcmp(name, "PM_EXTERNAL_FLASH_HAS_DRIVER") == 0) /* nobody can set it by hand */
            fix(c, finding, "Build %s with the chip's driver, which sets it:\n%s", images[i]->title,
                chip_on_spi(c) == NO ? "CONFIG_NORDIC_QSPI_NOR=y"
                                     : "CONFIG_SPI=y\nCONFIG_SPI_NOR=y");
        else if (is_sysbuild(c) && chip_on_spi(c) == YES)
            ask_for(c, finding, &c->sysbuild, "SB_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y");
        else
            ask_for(c, finding, images[i], text(c, "%s=y", region->driver));
    }
}

static void report_gate(const struct doctor_case *c, const struct image *image,
                        enum severity severity)
{
    const char *prefix = image == &c->sysbuild ? "SB_" : "";
    struct finding *finding = report(
        c, severity,
        "For a chip on SPI the second slot enters the flash map only when a driver vouches for "
        "it, or when the check is overridden in %s: otherwise MCUboot cannot open the slot "
        "(-2), or sees other sectors than there are.",
        image->title);

    seen_option(c, finding, image, "PM_OVERRIDE_EXTERNAL_DRIVER_CHECK", "y");
    ask_for(c, finding, image, text(c, "%sCONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y", prefix));
    if (image != &c->sysbuild)
        fix(c, finding,
            "%s\nIn 2.1.x the SDK needs one change more: nrf/cmake/partition_manager.cmake must "
            "say DEVICE \"DT_CHOSEN(nordic_pm_ext_flash)\".",
            finding->fix);
}

static bool is_two_one(const struct doctor_case *c)
{
    return at_least(c, SDK_VERSION(2, 1, 0)) && before(c, SDK_VERSION(2, 2, 0));
}

/* Both options are set; what is left is a fault of the SDK itself. */
static void report_sdk_gate(const struct doctor_case *c)
{
    struct finding *finding =
        report(c, SEVERITY_WARNING,
               "SDK 2.1.0 to 2.1.2 give MCUboot no device for a slot in a chip on SPI, whatever is "
               "configured: \"Failed reading sectors\", \"not a compatible amount of sectors\".");

    seen(c, finding, c->mcuboot.conf_home, 0,
         text(c, "SDK 2.1.%u and a chip on SPI", c->sdk.version % 100),
         "a patched SDK, or 2.2 and newer");
    fix(c, finding,
        "In nrf/cmake/partition_manager.cmake, at the external region:\n"
        "    DEVICE \"DT_CHOSEN(nordic_pm_ext_flash)\"");
}

static void gate_by_source(const struct doctor_case *c)
{
    const char *name = "PM_OVERRIDE_EXTERNAL_DRIVER_CHECK";
    const struct image *images[] = {&c->application, &c->mcuboot};

    if (c->sdk.generation == GENERATION_SYSBUILD) {
        bool elsewhere = asks(c, images[0], name) || asks(c, images[1], name);
        bool driver = asks(c, images[0], "SPI_NOR") && asks(c, images[1], "SPI_NOR");
        enum severity severity = elsewhere && !driver ? SEVERITY_WARNING : SEVERITY_NOTE;

        /* Drivers in the tree satisfy the check by themselves; others need the override. */
        if (option(c, &c->sysbuild, name) == NULL || option_no(c, &c->sysbuild, name))
            report_gate(c, &c->sysbuild, severity);
        return;
    }
    if (!is_two_one(c))
        return;
    for (size_t i = 0; i < 2; i++) {
        if (!option_yes(c, images[i], name))
            report_gate(c, images[i], SEVERITY_ERROR);
    }
    if (option_yes(c, images[0], name) && option_yes(c, images[1], name))
        report_sdk_gate(c);
}

static void k02(const struct doctor_case *c)
{
    const struct pm_region *region = pm_region(&c->regions, PM_EXTERNAL);

    if (!external_boot(c) || !uses_pm(c))
        return;
    if (region != NULL && region->driver != NULL && text_starts(region->driver, "CONFIG_"))
        gate_by_build(c, region);
    else if (chip_on_spi(c) == YES && !c->mcuboot.built &&
             (c->board == NULL || !c->board->static_layout))
        gate_by_source(c);
}

static void k03(const struct doctor_case *c)
{
    const struct image *app = &c->application;
    const char *override = "PM_OVERRIDE_EXTERNAL_DRIVER_CHECK";
    struct finding *finding;

    if (!external_boot(c) || chip_on_spi(c) != YES || c->cmake_overrides ||
        (!option_yes(c, app, override) && !option_yes(c, &c->sysbuild, override)) ||
        option_yes(c, app, "SPI_NOR") || option_yes(c, app, "NORDIC_QSPI_NOR"))
        return;
    if (option(c, app, "SPI_NOR") != NULL && option(c, app, "SPI_NOR")->is_default)
        return;
    if (c->board != NULL && c->board->static_layout && !app->built)
        return;
    finding = report(c, option_no(c, app, "SPI_NOR") ? SEVERITY_ERROR : SEVERITY_WARNING,
                     "The driver check is overridden, but the application has no driver for the "
                     "chip: the link fails at __device_dts_ord, or uploads fail at their first "
                     "byte.");
    seen_option(c, finding, app, "SPI_NOR", "y");
    ask_for(c, finding, app, "CONFIG_SPI=y\nCONFIG_SPI_NOR=y");
}

static void k04(const struct doctor_case *c)
{
    const char *name = "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY";
    const struct pm_part *slot = pm_find(&c->fixed, "mcuboot_secondary");
    bool placed = slot != NULL && pm_in(slot, PM_EXTERNAL);
    struct finding *finding;

    if (!external_boot(c) || c->sdk.generation != GENERATION_CHILD_IMAGE || c->cmake_overrides ||
        option_yes(c, &c->application, name) || option_yes(c, &c->mcuboot, name))
        return;
    finding = report(c, placed ? SEVERITY_WARNING : SEVERITY_ERROR,
                     "CONFIG_%s is not set: the second slot %s. The project means it to be "
                     "external (%s).",
                     name,
                     placed ? "is external by the layout alone, and code that depends on the "
                              "option is left out"
                            : "stays in the internal flash, or the two images disagree about it",
                     c->external_why);
    seen_option(c, finding, &c->application, name, "y");
    seen_option(c, finding, &c->mcuboot, name, "y");
    fix(c, finding, "Put into %s and into %s:\nCONFIG_%s=y", c->application.conf_home,
        c->mcuboot.conf_home, name);
    if (c->has_source) {
        edit(c, finding, EDIT_APPEND, c->application.conf_home, 0, text(c, "CONFIG_%s=y", name));
        edit(c, finding, EDIT_APPEND, c->mcuboot.conf_home, 0, text(c, "CONFIG_%s=y", name));
    }
}

static void k05(const struct doctor_case *c)
{
    enum tri state = option_is(c, &c->mcuboot, "MULTITHREADING");
    struct finding *finding;

    if (!external_boot(c) || chip_on_spi(c) != YES || state == YES || c->cmake_overrides ||
        (state == UNKNOWN && !asks(c, &c->mcuboot, "SPI_NOR")))
        return;
    finding = report(c, state == NO ? SEVERITY_ERROR : SEVERITY_WARNING,
                     "MCUboot runs without threads by default, and the SPI driver waits for its "
                     "interrupt with a semaphore: the first read of the chip never returns, or "
                     "fails.");
    seen_option(c, finding, &c->mcuboot, "MULTITHREADING", "y");
    set_option(c, finding, &c->mcuboot, "MULTITHREADING", "y");
}

static void k06(const struct doctor_case *c)
{
    unsigned long long size;
    struct finding *finding;

    if (!external_boot(c) || !option_number(c, &c->mcuboot, "MAIN_STACK_SIZE", &size) ||
        size >= 4096)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "MCUboot's stack has %llu bytes; with a flash driver and signatures it "
                     "overflows, and the device resets for ever without a word.",
                     size);
    seen_option(c, finding, &c->mcuboot, "MAIN_STACK_SIZE", "10240");
    set_option(c, finding, &c->mcuboot, "MAIN_STACK_SIZE", "10240");
}

static void check_buffer(const struct doctor_case *c, const struct image *image, const char *name,
                         ull unit)
{
    ull size;
    const struct kconf_line *line = written(c, image, name);
    struct finding *finding;

    if (!kconf_number(line, &size) || (size != 0 && size % unit == 0))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The chip's driver of %s has a copy buffer of %llu bytes: data that lies in "
                     "the internal flash cannot be sent by DMA, so flags and trailers are written "
                     "as garbage (-22).",
                     image->title, size);
    seen_option(c, finding, image, name, unit == 1 ? "32" : "16");
    set_option(c, finding, image, name, unit == 1 ? "32" : "16");
}

static void k08(const struct doctor_case *c)
{
    const struct image *images[] = {&c->application, &c->mcuboot};

    for (size_t i = 0; c->external && i < 2; i++) {
        if (chip_on_spi(c) == YES)
            check_buffer(c, images[i], "SPI_NRFX_RAM_BUFFER_SIZE", 1);
        else if (chip_on_spi(c) == NO)
            check_buffer(c, images[i], "NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE", 4);
    }
}

static void k09(const struct doctor_case *c)
{
    const struct image *images[] = {&c->application, &c->mcuboot};
    const struct dt_node *chips[] = {c->chip, c->boot_chip};

    for (size_t i = 0; c->external && i < 2; i++) {
        struct finding *finding;

        if (chips[i] == NULL || chips[i]->placeholder ||
            !option_yes(c, images[i], "SPI_NOR_SFDP_DEVICETREE") ||
            dt_get(chips[i], "sfdp-bfp") != NULL || chip_on_spi(c) != YES)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s takes the chip's parameters from the devicetree, and its node has no "
                         "sfdp-bfp: the build stops, or the chip is driven with wrong commands.",
                         images[i]->title);
        seen_option(c, finding, images[i], "SPI_NOR_SFDP_DEVICETREE", "n");
        seen(c, finding, chips[i]->file, chips[i]->line,
             text(c, "%s without sfdp-bfp", dt_label(chips[i])), "sfdp-bfp = [...]");
        set_option(c, finding, images[i], "SPI_NOR_SFDP_DEVICETREE", "n");
        return;
    }
}

static void k10(const struct doctor_case *c)
{
    const struct image *images[] = {&c->application, &c->mcuboot};

    for (size_t i = 0; c->external && i < 2; i++) {
        struct finding *finding;

        if (chip_on_spi(c) != YES || !asks(c, images[i], "NORDIC_QSPI_NOR") ||
            !option_yes(c, images[i], "SPI_NOR"))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s has both flash drivers on, and the chip hangs on SPI: the QSPI driver "
                         "takes the driver check, the pins, or the link.",
                         images[i]->title);
        seen_option(c, finding, images[i], "NORDIC_QSPI_NOR", "n");
        set_option(c, finding, images[i], "NORDIC_QSPI_NOR", "n");
    }
}

static const struct dt_prop *supply_of(const struct dt_node *chip)
{
    for (const struct dt_prop *prop = chip == NULL ? NULL : chip->props; prop != NULL;
         prop = prop->next) {
        if (text_ends(prop->name, "-supply"))
            return prop;
    }
    return NULL;
}

static void k11(const struct doctor_case *c)
{
    const struct dt_prop *supply = supply_of(c->boot_chip != NULL ? c->boot_chip : c->chip);
    struct finding *finding;

    if (!external_boot(c) || supply == NULL || c->cmake_overrides ||
        option_yes(c, &c->mcuboot, "REGULATOR"))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The chip's power comes from a regulator, and MCUboot has no regulator "
                     "driver: in MCUboot the chip is off (id 00 00 00).");
    seen(c, finding, supply->file, supply->line, text(c, "%s = %s", supply->name, supply->raw),
         NULL);
    seen_option(c, finding, &c->mcuboot, "REGULATOR", "y");
    ask_for(c, finding, &c->mcuboot, "CONFIG_REGULATOR=y\nCONFIG_GPIO=y");
}

/* Two lines in one file: across files the later one is meant to win. */
static void check_duplicates(const struct doctor_case *c, const struct image *image)
{
    const struct kconf *kconf = &image->requested;

    for (size_t i = 0; i < kconf->count; i++) {
        const struct kconf_line *last = NULL;

        if (kconf->lines[i].is_default)
            continue;
        for (size_t k = i + 1; k < kconf->count && k < i + 600; k++) {
            if (strcmp(kconf->lines[k].name, kconf->lines[i].name) == 0 &&
                kconf->lines[k].file == kconf->lines[i].file && !kconf->lines[k].is_default) {
                last = &kconf->lines[k];
                break;
            }
        }
        if (last == NULL || strcmp(last->value, kconf->lines[i].value) == 0)
            continue;
        struct finding *finding = report(
            c, SEVERITY_WARNING, "%s is set twice in %s, to different values; the last one counts.",
            last->name, last->file);

        seen(c, finding, last->file, last->line, text(c, "%s=%s", last->name, last->value),
             "one of the two lines");
        seen(c, finding, last->file, kconf->lines[i].line,
             text(c, "%s=%s", last->name, kconf->lines[i].value), NULL);
        fix(c, finding, "Delete the line you do not mean.");
    }
}

static void k12(const struct doctor_case *c)
{
    check_duplicates(c, &c->application);
    check_duplicates(c, &c->mcuboot);
    check_duplicates(c, &c->sysbuild);
}

/* ---- K-13: asked for, and not granted ---- */

static bool same_value(const char *a, const char *b)
{
    char *end;
    ull left = strtoull(a, &end, 0);

    if (strcmp(a, b) == 0)
        return true;
    return end != a && *end == '\0' && left == strtoull(b, &end, 0) && *end == '\0';
}

static void check_granted(const struct doctor_case *c, const struct image *image)
{
    for (size_t i = 0; image->built && i < image->requested.count; i++) {
        const struct kconf_line *line = &image->requested.lines[i];
        const char *bare = strstr(line->name, "CONFIG_") + strlen("CONFIG_");
        const struct kconf_line *got;
        const char *value;
        struct finding *finding;

        if (line->is_default || written(c, image, bare) != line)
            continue;
        got = option(c, image, bare);
        value = got == NULL ? "n" : got->value;
        if (same_value(line->value, value) || (got == NULL && line->value[0] == '\0'))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s was asked for and not granted to %s: a dependency is missing, the "
                         "name is of another SDK, or something else decides it.",
                         line->name, image->title);
        seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value),
             text(c, "what the build has: %s", value));
        seen(c, finding, image->config_file, got == NULL ? 0 : got->line,
             text(c, "%s=%s", line->name, value), NULL);
        fix(c, finding, "Look at the Kconfig warnings of the build for what it depends on.");
    }
}

static void k13(const struct doctor_case *c)
{
    check_granted(c, &c->application);
    check_granted(c, &c->mcuboot);
    check_granted(c, &c->sysbuild);
}

static void k14(const struct doctor_case *c)
{
    const struct kconf_line *line = written(c, &c->mcuboot, "BOOT_SIGNATURE_KEY_FILE");
    struct finding *finding;

    if (!is_sysbuild(c) || line == NULL ||
        written(c, &c->sysbuild, "BOOT_SIGNATURE_KEY_FILE") != NULL)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "sysbuild chooses the signing key for both images; this line in MCUboot's "
                     "own configuration does not reach the signing. Images and MCUboot have "
                     "different keys: \"Image in the secondary slot is not valid!\".");
    seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value),
         "SB_CONFIG_BOOT_SIGNATURE_KEY_FILE in sysbuild.conf");
    fix(c, finding, "Delete it here, and put into %s:\nSB_CONFIG_BOOT_SIGNATURE_KEY_FILE=\"%s\"",
        c->sysbuild.conf_home, line->value);
    edit(c, finding, EDIT_DELETE, line->file, line->line, NULL);
    edit(c, finding, EDIT_APPEND, c->sysbuild.conf_home, 0,
         text(c, "SB_CONFIG_BOOT_SIGNATURE_KEY_FILE=\"%s\"", line->value));
}

static void k15(const struct doctor_case *c)
{
    static const char *const known[] = {"root-rsa-2048.pem", "root-rsa-3072.pem",
                                        "root-ec-p256.pem", "root-ed25519.pem"};
    const struct image *images[] = {&c->sysbuild, &c->mcuboot};

    for (size_t i = 0; i < 2; i++) {
        const struct kconf_line *line = written(c, images[i], "BOOT_SIGNATURE_KEY_FILE");

        for (size_t k = 0; line != NULL && k < sizeof(known) / sizeof(known[0]); k++) {
            struct finding *finding;

            if (!text_ends(line->value, known[k]))
                continue;
            finding = report(c, SEVERITY_WARNING,
                             "The key %s is published with MCUboot: anybody can sign an update "
                             "for this device.",
                             known[k]);
            seen(c, finding, line->file, line->line, line->value, "a key of your own");
            fix(c, finding,
                "imgtool keygen -t ecdsa-p256 -k signing.pem, keep it out of the "
                "repository, and name it here.");
        }
    }
}

const struct rule doctor_rules_k[] = {
    {"K-01", "MCUboot has no driver for the chip", SEVERITY_ERROR, 40,
     "D-05 D-09 D-10 D-12 F-01 F-02 F-03 F-05", k01},
    {"K-02", "The slot does not enter the flash map", SEVERITY_ERROR, 26, "B-01 D-09 D-10 F-01",
     k02},
    {"K-03", "Driver check overridden, and no driver", SEVERITY_ERROR, 42, "K-01 K-02", k03},
    {"K-04", "The external slot is not asked for", SEVERITY_ERROR, 22, "F-02", k04},
    {"K-05", "SPI without threads", SEVERITY_ERROR, 43, "K-01 D-09 F-01 F-03", k05},
    {"K-06", "MCUboot's stack is too small", SEVERITY_WARNING, 44, NULL, k06},
    {"K-08", "No copy buffer for DMA", SEVERITY_WARNING, 45, NULL, k08},
    {"K-09", "SFDP from a devicetree that has none", SEVERITY_WARNING, 45, NULL, k09},
    {"K-10", "Both flash drivers are on", SEVERITY_WARNING, 46, "K-01 D-09 D-10", k10},
    {"K-11", "A regulator that MCUboot does not switch", SEVERITY_WARNING, 46, NULL, k11},
    {"K-12", "An option set twice in one file", SEVERITY_WARNING, 48, NULL, k12},
    {"K-13", "Asked for, and not granted", SEVERITY_WARNING, 47,
     "B-01 B-02 B-05 B-07 K-01 K-02 K-04 S-02 S-04 S-07 X-01", k13},
    {"K-14", "The signing key is set where it does not count", SEVERITY_ERROR, 41, NULL, k14},
    {"K-15", "The key that everybody has", SEVERITY_WARNING, 70, NULL, k15},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
