// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/image_common.h"
#include "tool/sim.h"

#define INTERNAL_SIZE   (8ul << 20) /* the FMC chip is a w25q64 */
#define PRIMARY_OFFSET  0x20000ul
#define PRIMARY_SIZE    0x80000ul
#define BOOTLOADER_SIZE 0x10000ul

/* Chips whose size is known here; QEMU wants a file of at least that size. */
static const struct {
    const char *model;
    unsigned long size; /* 0 = no flash chip: what the bus looks like without one */
} models[] = {
    {"w25q32", 4ul << 20},      {"w25q64", 8ul << 20},       {"gd25q32", 4ul << 20},
    {"gd25q64", 8ul << 20},     {"is25lp064", 8ul << 20},    {"is25lp128", 16ul << 20},
    {"w25q256", 32ul << 20},    {"mx25l25635e", 32ul << 20}, {"mx25l25635f", 32ul << 20},
    {"n25q256a", 32ul << 20},   {"w25q512jv", 64ul << 20},   {"at25df641", 8ul << 20},
    {"ssi-sd", 0 /* all FF */}, {"ssd0323", 0 /* all 00 */},
};

void sim_path(char path[SIM_PATH], const char *dir, const char *name)
{
    if (snprintf(path, SIM_PATH, "%s/%s", dir, name) >= SIM_PATH)
        path[0] = '\0'; /* opening it fails with a message */
}

static const unsigned long *model_size(const char *model)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++)
        if (strcmp(models[i].model, model) == 0)
            return &models[i].size;
    return NULL;
}

/* The firmware lies in build/ast1030 beside the build/host that this command is in. */
static void find_firmware(char path[SIM_PATH])
{
    ssize_t length = readlink("/proc/self/exe", path, SIM_PATH - 1);

    if (length <= 0)
        length = 0;
    path[length] = '\0';
    for (int level = 0; level < 2; level++) {
        char *slash = strrchr(path, '/');
        if (slash)
            *slash = '\0';
    }
    size_t used = strlen(path);
    snprintf(path + used, SIM_PATH - used, "/ast1030");
}

int sim_board_open(struct ferry_args *args, struct sim_board *board)
{
    const char *firmware = ferry_args_value(args, "firmware", NULL);
    const char *dir = ferry_args_value(args, "dir", "ferry-sim");

    *board = (struct sim_board){
        .spi_model = ferry_args_value(args, "spi-model", "w25q64"),
        .qmp = ferry_args_value(args, "qmp", NULL),
    };
    if (ferry_args_has(args, "no-external"))
        board->spi_model = "ssi-sd";
    const unsigned long *size = model_size(board->spi_model);
    if (!size)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "'%s' is no chip known here; see the list in 'ferry sim run --help'",
                          board->spi_model);
    board->has_chip = *size > 0;
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot make the directory %s: %s", dir,
                          strerror(errno));
    if (!realpath(dir, board->dir))
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot open the directory %s: %s", dir,
                          strerror(errno));
    if (firmware)
        snprintf(board->firmware, sizeof board->firmware, "%s", firmware);
    else
        find_firmware(board->firmware);
    return FERRY_EXIT_OK;
}

/* A file of erased flash with `parts` written into it. */
struct part {
    unsigned long offset;
    unsigned long most;
    char path[SIM_PATH];
};

static int put_part(struct ferry_args *args, uint8_t *flash, const struct part *part)
{
    struct ferry_problem problem;
    struct ferry_bytes bytes;

    if (ferry_file_read(part->path, part->most, &bytes, &problem) != FERRY_OK)
        return ferry_fail(args, FERRY_EXIT_INPUT,
                          "%s; build the firmware first (make firmware), or say where it is with "
                          "--firmware and --image",
                          problem.text);
    memcpy(flash + part->offset, bytes.data, bytes.size);
    ferry_bytes_free(&bytes);
    return FERRY_EXIT_OK;
}

static int make_file(struct ferry_args *args, const char *path, unsigned long size,
                     const struct part *parts, unsigned count)
{
    struct ferry_problem problem;
    int exit = FERRY_EXIT_OK;

    if (access(path, F_OK) == 0 && !ferry_args_has(args, "reset"))
        return FERRY_EXIT_OK;
    uint8_t *flash = malloc(size);
    if (!flash)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "out of memory");
    memset(flash, 0xFF, size);
    for (unsigned i = 0; i < count && exit == FERRY_EXIT_OK; i++)
        exit = put_part(args, flash, &parts[i]);
    if (exit == FERRY_EXIT_OK &&
        ferry_file_write(path, flash, size, FERRY_FILE_PUBLIC, true, &problem) != FERRY_OK)
        exit = fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
    free(flash);
    return exit;
}

/* A chip of another size than the file there was made for is another chip. */
static int check_size(struct ferry_args *args, const char *path, unsigned long size)
{
    struct stat info;

    if (stat(path, &info) != 0 || (unsigned long)info.st_size == size)
        return FERRY_EXIT_OK;
    return ferry_fail(args, FERRY_EXIT_INPUT,
                      "%s has %lld bytes and the chip %lu: take another --dir, or --reset to start "
                      "with erased chips",
                      path, (long long)info.st_size, size);
}

int sim_board_files(struct ferry_args *args, const struct sim_board *board)
{
    const char *image = ferry_args_value(args, "image", NULL);
    struct part parts[2] = {{.offset = 0, .most = BOOTLOADER_SIZE},
                            {.offset = PRIMARY_OFFSET, .most = PRIMARY_SIZE}};
    char path[SIM_PATH];

    sim_path(parts[0].path, board->firmware, "bootloader.bin");
    if (image)
        snprintf(parts[1].path, SIM_PATH, "%s", image);
    else
        sim_path(parts[1].path, board->firmware, "agent-1.0.0.signed.bin");
    sim_path(path, board->dir, "int.img");
    int exit = make_file(args, path, INTERNAL_SIZE, parts, ferry_args_has(args, "blank") ? 1 : 2);
    if (exit == FERRY_EXIT_OK)
        exit = check_size(args, path, INTERNAL_SIZE);
    if (exit != FERRY_EXIT_OK || !board->has_chip)
        return exit;
    unsigned long size = *model_size(board->spi_model);
    sim_path(path, board->dir, "ext.img");
    exit = make_file(args, path, size, NULL, 0);
    return exit == FERRY_EXIT_OK ? check_size(args, path, size) : exit;
}
