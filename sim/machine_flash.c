// SPDX-License-Identifier: Apache-2.0
#include "sim/machine_flash.h"

#include <string.h>

#define LIFE_READS_MAX  2000000u /* far more than any life needs */
#define BUS_NS_PER_BYTE 250u

const char *const machine_fault_names[FAULTS] = {
    "none",
    "absent",
    "read errors",
    "timeouts",
    "all 00",
    "all FF",
    "floating bus",
    "protected",
    "write fails",
    "silent program",
    "silent erase",
    "stuck bits",
    "flaky reads",
    "flaky internal reads",
    "silent internal program",
};

static uint8_t random_byte(struct machine *m)
{
    return (uint8_t)(machine_random(&m->random) >> 24);
}

static struct memflash *chip_of(struct machine *m, uint32_t chip)
{
    return chip ? &m->external : &m->internal;
}

void machine_touch(struct machine *m, uint32_t chip, uint32_t offset, uint32_t length)
{
    static uint64_t newest; /* of all machines of this process: equal stamps mean equal pages */

    for (uint32_t at = offset / MACHINE_PAGE; at <= (offset + length - 1) / MACHINE_PAGE; at++)
        m->page[chip][at].stamp = ++newest;
}

struct machine_pattern machine_pattern(uint32_t index)
{
    static const struct {
        uint8_t tear, count;
    } table[] = {{TEAR_BEFORE, 1}, {TEAR_AFTER, 1}, {TEAR_PREFIX, 12},
                 {TEAR_BYTES, 6},  {TEAR_BITS, 6},  {TEAR_CLUSTER, 6},
                 {TEAR_DRAIN, 4},  {TEAR_WEAK, 10}, {TEAR_FAINT, 10}};

    for (uint32_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (index < table[i].count)
            return (struct machine_pattern){(enum machine_tear)table[i].tear, index};
        index -= table[i].count;
    }
    return (struct machine_pattern){TEAR_BEFORE, 0};
}

/* Where a prefix ends: six shares of the operation, and six places shortly before its end. */
static uint32_t prefix_of(uint32_t seed, uint32_t length)
{
    static const uint8_t from_end[6] = {1, 4, 8, 16, 20, 40};

    if (seed % 12 < 6)
        return (uint32_t)((uint64_t)length * (2 * (seed % 12) + 1) / 12);
    uint32_t less = from_end[seed % 12 - 6];
    return less < length ? length - less : 0;
}

/* Which of the bits that should change have changed. */
struct torn {
    uint32_t split, from, to;
};

static uint8_t torn_mask(struct machine *m, uint32_t i, const struct torn *t)
{
    switch (m->tear) {
    case TEAR_BEFORE:
        return 0x00;
    case TEAR_AFTER:
        return 0xFF;
    case TEAR_PREFIX:
        return i < t->split ? 0xFF : 0x00;
    case TEAR_CLUSTER:
        return i >= t->from && i < t->to ? 0xFF : 0x00;
    case TEAR_BYTES:
        return random_byte(m) & 1 ? 0xFF : 0x00;
    case TEAR_FAINT:
        return m->tear_seed & 1 ? 0xFF : 0x00;
    default:
        return random_byte(m);
    }
}

static struct torn choose_torn(struct machine *m, uint32_t length)
{
    struct torn t = {.split = prefix_of(m->tear_seed, length)};
    uint32_t a = (uint32_t)(machine_random(&m->random) % (length + 1));
    uint32_t b = (uint32_t)(machine_random(&m->random) % (length + 1));

    t.from = a < b ? a : b;
    t.to = a < b ? b : a;
    return t;
}

static uint8_t wanted_byte(const struct machine *m, const struct machine_op *op, uint32_t i,
                           uint8_t byte)
{
    if (!op->erase)
        return (uint8_t)(byte & op->data[i]);
    /* Before it erases, NOR programs the block to zeros. */
    return m->tear == TEAR_DRAIN ? 0x00 : 0xFF;
}

