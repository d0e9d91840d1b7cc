// SPDX-License-Identifier: Apache-2.0
/* The supervisor of a device: its power supply, its reset line, its pins. See machine.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ferry/boot.h"
#include "ports/posix/core.h"
#include "ports/posix/factory.h"
#include "ports/posix/options.h"
#include "ports/posix/power.h"
#include "ports/posix/wires.h"

/* An application that dies at once, for ever, must not take a whole processor. */
#define LOCKUP_PAUSE_NS 20000000

static const char *const cause_names[] = {
    [FERRY_RESET_POWER] = "pin",
    [FERRY_RESET_SOFTWARE] = "software",
    [FERRY_RESET_WATCHDOG] = "watchdog",
    [FERRY_RESET_LOCKUP] = "lock-up",
};

/* How a core ended is why the next one starts. */
static enum ferry_reset_cause cause_of(int status)
{
    if (WIFEXITED(status))
        return WEXITSTATUS(status) == 0 ? FERRY_RESET_SOFTWARE : FERRY_RESET_LOCKUP;
    if (WTERMSIG(status) == SIGALRM)
        return FERRY_RESET_WATCHDOG;
    if (WTERMSIG(status) == SIGKILL || WTERMSIG(status) == SIGTERM)
        return FERRY_RESET_POWER;
    return FERRY_RESET_LOCKUP;
}

/* One life of the core; its wait status. */
static int run_core(struct machine *machine, int machine_fd)
{
    int status;

    machine->locked = false;
    machine->in_application = false;
    machine->broken = FERRY_OK;
    fflush(stdout);
    pid_t core = fork();
    if (core == 0)
        core_run(machine, machine_fd);
    while (core < 0 || waitpid(core, &status, 0) < 0) {
        if (core < 0 || errno != EINTR) {
            fprintf(stderr, "ferry-device: cannot start the core: %s\n", strerror(errno));
            return 1 << 8;
        }
    }
    return status;
}

/* Runs life after life. The exit status of ferry-device. */
static int run(struct machine *machine, int machine_fd, const struct options *options)
{
    const struct timespec pause = {0, LOCKUP_PAUSE_NS};

    printf("power: on\n");
    for (;;) {
        int status = run_core(machine, machine_fd);
        if (machine->broken != FERRY_OK) {
            fprintf(stderr, "ferry-device: the bootloader cannot work: %s\n",
                    ferry_status_text(machine->broken));
            return 1;
        }
        if (options->boot_only)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        machine->cause = (uint8_t)cause_of(status);
        machine->button = false;
        printf("reset: %s\n", cause_names[machine->cause]);
        if (options->once)
            wires_drain(machine);
        if (options->once)
            return machine->cause == FERRY_RESET_SOFTWARE ? 0 : 10 + machine->cause;
        if (machine->cause == FERRY_RESET_LOCKUP)
            nanosleep(&pause, NULL);
    }
}

int main(int count, char **arguments)
{
    struct options options;
    int machine_fd;

    enum options_result result = options_parse(&options, count, arguments);
    if (result != OPTIONS_GO)
        return result == OPTIONS_HELP ? 0 : 2;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN); /* a reader of the log that goes away must not stop the device */
    struct machine *machine = power_on(&options, &machine_fd);
    if (!machine)
        return 1;
    if (options.factory)
        return factory_write(machine, options.factory) == 0 ? 0 : 1;
    return run(machine, machine_fd, &options);
}
