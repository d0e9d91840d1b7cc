// SPDX-License-Identifier: Apache-2.0
#include "sim/machine.h"

#include <stdlib.h>
#include <string.h>

uint64_t machine_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint8_t random_byte(struct machine *m)
{
    return (uint8_t)(machine_random(&m->random) >> 24);
}

/* Which of the bits that should change have changed; `i` of `length` bytes. */
static uint8_t torn_mask(struct machine *m, uint32_t i, uint32_t length, uint32_t split)
{
    switch (m->tear) {
    case TEAR_BEFORE:
    case TEAR_FAINT:
        return 0x00;
    case TEAR_AFTER:
        return 0xFF;
    case TEAR_PREFIX:
        return i < split % (length + 1) ? 0xFF : 0x00;
    case TEAR_BYTES:
        return random_byte(m) & 1 ? 0xFF : 0x00;
    default:
        return random_byte(m);
    }
}

static void tear_byte(struct machine *m, uint32_t chip, uint8_t *byte, uint8_t *weak,
                      uint8_t wanted, uint8_t mask)
{
    uint8_t changing = *byte ^ wanted;

    *byte = (uint8_t)((*byte & ~mask) | (wanted & mask));
    if (m->tear != TEAR_WEAK && m->tear != TEAR_FAINT)
        return;
    *weak |= changing;
    m->any_weak[chip] = true;
}

/* Leaves the operation half done, then the power is gone. */
static void tear_operation(struct machine *m, struct memflash *flash, enum memflash_op op,
                           uint32_t offset, const uint8_t *data, uint32_t length)
{
    uint32_t chip = flash == &m->external;
    uint32_t split = (uint32_t)machine_random(&m->random);

    for (uint32_t i = 0; i < length; i++) {
        uint8_t *byte = &flash->bytes[offset + i];
        uint8_t wanted = op == MEMFLASH_PROGRAM ? (uint8_t)(*byte & data[i]) : (uint8_t)0xFF;
        if (op == MEMFLASH_ERASE && m->tear == TEAR_DRAIN)
            wanted = 0x00; /* before it erases, NOR programs the block to zeros */
        tear_byte(m, chip, byte, &m->weak[chip][offset + i], wanted,
                  torn_mask(m, i, length, split));
    }
}

/* Weak bits take a new value with every read; faint ones seldom show. */
static void flicker(struct machine *m, uint32_t chip, struct memflash *flash, uint32_t offset,
                    uint32_t length)
{
    for (uint32_t i = offset; i < offset + length; i++) {
        uint8_t change = m->weak[chip][i] & random_byte(m);
        if (m->tear == TEAR_FAINT)
            change &= random_byte(m) & random_byte(m) & random_byte(m);
        flash->bytes[i] ^= change;
    }
}

static int on_operation(void *context, struct memflash *flash, enum memflash_op op, uint32_t offset,
                        const uint8_t *data, uint32_t length)
{
    struct machine *m = context;
    uint32_t chip = flash == &m->external;

    if (op == MEMFLASH_READ) {
        if (m->any_weak[chip])
            flicker(m, chip, flash, offset, length);
        return FERRY_OK;
    }
    m->total++;
    if (m->operations++ == m->cut_at) {
        tear_operation(m, flash, op, offset, data, length);
        m->was_cut = true;
        if (m->watch)
            m->watch(m->watch_context, m);
        longjmp(m->cut, 1);
    }
    if (m->any_weak[chip])
        for (uint32_t i = 0; i < length; i++)
            m->weak[chip][offset + i] &= op == MEMFLASH_PROGRAM ? data[i] : 0x00;
    return FERRY_OK;
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
    chip->wear = calloc(size / chip->geometry.erase[0].size, sizeof *chip->wear);
    if (!chip->bytes || !m->weak[index] || !chip->wear)
        abort();
    memset(chip->bytes, 0xFF, size);
    chip->hook = on_operation;
    chip->context = m;
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
    m->cut_at = UINT32_MAX;
    m->internal.geometry = memflash_nvmc(m->layout.internal_size, config->internal_block);
    m->external.geometry = memflash_nor(m->layout.external_size, config->external_block);
    make_chip(m, &m->internal, &m->internal_flash, 0);
    make_chip(m, &m->external, &m->external_flash, 1);
    bind(m);
}

void machine_free(struct machine *machine)
{
    free(machine->internal.bytes);
    free(machine->external.bytes);
    free(machine->internal.wear);
    free(machine->external.wear);
    free(machine->weak[0]);
    free(machine->weak[1]);
}

static void copy_chip(struct memflash *to, const struct memflash *from)
{
    memcpy(to->bytes, from->bytes, from->geometry.size);
    memcpy(to->wear, from->wear,
           from->geometry.size / from->geometry.erase[0].size * sizeof *from->wear);
}

void machine_copy(struct machine *to, const struct machine *from)
{
    to->retained = from->retained;
    to->cause = from->cause;
    to->external_status = from->external_status;
    copy_chip(&to->internal, &from->internal);
    copy_chip(&to->external, &from->external);
    for (uint32_t i = 0; i < 2; i++) {
        const struct memflash *chip = i ? &from->external : &from->internal;
        memcpy(to->weak[i], from->weak[i], chip->geometry.size);
        to->any_weak[i] = from->any_weak[i];
    }
    to->was_cut = false;
    to->cut_at = UINT32_MAX;
    bind(to);
}

void machine_flash_primary(struct machine *machine, const uint8_t *image, uint32_t size)
{
    memset(machine->internal.bytes, 0xFF, machine->internal.geometry.size);
    memcpy(machine->internal.bytes + machine->layout.primary.offset, image, size);
}

void machine_cut_at(struct machine *machine, uint32_t operation, enum machine_tear tear,
                    uint64_t seed)
{
    machine->operations = 0;
    machine->total = 0;
    machine->more_cuts = 0;
    machine->cut_at = operation;
    machine->tear = tear;
    machine->random = seed;
    machine->was_cut = false;
}

void machine_cut_more(struct machine *machine, uint32_t count, uint32_t span)
{
    machine->more_cuts = count;
    machine->span = span;
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
        m->tear = (enum machine_tear)(machine_random(&m->random) % TEAR_KINDS);
    }
    return MACHINE_CUT;
}

enum machine_result machine_start(struct machine *machine)
{
    struct machine *m = machine;

    if (setjmp(m->cut))
        return lose_power(m);
    memset(&m->boot, 0, sizeof m->boot);
    m->boot.layout = &m->layout;
    m->boot.internal = &m->internal_flash;
    m->boot.external = m->external_status == FERRY_OK ? &m->external_flash : NULL;
    m->boot.external_status = m->external_status;
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
        .external = m->external_status == FERRY_OK ? &m->external_flash : NULL,
        .external_status = m->external_status,
        .keys = m->keys,
        .retained = &m->retained,
    };
    return ferry_update_open(&m->update, &m->update_config);
}
