// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "tool/sim.h"

#define ARGUMENTS 64

/* A command line as it grows. */
struct line {
    char *argument[ARGUMENTS + 1];
    int count;
};

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(struct line *line, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    if (line->count < ARGUMENTS && vasprintf(&line->argument[line->count], format, list) >= 0)
        line->argument[++line->count] = NULL;
    va_end(list);
}

static void add_drive(struct line *line, int index, const char *dir, const char *name)
{
    add(line, "-drive");
    /* Every write reaches the file at once; what the host's disk does with it is its business. */
    add(line, "if=mtd,index=%d,format=raw,cache=unsafe,file=%s/%s", index, dir, name);
}

static void add_debugger(struct line *line, const struct sim_board *board, bool debugger)
{
    if (board->qmp || debugger)
        add(line, "-S"); /* somebody else says when it starts */
    if (board->qmp) {
        add(line, "-qmp");
        add(line, "unix:%s,server=on,wait=off", board->qmp);
    }
    if (debugger) {
        add(line, "-gdb");
        add(line, "unix:%s/gdb,server=on,wait=off", board->dir);
    }
}

static void make_line(struct ferry_args *args, struct line *line, const struct sim_board *board)
{
    const char *further;

    add(line, "qemu-system-arm");
    add(line, "-M");
    add(line, "ast1030-evb,fmc-model=w25q64,spi-model=%s", board->spi_model);
    add(line, "-kernel");
    add(line, "%s/maskrom.bin", board->firmware);
    add_drive(line, 0, board->dir, "int.img");
    if (board->has_chip)
        add_drive(line, 2, board->dir, "ext.img");
    for (const char *const *word = (const char *const[]){"-display", "none", "-monitor", "none",
                                                         "-serial", "stdio", NULL};
         *word; word++)
        add(line, "%s", *word);
    /* Time by instructions, 8 ns each: a busy host must not have the board's watchdog bite. */
    add(line, "-icount");
    add(line, "shift=3,sleep=on");
    add(line, "-d");
    add(line, "guest_errors");
    add(line, "-D");
    add(line, "%s/guest.log", board->dir);
    for (int i = 0; (further = ferry_args_nth(args, "qemu", i)) != NULL; i++)
        add(line, "%s", further);
}

/* In the child. Gone with its parent; what it says goes to a file. */
static _Noreturn void become_qemu(struct line *line, const struct sim_board *board, int input,
                                  int output)
{
    char path[SIM_PATH];
    sigset_t none;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    setpgid(0, 0); /* Ctrl-C is for the parent, which ends QEMU in order */
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    sim_path(path, board->dir, "qemu.log");
    int messages = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (messages >= 0)
        dup2(messages, STDERR_FILENO);
    execvp(line->argument[0], line->argument);
    fprintf(stderr, "cannot start %s: %s\n", line->argument[0], strerror(errno));
    _exit(127);
}

/*
 * Pipes, because QEMU writes byte by byte: in a socket's buffer each of them takes the room of a
 * packet, in a pipe they share pages.
 */
static bool make_pipes(int input[2], int output[2])
{
    if (pipe2(input, O_CLOEXEC) != 0)
        return false;
    if (pipe2(output, O_CLOEXEC) == 0)
        return true;
    close(input[0]);
    close(input[1]);
    return false;
}

static void remove_old(const struct sim_board *board)
{
    char path[SIM_PATH];

    sim_path(path, board->dir, "gdb");
    unlink(path);
    sim_path(path, board->dir, "guest.log");
    unlink(path);
}

pid_t sim_qemu_start(struct ferry_args *args, const struct sim_board *board, bool debugger,
                     int pipes[2])
{
    struct line line = {.count = 0};
    int input[2], output[2];

    remove_old(board);
    if (!make_pipes(input, output)) {
        ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot make a pipe: %s", strerror(errno));
        return -1;
    }
    make_line(args, &line, board);
    add_debugger(&line, board, debugger);
    pid_t pid = fork();
    if (pid == 0)
        become_qemu(&line, board, input[0], output[1]);
    for (int i = 0; i < line.count; i++)
        free(line.argument[i]);
    close(input[0]);
    close(output[1]);
    pipes[0] = output[0];
    pipes[1] = input[1];
    if (pid < 0)
        ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot start a process: %s", strerror(errno));
    return pid;
}

/*
 * The chip models complain about what a real chip would do wrong in silence. One line is harmless:
 * models without SFDP do not know the command that asks for it.
 */
static bool is_complaint(const char *line)
{
    bool about_flash = strstr(line, "M25P80:") || strstr(line, "aspeed_smc");

    return about_flash && !strstr(line, "Unknown cmd 5a");
}

unsigned sim_qemu_complaints(const struct sim_board *board, char complaint[256])
{
    char path[SIM_PATH], line[256];
    unsigned count = 0;

    complaint[0] = '\0';
    sim_path(path, board->dir, "guest.log");
    FILE *log = fopen(path, "r");
    while (log && fgets(line, sizeof line, log)) {
        if (!is_complaint(line))
            continue;
        line[strcspn(line, "\n")] = '\0';
        if (count++ == 0)
            strcpy(complaint, line);
    }
    if (log)
        fclose(log);
    return count;
}
