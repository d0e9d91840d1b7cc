// SPDX-License-Identifier: Apache-2.0
#include "sim/machine_flash.h"

#include <stdlib.h>
#include <string.h>

uint64_t machine_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static enum ferry_reset_cause cause_of(void *context)
{
    return ((struct machine *)context)->cause;
}

static bool no_button(void *context)
{
    (void)context;
    return false;
}

static int lock_nothing(void *context)
{
    (void)context;
    return FERRY_OK;
}

static uint32_t round_up(uint32_t value, uint32_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static void lay_out(struct machine *m, const struct machine_config *c)
{
    struct ferry_layout *l = &m->layout;
    uint32_t block = c->external_block;

    memset(l, 0, sizeof *l);
    l->floor = (struct ferry_span){0, 2 * c->internal_block};
    l->primary.offset = l->floor.length;
    l->primary.length = round_up(c->slot_size, c->internal_block);
    l->internal_size = l->primary.offset + l->primary.length;
    l->journal = (struct ferry_span){0, 2 * block};
    l->slots = c->slots;
    uint32_t at = round_up(l->journal.length, 0x10000);
    for (uint32_t i = 0; i < c->slots; i++) {
        l->slot[i] = (struct ferry_span){at, round_up(c->slot_size, block)};
        at = round_up(at + l->slot[i].length, block);
    }
    l->external_size = at;
}

static void make_chip(struct machine *m, struct memflash *chip, struct ferry_flash *flash,
                      uint32_t index)
{
    uint32_t size = chip->geometry.size;

    chip->bytes = malloc(size);
    m->weak[index] = calloc(1, size);
    m->page[index] = calloc(size / MACHINE_PAGE + 1, sizeof *m->page[index]);
    if (!chip->bytes || !m->weak[index] || !m->page[index])
        abort();
    memset(chip->bytes, 0xFF, size);
    machine_touch(m, index, 0, size);
    chip->hook = machine_on_operation;
    chip->after_read = machine_after_read;
    memflash_start(chip, flash);
}

static void bind(struct machine *m)
{
    m->port = (struct ferry_boot_port){cause_of, no_button, lock_nothing, m};
    m->internal.context = m;
    m->external.context = m;
    memflash_start(&m->internal, &m->internal_flash);
    memflash_start(&m->external, &m->external_flash);
}

void machine_init(struct machine *machine, const struct machine_config *config,
                  const struct ferry_keys *keys)
{
    struct machine *m = machine;

    memset(m, 0, sizeof *m);
    lay_out(m, config);
    m->keys = keys;
    m->ecc = config->ecc;
    m->cut_at = UINT32_MAX;
    m->internal.geometry = memflash_nvmc(m->layout.internal_size, config->internal_block);
    m->external.geometry = memflash_nor(m->layout.external_size, config->external_block);
    if (m->ecc)
        m->internal.geometry.write_unit = m->ecc;
    make_chip(m, &m->internal, &m->internal_flash, 0);
    make_chip(m, &m->external, &m->external_flash, 1);
    bind(m);
}

void machine_free(struct machine *machine)
{
    free(machine->internal.bytes);
    free(machine->external.bytes);
    for (uint32_t i = 0; i < 2; i++) {
        free(machine->weak[i]);
        free(machine->page[i]);
    }
}

static void copy_chip(struct machine *to, const struct machine *from, uint32_t chip)
{
    struct memflash *target = chip ? &to->external : &to->internal;
    const struct memflash *source = chip ? &from->external : &from->internal;
    bool weak = to->any_weak[chip] || from->any_weak[chip];

    for (uint32_t p = 0; p * MACHINE_PAGE < source->geometry.size; p++) {
        uint32_t at = p * MACHINE_PAGE, left = source->geometry.size - at;
        uint32_t length = left < MACHINE_PAGE ? left : MACHINE_PAGE;
        if (to->page[chip][p].stamp == from->page[chip][p].stamp)
            continue;
        memcpy(target->bytes + at, source->bytes + at, length);
        if (weak)
            memcpy(to->weak[chip] + at, from->weak[chip] + at, length);
        to->page[chip][p] = from->page[chip][p];
    }
    to->any_weak[chip] = from->any_weak[chip];
}

void machine_copy(struct machine *to, const struct machine *from)
{
    to->cause = FERRY_RESET_POWER;
    to->recovery = from->recovery;
    to->booting = from->booting;
    to->fault = from->fault;
    to->faint = from->faint;
    to->random = from->random;
    copy_chip(to, from, 0);
    copy_chip(to, from, 1);
    memset(&to->retained, 0xA5, sizeof to->retained);
    to->was_cut = false;
    to->hung = false;
    to->total = 0;
    to->more_cuts = 0;
    to->cut_at = UINT32_MAX;
    bind(to);
}

void machine_poke(struct machine *machine, uint32_t chip, uint32_t offset, const void *data,
                  uint32_t length)
{
    struct memflash *flash = chip ? &machine->external : &machine->internal;

    memcpy(flash->bytes + offset, data, length);
    memset(machine->weak[chip] + offset, 0, length);
    machine_touch(machine, chip, offset, length);
}

void machine_flash_primary(struct machine *machine, const uint8_t *image, uint32_t size)
{
    memset(machine->internal.bytes, 0xFF, machine->internal.geometry.size);
    machine_touch(machine, 0, 0, machine->internal.geometry.size);
    machine_poke(machine, 0, machine->layout.primary.offset, image, size);
}

void machine_cut_at(struct machine *machine, uint32_t operation, struct machine_pattern pattern,
                    uint64_t seed)
{
    machine->operations = 0;
    machine->total = 0;
    machine->more_cuts = 0;
    machine->cut_at = operation;
    machine->tear = pattern.tear;
    machine->tear_seed = pattern.seed;
    machine->random = seed;
    machine->was_cut = false;
}

void machine_cut_more(struct machine *machine, uint32_t count, uint32_t span)
{
    machine->more_cuts = count;
    machine->span = span;
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * 0x9FB21C651E98DF25u;
    return hash ^ (hash >> 29);
}

/* Whole pages; what flickers counts with the value it had last. */
static uint64_t page_hash(struct machine_page *page, const uint8_t *bytes, uint32_t length)
{
    uint64_t hash = mix(length, page->unfinished), word;

    if (page->hashed_stamp == page->stamp)
        return page->hash;
    for (uint32_t i = 0; i + 8 <= length; i += 8) {
        memcpy(&word, bytes + i, 8);
        hash = mix(hash, word);
    }
    page->hashed_stamp = page->stamp;
    return page->hash = hash;
}

uint64_t machine_state_hash(const struct machine *machine)
{
    uint64_t hash = machine->cause;

    for (uint32_t chip = 0; chip < 2; chip++) {
        const struct memflash *flash = chip ? &machine->external : &machine->internal;
        for (uint32_t at = 0; at < flash->geometry.size; at += MACHINE_PAGE) {
            uint32_t left = flash->geometry.size - at;
            hash = mix(hash, page_hash(&machine->page[chip][at / MACHINE_PAGE], flash->bytes + at,
                                       left < MACHINE_PAGE ? left : MACHINE_PAGE));
        }
    }
    return hash;
}

/* The power is gone: RAM with it. */
static enum machine_result lose_power(struct machine *m)
{
    memset(&m->retained, 0xA5, sizeof m->retained);
    m->cause = FERRY_RESET_POWER;
    m->cut_at = UINT32_MAX;
    if (m->more_cuts > 0) {
        m->more_cuts--;
        m->operations = 0;
        m->cut_at = (uint32_t)(machine_random(&m->random) % m->span);
        struct machine_pattern p =
            machine_pattern((uint32_t)(machine_random(&m->random) % MACHINE_PATTERNS));
        m->tear = p.tear;
        m->tear_seed = p.seed;
    }
    return MACHINE_CUT;
}

static void begin_life(struct machine *m)
{
    m->life_ops = 0;
    m->life_ext_ops = 0;
    m->life_reads = 0;
    m->life_read_bytes = 0;
    m->life_ext_read = 0;
    m->life_us = 0;
    m->booting = true;
    machine_settle_faint(m);
}

enum machine_result machine_start(struct machine *machine)
{
    struct machine *m = machine;

    begin_life(m);
    if (setjmp(m->cut))
        return lose_power(m);
    memset(&m->boot, 0, sizeof m->boot);
    m->boot.layout = &m->layout;
    m->boot.internal = &m->internal_flash;
    m->boot.external = m->fault == FAULT_ABSENT ? NULL : &m->external_flash;
    m->boot.external_status = m->fault == FAULT_ABSENT ? FERRY_E_NO_CHIP : FERRY_OK;
    m->boot.keys = m->keys;
    m->boot.retained = &m->retained;
    m->boot.port = &m->port;
    m->boot.work = m->work;
    m->boot.work_size = sizeof m->work;
    return ferry_boot_run(&m->boot) == FERRY_OK ? MACHINE_RUNS : MACHINE_RECOVERY;
}

enum machine_result machine_run(struct machine *machine, void (*code)(struct machine *, void *),
                                void *context)
{
    machine->booting = false;
    if (setjmp(machine->cut))
        return lose_power(machine);
    code(machine, context);
    return MACHINE_RUNS;
}

int machine_open_update(struct machine *machine)
{
    struct machine *m = machine;

    m->update_config = (struct ferry_update_config){
        .layout = &m->layout,
        .internal = &m->internal_flash,
        .external = m->fault == FAULT_ABSENT ? NULL : &m->external_flash,
        .external_status = m->fault == FAULT_ABSENT ? FERRY_E_NO_CHIP : FERRY_OK,
        .keys = m->keys,
        .retained = &m->retained,
        .recovery = m->recovery,
    };
    return ferry_update_open(&m->update, &m->update_config);
}
