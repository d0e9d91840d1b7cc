// SPDX-License-Identifier: Apache-2.0
/* S: slot arithmetic against the way MCUboot installs. */
#include <string.h>

#include "doctor/rules.h"

struct slots {
    const struct pm_part *first;
    const struct pm_part *second;
};

static bool slots_of(const struct doctor_case *c, struct slots *slots)
{
    const struct pm *pm = layout_of(c);

    slots->first = pm_find(pm, "mcuboot_primary");
    slots->second = pm_find(pm, "mcuboot_secondary");
    return slots->first != NULL && slots->second != NULL && slots->first->has_size &&
           slots->second->has_size && slots->first->size > 0 && slots->second->size > 0;
}

static bool sizes_fit(enum boot_mode mode, uint64_t first, uint64_t second)
{
    switch (mode) {
    case MODE_SWAP_MOVE:
        return first == second || first == second + PAGE;
    case MODE_SWAP_OFFSET:
        return first == second || first + PAGE == second;
    case MODE_SWAP_SCRATCH:
    case MODE_OVERWRITE:
        return first == second;
    case MODE_UNKNOWN:
        return first == second || first == second + PAGE || first + PAGE == second;
    default:
        return true;
    }
}

static void s01(const struct doctor_case *c)
{
    enum boot_mode mode = boot_mode(c);
    struct slots slots;
    struct finding *finding;

    if (!slots_of(c, &slots) || sizes_fit(mode, slots.first->size, slots.second->size))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The slots differ: mcuboot_primary has %s bytes (%llu sectors), "
                     "mcuboot_secondary %s (%llu). Every upload succeeds and MCUboot refuses it: "
                     "\"Cannot upgrade: %s\".",
                     hex(c, slots.first->size), (ull)slots.first->size / PAGE,
                     hex(c, slots.second->size), (ull)slots.second->size / PAGE,
                     mode == MODE_OVERWRITE || mode == MODE_SWAP_SCRATCH
                         ? "slots have non-compatible sectors"
                         : "not a compatible amount of sectors");
    seen(c, finding, slots.second->file, pm_line(slots.second, "size"),
         text(c, "mcuboot_secondary: %s", hex(c, slots.second->size)), hex(c, slots.first->size));
    seen(c, finding, slots.first->file, pm_line(slots.first, "size"),
         text(c, "mcuboot_primary: %s", hex(c, slots.first->size)), NULL);
    fix(c, finding,
        "mcuboot_secondary:\n  size: %s\nDelete the build folder, build again, and "
        "program the device once by cable.",
        hex(c, slots.first->size));
    if (slots.second->size_given && !slots.second->from_dt)
        edit_part(c, finding, slots.second, slots.second->address, slots.first->size);
}

static uint64_t sectors_needed(const struct doctor_case *c)
{
    struct slots slots;
    uint64_t most;

    if (!slots_of(c, &slots))
        return 0;
    most = slots.first->size > slots.second->size ? slots.first->size : slots.second->size;
    return (most + PAGE - 1) / PAGE;
}

static ull next_sectors(uint64_t needed)
{
    ull sectors = 128;

    while (sectors < needed && sectors < 65536)
        sectors *= 2;
    return sectors;
}

/* What MCUboot is built with; 0 = not known from here, or counted by the build. */
static ull sectors_built(const struct doctor_case *c, uint64_t needed)
{
    ull sectors = 0;

    if (option_yes(c, &c->mcuboot, "BOOT_MAX_IMG_SECTORS_AUTO"))
        return 0;
    if (option_number(c, &c->mcuboot, "BOOT_MAX_IMG_SECTORS", &sectors))
        return sectors;
    if (c->mcuboot.built || c->cmake_overrides)
        return 0;
    if (c->sdk.generation == GENERATION_DEVICETREE &&
        !option_no(c, &c->mcuboot, "BOOT_MAX_IMG_SECTORS_AUTO"))
        return 0;
    if (c->mcuboot.own_prj || c->board == NULL)
        return 128;
    /* MCUboot's own board files know the internal flash; nobody's default goes beyond. */
    return needed > next_sectors(c->board->internal_size / PAGE) ? 128 : 0;
}

