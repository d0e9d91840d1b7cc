// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE /* memfd_create */
#include "sim/nor_cells.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PROTECT_UNIT 0x10000u

/*
 * Where an erase is, in thousandths: first the whole block is programmed to 0, then pulses pull
 * its cells to 1, at last the slow and the overerased ones are corrected.
 */
#define ERASE_BEGINS     50u
#define ERASE_PROGRAMMED 300u
#define ERASE_PULLED     900u

/* Erased cells are mapped from one block of FF, over and over, until they are written. */
#define TILE 0x40000u

/* A file of TILE bytes FF. Aborts where the system has no memory for it. */
static int open_tile(void)
{
    int file = memfd_create("erased", 0);

    if (file < 0 || ftruncate(file, TILE) != 0)
        abort();
    uint8_t *bytes = mmap(NULL, TILE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        abort();
    memset(bytes, 0xFF, TILE);
    munmap(bytes, TILE);
    return file;
}

uint8_t *nor_cells_new(uint32_t size)
{
    int file = open_tile();
    uint8_t *cells = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (cells == MAP_FAILED)
        abort();
    for (uint32_t at = 0; at < size; at += TILE) {
        uint32_t part = size - at < TILE ? size - at : TILE;
        if (mmap(cells + at, part, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0) ==
            MAP_FAILED)
            abort();
    }
    close(file);
    return cells;
}

void nor_cells_free(uint8_t *cells, uint32_t size)
{
    munmap(cells, size);
}

/* splitmix64: small, and every seed is good. */
uint64_t nor_random(struct nor_chip *chip)
{
    uint64_t z = chip->random += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static bool happens(struct nor_chip *chip, uint32_t permille)
{
    return nor_random(chip) % 1000 < permille;
}

/* Eight bits, each set with this probability. */
static uint8_t random_bits(struct nor_chip *chip, uint32_t permille)
{
    uint8_t bits = 0;

    for (int i = 0; i < 8; i++)
        bits = (uint8_t)(bits << 1 | happens(chip, permille));
    return bits;
}

static void set_weak(struct nor_chip *chip, uint32_t address, uint8_t bits)
{
    if (!chip->weak_bits || bits == 0)
        return;
    if (!chip->weak)
        chip->weak = calloc(chip->model->size, 1);
    if (!chip->weak)
        abort();
    chip->weak[address] |= bits;
}

static void set_strong(struct nor_chip *chip, uint32_t address, uint8_t bits)
{
    if (chip->weak)
        chip->weak[address] &= (uint8_t)~bits;
}

uint8_t nor_cells_read(struct nor_chip *chip, uint32_t address)
{
    uint8_t value = chip->bytes[address];

    if (chip->weak && chip->weak[address])
        value ^= chip->weak[address] & (uint8_t)nor_random(chip);
    if (address == chip->faults.stuck_address)
        value = (uint8_t)((value & ~chip->faults.stuck_low) | chip->faults.stuck_high);
    return value;
}

static void program_byte(struct nor_chip *chip, uint32_t address, uint8_t data)
{
    chip->bytes[address] &= data;
    set_strong(chip, address, (uint8_t)~data);
}

static void add_wear(struct nor_chip *chip, uint32_t address, uint32_t length)
{
    uint32_t block = chip->model->erase[0].size;

    for (uint32_t at = address; at < address + length; at += block)
        chip->wear[at / block]++;
}

void nor_cells_finish(struct nor_chip *chip, const struct nor_operation *operation)
{
    uint32_t end = operation->address + operation->length;

    switch (operation->kind) {
    case NOR_PROGRAM:
        for (uint32_t i = 0; i < operation->length; i++)
            program_byte(chip, operation->address + i, operation->data[i]);
        break;
    case NOR_ERASE:
        memset(chip->bytes + operation->address, 0xFF, operation->length);
        for (uint32_t at = operation->address; chip->weak && at < end; at++)
            chip->weak[at] = 0;
        add_wear(chip, operation->address, operation->length);
        break;
    case NOR_WRITE_STATUS:
        chip->status_kept = operation->data[0] & 0xFC;
        chip->status = chip->status_kept;
        memcpy(chip->configuration, operation->data + 1, 2);
        break;
    case NOR_IDLE:
        break;
    }
}

/* The page is written from its first byte on; the byte that was being written is half done. */
static void tear_prefix(struct nor_chip *chip, const struct nor_operation *operation,
                        uint32_t permille)
{
    uint32_t first = 0;
    uint32_t last = operation->length;

    while (first < last && operation->data[first] == 0xFF)
        first++;
    while (last > first && operation->data[last - 1] == 0xFF)
        last--;
    uint32_t done = first + (last - first) * permille / 1000;
    for (uint32_t i = first; i < done; i++)
        program_byte(chip, operation->address + i, operation->data[i]);
    if (done < last && permille > 0) {
        uint8_t bits = random_bits(chip, 500);
        program_byte(chip, operation->address + done, operation->data[done] | bits);
        set_weak(chip, operation->address + done, (uint8_t)~operation->data[done]);
    }
}

static void tear_program(struct nor_chip *chip, const struct nor_operation *operation,
                         enum nor_tear tear, uint32_t permille)
{
    if (tear == NOR_TEAR_PREFIX) {
        tear_prefix(chip, operation, permille);
        return;
    }
    for (uint32_t i = 0; i < operation->length; i++) {
        uint32_t at = operation->address + i;
        uint8_t wanted = (uint8_t)~operation->data[i] & chip->bytes[at]; /* bits to clear */
        uint8_t cleared = wanted;
        if (tear == NOR_TEAR_BITS)
            cleared &= random_bits(chip, permille);
        else if (!happens(chip, permille))
            cleared = 0;
        program_byte(chip, at, (uint8_t)~cleared);
        if (permille > 0 && wanted)
            set_weak(chip, at, wanted & random_bits(chip, 125));
    }
}

static void tear_erase(struct nor_chip *chip, const struct nor_operation *operation,
                       uint32_t permille)
{
    for (uint32_t i = 0; i < operation->length; i++) {
        uint8_t *cell = &chip->bytes[operation->address + i];
        uint32_t weak = 0; /* how many bits of a thousand */
        if (permille < ERASE_BEGINS)
            break;
        if (permille < ERASE_PROGRAMMED) {
            if (happens(chip, (permille - ERASE_BEGINS) * 4))
                *cell = 0;
            weak = 125;
        } else if (permille < ERASE_PULLED) {
            *cell = random_bits(chip, (permille - ERASE_PROGRAMMED) * 5 / 3);
            weak = 500;
        } else {
            *cell = 0xFF;
            weak = 60;
        }
        set_weak(chip, operation->address + i, random_bits(chip, weak));
    }
    add_wear(chip, operation->address, operation->length);
}

void nor_cells_tear(struct nor_chip *chip, const struct nor_operation *operation,
                    enum nor_tear tear, uint32_t permille)
{
    if (operation->kind == NOR_PROGRAM)
        tear_program(chip, operation, tear, permille);
    else if (operation->kind == NOR_ERASE)
        tear_erase(chip, operation, permille);
    else if (operation->kind == NOR_WRITE_STATUS && happens(chip, permille))
        nor_cells_finish(chip, operation);
}

/* The usual scheme: each step of the BP value doubles the protected part, all bits set is all. */
bool nor_cells_protected(const struct nor_chip *chip, uint32_t address, uint32_t length)
{
    const struct nor_model *model = chip->model;
    uint8_t mask = model->protect_mask;

    if ((chip->status & mask) == 0)
        return false;
    uint32_t lowest = mask & (~(uint32_t)mask + 1u);
    uint32_t shift = (mask - (chip->status & mask)) / lowest;
    uint32_t part = shift < 31 ? model->size >> shift : 0;
    if (part < PROTECT_UNIT)
        part = PROTECT_UNIT;
    if (chip->status & model->protect_bottom)
        return address < part;
    return address + length > model->size - part;
}
