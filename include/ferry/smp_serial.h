// SPDX-License-Identifier: Apache-2.0
/*
 * SMP over console: frames of base64 lines between other text (Zephyr's smp_transport "console").
 * Bytes in, messages out, and back; no I/O. There is no limit to a line's length.
 */
#ifndef FERRY_SMP_SERIAL_H
#define FERRY_SMP_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Receiver. The caller owns the buffer; it bounds the largest message (+ 4 bytes framing). */
struct ferry_smp_receiver {
    uint8_t *buffer;
    uint32_t size;
    uint32_t fill;     /* decoded bytes: 2 length + message + 2 CRC */
    uint32_t expected; /* length announced, + 2; 0 = not known yet */
    uint32_t quad;     /* base64 characters of the group under way */
    uint8_t quad_fill;
    uint8_t padding;
    uint8_t state;
    bool too_large;
};

void ferry_smp_receiver_start(struct ferry_smp_receiver *receiver, uint8_t *buffer, uint32_t size);

/*
 * Feeds one byte. True when a whole, CRC-checked message is there: `*message` points into the
 * buffer and stays until the next call. Noise, torn frames and bad CRCs are dropped silently.
 */
bool ferry_smp_receiver_feed(struct ferry_smp_receiver *receiver, uint8_t byte,
                             const uint8_t **message, size_t *length);

/* Sender: cuts one message into lines, piece by piece, so that no second buffer is needed. */
struct ferry_smp_sender {
    const uint8_t *message;
    size_t length;
    size_t position; /* raw bytes already encoded: 2 length + message + 2 CRC */
    uint16_t crc;
};

void ferry_smp_sender_start(struct ferry_smp_sender *sender, const uint8_t *message, size_t length);

/*
 * Writes the next line (marker, base64, newline; at most 127 bytes) into `line`, which has room
 * for 128. Returns its length, 0 when the message is out.
 */
size_t ferry_smp_sender_line(struct ferry_smp_sender *sender, char line[128]);

/* CRC-16/XMODEM. */
uint16_t ferry_crc16(uint16_t crc, const void *data, size_t length);

#endif
