// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/settings.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "host/keys.h"
#include "host/layout.h"
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

int settings_layout(struct machine *machine, const char *path)
{
    struct ferry_layout_file file;
    struct ferry_problem problem = {""};
    int status;

    if (path)
        status = ferry_layout_load(&file, path, NULL, &problem);
    else
        status = ferry_layout_parse(&file, "the built-in layout", default_layout,
                                    strlen(default_layout), NULL, &problem);
    if (status == FERRY_OK)
        machine->layout = file.layout;
    else
        fprintf(stderr, "ferry-device: %s\n", problem.text);
    ferry_layout_free(&file);
    return status == FERRY_OK ? 0 : -1;
}
