// SPDX-License-Identifier: Apache-2.0
/* The table of what is cut: scenarios and geometries; and worlds made of them. */
#include <stdlib.h>
#include <string.h>

#include "memo.h"
#include "world.h"

enum { A, B, C };

const struct scenario scenarios[] = {
    {.name = "first", .goal = {GOAL_UPDATE, B}},
    {.name = "first-copied", .before = {{GOAL_COPY, A}}, .goal = {GOAL_UPDATE, B}},
    {.name = "update", .before = {{GOAL_UPDATE, B}}, .goal = {GOAL_UPDATE, C}},
    {.name = "permanent", .before = {{GOAL_COPY, A}}, .goal = {GOAL_PERMANENT, B}},
    {.name = "counter", .before = {{GOAL_COPY, A}}, .goal = {GOAL_UPDATE, B}, .counters = true},
    {.name = "floor-full",
     .before = {{GOAL_COPY, A}, {GOAL_COPY, A}},
     .goal = {GOAL_UPDATE, B},
     .counters = true,
     .fill_floor = true},
    {.name = "rollback", .before = {{GOAL_COPY, A}}, .goal = {GOAL_ROLLBACK, B}},
    {.name = "powerloss", .before = {{GOAL_COPY, A}}, .goal = {GOAL_POWERLOSS, B}},
    {.name = "trial-back", .before = {{GOAL_COPY, A}}, .goal = {GOAL_TRIALBACK, B}},
    {.name = "back", .before = {{GOAL_UPDATE, B}}, .goal = {GOAL_BACK, A}},
    {.name = "request", .before = {{GOAL_COPY, A}}, .goal = {GOAL_WITHDRAW, B}},
    {.name = "resume", .before = {{GOAL_COPY, A}}, .goal = {GOAL_UPDATE, B}, .windows = true},
    {.name = "resume-back", .before = {{GOAL_UPDATE, B}}, .goal = {GOAL_BACK, A}, .windows = true},
    {.name = "roll-over", .before = {{GOAL_COPY, A}}, .goal = {GOAL_UPDATE, B}, .fill = 24},
    {.name = "roll-late", .before = {{GOAL_COPY, A}}, .goal = {GOAL_ROLLBACK, B}, .fill = 30},
    {.name = "roll-boot", .before = {{GOAL_COPY, A}}, .goal = {GOAL_UPDATE, B}, .fill = 18},
    {.name = "factory",
     .before = {{GOAL_UPDATE, B}, {GOAL_UPDATE, C}},
     .goal = {GOAL_SLOT, A},
     .slots_min = 3},
    {.name = "recovery", .goal = {GOAL_RECOVERY, B}},
};
const uint32_t scenario_count = sizeof scenarios / sizeof scenarios[0];

/* Images of five blocks of whichever chip has the larger ones. */
const struct geometry geometries[] = {
    {"4k-4k-3", {4096, 4096, 0x10000, 3, 0}, 18000},
    {"4k-4k-2", {4096, 4096, 0x10000, 2, 0}, 18000},
    {"2k-4k-3", {2048, 4096, 0x10000, 3, 0}, 18000},
    {"8k-4k-3", {8192, 4096, 0x10000, 3, 0}, 36000},
    {"ecc-2k-3", {2048, 4096, 0x10000, 3, 16}, 18000},
    {"ecc-8k-2", {8192, 4096, 0x10000, 2, 16}, 36000},
    {"4k-64k-3", {4096, 0x10000, 0x60000, 3, 0}, 290000},
    {"128k-4k-3", {0x20000, 4096, 0xC0000, 3, 0}, 600000},
};
const uint32_t geometry_count = sizeof geometries / sizeof geometries[0];

static uint32_t size_of_image(const struct scenario *s, const struct geometry *g)
{
    return s->windows && g->image_size < 140000 ? 140000 : g->image_size;
}

static struct machine_config config_of(const struct scenario *s, const struct geometry *g)
{
    struct machine_config c = g->config;

    if (s->windows && c.slot_size < 0x30000)
        c.slot_size = 0x30000;
    return c;
}

void world_images(const struct scenario *s, const struct geometry *g,
                  struct ferry_bytes images[IMAGES], uint8_t hashes[IMAGES][32])
{
    for (uint8_t i = 0; i < IMAGES; i++) {
        struct machine_config c = config_of(s, g);
        struct memflash chip = {.geometry = memflash_nor(c.slot_size, 4096)};
        struct ferry_flash flash;
        struct ferry_image info;

        images[i] = images_make((uint8_t)(i + 1), size_of_image(s, g) + 450u * i, i + 1u,
                                s->counters ? i + 1u : 0);
        chip.bytes = calloc(1, c.slot_size);
        if (!chip.bytes)
            abort();
        memcpy(chip.bytes, images[i].data, images[i].size);
        memflash_start(&chip, &flash);
        struct ferry_region region = {&flash, 0, c.slot_size};
        if (ferry_image_parse(&region, &info) != FERRY_OK)
            abort();
        memcpy(hashes[i], info.hash, 32);
        free(chip.bytes);
    }
}

void world_init(struct world *w, const struct scenario *scenario, const struct geometry *geometry,
                const struct ferry_bytes *images, const uint8_t (*hashes)[32])
{
    struct machine_config config = config_of(scenario, geometry);

    memset(w, 0, sizeof *w);
    w->scenario = scenario;
    w->geometry = geometry;
    w->image = images;
    w->hash = hashes;
    machine_init(&w->machine, &config, images_keys());
    w->machine.watch = observe_operation;
    w->machine.watch_context = w;
    memo_on_verified = observe_verified;
}

void world_free(struct world *w)
{
    machine_free(&w->machine);
}

void world_copy(struct world *to, const struct world *from)
{
    machine_copy(&to->machine, &from->machine);
    to->machine.cause = FERRY_RESET_POWER;
    to->truth = from->truth;
    to->goal = from->goal;
    to->start = from->start;
    to->accepted = from->accepted;
    to->tried = from->tried;
    to->confirmed = from->confirmed;
    to->asked_back = from->asked_back;
    to->withdrawn = from->withdrawn;
    to->done = from->done;
    to->boots = 0;
    to->cuts = from->cuts;
    to->fault_boots = from->fault_boots;
    to->failure = from->failure;
}
