// SPDX-License-Identifier: Apache-2.0
/* T: TF-M, and the immutable bootloader in front of MCUboot. */
#include <string.h>

#include "doctor/rules.h"

static void t02(const struct doctor_case *c)
{
    struct finding *finding;

    if (!c->external || !uses_tfm(c) || !at_least(c, SDK_VERSION(2, 0, 0)) ||
        !before(c, SDK_VERSION(2, 1, 0)))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "In SDK 2.0.x TF-M and an external second slot do not go together: the "
                     "device resets for ever right after MCUboot's last line.");
    seen(c, finding, c->sdk.why, 0, text(c, "SDK 2.0.%u with TF-M", c->sdk.version % 100),
         "2.1.0 or newer");
    seen_option(c, finding, &c->application, "BUILD_WITH_TFM", "n");
    fix(c, finding,
        "Update the SDK to 2.1 or newer; or, in prj.conf:\nCONFIG_BUILD_WITH_TFM=n\n"
        "CONFIG_SPM=y");
}

static void t03(const struct doctor_case *c)
{
    struct finding *finding;

    if (!is_sysbuild(c) || c->board == NULL || strcmp(c->board->family, "nrf53") != 0 ||
        !c->non_secure || !option_yes(c, &c->sysbuild, "MCUBOOT_NRF53_MULTI_IMAGE_UPDATE") ||
        option(c, &c->sysbuild, "MCUBOOT_USE_ALL_AVAILABLE_RAM") != NULL || c->cmake_overrides)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "With TF-M MCUboot gets only the secure part of the RAM, too little for the "
                     "network core's image beside its own data.");
    seen_option(c, finding, &c->sysbuild, "MCUBOOT_USE_ALL_AVAILABLE_RAM", "y");
    set_option(c, finding, &c->sysbuild, "MCUBOOT_USE_ALL_AVAILABLE_RAM", "y");
}

static void report_secure_claim(const struct doctor_case *c, const char *name, const char *what)
{
    struct finding *finding =
        report(c, SEVERITY_WARNING,
               "TF-M claims %s for the secure side, and the application uses it: its first access "
               "faults.",
               what);

    seen_option(c, finding, &c->application, name, "n");
    set_option(c, finding, &c->application, name, "n");
}

static void t04(const struct doctor_case *c)
{
    const struct dt_node *uart = dt_chosen_node(&c->application.dt, "zephyr,uart-mcumgr");
    const char *bus =
        c->chip == NULL || c->chip->parent == NULL ? NULL : c->chip->parent->labels[0];

    if (!c->non_secure)
        return;
    for (unsigned i = 0; i < 4; i++) {
        const char *spi = text(c, "NRF_SPIM%u_SECURE", i);
        const char *secure_uart = text(c, "TFM_SECURE_UART%u", i);

        if (bus != NULL && strcmp(bus, text(c, "spi%u", i)) == 0 &&
            option_yes(c, &c->application, spi))
            report_secure_claim(c, spi, text(c, "the chip's bus, SPI%u,", i));
        if (uart != NULL && uart->labels[0] != NULL &&
            strcmp(uart->labels[0], text(c, "uart%u", i)) == 0 &&
            option_yes(c, &c->application, "MCUMGR_TRANSPORT_UART") &&
            option_yes(c, &c->application, secure_uart))
            report_secure_claim(c, secure_uart, text(c, "UART%u, which carries updates,", i));
    }
}

static void t05(const struct doctor_case *c)
{
    const struct image *image = is_sysbuild(c) ? &c->sysbuild : &c->application;
    const char *name = is_sysbuild(c) ? "SECURE_BOOT_APPCORE" : "SECURE_BOOT";
    struct finding *finding;

    if (!option_yes(c, image, name) || pm_find(&c->fixed, "mcuboot") == NULL ||
        pm_find(&c->fixed, "s0") != NULL || pm_find(&c->fixed, "s1") != NULL)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "An immutable bootloader is asked for, and the static layout has no slots s0 "
                     "and s1 for MCUboot: MCUboot cannot be updated, or the build stops.");
    seen_option(c, finding, image, name, NULL);
    seen(c, finding, c->fixed.file, 0, "no s0 and s1",
         "b0, s0, s1 as the first build lays them out");
    fix(c, finding, "Build once without the static layout, and copy build/partitions.yml.");
}

static void t06(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < c->baseline.count; i++) {
        const struct pm_part *old = &c->baseline.parts[i];
        const struct pm_part *now = pm_find(pm, old->name);
        struct finding *finding;

        if (now == NULL || old->is_span || !text_starts(old->name, "tfm_") ||
            strstr(old->name, "sram") != NULL || strcmp(old->name, "tfm_secure") == 0 ||
            strcmp(old->name, "tfm_nonsecure") == 0 ||
            (old->address == now->address && old->size == now->size))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s, where TF-M keeps keys and data, moves from %s to %s: devices in the "
                         "field lose them with the update.",
                         old->name, hex(c, old->address), hex(c, now->address));
        seen(c, finding, now->file, now->line, hex(c, now->address), hex(c, old->address));
        seen(c, finding, old->file, old->line, "the release in the field", NULL);
        fix(c, finding, "Leave %s where it was.", old->name);
    }
}

const struct rule doctor_rules_t[] = {
    {"T-02", "TF-M with an external slot in SDK 2.0", SEVERITY_ERROR, 28, NULL, t02},
    {"T-03", "Too little RAM for two images under TF-M", SEVERITY_WARNING, 77, NULL, t03},
    {"T-04", "TF-M claims what the application needs", SEVERITY_WARNING, 78, NULL, t04},
    {"T-05", "An immutable bootloader without its slots", SEVERITY_WARNING, 78, NULL, t05},
    {"T-06", "TF-M's storage moves", SEVERITY_WARNING, 79, NULL, t06},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
