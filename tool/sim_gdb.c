// SPDX-License-Identifier: Apache-2.0
/* The remote serial protocol of GDB over a Unix socket: ASCII packets "$...#checksum". */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tool/sim.h"

#define ANSWER_MS 10000

bool sim_gdb_open(struct sim_gdb *gdb, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path)
        return false;
    strcpy(address.sun_path, path);
    gdb->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    /* QEMU makes the socket while it starts. */
    for (int tries = 0; gdb->fd >= 0 && tries < 500; tries++) {
        if (connect(gdb->fd, (struct sockaddr *)&address, sizeof address) == 0)
            return true;
        poll(NULL, 0, 20);
    }
    return false;
}

static bool get_byte(struct sim_gdb *gdb, char *byte)
{
    struct pollfd entry = {.fd = gdb->fd, .events = POLLIN};

    for (;;) {
        int ready = poll(&entry, 1, ANSWER_MS);
        if (ready < 0 && errno == EINTR)
            continue;
        return ready > 0 && read(gdb->fd, byte, 1) == 1;
    }
}

static bool put_packet(struct sim_gdb *gdb, const char *text)
{
    char packet[128];
    unsigned sum = 0;

    for (const char *c = text; *c; c++)
        sum += (unsigned char)*c;
    int length = snprintf(packet, sizeof packet, "$%s#%02x", text, sum & 0xFF);
    return write(gdb->fd, packet, (size_t)length) == length;
}

/* Takes one packet without its frame into gdb->packet and acknowledges it. */
static bool get_packet(struct sim_gdb *gdb)
{
    size_t fill = 0;
    char c = 0;

    while (c != '$')
        if (!get_byte(gdb, &c))
            return false;
    while (get_byte(gdb, &c) && c != '#')
        if (fill + 1 < sizeof gdb->packet)
            gdb->packet[fill++] = c;
    gdb->packet[fill] = '\0';
    return c == '#' && get_byte(gdb, &c) && get_byte(gdb, &c) && write(gdb->fd, "+", 1) == 1;
}

static bool ask(struct sim_gdb *gdb, const char *text)
{
    return put_packet(gdb, text) && get_packet(gdb);
}

bool sim_gdb_break(struct sim_gdb *gdb, uint32_t address, bool on)
{
    char text[32];

    snprintf(text, sizeof text, "%c0,%x,2", on ? 'Z' : 'z', address);
    return ask(gdb, text) && strcmp(gdb->packet, "OK") == 0;
}

bool sim_gdb_step(struct sim_gdb *gdb)
{
    return ask(gdb, "s") && gdb->packet[0] == 'T';
}

/* The acknowledgement comes at once and the stop when it comes: only the stop is left to wait for.
 */
bool sim_gdb_continue(struct sim_gdb *gdb)
{
    char c;

    return put_packet(gdb, "c") && get_byte(gdb, &c) && c == '+';
}

bool sim_gdb_stopped(struct sim_gdb *gdb)
{
    return get_packet(gdb) && gdb->packet[0] == 'T';
}

/* Bytes from the hexadecimal digits of the last answer. */
static bool take_hex(const struct sim_gdb *gdb, uint8_t *data, unsigned length)
{
    if (strlen(gdb->packet) < 2 * (size_t)length)
        return false;
    for (unsigned i = 0; i < length; i++) {
        char digits[3] = {gdb->packet[2 * i], gdb->packet[2 * i + 1], 0};
        data[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

bool sim_gdb_registers(struct sim_gdb *gdb, uint32_t *registers, unsigned count)
{
    uint8_t bytes[16 * 4];

    if (count > 16 || !ask(gdb, "g") || !take_hex(gdb, bytes, 4 * count))
        return false;
    for (unsigned i = 0; i < count; i++)
        registers[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 |
                       (uint32_t)bytes[4 * i + 2] << 16 | (uint32_t)bytes[4 * i + 3] << 24;
    return true;
}

bool sim_gdb_read(struct sim_gdb *gdb, uint32_t address, void *data, unsigned length)
{
    char text[32];

    snprintf(text, sizeof text, "m%x,%x", address, length);
    return ask(gdb, text) && take_hex(gdb, data, length);
}