/* Flash with ECC: each unit is as before, done, or unreadable until it is erased. */
static void tear_ecc(struct machine *m, const struct machine_op *op)
{
    uint8_t *bytes = m->internal.bytes + op->offset, *weak = m->weak[0] + op->offset;
    struct torn t = choose_torn(m, op->length);

    for (uint32_t at = 0; at < op->length; at += m->ecc) {
        uint8_t mask = torn_mask(m, at, &t);
        bool bad = mask != 0xFF && mask != 0x00;
        if (m->tear >= TEAR_PREFIX && (at / m->ecc == t.split / m->ecc))
            bad = true;
        for (uint32_t i = at; i < at + m->ecc && i < op->length; i++) {
            if (mask == 0xFF)
                bytes[i] = wanted_byte(m, op, i, bytes[i]);
            weak[i] = bad || weak[i];
        }
        m->any_weak[0] = m->any_weak[0] || bad;
    }
}

static void note_faint(struct machine *m, const struct machine_op *op, const uint8_t *bytes)
{
    struct machine_faint *f = &m->faint;

    if (op->erase || op->length > sizeof f->before)
        return;
    *f = (struct machine_faint){true, op->chip, op->offset, op->length, {0}, {0}};
    memcpy(f->before, bytes, op->length);
    for (uint32_t i = 0; i < op->length; i++)
        f->after[i] = bytes[i] & op->data[i];
}

static void tear_bytes(struct machine *m, const struct machine_op *op)
{
    uint8_t *bytes = chip_of(m, op->chip)->bytes + op->offset;
    uint8_t *weak = m->weak[op->chip] + op->offset;
    struct torn t = choose_torn(m, op->length);
    bool flickers = m->tear == TEAR_WEAK || m->tear == TEAR_FAINT;

    if (m->tear == TEAR_FAINT)
        note_faint(m, op, bytes);
    for (uint32_t i = 0; i < op->length; i++) {
        uint8_t wanted = wanted_byte(m, op, i, bytes[i]), changing = bytes[i] ^ wanted;
        uint8_t mask = torn_mask(m, i, &t);
        bytes[i] = (uint8_t)((bytes[i] & ~mask) | (wanted & mask));
        if (flickers)
            weak[i] |= changing;
    }
    m->any_weak[op->chip] = m->any_weak[op->chip] || flickers;
}

static uint32_t granules(uint32_t page, uint32_t offset, uint32_t length)
{
    uint32_t first = page * MACHINE_PAGE, mask = 0;

    for (uint32_t g = 0; g < MACHINE_PAGE / MACHINE_GRANULE; g++) {
        uint32_t at = first + g * MACHINE_GRANULE;
        if (at < offset + length && at + MACHINE_GRANULE > offset)
            mask |= 1u << g;
    }
    return mask;
}

static void mark(struct machine *m, const struct machine_op *op, bool unfinished)
{
    for (uint32_t p = op->offset / MACHINE_PAGE; p <= (op->offset + op->length - 1) / MACHINE_PAGE;
         p++) {
        uint32_t mask = granules(p, op->offset, op->length);
        if (unfinished)
            m->page[op->chip][p].unfinished |= mask;
        else
            m->page[op->chip][p].unfinished &= ~mask;
    }
}

bool machine_is_unfinished(const struct machine *machine, uint32_t chip, uint32_t offset,
                           uint32_t length)
{
    if (length == 0)
        return false;
    for (uint32_t p = offset / MACHINE_PAGE; p <= (offset + length - 1) / MACHINE_PAGE; p++)
        if (machine->page[chip][p].unfinished &&
            (machine->page[chip][p].unfinished & granules(p, offset, length)))
            return true;
    return false;
}

void machine_tear(struct machine *machine, const struct machine_op *op,
                  struct machine_pattern pattern, uint64_t seed)
{
    struct machine *m = machine;

