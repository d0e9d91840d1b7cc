// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/settings.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/keys.h"
#include "ports/posix/defaults.h"

/* Text that is compiled in, as a file: the readers of layouts and keys want a path. */
static int text_as_file(const char *text, char path[32])
{
    int fd = memfd_create("built-in", MFD_CLOEXEC);
    size_t length = strlen(text);

    if (fd < 0 || write(fd, text, length) != (ssize_t)length)
        return -1;
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

static int add_key(struct machine *machine, const char *path)
{
    struct ferry_key_file file;
    struct ferry_problem problem = {""};

    if (ferry_keys_load(path, &file, &problem) != FERRY_OK) {
        fprintf(stderr, "ferry-device: %s\n", problem.text);
        return -1;
    }
    machine->key[machine->keys++] = file.public_key;
    ferry_keys_forget(&file);
    return 0;
}

static int add_default_key(struct machine *machine)
{
    char path[32];
    int fd = text_as_file(default_key, path);
    int result = fd < 0 ? -1 : add_key(machine, path);

    machine->demo_key = default_key_is_demo;
    if (fd >= 0)
        close(fd);
    return result;
}

int settings_keys(struct machine *machine, const char *const *path, uint32_t count)
{
    if (count == 0)
        return add_default_key(machine);
    for (uint32_t i = 0; i < count; i++)
        if (add_key(machine, path[i]) != 0)
            return -1;
    return 0;
}

/* The numbers of data/layouts/posix.yml. */
static const struct ferry_layout built_in = {
    .primary_address = 0x20000,
    .primary = {0x20000, 0x1c0000},
    .floor = {0x10000, 0x2000},
    .journal = {0x0, 0x2000},
    .slot = {{0x10000, 0x1c0000}, {0x1d0000, 0x1c0000}, {0x390000, 0x1c0000}},
    .slots = 3,
    .internal_size = 0x1e0000,
    .external_size = 0x550000,
};

int settings_layout(struct machine *machine, const char *path)
{
    machine->layout = built_in;
    if (!path)
        return 0;
    fprintf(stderr, "ferry-device: --layout %s: this build knows its built-in layout only\n", path);
    return -1;
}
