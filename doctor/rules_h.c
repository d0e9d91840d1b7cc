// SPDX-License-Identifier: Apache-2.0
/* H: hardware, as far as files and logs show it. R: drift between releases. */
#include <ctype.h>
#include <string.h>

#include "doctor/rules.h"

static uint32_t hex_digit(char c)
{
    return (uint32_t)(isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10);
}

/* "[c2 28 17]" or "c2 28 17" at `at`: the id. */
static bool read_id(const char *at, uint32_t *id)
{
    *id = 0;
    at += strspn(at, " [:");
    for (unsigned i = 0; i < 3; i++) {
        if (!isxdigit((unsigned char)at[0]) || !isxdigit((unsigned char)at[1]))
            return false;
        *id = *id << 8 | hex_digit(at[0]) << 4 | hex_digit(at[1]);
        at += 2;
        at += strspn(at, " ");
    }
    return true;
}

struct id_line {
    const struct artifact *log;
    unsigned line;
    uint32_t got;
    uint32_t expected;
};

static bool find_ids(const struct doctor_case *c, struct id_line *found)
{
    static const char *const forms[][2] = {{"JEDEC id [", "expect"},
                                           {"Device id ", "does not match config"}};

    for (size_t i = 0; i < 2; i++) {
        const char *at;

        found->log = log_has(c, forms[i][0], &found->line);
        if (found->log == NULL)
            continue;
        at = strstr((const char *)found->log->data, forms[i][0]) + strlen(forms[i][0]);
        if (!read_id(at, &found->got))
            continue;
        at = strstr(at, forms[i][1]);
        return at != NULL && read_id(at + strlen(forms[i][1]), &found->expected);
    }
    return false;
}

static void h01(const struct doctor_case *c)
{
    struct id_line found;
    struct finding *finding;

    if (!find_ids(c, &found) || (found.got != 0 && found.got != 0xffffff))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The chip does not answer (id %06x): chip select, MISO, power, or a switch "
                     "between the processor and the chip. It is no matter of the id in the "
                     "devicetree.",
                     (unsigned)found.got);
    seen(c, finding, found.log->file, found.line, text(c, "id %06x", (unsigned)found.got),
         text(c, "%06x", (unsigned)found.expected));
    fix(c, finding,
        c->board != NULL && strcmp(c->board->name, "nrf9160dk") == 0
            ? "Program the board controller (switch SW10 to nRF52) with the external flash "
              "connected; the board must be 0.14.0 or newer."
            : "Measure chip select, clock and power while MCUboot starts; check cs-gpios and pins "
              "in MCUboot's devicetree.");
}

static void h03(const struct doctor_case *c)
{
    struct id_line found;
    const struct chip *chip;
    struct finding *finding;

    if (!find_ids(c, &found) || found.got == 0 || found.got == 0xffffff ||
        found.got == found.expected)
        return;
    chip = chip_by_id(found.got);
    finding = report(c, SEVERITY_ERROR,
                     "The board carries another chip (%s, id %06x) than the devicetree says "
                     "(%06x): the driver refuses it, and there is no second slot.",
                     chip == NULL ? "unknown" : chip->name, (unsigned)found.got,
                     (unsigned)found.expected);
    seen(c, finding, found.log->file, found.line, text(c, "id %06x", (unsigned)found.got),
         text(c, "%06x", (unsigned)found.expected));
    fix(c, finding, "In both overlays: jedec-id = [%02x %02x %02x];%s", (unsigned)found.got >> 16,
        (unsigned)found.got >> 8 & 0xff, (unsigned)found.got & 0xff,
        chip == NULL ? "" : text(c, " and size = <%llu>;", (ull)chip->bytes * 8));
}

static void h04(const struct doctor_case *c)
{
    unsigned line;
    const struct artifact *log = log_has(c, "Image in the secondary slot is not valid", &line);
    const struct dt_node *chip = c->boot_chip != NULL ? c->boot_chip : c->chip;
    const struct dt_prop *prop = dt_get(chip, "spi-max-frequency");
    uint64_t frequency = 0;
    struct finding *finding;

    if (log == NULL || prop == NULL || !dt_number(chip, "spi-max-frequency", &frequency) ||
        frequency <= 33000000)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "An image was not valid after the upload, and the chip is clocked at %llu "
                     "MHz: bits may be lost on the way. Rule out the key first (I-04).",
                     (ull)frequency / 1000000);
    seen(c, finding, prop->file, prop->line, text(c, "spi-max-frequency = %s", prop->raw),
         "<8000000>, for a try");
    seen(c, finding, log->file, line, "Image in the secondary slot is not valid", NULL);
    fix(c, finding, "spi-max-frequency = <8000000>;");
}

