// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

static struct machine *map(int fd)
{
    void *ram = mmap(NULL, sizeof(struct machine), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return ram == MAP_FAILED ? NULL : ram;
}

struct machine *machine_create(const char *dir, int *fd)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/ram", dir) >= (int)sizeof path) {
        fprintf(stderr, "ferry-device: %s: the path is too long; use a shorter one\n", dir);
        return NULL;
    }
    /* A new file: a core of the last life that is still dying keeps its own. */
    unlink(path);
    *fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    if (*fd < 0 || ftruncate(*fd, sizeof(struct machine)) != 0) {
        fprintf(stderr, "ferry-device: cannot make %s: %s\n", path, strerror(errno));
        return NULL;
    }
    struct machine *machine = map(*fd);
    if (!machine) {
        fprintf(stderr, "ferry-device: cannot map %s: %s\n", path, strerror(errno));
        return NULL;
    }
    machine->magic = MACHINE_MAGIC;
    machine->size = sizeof *machine;
    machine->supervisor = getpid();
    machine->internal_fd = machine->external_fd = -1;
    machine->far_fd = machine->serial_fd = machine->udp_fd = machine->trace_fd = -1;
    return machine;
}

struct machine *machine_attach(void)
{
    const char *number = getenv(MACHINE_VARIABLE);
    struct stat info;

    if (!number) {
        fprintf(stderr, "this program is the firmware of a Ferry device: sign it with `ferry sign` "
                        "and start it by ferry-device\n");
        return NULL;
    }
    int fd = atoi(number);
    struct machine *machine = NULL;
    if (fstat(fd, &info) == 0 && info.st_size == (off_t)sizeof *machine)
        machine = map(fd);
    if (!machine || machine->magic != MACHINE_MAGIC || machine->size != sizeof *machine) {
        fprintf(stderr, "this firmware and the ferry-device that started it are of different "
                        "builds: build both from the same source\n");
        return NULL;
    }
    return machine;
}

_Noreturn void machine_cut_power(const struct machine *machine)
{
    kill(machine->supervisor, SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;)
        pause();
}

enum machine_cut machine_count(struct machine *machine, uint32_t *number)
{
    *number = atomic_fetch_add(&machine->operations, 1) + 1;
    return machine->cut_at == *number ? (enum machine_cut)machine->cut : MACHINE_CUT_NONE;
}

void machine_die_with_supervisor(const struct machine *machine)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != machine->supervisor)
        _exit(1);
}
