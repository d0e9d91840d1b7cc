// SPDX-License-Identifier: Apache-2.0
/* What is asked for, whether it can work, and the numbers that follow. */
#include "doctor/init.h"

#include <ctype.h>
#include <string.h>

#include "doctor/doctor.h"

static const char *format_target(struct ferry_arena *arena, const char *target)
{
    char *stem = ferry_arena_string(arena, target);

    for (char *at = stem; *at != '\0'; at++)
        *at = *at == '/' ? '_' : *at;
    return stem;
}

static bool is_family(const struct board *board, const char *family)
{
    return strcmp(board->family, family) == 0;
}

static const char *names_of(struct ferry_arena *arena, const struct boards *boards)
{
    const char *list = "";

    for (size_t i = 0; i < boards->count; i++)
        list = ferry_arena_format(arena, "%s%s%s", list, i == 0 ? "" : ", ", boards->list[i].name);
    return list;
}

/* ---- refusals ---- */

static const char *refuse_chip(struct init_choice *c)
{
    const char *name = c->options->chip;

    if (!c->board->has_flash)
        return ferry_arena_format(c->arena,
                                  "%s has no external flash chip: SPI3 carries its accelerometers, "
                                  "and the second slot can only be internal",
                                  c->board->title);
    c->chip = chip_by_id(c->board->flash.jedec);
    if (name == NULL)
        return NULL;
    c->chip = chip_by_name(name);
    if (c->chip == NULL)
        return ferry_arena_format(c->arena, "%s: is no chip known here", name);
    if (c->chip->jedec == c->board->flash.jedec)
        return NULL;
    for (size_t i = 0; i < c->board->alternate_count; i++) {
        if (c->board->alternates[i] == c->chip->jedec) {
            c->own_node = true;
            return NULL;
        }
    }
    return ferry_arena_format(c->arena, "%s carries a %s, not a %s", c->board->title,
                              c->board->flash.chip, name);
}

static const char *refuse_bus(struct init_choice *c)
{
    const char *bus = c->options->bus;
    bool qspi = text_starts(c->board->flash.bus, "qspi");

    c->spi = !qspi;
    if (bus == NULL || (strcmp(bus, "qspi") == 0) == qspi)
        return NULL;
    if (!qspi && c->board->qspi_owner != NULL)
        return ferry_arena_format(c->arena,
                                  "on %s QSPI belongs to the Wi-Fi chip; the flash chip is on SPI: "
                                  "--bus spi",
                                  c->board->title);
    return ferry_arena_format(c->arena, "on %s the flash chip is on %s: --bus %s", c->board->title,
                              c->board->flash.bus, qspi ? "qspi" : "spi");
}

static const char *refuse_cores(const struct init_choice *c)
{
    if (!c->options->both_cores)
        return NULL;
    if (!c->board->network_core)
        return ferry_arena_format(c->arena, "%s has one core only", c->board->title);
    if (c->options->mode != NULL && strcmp(c->options->mode, "swap") == 0)
        return "two images cannot be swapped: going back would restore the network core from RAM "
               "that is empty by then, and leave it without a program; use --mode overwrite";
    return NULL;
}

static const char *refuse_transport(const struct init_choice *c)
{
    const char *transport = c->options->transport;
    bool cellular = is_family(c->board, "nrf91");
    bool internet = strcmp(transport, "http") == 0 || strcmp(transport, "lwm2m") == 0 ||
                    strcmp(transport, "smp-udp") == 0;

    if (strcmp(transport, "smp-ble") == 0 && cellular)
        return ferry_arena_format(c->arena,
                                  "%s has no Bluetooth radio of its own: use smp-serial, "
                                  "smp-udp, http or lwm2m",
                                  c->board->title);
    if (c->options->wifi && c->board->qspi_owner == NULL)
        return ferry_arena_format(c->arena, "%s has no Wi-Fi chip on its QSPI", c->board->title);
    if (internet && !cellular && !c->options->wifi)
        return ferry_arena_format(
            c->arena,
            "%s reaches no network by itself: %s needs an nRF91, or an nRF7002 "
            "DK with --wifi",
            c->board->title, transport);
    return NULL;
}

