// SPDX-License-Identifier: Apache-2.0
/*
 * A power cut at a chosen operation. The board's SPI driver sends programs and erases from one
 * function at an address its linker scripts fix; a breakpoint there stops the board before each.
 * A stopped QEMU has written all that was done so far to the files, so what a kill leaves is exact.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tool/sim.h"

/* That function, in the bootloader and in an image linked with the board's script. */
#define BOOTLOADER_CHANGE 0x1080u
#define IMAGE_CHANGE      0x20280u

#define INTERNAL_WINDOW 0x80000000u
#define EXTERNAL_WINDOW 0x90000000u

static const uint32_t places[] = {BOOTLOADER_CHANGE, IMAGE_CHANGE};

static int open_list(struct ferry_args *args, struct sim_cut *cut)
{
    const char *path = ferry_args_value(args, "operations", NULL);

    if (!path)
        return FERRY_EXIT_OK;
    cut->list = fopen(path, "w");
    if (!cut->list)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot write %s: %s", path, strerror(errno));
    return FERRY_EXIT_OK;
}

int sim_cut_options(struct ferry_args *args, struct sim_cut *cut)
{
    const char *chip = ferry_args_value(args, "cut-chip", "internal");
    const char *kind = ferry_args_value(args, "cut-kind", "any");

    *cut = (struct sim_cut){.wanted = ferry_args_has(args, "cut")};
    cut->chip = chip[0] == 'i' ? SIM_INTERNAL : chip[0] == 'e' ? SIM_EXTERNAL : SIM_ANY_CHIP;
    cut->kind = kind[0] == 'e' ? SIM_ERASE : kind[0] == 'p' ? SIM_PROGRAM : SIM_ANY_KIND;
    cut->torn = ferry_args_has(args, "cut-torn");
    int exit = ferry_args_number(args, "cut", 0xFFFFFFFFul, &cut->number);
    if (exit == FERRY_EXIT_OK && cut->wanted && cut->number == 0)
        return ferry_fail(args, FERRY_EXIT_USAGE, "operations are counted from 1: --cut 1 or more");
    cut->wanted = cut->wanted || ferry_args_has(args, "operations");
    return exit == FERRY_EXIT_OK ? open_list(args, cut) : exit;
}

bool sim_cut_start(struct sim_cut *cut, const char *socket_path)
{
    if (!sim_gdb_open(&cut->gdb, socket_path))
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (!sim_gdb_break(&cut->gdb, places[i], true))
            return false;
    return sim_gdb_continue(&cut->gdb);
}

static uint32_t word(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static uint32_t erase_size(uint8_t opcode)
{
    switch (opcode) {
    case 0x20:
    case 0x21:
        return 4096;
    case 0x52:
    case 0x5C:
        return 32768;
    default:
        return 65536;
    }
}

/*
 * Reads the arguments of the function the board stands in: the chip select's window, and the
 * transfer (opcode, address, length, pointer to the data: struct ferry_spi_transfer).
 */
static bool look(struct sim_cut *cut)
{
    struct sim_operation *operation = &cut->last;
    uint32_t registers[16];
    uint8_t chip[4], transfer[16];

    if (!sim_gdb_registers(&cut->gdb, registers, 16) ||
        !sim_gdb_read(&cut->gdb, registers[0], chip, sizeof chip) ||
        !sim_gdb_read(&cut->gdb, registers[1], transfer, sizeof transfer))
        return false;
    cut->stopped_at = registers[15];
    operation->chip = word(chip) == INTERNAL_WINDOW ? SIM_INTERNAL : SIM_EXTERNAL;
    operation->offset = word(transfer + 4);
    operation->length = word(transfer + 8);
    operation->kind = operation->length > 0 ? SIM_PROGRAM : SIM_ERASE;
    if (operation->kind == SIM_ERASE) {
        operation->length = erase_size(transfer[0]);
        return true;
    }
    if (operation->length > sizeof operation->data)
        return false;
    return sim_gdb_read(&cut->gdb, word(transfer + 12), operation->data, operation->length);
}

/*
 * Past the breakpoint: off, one instruction, on. A step may come to nothing where an interrupt was
 * due, and the board would stop at the same operation again.
 */
static bool go_on(struct sim_cut *cut)
{
    uint32_t place = cut->stopped_at;
    uint32_t registers[16];

    if (!sim_gdb_break(&cut->gdb, place, false))
        return false;
    do {
        if (!sim_gdb_step(&cut->gdb) || !sim_gdb_registers(&cut->gdb, registers, 16))
            return false;
    } while (registers[15] == place);
    return sim_gdb_break(&cut->gdb, place, true) && sim_gdb_continue(&cut->gdb);
}

static void list(const struct sim_cut *cut)
{
    const struct sim_operation *operation = &cut->last;

    if (!cut->list)
        return;
    fprintf(
        cut->list, "%s %s 0x%06x %u\n", operation->chip == SIM_INTERNAL ? "internal" : "external",
        operation->kind == SIM_ERASE ? "erase" : "program", operation->offset, operation->length);
    fflush(cut->list);
}

bool sim_cut_reached(struct sim_cut *cut, bool *broken)
{
    *broken = !sim_gdb_stopped(&cut->gdb) || !look(cut);
    if (*broken)
        return false;
    list(cut);
    bool counts = (cut->chip == SIM_ANY_CHIP || cut->chip == cut->last.chip) &&
                  (cut->kind == SIM_ANY_KIND || cut->kind == cut->last.kind);
    if (counts && ++cut->seen == cut->number)
        return true;
    *broken = !go_on(cut);
    return false;
}

bool sim_cut_tear(const struct sim_cut *cut, const struct sim_board *board)
{
    const struct sim_operation *operation = &cut->last;
    static uint8_t block[65536];
    size_t half = operation->length / 2;
    char path[SIM_PATH];

    sim_path(path, board->dir, operation->chip == SIM_INTERNAL ? "int.img" : "ext.img");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    bool good = fd >= 0 && pread(fd, block, half, operation->offset) == (ssize_t)half;
    for (size_t i = 0; i < half; i++)
        block[i] = operation->kind == SIM_ERASE ? 0xFF : block[i] & operation->data[i];
    good = good && pwrite(fd, block, half, operation->offset) == (ssize_t)half;
    return fd >= 0 && close(fd) == 0 && good;
}

const char *sim_cut_text(const struct sim_cut *cut, char text[160])
{
    const struct sim_operation *operation = &cut->last;

    snprintf(text, 160, "operation %lu: %s of %u bytes at 0x%x of the %s flash, which %s",
             cut->seen, operation->kind == SIM_ERASE ? "the erase" : "the program",
             operation->length, operation->offset,
             operation->chip == SIM_INTERNAL ? "internal" : "external",
             cut->torn ? "is left half done" : "does not happen");
    return text;
}