static void s02(const struct doctor_case *c)
{
    uint64_t needed = sectors_needed(c);
    ull built = sectors_built(c, needed);
    const struct kconf_line *line = option(c, &c->mcuboot, "BOOT_MAX_IMG_SECTORS");
    struct finding *finding;

    if (!c->bootloader || needed == 0 || built == 0 || built >= needed)
        return;
    finding = report(c, line != NULL ? SEVERITY_ERROR : by_evidence(&c->mcuboot),
                     "MCUboot is built for %llu sectors, the slots have %llu: \"Failed reading "
                     "sectors; BOOT_MAX_IMG_SECTORS=%llu - too small?\", and no update is ever "
                     "installed.",
                     built, (ull)needed, built);
    seen_option(c, finding, &c->mcuboot, "BOOT_MAX_IMG_SECTORS",
                text(c, "%llu", next_sectors(needed)));
    set_option(c, finding, &c->mcuboot, "BOOT_MAX_IMG_SECTORS",
               text(c, "%llu", next_sectors(needed)));
}

static void s03(const struct doctor_case *c)
{
    unsigned line;
    const struct artifact *log = log_has(c, "- too small?", &line);
    uint64_t needed = sectors_needed(c);
    ull built = sectors_built(c, needed);
    struct finding *finding;

    if (log == NULL || needed == 0 || (built != 0 && built < needed))
        return;
    finding = report(c, SEVERITY_NOTE,
                     "\"too small?\" in the log is a false lead: the slots need %llu sectors and "
                     "have them. MCUboot prints it whenever it cannot open a slot: look for the "
                     "driver, the gate and the chosen chip (K-01, K-02, D-01).",
                     (ull)needed);
    seen(c, finding, log->file, line, "BOOT_MAX_IMG_SECTORS ... - too small?", NULL);
}

static const char *page_option(const struct doctor_case *c)
{
    enum tri spi = chip_on_spi(c);

    if (spi == YES)
        return "SPI_NOR_FLASH_LAYOUT_PAGE_SIZE";
    return spi == NO ? "NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE" : NULL;
}

/* A page of 64 KiB does no harm where whole slots are copied and divide by it. */
static bool page_harmless(const struct doctor_case *c, ull page)
{
    struct slots slots;

    return boot_mode(c) == MODE_OVERWRITE && slots_of(c, &slots) && page != 0 &&
           slots.first->size % page == 0 && slots.second->address % page == 0;
}

static void report_page(const struct doctor_case *c, const struct image *image, const char *name,
                        enum severity severity, const char *page)
{
    struct finding *finding =
        report(c, severity,
               "%s sees the external chip in pages of %s bytes, the internal flash in 4096: the "
               "slots count different sectors, and MCUboot refuses every update (\"not a "
               "compatible amount of sectors\").",
               image->title, page);

    seen_option(c, finding, image, name, "4096");
    set_option(c, finding, image, name, "4096");
}

static void s04(const struct doctor_case *c)
{
    const struct image *images[] = {&c->mcuboot, &c->application};
    const char *name = page_option(c);

    if (!external_boot(c) || name == NULL)
        return;
    for (size_t i = 0; i < 2; i++) {
        const struct kconf_line *line = option(c, images[i], name);
        ull page = 0;

        if (kconf_number(line, &page) && page != PAGE && !page_harmless(c, page))
            report_page(c, images[i], name, SEVERITY_ERROR, line->value);
        else if (i == 0 && line == NULL && !images[0]->built && !c->cmake_overrides &&
                 chip_on_spi(c) == YES && !page_harmless(c, 65536) &&
                 option_yes(c, &c->mcuboot, "SPI_NOR"))
            report_page(c, images[0], name, SEVERITY_WARNING, "65536 (the default)");
    }
}

