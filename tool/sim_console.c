// SPDX-License-Identifier: Apache-2.0
/*
 * Between the board's serial line and a pseudo terminal. While no client has the terminal open,
 * what the board sends is lost, as on a wire; the lines of text in it go to a log in any case.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "tool/sim.h"

#define LOOK_FOR_CLIENT_MS 10

/* Raw from the start: a client's first bytes must not be echoed to it. */
static bool make_raw(const char *name)
{
    struct termios settings;
    int fd = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool good = fd >= 0 && tcgetattr(fd, &settings) == 0;

    if (good) {
        cfmakeraw(&settings);
        good = tcsetattr(fd, TCSANOW, &settings) == 0;
    }
    if (fd >= 0)
        close(fd);
    return good;
}

/* One name for a terminal whose number changes with each start. */
static bool link_name(const char *dir, const char *name)
{
    char path[SIM_PATH], unfinished[SIM_PATH];

    sim_path(path, dir, "serial");
    sim_path(unfinished, dir, "serial.new");
    unlink(unfinished);
    return symlink(name, unfinished) == 0 && rename(unfinished, path) == 0;
}

bool sim_console_open(struct sim_console *console, const char *dir, const int pipes[2], FILE *log)
{
    *console = (struct sim_console){.from_board = pipes[0], .to_board = pipes[1], .log = log};
    console->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (console->master < 0 || grantpt(console->master) != 0 || unlockpt(console->master) != 0 ||
        ptsname_r(console->master, console->name, sizeof console->name) != 0)
        return false;
    return make_raw(console->name) && fcntl(console->master, F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(console->from_board, F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(console->to_board, F_SETFL, O_NONBLOCK) == 0 && link_name(dir, console->name);
}

void sim_console_close(struct sim_console *console, const char *dir)
{
    char path[SIM_PATH];

    sim_path(path, dir, "serial");
    unlink(path);
    close(console->master);
    close(console->from_board);
    close(console->to_board);
}

static bool has_client(const struct sim_console *console)
{
    struct pollfd entry = {.fd = console->master};

    return poll(&entry, 1, 0) == 0 || !(entry.revents & POLLHUP);
}

/* Text is for people; a line that starts like a frame of SMP is not. */
static void log_line(struct sim_console *console)
{
    const char *line = console->line;

    console->line[console->line_fill] = '\0';
    console->line_fill = 0;
    if (!console->log || line[0] == '\0' || line[0] == 0x06 || line[0] == 0x04)
        return;
    fprintf(console->log, "%s\n", line);
    fflush(console->log);
}

static void log_bytes(struct sim_console *console, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n')
            log_line(console);
        else if (bytes[i] != '\r' && console->line_fill + 1 < sizeof console->line)
            console->line[console->line_fill++] = (char)bytes[i];
    }
}

int sim_console_prepare(struct sim_console *console, struct pollfd *entries)
{
    bool client = has_client(console);
    bool from_board = console->out_sent == console->out_fill;
    bool from_client = console->in_sent == console->in_fill;

    entries[0] =
        (struct pollfd){.fd = from_board || !client ? console->from_board : -1, .events = POLLIN};
    entries[1] = (struct pollfd){.fd = from_client ? -1 : console->to_board, .events = POLLOUT};
    entries[2] = (struct pollfd){.fd = client ? console->master : -1};
    if (from_client)
        entries[2].events |= POLLIN;
    if (!from_board)
        entries[2].events |= POLLOUT;
    return client ? -1 : LOOK_FOR_CLIENT_MS;
}

/* Bytes from the board: to the log now, to the client when it takes them. */
static bool take_from_board(struct sim_console *console)
{
    ssize_t count = read(console->from_board, console->out, sizeof console->out);

    if (count <= 0)
        return count < 0 && (errno == EAGAIN || errno == EINTR);
    log_bytes(console, console->out, (size_t)count);
    console->out_fill = has_client(console) ? (size_t)count : 0;
    console->out_sent = 0;
    return true;
}

static void send(int fd, const uint8_t *buffer, size_t fill, size_t *sent)
{
    if (*sent == fill)
        return;
    ssize_t count = write(fd, buffer + *sent, fill - *sent);
    if (count > 0)
        *sent += (size_t)count;
}

bool sim_console_move(struct sim_console *console, const struct pollfd *entries)
{
    if (entries[0].revents & (POLLIN | POLLHUP) && !take_from_board(console))
        return false;
    if (entries[2].revents & POLLIN && console->in_sent == console->in_fill) {
        ssize_t count = read(console->master, console->in, sizeof console->in);
        console->in_sent = 0;
        console->in_fill = count > 0 ? (size_t)count : 0;
    }
    send(console->master, console->out, console->out_fill, &console->out_sent);
    send(console->to_board, console->in, console->in_fill, &console->in_sent);
    return true;
}
