// SPDX-License-Identifier: Apache-2.0
/* The static layout for the partition manager, and Ferry's own for the same chips. */
#include <string.h>

#include "doctor/init.h"

typedef unsigned long long ull;

static const char *entry(struct ferry_arena *arena, const char *name, uint64_t address,
                         uint64_t size, const char *region, const char *more)
{
    return ferry_arena_format(arena, "%s:\n  address: 0x%llx\n  size: 0x%llx\n%s  region: %s\n",
                              name, (ull)address, (ull)size, more, region);
}

static const char *join(struct ferry_arena *arena, const char *a, const char *b)
{
    return ferry_arena_format(arena, "%s%s", a, b);
}

static const char *internal_part(struct init_choice *c)
{
    struct ferry_arena *a = c->arena;
    uint64_t pad = c->board->pad;
    uint64_t app = c->tfm != 0 ? c->tfm : c->boot + pad;
    const char *span =
        c->tfm != 0 ? "  span: [mcuboot_pad, tfm, app]\n" : "  span: [mcuboot_pad, app]\n";
    const char *inner = c->tfm != 0 ? "  span: [tfm, app]\n" : "  span: [app]\n";
    const char *text = entry(a, "mcuboot", 0, c->boot, "flash_primary", "");

    text = join(a, text, entry(a, "mcuboot_pad", c->boot, pad, "flash_primary", ""));
    if (c->tfm != 0)
        text = join(a, text,
                    entry(a, "tfm", c->boot + pad, c->tfm - c->boot - pad, "flash_primary", ""));
    text = join(a, text, entry(a, "app", app, c->boot + c->slot - app, "flash_primary", ""));
    text = join(a, text, entry(a, "mcuboot_primary", c->boot, c->slot, "flash_primary", span));
    text =
        join(a, text,
             entry(a, "mcuboot_primary_app", c->boot + pad, c->slot - pad, "flash_primary", inner));
    return join(a, text,
                entry(a, "settings_storage", c->boot + c->slot, c->storage, "flash_primary", ""));
}

static const char *external_part(struct init_choice *c)
{
    struct ferry_arena *a = c->arena;
    uint64_t used = c->slot;
    const char *text = entry(a, "mcuboot_secondary", 0, c->slot, "external_flash", "");

    if (c->options->both_cores) {
        text = join(a, text, entry(a, "mcuboot_secondary_1", used, 0x40000, "external_flash", ""));
        text = join(a, text, entry(a, "mcuboot_primary_1", 0, 0x40000, "ram_flash", ""));
        text = join(a, text, entry(a, "pcd_sram", 0x20000000, 0x2000, "sram_primary", ""));
        used += 0x40000;
    }
    return join(a, text,
                entry(a, "external_flash", used, c->external - used, "external_flash", ""));
}

enum { FERRY_SLOT_0 = 0x10000 };

/* From slot to slot: whole 64 KiB blocks, which chips erase fastest. */
static uint64_t ferry_stride(const struct init_choice *c)
{
    return (c->slot + 0xffff) & ~(uint64_t)0xffff;
}

/* Ferry's store: a journal and three slots behind what MCUboot uses, or from 0 without it. */
static void write_ferry(struct init_choice *c)
{
    struct ferry_arena *a = c->arena;
    const char *text =
        "# SPDX-License-Identifier: Apache-2.0\n"
        "# For Ferry's bootloader instead of MCUboot on the same chips: the floor lies where the\n"
        "# settings end, the store from the external chip's start. `ferry layout check` reads "
        "this.\n";
    char slot[16];

    text = join(a, text, entry(a, "mcuboot", 0, c->boot, "flash_primary", ""));
    text =
        join(a, text, entry(a, "mcuboot_primary", c->boot, c->slot - 0x2000, "flash_primary", ""));
    text = join(a, text,
                entry(a, "ferry_floor", c->boot + c->slot - 0x2000, 0x2000, "flash_primary", ""));
    text = join(a, text,
                entry(a, "settings_storage", c->boot + c->slot, c->storage, "flash_primary", ""));
    text = join(a, text, entry(a, "ferry_journal", 0, 0x2000, "external_flash", ""));
    for (unsigned i = 0; i < 3; i++) {
        memcpy(slot, "ferry_slot_0", 13);
        slot[11] = (char)('0' + i);
        text = join(a, text,
                    entry(a, ferry_arena_string(a, slot), FERRY_SLOT_0 + i * ferry_stride(c),
                          c->slot, "external_flash", ""));
    }
    init_add(c, "ferry/layout.yml", text);
}

/* The same numbers for the device library. */
static void write_header(struct init_choice *c)
{
    ull base = (ull)c->board->internal_base;
    ull next = FERRY_SLOT_0 + ferry_stride(c);
    ull last = next + ferry_stride(c);

    init_add(c, "ferry/ferry_layout.h",
             ferry_arena_format(
                 c->arena,
                 "// SPDX-License-Identifier: Apache-2.0\n/* Written by `ferry init` from "
                 "ferry/layout.yml's "
                 "numbers. */\n#ifndef FERRY_LAYOUT_DATA_H\n#define FERRY_LAYOUT_DATA_H\n\n"
                 "#include \"ferry/layout.h\"\n\n"
                 "static const struct ferry_layout ferry_layout = {\n"
                 "    .primary_address = 0x%llx,\n    .primary = {0x%llx, 0x%llx},\n"
                 "    .floor = {0x%llx, 0x2000},\n    .journal = {0x0, 0x2000},\n"
                 "    .slot = {{0x10000, 0x%llx}, {0x%llx, 0x%llx}, {0x%llx, 0x%llx}},\n    .slots "
                 "= 3,\n"
                 "    .internal_size = 0x%llx,\n    .external_size = 0x%llx,\n};\n\n#endif\n",
                 base + c->boot, (ull)c->boot, (ull)c->slot - 0x2000,
                 (ull)(c->boot + c->slot - 0x2000), (ull)c->slot, next, (ull)c->slot, last,
                 (ull)c->slot, (ull)c->end, last + c->slot));
}

void init_write_layouts(struct init_choice *c)
{
    if (!c->devicetree)
        init_add(
            c, "pm_static.yml",
            ferry_arena_format(
                c->arena,
                "# SPDX-License-Identifier: Apache-2.0\n"
                "# The layout, frozen: devices in the field keep it for ever. Both slots have %llu "
                "sectors.\n"
                "%s\n# The external chip; what is left over is called like the chip's region.\n%s",
                (ull)c->slot / 4096, internal_part(c), external_part(c)));
    write_ferry(c);
    write_header(c);
}
