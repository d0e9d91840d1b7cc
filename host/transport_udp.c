// SPDX-License-Identifier: Apache-2.0
/* SMP over UDP, IPv4 and IPv6: one datagram is one message. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "host/link.h"
#include "host/smp_message.h"

#define PORT        "1337"
#define MESSAGE_MIN 1024u /* what every known server over UDP takes */
/* One Ethernet frame: servers do not put fragments of a message together. */
#define MESSAGE_IPV4 (1500u - 28u)
#define MESSAGE_IPV6 (1500u - 48u)

struct udp {
    struct ferry_link link;
    char host[256];
    char port[16];
    int file;
    uint8_t message[FERRY_CLIENT_MESSAGE_MAX];
};

static int udp_send(struct ferry_link *link, const uint8_t *message, size_t length)
{
    struct udp *udp = (struct udp *)link;

    if (udp->file < 0)
        return -ENODEV;
    if (send(udp->file, message, length, 0) >= 0)
        return 0;
    /* The answer to an earlier datagram, or no room: both are a lost datagram, no more. */
    udp->link.refused = udp->link.refused || errno == ECONNREFUSED;
    if (errno == ECONNREFUSED || errno == EAGAIN || errno == ENOBUFS || errno == EINTR ||
        errno == ENETUNREACH || errno == EHOSTUNREACH)
        return 0;
    return -errno;
}

static int udp_wait(struct ferry_link *link, uint64_t deadline, const uint8_t **message,
                    size_t *length)
{
    struct udp *udp = (struct udp *)link;

    if (udp->file < 0)
        return -ENODEV;
    for (;;) {
        uint64_t now = ferry_link_now();
        struct pollfd socket = {.fd = udp->file, .events = POLLIN};
        int status = poll(&socket, 1, now < deadline ? (int)(deadline - now) : 0);
        ssize_t count;

        if (status <= 0)
            return status == 0 || errno == EINTR ? 0 : -errno;
        count = recv(udp->file, udp->message, sizeof(udp->message), 0);
        if (count >= 0) {
            udp->link.refused = false;
            *message = udp->message;
            *length = (size_t)count;
            return 1;
        }
        udp->link.refused = udp->link.refused || errno == ECONNREFUSED;
        if (ferry_link_now() >= deadline)
            return 0;
    }
}

/* The first of the host's addresses that a socket can be connected to. */
static int open_socket(struct udp *udp)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM};
    struct addrinfo *list = NULL;
    int status = getaddrinfo(udp->host, udp->port, &hints, &list);

    if (status != 0)
        return -EADDRNOTAVAIL;
    status = -EADDRNOTAVAIL;
    udp->file = -1;
    for (struct addrinfo *at = list; at != NULL && udp->file < 0; at = at->ai_next) {
        udp->file = socket(at->ai_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (udp->file >= 0 && connect(udp->file, at->ai_addr, at->ai_addrlen) == 0) {
            udp->link.message_max = at->ai_family == AF_INET6 ? MESSAGE_IPV6 : MESSAGE_IPV4;
            status = 0;
            break;
        }
        status = -errno;
        if (udp->file >= 0)
            close(udp->file);
        udp->file = -1;
    }
    freeaddrinfo(list);
    return status;
}

static void close_socket(struct udp *udp)
{
    if (udp->file >= 0)
        close(udp->file);
    udp->file = -1;
}

static int udp_reopen(struct ferry_link *link)
{
    struct udp *udp = (struct udp *)link;

    /* A fresh socket also forgets late answers to the old one. */
    close_socket(udp);
    udp->link.refused = false;
    return open_socket(udp);
}

static void udp_close(struct ferry_link *link)
{
    struct udp *udp = (struct udp *)link;

    close_socket(udp);
    free(udp);
}

static const struct ferry_link_api udp_api = {
    .send = udp_send,
    .wait = udp_wait,
    .reopen = udp_reopen,
    .close = udp_close,
};

static bool copy_part(char *to, size_t room, const char *from, size_t length)
{
    if (length == 0 || length >= room)
        return false;
    memcpy(to, from, length);
    to[length] = 0;
    return true;
}

static bool is_port(const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);

    return text[0] >= '0' && text[0] <= '9' && *end == 0 && port > 0 && port < 65536;
}

/* "HOST", "HOST:PORT", "::1", "[::1]", "[::1]:PORT". */
static bool parse_address(struct udp *udp, const char *address)
{
    const char *colon = strchr(address, ':');
    const char *host = address;
    size_t length = strlen(address);
    const char *port = PORT;

    if (address[0] == '[') {
        const char *end = strchr(address, ']');

        if (end == NULL || (end[1] != 0 && end[1] != ':'))
            return false;
        host = address + 1;
        length = (size_t)(end - host);
        if (end[1] == ':')
            port = end + 2;
    } else if (colon != NULL && strchr(colon + 1, ':') == NULL) {
        length = (size_t)(colon - address);
        port = colon + 1;
    }
    return is_port(port) && copy_part(udp->port, sizeof(udp->port), port, strlen(port)) &&
           copy_part(udp->host, sizeof(udp->host), host, length);
}

struct ferry_link *ferry_link_udp(const char *address, enum ferry_link_problem *problem, char *why,
                                  size_t room)
{
    struct udp *udp = calloc(1, sizeof(*udp));

    *problem = FERRY_LINK_OPEN;
    if (udp == NULL) {
        snprintf(why, room, "no memory for a connection; close other programs");
        return NULL;
    }
    udp->file = -1;
    udp->link.api = &udp_api;
    udp->link.message_min = MESSAGE_MIN;
    if (!parse_address(udp, address)) {
        *problem = FERRY_LINK_ADDRESS;
        snprintf(why, room, "'%s' is not HOST[:PORT]; write 192.168.1.20:1337 or [fe80::1]:1337",
                 address);
        udp_close(&udp->link);
        return NULL;
    }
    if (open_socket(udp) != 0) {
        snprintf(why, room, "the host '%s' is not known or cannot be reached; check its name",
                 udp->host);
        udp_close(&udp->link);
        return NULL;
    }
    *problem = FERRY_LINK_OK;
    snprintf(udp->link.name, sizeof(udp->link.name), "UDP port %s of %s", udp->port, udp->host);
    return &udp->link;
}