    m->tear = pattern.tear;
    m->tear_seed = pattern.seed;
    m->random = seed;
    machine_touch(m, op->chip, op->offset, op->length);
    if (m->tear != TEAR_BEFORE)
        mark(m, op, true);
    if (m->ecc && op->chip == 0)
        tear_ecc(m, op);
    else
        tear_bytes(m, op);
}

void machine_settle_faint(struct machine *m)
{
    struct machine_faint *f = &m->faint;
    uint8_t *weak = m->weak[f->chip] + f->offset, *bytes;

    if (!f->active)
        return;
    const uint8_t *now = machine_random(&m->random) & 1 ? f->after : f->before;
    bytes = chip_of(m, f->chip)->bytes + f->offset;
    bool left = false;
    for (uint32_t i = 0; i < f->length; i++)
        if (weak[i]) {
            bytes[i] = (uint8_t)((bytes[i] & ~weak[i]) | (now[i] & weak[i]));
            left = true;
        }
    f->active = left;
    machine_touch(m, f->chip, f->offset, f->length);
}

/* Weak bits take a new value with every read. What is faint keeps its value for a life. */
static void flicker(struct machine *m, uint32_t chip, struct memflash *flash, uint32_t offset,
                    uint32_t length)
{
    const struct machine_faint *f = &m->faint;
    bool changed = false;

    for (uint32_t i = offset; i < offset + length; i++) {
        if (m->weak[chip][i] == 0)
            continue;
        if (f->active && f->chip == chip && i >= f->offset && i < f->offset + f->length)
            continue;
        flash->bytes[i] ^= m->weak[chip][i] & random_byte(m);
        changed = true;
    }
    if (changed)
        machine_touch(m, chip, offset, length);
}

static bool has_bad_unit(const struct machine *m, uint32_t offset, uint32_t length)
{
    for (uint32_t i = offset; i < offset + length; i++)
        if (m->weak[0][i])
            return true;
    return false;
}

static int fault_of_read(struct machine *m, uint32_t chip)
{
    switch (m->fault) {
    case FAULT_READ_ERROR:
        return chip ? FERRY_E_IO : FERRY_OK;
    case FAULT_TIMEOUT:
        return chip ? FERRY_E_TIMEOUT : FERRY_OK;
    case FAULT_FLAKY_READS:
        return chip && machine_random(&m->random) % 64 == 0 ? FERRY_E_IO : FERRY_OK;
    case FAULT_INTERNAL_READS:
        return !chip && m->life_reads == 1 + m->total % 40 ? FERRY_E_IO : FERRY_OK;
    default:
        return FERRY_OK;
    }
}

static int on_read(struct machine *m, uint32_t chip, struct memflash *flash, uint32_t offset,
                   uint32_t length)
{
    m->life_read_bytes += length;
    m->life_us += chip ? length * BUS_NS_PER_BYTE / 1000 + 1 : 0;
    if (chip && m->booting)
        m->life_ext_read += length;
    if (++m->life_reads > LIFE_READS_MAX) {
        m->hung = true;
        longjmp(m->cut, 1);
    }
    int status = m->fault ? fault_of_read(m, chip) : FERRY_OK;
    if (status != FERRY_OK || !m->any_weak[chip])
        return status;
    if (m->ecc && chip == 0)
        return has_bad_unit(m, offset, length) ? FERRY_E_ECC : FERRY_OK;
    flicker(m, chip, flash, offset, length);
    return FERRY_OK;
}

void machine_after_read(void *context, struct memflash *flash, uint32_t offset, uint8_t *data,
                        uint32_t length)
{
    struct machine *m = context;

    if (m->fault == FAULT_NONE || flash != &m->external)
        return;
    if (m->fault == FAULT_ZEROS || m->fault == FAULT_ONES)
        memset(data, m->fault == FAULT_ONES ? 0xFF : 0x00, length);
    for (uint32_t i = 0; i < length && m->fault == FAULT_FLOATING; i++)
        data[i] = random_byte(m);
    for (uint32_t i = 0; i < length && m->fault == FAULT_STUCK_BITS; i++)
        if ((offset + i) % 512 == 77)
            data[i] &= 0xEF;
}

