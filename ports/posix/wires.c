// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/wires.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* A client that has not read its answer by now never will. */
#define DRAIN_PATIENCE_MS 1000

static void make_raw(int fd)
{
    struct termios settings;

    if (tcgetattr(fd, &settings) != 0)
        return;
    cfmakeraw(&settings);
    tcsetattr(fd, TCSANOW, &settings);
}

/* Always the same name for a pty whose number changes with each power-on. */
static void link_serial(const char *dir, const char *name)
{
    char path[4096], unfinished[4200];

    if (snprintf(path, sizeof path, "%s/serial", dir) >= (int)sizeof path)
        return;
    snprintf(unfinished, sizeof unfinished, "%s.new", path);
    unlink(unfinished);
    if (symlink(name, unfinished) != 0 || rename(unfinished, path) != 0)
        fprintf(stderr, "ferry-device: cannot link %s: %s\n", path, strerror(errno));
}

static int open_pty(struct machine *machine, const char *dir)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    const char *name = NULL;

    if (master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0)
        name = ptsname(master);
    /* Kept open for ever: a client that hangs up must not hang up the device. */
    int slave = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
    if (slave < 0) {
        fprintf(stderr, "ferry-device: cannot make a pty: %s\n", strerror(errno));
        return -1;
    }
    make_raw(slave);
    fcntl(master, F_SETFL, O_NONBLOCK);
    machine->serial_fd = master;
    machine->far_fd = slave;
    link_serial(dir, name);
    printf("serial: %s\n", name);
    return 0;
}

int wires_serial(struct machine *machine, const char *serial, const char *dir)
{
    if (strcmp(serial, "none") == 0)
        return 0;
    if (strcmp(serial, "pty") == 0)
        return open_pty(machine, dir);
    machine->serial_fd = open(serial, O_RDWR | O_NOCTTY | O_NONBLOCK);
    if (machine->serial_fd < 0) {
        fprintf(stderr, "ferry-device: cannot open the serial line %s: %s\n", serial,
                strerror(errno));
        return -1;
    }
    make_raw(machine->serial_fd);
    printf("serial: %s\n", serial);
    return 0;
}

void wires_drain(const struct machine *machine)
{
    const struct timespec pause = {0, 1000000};
    int unread = 0;

    for (int waited = 0; machine->far_fd >= 0 && waited < DRAIN_PATIENCE_MS; waited++) {
        if (ioctl(machine->far_fd, FIONREAD, &unread) != 0 || unread == 0)
            return;
        nanosleep(&pause, NULL);
    }
}

int wires_udp(struct machine *machine, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    socklen_t size = sizeof address;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    machine->udp_fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (machine->udp_fd < 0 || bind(machine->udp_fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(machine->udp_fd, (struct sockaddr *)&address, &size) != 0) {
        fprintf(stderr, "ferry-device: cannot take UDP port %u on 127.0.0.1: %s\n", port,
                strerror(errno));
        return -1;
    }
    printf("udp: 127.0.0.1:%u\n", ntohs(address.sin_port));
    return 0;
}
