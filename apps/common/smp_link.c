// SPDX-License-Identifier: Apache-2.0
#include "apps/common/smp_link.h"

/* Bytes taken from a serial line at a time. */
#define CHUNK 64u

void smp_link_start(struct smp_link *link)
{
    link->messages = 0;
    ferry_smp_start(&link->smp, &link->config);
    ferry_smp_receiver_start(&link->receiver, link->request, link->request_size);
}

static void send_lines(const struct smp_link *link, const uint8_t *message, size_t length)
{
    struct ferry_smp_sender sender;
    char line[128];

    ferry_smp_sender_start(&sender, message, length);
    for (;;) {
        size_t used = ferry_smp_sender_line(&sender, line);
        if (used == 0)
            return;
        link->link->write(link->link->context, line, used);
    }
}

static void send_message(const struct smp_link *link, const uint8_t *message, size_t length)
{
    if (link->packets)
        link->link->write(link->link->context, message, length);
    else
        send_lines(link, message, length);
}

/* Several requests in one message have several replies; clients take one at a time. */
static void handle(struct smp_link *link, const uint8_t *message, size_t length)
{
    size_t used = 0;

    link->messages++;
    int status =
        ferry_smp_handle(&link->smp, message, length, link->reply, link->reply_size, &used);
    if (status != FERRY_OK)
        return;
    for (size_t at = 0, one; at < used; at += one) {
        one = ferry_smp_length(link->reply + at, used - at);
        if (one == 0)
            return;
        send_message(link, link->reply + at, one);
    }
}

static bool poll_packets(struct smp_link *link)
{
    size_t length = link->link->read(link->link->context, link->request, link->request_size);

    if (length > 0)
        handle(link, link->request, length);
    return length > 0;
}

static bool poll_serial(struct smp_link *link)
{
    uint8_t bytes[CHUNK];
    const uint8_t *message;
    size_t length;
    size_t count = link->link->read(link->link->context, bytes, sizeof bytes);

    for (size_t i = 0; i < count; i++)
        if (ferry_smp_receiver_feed(&link->receiver, bytes[i], &message, &length))
            handle(link, message, length);
    return count > 0;
}

bool smp_link_poll(struct smp_link *link)
{
    return link->packets ? poll_packets(link) : poll_serial(link);
}
