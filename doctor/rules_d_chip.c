// SPDX-License-Identifier: Apache-2.0
/* D: the chip's node: its size, its id, its bus, its timing. */
#include <string.h>

#include "doctor/rules.h"

/* Both images' nodes; the second only where it was written down apart. */
static size_t chips_of(const struct doctor_case *c, const struct dt_node *chips[2])
{
    size_t count = 0;

    if (c->chip != NULL)
        chips[count++] = c->chip;
    if (c->boot_chip != NULL && c->boot_chip != c->chip)
        chips[count++] = c->boot_chip;
    return count;
}

static uint32_t jedec_of(const struct dt_node *chip)
{
    const struct dt_prop *prop = dt_get(chip, "jedec-id");

    if (prop == NULL || prop->count < 3)
        return 0;
    return (uint32_t)(prop->cells[0] << 16 | prop->cells[1] << 8 | prop->cells[2]);
}

static bool is_fake_id(const struct dt_prop *prop)
{
    uint64_t all = 0;
    uint64_t common = 0xff;

    for (size_t i = 0; i < prop->count && i < 3; i++) {
        all |= prop->cells[i];
        common &= prop->cells[i];
    }
    return prop->count == 3 && (all == 0 || common == 0xff);
}

/* The size in bits the chip should have, 0 when nothing tells. */
static uint64_t right_bits(const struct doctor_case *c, const struct dt_node *chip, uint64_t bits)
{
    const struct dt_prop *jedec = dt_get(chip, "jedec-id");
    uint64_t bytes = jedec == NULL || is_fake_id(jedec) ? 0 : chip_capacity(jedec_of(chip));
    const struct pm_part *slot = pm_find(c->pm, "mcuboot_secondary");
    bool power = bits != 0 && (bits & (bits - 1)) == 0;

    if (bytes != 0 && (bits == bytes || bits == bytes * 64))
        return bytes * 8;
    if (bytes == 0 && power && bits >= 0x100000 && bits <= 0x4000000 && slot != NULL &&
        pm_in(slot, PM_EXTERNAL) && slot->has_size && pm_end(slot) > bits / 8 &&
        pm_end(slot) <= bits)
        return bits * 8;
    return 0;
}

static void d07(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; i < count; i++) {
        const struct dt_prop *size = dt_get(chips[i], "size");
        uint64_t bits = 0;
        uint64_t right;
        struct finding *finding;

        if (!dt_number(chips[i], "size", &bits))
            continue;
        right = right_bits(c, chips[i], bits);
        if (right == 0)
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The chip's `size` is in bits: %llu means %llu KiB, but the chip has "
                         "%llu KiB. Writes beyond the end of the %s fail.",
                         (ull)bits, (ull)bits / 8192, (ull)right / 8192,
                         bits < right ? "small part that is left" : "real chip");
        seen(c, finding, size->file, size->line, text(c, "size = <%llu>", (ull)bits),
             text(c, "<%llu>", (ull)right));
        fix(c, finding, "size = <%llu>;", (ull)right);
    }
}

static void check_id(const struct doctor_case *c, const struct dt_node *chip)
{
    const struct dt_prop *prop = dt_get(chip, "jedec-id");
    uint64_t capacity = prop == NULL ? 0 : chip_capacity(jedec_of(chip));
    uint64_t bits = 0;
    struct finding *finding;

    if (prop == NULL || prop->unresolved || prop->line == 0)
        return;
    if (prop->count != 3 || is_fake_id(prop)) {
        finding = report(c, SEVERITY_ERROR,
                         "jedec-id is no id: a chip that answers 00 00 00 or ff ff ff is not "
                         "connected, selected or powered. Entering that answer hides it: nothing "
                         "is ever written, and requests fail with -14.");
        seen(c, finding, prop->file, prop->line, text(c, "jedec-id = %s", prop->raw),
             "the id of the chip's data sheet");
        fix(c, finding,
            "Write the chip's id (MX25R6435F: [c2 28 17]), then look for the cause: "
            "chip select, MISO, power, and on DKs the board controller's switch.");
        return;
    }
    if (!dt_number(chip, "size", &bits) || capacity == 0 || capacity * 8 == bits)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The id says %llu KiB, `size` says %llu KiB: one of them is another chip's. "
                     "With a wrong id the driver refuses the chip (-19).",
                     (ull)capacity / 1024, (ull)bits / 8192);
    seen(c, finding, prop->file, prop->line, text(c, "jedec-id = %s", prop->raw),
         text(c, "an id for size = <%llu>", (ull)bits));
    fix(c, finding, "Take both from the data sheet of the chip that is fitted.");
}