static const char *refuse_version(struct init_choice *c)
{
    static const char *const since[][2] = {
        {"nrf54l15dk", "2.7"}, {"thingy91x", "2.8"}, {"nrf9151dk", "2.7"}, {"nrf9161dk", "2.5"}};

    c->version = doctor_parse_version(c->options->sdk);
    if (c->version == 0)
        return ferry_arena_format(c->arena, "--sdk %s: is no version like 2.6 or 3.3.1",
                                  c->options->sdk);
    if (c->version < SDK_VERSION(2, 3, 0))
        return "SDKs before 2.3 have faults in this very place (2.0: TF-M; 2.1: chips on SPI): use "
               "a newer one";
    for (size_t i = 0; i < sizeof(since) / sizeof(since[0]); i++) {
        if (strcmp(c->board->name, since[i][0]) == 0 &&
            c->version < doctor_parse_version(since[i][1]))
            return ferry_arena_format(c->arena, "SDK %s does not know %s yet: use %s or newer",
                                      c->options->sdk, c->board->title, since[i][1]);
    }
    return NULL;
}

/* ---- numbers ---- */

static unsigned round_sectors(uint64_t sectors)
{
    unsigned rounded = 128;

    while (rounded < sectors)
        rounded *= 2;
    return rounded;
}

static void compute(struct init_choice *c)
{
    const struct board *board = c->board;

    c->sysbuild = c->version >= SDK_VERSION(2, 7, 0);
    c->devicetree = c->version >= SDK_VERSION(3, 4, 0);
    c->non_secure = is_family(board, "nrf91");
    c->overwrite = c->options->both_cores ||
                   (c->options->mode != NULL && strcmp(c->options->mode, "overwrite") == 0);
    c->target = format_target(c->arena, board->targets[c->non_secure ? 1 : 0]);
    c->secure = format_target(c->arena, board->targets[0]);
    c->west = board->targets[c->non_secure ? 1 : 0];
    if (board->revision != NULL)
        c->west = ferry_arena_format(c->arena, "%s@%s%s", board->name, board->revision,
                                     c->west + strlen(board->name));
    if (!c->sysbuild)
        c->west = c->target;
    if (!c->sysbuild && board->revision != NULL)
        c->west = ferry_arena_format(c->arena, "%s@%s", c->target, board->revision);
    c->label = c->own_node ? "update_flash" : board->flash.label;
    c->boot = 0x10000;
    c->storage = board->storage;
    /* A part of the nRF54L15's memory belongs to its second core. */
    c->end = is_family(board, "nrf54l") ? 0x165000 : board->internal_size;
    c->slot = c->end - c->storage - c->boot;
    c->tfm = c->non_secure ? c->boot + 0x8000 : 0;
    c->external = c->chip->bytes;
    c->sectors = round_sectors(c->slot / 4096);
}

static const char *refuse(struct init_choice *c, const struct boards *boards)
{
    const char *why = NULL;

    c->board = boards_find(boards, c->options->board);
    if (c->board == NULL)
        return ferry_arena_format(c->arena, "%s: is no board known here; known are %s",
                                  c->options->board, names_of(c->arena, boards));
    why = refuse_chip(c);
    if (why == NULL)
        why = refuse_bus(c);
    if (why == NULL)
        why = refuse_cores(c);
    if (why == NULL)
        why = refuse_transport(c);
    return why != NULL ? why : refuse_version(c);
}

bool ferry_init_plan(struct init_plan *plan, struct ferry_arena *arena,
                     const struct init_options *options, const char **refusal)
{
    struct boards boards;
    struct init_choice choice;

    memset(plan, 0, sizeof(*plan));
    memset(&choice, 0, sizeof(choice));
    plan->arena = arena;
    plan->tail = &plan->files;
    choice.arena = arena;
    choice.plan = plan;
    choice.options = options;
    boards_load(&boards, arena);
    *refusal = refuse(&choice, &boards);
    if (*refusal != NULL)
        return false;
    compute(&choice);
    init_write_files(&choice);
    init_write_layouts(&choice);
    plan->build = ferry_arena_format(
        arena, "west build -p -b %s%s", choice.west,
        choice.sysbuild && choice.version < SDK_VERSION(2, 8, 0) ? " --sysbuild" : "");
    init_add(
        &choice, "README.md",
        ferry_arena_format(arena,
                           "# Updates through external flash on the %s\n\nBuild:\n\n    %s\n\n"
                           "`ferry doctor` checks the configuration, and the build folder after "
                           "it.\n",
                           choice.board->title, plan->build));
    return true;
}