static uint64_t align_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* The largest image, header and TLVs included. */
static uint64_t largest_image(const struct doctor_case *c, uint64_t slot, ull sectors)
{
    uint64_t write = c->board == NULL ? 4 : c->board->write;
    uint64_t trailer = sectors * 3 * write + 4 * 8 + 16;

    switch (boot_mode(c)) {
    case MODE_SWAP_MOVE:
        return slot - PAGE - align_up(trailer, PAGE);
    case MODE_SWAP_OFFSET:
        return slot - PAGE - align_up(sectors * 2 * write + 56, PAGE);
    case MODE_SWAP_SCRATCH:
        return slot - trailer;
    default:
        return slot - 40;
    }
}

static void check_fit(const struct doctor_case *c, const char *file, uint64_t total)
{
    struct slots slots;
    uint64_t needed = sectors_needed(c);
    ull sectors = sectors_built(c, needed);
    uint64_t room;
    struct finding *finding;

    if (!slots_of(c, &slots) || slots.second->size < 2 * PAGE)
        return;
    room = largest_image(c, slots.first->size, sectors == 0 ? next_sectors(needed) : sectors);
    if (room > slots.first->size)
        room = 0;
    if (total <= room)
        return;
    finding =
        report(c, SEVERITY_ERROR,
               "The image has %llu bytes; with %s the slot of %s leaves %llu. MCUboot "
               "refuses it after the upload.",
               (ull)total, boot_mode_name(boot_mode(c)), hex(c, slots.first->size), (ull)room);
    seen(c, finding, file, 0, text(c, "%llu bytes", (ull)total),
         text(c, "at most %llu", (ull)room));
    fix(c, finding,
        "Make the image smaller, or both slots larger (which takes a programming by "
        "cable).");
}

static void s05(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        if (one->kind == ARTIFACT_IMAGE && one->header.total != 0)
            check_fit(c, one->file, one->header.total);
        for (size_t i = 0; i < one->file_count; i++) {
            const struct manifest_file *file = &one->files[i];

            if (file->has_header && file->header.total != 0 && file->image_index <= 0)
                check_fit(c, one->file, file->header.total);
        }
    }
}

static void s06(const struct doctor_case *c)
{
    const struct dt_node *chip = c->boot_chip != NULL ? c->boot_chip : c->chip;
    const struct dt_node *flash = dt_chosen_node(&c->mcuboot.dt, "zephyr,flash");
    const struct dt_prop *prop = dt_get(chip, "write-block-size");
    uint64_t outside;
    uint64_t inside;
    struct finding *finding;

    if (!c->external || !dt_number(chip, "write-block-size", &outside))
        return;
    if (!dt_number(flash, "write-block-size", &inside))
        inside = c->board == NULL ? 0 : c->board->write;
    if (inside == 0 || outside <= inside)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The external chip is written in blocks of %llu bytes, the internal flash in "
                     "%llu: MCUboot writes its flags with the internal size, which the chip "
                     "refuses.",
                     (ull)outside, (ull)inside);
    seen(c, finding, prop->file, prop->line, text(c, "write-block-size = <%llu>", (ull)outside),
         text(c, "at most %llu", (ull)inside));
    fix(c, finding, "write-block-size = <%llu>;", (ull)inside);
}

struct mode_pair {
    const char *boot;
    enum boot_mode mode;
};

static const struct mode_pair boot_modes[] = {{"BOOT_UPGRADE_ONLY", MODE_OVERWRITE},
                                              {"BOOT_SWAP_USING_MOVE", MODE_SWAP_MOVE},
                                              {"BOOT_SWAP_USING_SCRATCH", MODE_SWAP_SCRATCH},
                                              {"BOOT_DIRECT_XIP", MODE_DIRECT_XIP}};

