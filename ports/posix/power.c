// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/power.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ports/posix/flash.h"
#include "ports/posix/settings.h"
#include "ports/posix/wires.h"

#define LOCK_PATIENCE_MS 10000

/* The core inherits the lock, so that the folder is free when the last process of a life is dead.
 */
static int take_folder(const char *dir)
{
    char path[4096];
    const struct timespec pause = {0, 5000000};

    if (mkdir(dir, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "ferry-device: cannot make the folder %s: %s\n", dir, strerror(errno));
        return -1;
    }
    if (snprintf(path, sizeof path, "%s/lock", dir) >= (int)sizeof path)
        errno = ENAMETOOLONG;
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    if (fd < 0) {
        fprintf(stderr, "ferry-device: cannot use the folder %s: %s\n", dir, strerror(errno));
        return -1;
    }
    for (int waited = 0; waited < LOCK_PATIENCE_MS; waited += 5) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        nanosleep(&pause, NULL);
    }
    fprintf(stderr, "ferry-device: another ferry-device runs in %s: end it first\n", dir);
    return -1;
}

static int fit_internal(struct machine *machine, const char *dir)
{
    uint32_t size;

    machine->internal_fd = posix_flash_open(dir, "internal.bin", POSIX_INTERNAL_SIZE, &size);
    if (machine->internal_fd < 0)
        return -1;
    if (size < machine->layout.internal_size || size % 4096 != 0) {
        fprintf(stderr,
                "ferry-device: %s/internal.bin has %u bytes, the layout needs %u in whole pages of "
                "4096: delete it to get an erased one\n",
                dir, size, machine->layout.internal_size);
        return -1;
    }
    return 0;
}

/* A chip of the wrong size is a fact of life that the device has to live with; it is no error here.
 */
static int fit_external(struct machine *machine, const char *dir, bool absent)
{
    uint32_t size;

    machine->external_status = FERRY_E_NO_CHIP;
    if (absent)
        return 0;
    machine->external_fd = posix_flash_open(dir, "external.bin", POSIX_EXTERNAL_SIZE, &size);
    if (machine->external_fd < 0)
        return -1;
    machine->external_status = FERRY_OK;
    if (size < machine->layout.external_size || size % 65536 != 0)
        machine->external_status = FERRY_E_CHIP_SIZE;
    return 0;
}

static int open_trace(struct machine *machine, const char *path)
{
    if (!path)
        return 0;
    machine->trace_fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (machine->trace_fd >= 0)
        return 0;
    fprintf(stderr, "ferry-device: cannot write the trace %s: %s\n", path, strerror(errno));
    return -1;
}

static void set_switches(struct machine *machine, const struct options *options)
{
    machine->button = options->button;
    machine->boot_only = options->boot_only;
    machine->watchdog_ms = options->watchdog_ms;
    machine->speed = options->speed;
    machine->cut_at = options->cut_at;
    machine->cut = options->cut;
    machine->cut_seed = options->cut_seed;
}

struct machine *power_on(const struct options *options, int *machine_fd)
{
    if (take_folder(options->dir) != 0)
        return NULL;
    struct machine *machine = machine_create(options->dir, machine_fd);
    if (!machine)
        return NULL;
    set_switches(machine, options);
    if (settings_layout(machine, options->layout) != 0 ||
        settings_keys(machine, options->key, options->keys) != 0 ||
        fit_internal(machine, options->dir) != 0 ||
        fit_external(machine, options->dir, options->no_external) != 0 ||
        open_trace(machine, options->trace) != 0)
        return NULL;
    if (options->factory)
        return machine;
    if (wires_serial(machine, options->serial, options->dir) != 0 ||
        (options->udp && wires_udp(machine, options->udp_port) != 0))
        return NULL;
    return machine;
}