static void h07(const struct doctor_case *c)
{
    const struct dt_node *chip = c->boot_chip != NULL ? c->boot_chip : c->chip;
    const struct pm_part *slot = pm_find(layout_of(c), "mcuboot_secondary");
    const uint64_t reach = 16u << 20;
    struct finding *finding;

    if (slot == NULL || !pm_in(slot, PM_EXTERNAL) || pm_end(slot) <= reach ||
        external_size(c) <= reach || dt_get(chip, "enter-4byte-addr") != NULL)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The slot lies beyond 16 MiB, which addresses of three bytes do not reach: "
                     "writes wrap around to the start of the chip.");
    seen(c, finding, slot->file, pm_line(slot, "address"), hex(c, slot->address),
         text(c, "below %s", hex(c, reach)));
    fix(c, finding,
        "Put the slot into the first 16 MiB, or add enter-4byte-addr as the chip's data "
        "sheet says.");
}

/* ---- R ---- */

static bool matters(const struct pm_part *part)
{
    return text_starts(part->name, "mcuboot_") || strstr(part->name, "storage") != NULL ||
           text_starts(part->name, "littlefs") || text_starts(part->name, "nvs") ||
           text_starts(part->name, "settings") || strcmp(part->name, "app") == 0;
}

static void report_move(const struct doctor_case *c, const struct pm_part *old,
                        const struct pm_part *now)
{
    struct finding *finding = report(
        c, SEVERITY_ERROR,
        "%s moves between releases. Devices in the field keep their bootloader's layout: the new "
        "image is linked for another address or finds no data where it looks.",
        old->name);

    seen(c, finding, now->file, now->line,
         text(c, "%s + %s in %s", hex(c, now->address), hex(c, now->size), now->region),
         text(c, "%s + %s in %s", hex(c, old->address), hex(c, old->size), old->region));
    seen(c, finding, old->file, old->line, "the release in the field", NULL);
    fix(c, finding, "%s:\n  address: %s\n  size: %s\n  region: %s", old->name, hex(c, old->address),
        hex(c, old->size), old->region);
}

static bool moved(const struct pm_part *old, const struct pm_part *now)
{
    return old->has_address && now->has_address &&
           (old->address != now->address || old->size != now->size ||
            strcmp(old->region, now->region) != 0);
}

static void r01(const struct doctor_case *c)
{
    const struct pm *pm = layout_of(c);

    for (size_t i = 0; i < c->baseline.count; i++) {
        const struct pm_part *old = &c->baseline.parts[i];
        const struct pm_part *now = pm_find(pm, old->name);

        if (now != NULL && matters(old) && !text_starts(old->name, "tfm") && moved(old, now))
            report_move(c, old, now);
    }
}

static void r02(const struct doctor_case *c)
{
    struct finding *finding;

    if (!external_boot(c) || c->fixed.present || !c->has_source || !uses_pm(c) ||
        c->cmake_overrides || (c->board != NULL && c->board->static_layout) || c->stem == NULL)
        return;
    finding = report(c, SEVERITY_NOTE,
                     "The layout is made up by every build. Before the first release it must be "
                     "frozen: a slot that moves makes the next update impossible.");
    seen(c, finding, text(c, "%spm_static.yml", c->app), 0, "no such file",
         "a copy of build/partitions.yml");
    fix(c, finding, "cp build/partitions.yml %spm_static.yml, and commit it.", c->app);
}

static void r04(const struct doctor_case *c)
{
    const struct pm_part *old = pm_find(&c->baseline, "mcuboot");
    const struct pm_part *now = pm_find(layout_of(c), "mcuboot");
    struct finding *finding;

    if (old == NULL || now == NULL || !moved(old, now))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "MCUboot's partition had %s bytes in the release, now %s: a new SDK has "
                     "other defaults. Everything behind it moves with it.",
                     hex(c, old->size), hex(c, now->size));
    seen(c, finding, now->file, pm_line(now, "size"), hex(c, now->size), hex(c, old->size));
    seen(c, finding, old->file, old->line, "the release in the field", NULL);
    fix(c, finding, "mcuboot:\n  address: %s\n  size: %s", hex(c, old->address), hex(c, old->size));
}

const struct rule doctor_rules_h[] = {
    {"H-01", "The chip does not answer", SEVERITY_ERROR, 7, NULL, h01},
    {"H-03", "Another chip than the devicetree says", SEVERITY_ERROR, 7, NULL, h03},
    {"H-04", "Perhaps too fast a clock", SEVERITY_WARNING, 96, NULL, h04},
    {"H-07", "Beyond what three address bytes reach", SEVERITY_WARNING, 58, "P-04", h07},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};

const struct rule doctor_rules_r[] = {
    {"R-01", "A partition moves between releases", SEVERITY_ERROR, 85, NULL, r01},
    {"R-02", "The layout is not frozen", SEVERITY_NOTE, 88, "P-14", r02},
    {"R-04", "MCUboot's partition changes with the SDK", SEVERITY_WARNING, 86, NULL, r04},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