/* What the operation comes to; FERRY_OK: it is done. */
static int fault_of_write(const struct machine *m, const struct machine_op *op)
{
    if (op->chip == 0)
        return m->fault == FAULT_INTERNAL_WRITES && !op->erase && m->life_ops - m->life_ext_ops < 2
                   ? MEMFLASH_IGNORE
                   : FERRY_OK;
    switch (m->fault) {
    case FAULT_READ_ERROR:
        return FERRY_E_IO;
    case FAULT_TIMEOUT:
        return FERRY_E_TIMEOUT;
    case FAULT_PROTECTED:
        return FERRY_E_PROTECTED;
    case FAULT_WRITE_FAILS:
        return op->erase ? FERRY_E_ERASE : FERRY_E_PROGRAM;
    case FAULT_NO_PROGRAM:
        return op->erase ? FERRY_OK : MEMFLASH_IGNORE;
    case FAULT_NO_ERASE:
        return op->erase ? MEMFLASH_IGNORE : FERRY_OK;
    case FAULT_ZEROS:
    case FAULT_ONES:
    case FAULT_FLOATING:
        return MEMFLASH_IGNORE;
    default:
        return FERRY_OK;
    }
}

static bool is_kill(const struct machine_op *op)
{
    for (uint32_t i = 0; i < op->length; i++)
        if (op->erase || op->data[i])
            return false;
    return op->length == MACHINE_GRANULE && op->offset % MACHINE_GRANULE == 0;
}

/* A whole operation makes what it writes strong. */
static void strengthen(struct machine *m, const struct machine_op *op)
{
    uint8_t *weak = m->weak[op->chip] + op->offset;

    machine_touch(m, op->chip, op->offset, op->length);
    if (op->erase || is_kill(op))
        mark(m, op, false);
    if (!m->any_weak[op->chip] || (m->ecc && op->chip == 0 && !op->erase))
        return;
    for (uint32_t i = 0; i < op->length; i++)
        weak[i] &= op->erase ? 0x00 : op->data[i];
}

static void count(struct machine *m, const struct memflash *flash, const struct machine_op *op)
{
    const struct ferry_geometry *g = &flash->geometry;

    m->total++;
    m->life_ops++;
    m->life_ext_ops += op->chip;
    if (!op->erase)
        m->life_us += (uint64_t)g->program_typ_us * op->length / g->page + 1;
    for (uint32_t i = 0; i < g->erase_types && op->erase; i++)
        if (g->erase[i].size == op->length)
            m->life_us += g->erase[i].typ_us;
}

int machine_on_operation(void *context, struct memflash *flash, enum memflash_op kind,
                         uint32_t offset, const uint8_t *data, uint32_t length)
{
    struct machine *m = context;
    struct machine_op op = {.chip = flash == &m->external,
                            .erase = kind == MEMFLASH_ERASE,
                            .offset = offset,
                            .length = length,
                            .data = data};

    if (kind == MEMFLASH_READ)
        return on_read(m, op.chip, flash, offset, length);
    if (m->before)
        m->before(m->watch_context, m, &op);
    count(m, flash, &op);
    int status = m->fault ? fault_of_write(m, &op) : FERRY_OK;
    bool cut = m->operations++ == m->cut_at;
    op.outcome = cut ? OP_TORN : status == FERRY_OK ? OP_DONE : OP_LOST;
    if (m->watch)
        m->watch(m->watch_context, m, &op);
    if (cut) {
        machine_tear(m, &op, (struct machine_pattern){m->tear, m->tear_seed}, m->random);
        m->was_cut = true;
        longjmp(m->cut, 1);
    }
    if (status == FERRY_OK)
        strengthen(m, &op);
    return status;
}