static const struct kconf_line *mode_written(const struct doctor_case *c, enum boot_mode *mode)
{
    for (size_t i = 0; i < sizeof(boot_modes) / sizeof(boot_modes[0]); i++) {
        const struct kconf_line *line = written(c, &c->mcuboot, boot_modes[i].boot);

        if (line != NULL && strcmp(line->value, "y") == 0) {
            *mode = boot_modes[i].mode;
            return line;
        }
    }
    return NULL;
}

static const char *const sysbuild_modes[] = {
    "MCUBOOT_MODE_OVERWRITE_ONLY",  "MCUBOOT_MODE_SWAP_USING_OFFSET",
    "MCUBOOT_MODE_SWAP_USING_MOVE", "MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH",
    "MCUBOOT_MODE_SWAP_SCRATCH",    "MCUBOOT_MODE_DIRECT_XIP"};

static const struct kconf_line *sysbuild_mode(const struct doctor_case *c)
{
    for (size_t i = 0; i < sizeof(sysbuild_modes) / sizeof(sysbuild_modes[0]); i++) {
        const struct kconf_line *line = written(c, &c->sysbuild, sysbuild_modes[i]);

        if (line != NULL && strcmp(line->value, "y") == 0 && !line->is_default)
            return line;
    }
    return NULL;
}

static void s07(const struct doctor_case *c)
{
    enum boot_mode mode = MODE_UNKNOWN;
    const struct kconf_line *boot = mode_written(c, &mode);
    const struct kconf_line *sysbuild = sysbuild_mode(c);
    struct finding *finding;

    if (!is_sysbuild(c) || boot == NULL || sysbuild == NULL || mode == boot_mode(c))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "sysbuild says %s, MCUboot's own configuration says %s. sysbuild wins for "
                     "both images, so the device does not update the way this line promises.",
                     boot_mode_name(boot_mode(c)), boot_mode_name(mode));
    seen(c, finding, boot->file, boot->line, text(c, "%s=y", boot->name), "no such line");
    seen(c, finding, sysbuild->file, sysbuild->line, text(c, "%s=y", sysbuild->name), NULL);
    fix(c, finding, "Delete %s from %s; choose the mode in sysbuild.conf only.", boot->name,
        boot->file);
    edit(c, finding, EDIT_DELETE, boot->file, boot->line, NULL);
}

static void s08(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    struct finding *finding;

    if (!c->bootloader || boot_mode(c) != MODE_SWAP_SCRATCH || !pm->present ||
        pm_find(pm, "mcuboot_scratch") != NULL || pm_find(pm, "mcuboot_primary") == NULL)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot is to swap through a scratch area, and the layout has none: the "
                     "build stops, or MCUboot cannot start an update.");
    seen(c, finding, pm->file, 0, "no mcuboot_scratch", "mcuboot_scratch, or swap using move");
    fix(c, finding,
        "Use swap using move, which needs no scratch; or add mcuboot_scratch with a "
        "size that both slots' sectors divide.");
}

static void s09(const struct doctor_case *c)
{
    const struct kconf_line *boot = option(c, &c->mcuboot, "BOOT_SWAP_USING_OFFSET");
    struct finding *finding;

    if (boot == NULL || strcmp(boot->value, "y") != 0 || boot_mode(c) == MODE_UNKNOWN ||
        option_yes(c, &c->sysbuild, "MCUBOOT_MODE_SWAP_USING_OFFSET") ||
        option_yes(c, &c->application, "MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET"))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "MCUboot swaps using offset and expects an image one sector into the second "
                     "slot; the application does not know and writes to its start: \"Secondary "
                     "header magic detected in first sector\", never an update.");
    seen(c, finding, boot->file, boot->line, text(c, "%s=y", boot->name), NULL);
    seen_option(c, finding, is_sysbuild(c) ? &c->sysbuild : &c->application,
                is_sysbuild(c) ? "MCUBOOT_MODE_SWAP_USING_OFFSET"
                               : "MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET",
                "y");
    if (is_sysbuild(c))
        ask_for(c, finding, &c->sysbuild, "SB_CONFIG_MCUBOOT_MODE_SWAP_USING_OFFSET=y");
    else
        ask_for(c, finding, &c->application, "CONFIG_MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET=y");
}