static void d08(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < count; i++)
        check_id(c, chips[i]);
}

static const char *bus_of(const struct dt_node *chip)
{
    return chip == NULL || chip->parent == NULL || chip->parent->labels[0] == NULL
               ? ""
               : chip->parent->labels[0];
}

static void d09(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < count; i++) {
        const struct dt_prop *prop = dt_get(chips[i], "compatible");
        const char *bus = bus_of(chips[i]);
        bool on_qspi = text_starts(bus, "qspi");
        const char *wanted = on_qspi ? "nordic,qspi-nor" : "jedec,spi-nor";
        struct finding *finding;

        if (prop == NULL || (!on_qspi && !text_starts(bus, "spi")) ||
            !dt_compatible(chips[i], on_qspi ? "jedec,spi-nor" : "nordic,qspi-nor"))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The chip hangs on &%s, but its node says %s: no driver takes it, and "
                         "neither image can open the slot.",
                         bus, prop->text);
        seen(c, finding, prop->file, prop->line, text(c, "compatible = %s", prop->raw),
             text(c, "\"%s\"", wanted));
        fix(c, finding, "compatible = \"%s\";", wanted);
    }
}

static void d10(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < count; i++) {
        const struct dt_node *bus = chips[i]->parent;
        struct finding *finding;

        if (bus == NULL || !text_starts(bus_of(chips[i]), "qspi"))
            continue;
        for (const struct dt_node *other = bus->children; other != NULL; other = other->next) {
            if (other == chips[i] || other->deleted || !dt_enabled(other) ||
                !dt_compatible(other, "nordic,nrf7002-qspi"))
                continue;
            finding = report(c, SEVERITY_ERROR,
                             "The Wi-Fi chip owns QSPI on this board: a flash chip on &qspi "
                             "cannot answer, and MCUboot finds nothing there.");
            seen(c, finding, chips[i]->file, chips[i]->line,
                 text(c, "%s on &qspi", dt_label(chips[i])),
                 c->board != NULL && c->board->has_flash
                     ? text(c, "&%s, on &%s", c->board->flash.label, c->board->flash.bus)
                     : "a chip on an SPI bus");
            fix(c, finding, "Choose the chip on SPI: nordic,pm-ext-flash = &%s;",
                c->board != NULL && c->board->has_flash ? c->board->flash.label : "mx25r64");
            break;
        }
    }
}

static void check_select(const struct doctor_case *c, const struct dt_node *chip)
{
    const struct dt_prop *selects = dt_get(chip->parent, "cs-gpios");
    uint64_t reg = 0;
    size_t entries;
    struct finding *finding;

    if (selects == NULL || selects->references == 0 || !dt_number(chip, "reg", &reg))
        return;
    entries = selects->references;
    if (reg < entries)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The chip is number %llu on its bus, but cs-gpios has %zu entr%s: it is never "
                     "selected and answers ff ff ff.",
                     (ull)reg, entries, entries == 1 ? "y" : "ies");
    seen(c, finding, selects->file, selects->line, text(c, "cs-gpios = %s", selects->raw),
         text(c, "at least %llu entries", (ull)reg + 1));
    fix(c, finding, "List all chip selects of the bus, the chip's as number %llu (counted from 0).",
        (ull)reg);
}

