// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/board.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* A line that nobody reads is full after this long; the rest is lost, as on a wire. */
#define SERIAL_PATIENCE_MS 500

/* Of this process, as the core has one watchdog. */
static uint32_t watchdog_ms;

/* Who sent the datagram that is being answered. One core, one receive buffer. */
static struct sockaddr_in udp_peer;

static uint32_t now_us(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u);
}

static void sleep_us(void *context, uint32_t us)
{
    struct timespec time = {us / 1000000u, (long)(us % 1000000u) * 1000};

    (void)context;
    while (nanosleep(&time, &time) != 0 && errno == EINTR)
        continue;
}

static void feed_watchdog(void *context)
{
    struct itimerval time = {{0, 0}, {watchdog_ms / 1000u, (watchdog_ms % 1000u) * 1000}};

    (void)context;
    if (watchdog_ms > 0)
        setitimer(ITIMER_REAL, &time, NULL);
}

const struct ferry_clock posix_clock = {now_us, sleep_us, feed_watchdog, NULL};

void board_arm_watchdog(uint32_t ms)
{
    watchdog_ms = ms;
    feed_watchdog(NULL);
}

static size_t serial_read(void *context, uint8_t *data, size_t room)
{
    const struct machine *machine = context;

    if (machine->serial_fd < 0)
        return 0;
    ssize_t count = read(machine->serial_fd, data, room);
    return count > 0 ? (size_t)count : 0;
}

static void serial_write(void *context, const void *data, size_t length)
{
    const struct machine *machine = context;
    const uint8_t *bytes = data;
    struct pollfd wait = {machine->serial_fd, POLLOUT, 0};

    while (length > 0 && machine->serial_fd >= 0) {
        ssize_t count = write(machine->serial_fd, bytes, length);
        if (count < 0 && errno != EAGAIN && errno != EINTR)
            return;
        if (count < 0 && poll(&wait, 1, SERIAL_PATIENCE_MS) == 0)
            return;
        if (count > 0) {
            bytes += count;
            length -= (size_t)count;
        }
    }
}

static size_t udp_read(void *context, uint8_t *data, size_t room)
{
    const struct machine *machine = context;
    socklen_t size = sizeof udp_peer;
    ssize_t count =
        recvfrom(machine->udp_fd, data, room, MSG_DONTWAIT, (struct sockaddr *)&udp_peer, &size);

    return count > 0 ? (size_t)count : 0;
}

static void udp_write(void *context, const void *data, size_t length)
{
    const struct machine *machine = context;

    sendto(machine->udp_fd, data, length, 0, (const struct sockaddr *)&udp_peer, sizeof udp_peer);
}

struct ferry_link board_serial(struct machine *machine)
{
    return (struct ferry_link){serial_read, serial_write, machine};
}

struct ferry_link board_udp(struct machine *machine)
{
    if (machine->udp_fd < 0)
        return (struct ferry_link){NULL, NULL, NULL};
    return (struct ferry_link){udp_read, udp_write, machine};
}

void board_log(void *machine, const char *line)
{
    (void)machine;
    dprintf(STDOUT_FILENO, "%s\n", line);
}

void board_idle(void *context)
{
    const struct machine *machine = context;
    struct pollfd wait[2] = {{machine->serial_fd, POLLIN, 0}, {machine->udp_fd, POLLIN, 0}};

    poll(wait, 2, 50);
}

void board_reset(void *machine)
{
    (void)machine;
    _exit(0);
}