static void s10(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);
    const struct pm_part *first = pm_find(pm, "mcuboot_primary");
    struct finding *finding;

    if (first == NULL || !pm_in(first, PM_EXTERNAL) || pm_find(pm, "mcuboot_primary_1") != NULL)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "mcuboot_primary lies in the external chip, from which this core cannot run "
                     "code: nothing boots.");
    seen(c, finding, first->file, pm_line(first, "region"), "region: external_flash",
         "region: flash_primary");
    fix(c, finding, "  region: flash_primary");
}

static void s11(const struct doctor_case *c)
{
    bool on = option_yes(c, &c->sysbuild, "BOOT_ENCRYPTION") ||
              option_yes(c, &c->mcuboot, "BOOT_ENCRYPT_IMAGE");
    const struct image *image = is_sysbuild(c) ? &c->sysbuild : &c->mcuboot;
    const char *name = "BOOT_ENCRYPTION_KEY_FILE";
    const struct kconf_line *key = option(c, image, name);
    struct finding *finding;

    if (!on || !c->external || (key != NULL && key->value[0] != '\0'))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "Images are to be encrypted, but no key file is named: they are encrypted "
                     "with the example key that everybody has, and the external chip can be read.");
    seen_option(c, finding, image, name, "the path of your own key");
    fix(c, finding, "Put into %s:\n%s%s=\"/path/to/your/key.pem\"", image->conf_home,
        is_sysbuild(c) ? "SB_CONFIG_" : "CONFIG_", name);
}

static void s12(const struct doctor_case *c)
{
    enum boot_mode mode = boot_mode(c);
    struct finding *finding;

    if (!c->external || mode != MODE_DIRECT_XIP)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "Direct-XIP runs the image where it lies, and code cannot run from a chip "
                     "behind SPI: an image in the second slot never starts.");
    seen(c, finding, c->external_file, c->external_line, c->external_why, NULL);
    seen_option(c, finding, is_sysbuild(c) ? &c->sysbuild : &c->mcuboot,
                is_sysbuild(c) ? "MCUBOOT_MODE_DIRECT_XIP" : "BOOT_DIRECT_XIP", "a swap mode");
    fix(c, finding, "Choose a swap mode or overwrite only.");
}

const struct rule doctor_rules_s[] = {
    {"S-01", "The slots differ in size", SEVERITY_ERROR, 46, "P-11 P-15 P-19 S-10", s01},
    {"S-02", "BOOT_MAX_IMG_SECTORS is too small", SEVERITY_ERROR, 47, "S-01", s02},
    {"S-03", "\"too small?\" is a false lead", SEVERITY_NOTE, 90, "S-02", s03},
    {"S-04", "The external chip is laid out in pages of 64 KiB", SEVERITY_ERROR, 43, NULL, s04},
    {"S-05", "The image does not fit beside the trailer", SEVERITY_ERROR, 60, "S-01 I-03", s05},
    {"S-06", "The external chip writes larger blocks", SEVERITY_ERROR, 61, NULL, s06},
    {"S-07", "sysbuild and MCUboot name different modes", SEVERITY_ERROR, 45, NULL, s07},
    {"S-08", "Scratch mode without a scratch area", SEVERITY_ERROR, 48, NULL, s08},
    {"S-09", "Only MCUboot knows of swap using offset", SEVERITY_ERROR, 46, NULL, s09},
    {"S-10", "The first slot is external", SEVERITY_ERROR, 45, NULL, s10},
    {"S-11", "Encryption without a key of one's own", SEVERITY_WARNING, 65, NULL, s11},
    {"S-12", "Direct-XIP from the external chip", SEVERITY_ERROR, 44, NULL, s12},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
