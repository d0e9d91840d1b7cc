// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes of a serial line. Whatever message comes out is sent again, and must come back as it was;
 * after any input the receiver understands the next packet.
 */
#include <stdlib.h>
#include <string.h>

#include "ferry/smp_serial.h"
#include "tests/fuzz/fuzz.h"

#define ROOM 300u

struct line {
    struct ferry_smp_receiver receiver;
    uint8_t buffer[ROOM];
    const uint8_t *message;
    size_t length;
};

static void need(int truth)
{
    if (!truth) {
        abort();
    }
}

static int feed(struct line *line, uint8_t byte)
{
    if (!ferry_smp_receiver_feed(&line->receiver, byte, &line->message, &line->length)) {
        return 0;
    }
    need(line->length > 0 && line->message >= line->buffer);
    need(line->message + line->length + 2 <= line->buffer + ROOM);
    return 1;
}

/* Sends `message` into `line`, which must give it back exactly once. */
static void send(struct line *line, const uint8_t *message, size_t length)
{
    struct ferry_smp_sender sender;
    char text[128];
    size_t used;
    unsigned found = 0;

    ferry_smp_sender_start(&sender, message, length);
    while ((used = ferry_smp_sender_line(&sender, text)) > 0) {
        need(used <= 127);
        for (size_t i = 0; i < used; i++) {
            if (feed(line, (uint8_t)text[i])) {
                need(line->length == length && memcmp(line->message, message, length) == 0);
                found++;
            }
        }
    }
    need(found == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t probe[] = {0, 0, 0, 0, 0, 0, 1, 6};
    struct line line;
    struct line other;

    ferry_smp_receiver_start(&line.receiver, line.buffer, ROOM);
    ferry_smp_receiver_start(&other.receiver, other.buffer, ROOM);
    for (size_t i = 0; i < size; i++) {
        if (feed(&line, data[i])) {
            send(&other, line.message, line.length);
        }
    }
    (void)feed(&line, '\n');
    send(&line, probe, sizeof(probe));
    return 0;
}