static void check_shared_select(const struct doctor_case *c, const struct dt_node *chip)
{
    uint64_t reg = 0;
    uint64_t other_reg = 0;

    if (!text_starts(bus_of(chip), "spi") || !dt_number(chip, "reg", &reg))
        return;
    for (const struct dt_node *other = chip->parent->children; other != NULL; other = other->next) {
        struct finding *finding;

        if (other == chip || other->deleted || !dt_enabled(other) ||
            !dt_number(other, "reg", &other_reg) || other_reg != reg)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s and %s share one chip select: both answer at once, and the id is "
                         "garbage.",
                         dt_label(chip), dt_label(other));
        seen(c, finding, other->file, other->line, text(c, "reg = <%llu>", (ull)other_reg),
             "another number, or the node deleted");
        fix(c, finding, "/delete-node/ &%s;   or give it a chip select of its own.",
            dt_label(other));
    }
}

static void d11(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < count; i++) {
        if (chips[i]->parent == NULL || chips[i]->placeholder)
            continue;
        check_select(c, chips[i]);
        check_shared_select(c, chips[i]);
    }
}

static void d13(const struct doctor_case *c)
{
    static const char *const names[] = {"readoc", "writeoc"};
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < 2 * count; i++) {
        const struct dt_prop *prop = dt_get(chips[i / 2], names[i % 2]);
        bool macronix = jedec_of(chips[i / 2]) >> 8 == 0xc228;
        bool two_lines = c->board != NULL && c->board->has_flash && c->board->flash.lines == 2;
        const char *why = NULL;
        struct finding *finding;

        if (prop == NULL || prop->text == NULL || prop->line == 0)
            continue;
        if (two_lines && strchr(prop->text, '4') != NULL)
            why = "this board connects two data lines";
        else if (macronix && i % 2 == 1 && strcmp(prop->text, "pp") != 0 &&
                 strcmp(prop->text, "pp4io") != 0)
            why = "an MX25R only knows pp and pp4io";
        if (why == NULL)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s = \"%s\", but %s: reads give ff, or nothing is written.", prop->name,
                         prop->text, why);
        seen(c, finding, prop->file, prop->line, prop->raw,
             two_lines ? (i % 2 == 0 ? "\"read2io\"" : "\"pp\"") : "\"pp\" or \"pp4io\"");
        fix(c, finding, "%s = \"%s\";", prop->name,
            i % 2 == 1  ? "pp"
            : two_lines ? "read2io"
                        : "read4io");
    }
}

static void d14(const struct doctor_case *c)
{
    const struct dt_node *chips[2];
    size_t count = chips_of(c, chips);

    for (size_t i = 0; c->external && i < count; i++) {
        const struct dt_prop *dpd = dt_get(chips[i], "has-dpd");
        const struct dt_prop *delay = dt_get(chips[i], "t-exit-dpd");
        uint64_t least = jedec_of(chips[i]) >> 8 == 0xc228 ? 35000 : 3000;
        struct finding *finding;

        if (dpd == NULL || (delay != NULL && (delay->count == 0 || delay->cells[0] >= least)) ||
            (dpd->line == 0 && delay == NULL))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The chip is put to sleep, and the driver does not wait until it is "
                         "awake again: MCUboot reads no id (-19) whenever the application had put "
                         "it to sleep before the reset.");
        seen(c, finding, delay != NULL ? delay->file : dpd->file,
             delay != NULL ? delay->line : dpd->line,
             delay != NULL ? text(c, "t-exit-dpd = %s", delay->raw) : "has-dpd without t-exit-dpd",
             text(c, "at least <%llu> ns", (ull)least));
        fix(c, finding, "t-exit-dpd = <%llu>;", (ull)least);
    }
}

const struct rule doctor_rules_d_chip[] = {
    {"D-07", "The chip's size is in bits", SEVERITY_ERROR, 34, NULL, d07},
    {"D-08", "A jedec-id that is not the chip's", SEVERITY_ERROR, 35, "D-07", d08},
    {"D-09", "The node's compatible is for another bus", SEVERITY_ERROR, 31, NULL, d09},
    {"D-10", "QSPI belongs to the Wi-Fi chip", SEVERITY_ERROR, 30, NULL, d10},
    {"D-11", "Chip selects missing or shared", SEVERITY_WARNING, 36, "D-03", d11},
    {"D-13", "Quad settings the chip or board has not", SEVERITY_WARNING, 37, NULL, d13},
    {"D-14", "No time to wake from deep power-down", SEVERITY_WARNING, 38, NULL, d14},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
