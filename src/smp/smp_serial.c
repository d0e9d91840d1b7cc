// SPDX-License-Identifier: Apache-2.0
#include "ferry/smp_serial.h"

/* A packet is be16(length of message + CRC), message, be16(CRC), all of it in base64. */
#define LENGTH_BYTES 2u
#define CRC_BYTES    2u

/* The first line of a packet starts with 06 09, every later one with 04 14. */
#define MARK_FIRST_1 0x06
#define MARK_FIRST_2 0x09
#define MARK_NEXT_1  0x04
#define MARK_NEXT_2  0x14

/* 127 bytes with marker and newline: what every receiver in the field takes. */
#define LINE_RAW_BYTES 93u

enum line {
    LINE_START, /* the next byte begins a line */
    LINE_FIRST, /* after 06 */
    LINE_NEXT,  /* after 04 */
    LINE_DATA,  /* base64 of our packet */
    LINE_NOISE, /* somebody else's text, up to the newline */
};

/* `state` holds enum line and, above it, whether a packet was started. */
#define PACKET_STARTED 0x80u

uint16_t ferry_crc16(uint16_t crc, const void *data, size_t length)
{
    const uint8_t *byte = data;

    while (length-- > 0) {
        crc = (uint16_t)((crc >> 8) | (crc << 8));
        crc ^= *byte++;
        crc ^= (uint16_t)((crc & 0xFFu) >> 4);
        crc ^= (uint16_t)(crc << 12);
        crc ^= (uint16_t)((crc & 0xFFu) << 5);
    }
    return crc;
}

void ferry_smp_receiver_start(struct ferry_smp_receiver *receiver, uint8_t *buffer, uint32_t size)
{
    *receiver = (struct ferry_smp_receiver){.buffer = buffer, .size = size, .state = LINE_START};
}

static void set_line(struct ferry_smp_receiver *receiver, enum line line)
{
    receiver->state = (uint8_t)((receiver->state & PACKET_STARTED) | line);
}

static void start_packet(struct ferry_smp_receiver *receiver)
{
    ferry_smp_receiver_start(receiver, receiver->buffer, receiver->size);
    receiver->state = PACKET_STARTED | LINE_DATA;
}

/* Forgets the packet; the rest of its line is noise. */
static void drop_packet(struct ferry_smp_receiver *receiver)
{
    receiver->state = LINE_NOISE;
}

/* Value of a base64 character, or 64. */
static uint32_t base64_value(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - (uint32_t)'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - (uint32_t)'a' + 26;
    }
    if (byte >= '0' && byte <= '9') {
        return byte - (uint32_t)'0' + 52;
    }
    return byte == '+' ? 62 : byte == '/' ? 63 : 64;
}

static void take_byte(struct ferry_smp_receiver *receiver, uint8_t byte)
{
    uint8_t *buffer = receiver->buffer;

    if (receiver->fill >= receiver->size) {
        receiver->too_large = true;
        drop_packet(receiver);
        return;
    }
    buffer[receiver->fill++] = byte;
    if (receiver->fill == LENGTH_BYTES) {
        receiver->expected = LENGTH_BYTES + (((uint32_t)buffer[0] << 8) | buffer[1]);
        receiver->too_large = receiver->expected > receiver->size;
    }
    /* Before the length is known `expected` is 0; two bytes always fit. */
    if (receiver->fill >= LENGTH_BYTES &&
        (receiver->too_large || receiver->fill > receiver->expected)) {
        drop_packet(receiver);
    }
}

static void take_quad(struct ferry_smp_receiver *receiver)
{
    uint32_t bytes = 3u - receiver->padding;

    receiver->quad_fill = 0;
    for (uint32_t i = 0; i < bytes && (receiver->state & PACKET_STARTED) != 0; i++) {
        take_byte(receiver, (uint8_t)(receiver->quad >> (16 - 8 * i)));
    }
}

static void take_character(struct ferry_smp_receiver *receiver, uint8_t byte)
{
    uint32_t value = base64_value(byte);

    if (byte == '=' && receiver->quad_fill >= 2) {
        receiver->padding++;
        value = 0;
    } else if (value > 63 || receiver->padding > 0) {
        /* Not base64, or base64 behind padding: the line is damaged. */
        drop_packet(receiver);
        return;
    }
    receiver->quad = (receiver->quad << 6) | value;
    receiver->quad_fill++;
    if (receiver->quad_fill == 4) {
        take_quad(receiver);
    }
}

/* A packet ends with the line that brings its last byte; what is torn never ends. */
static bool end_line(struct ferry_smp_receiver *receiver, const uint8_t **message, size_t *length)
{
    uint8_t state = receiver->state;

    set_line(receiver, LINE_START);
    receiver->padding = 0;
    if (state != (PACKET_STARTED | LINE_DATA) || receiver->fill < LENGTH_BYTES ||
        receiver->fill != receiver->expected) {
        return false;
    }
    receiver->state = LINE_START;
    if (receiver->quad_fill != 0 || receiver->fill <= LENGTH_BYTES + CRC_BYTES ||
        ferry_crc16(0, receiver->buffer + LENGTH_BYTES, receiver->fill - LENGTH_BYTES) != 0) {
        return false;
    }
    *message = receiver->buffer + LENGTH_BYTES;
    *length = receiver->fill - LENGTH_BYTES - CRC_BYTES;
    return true;
}

static void take_marker(struct ferry_smp_receiver *receiver, uint8_t byte)
{
    uint8_t line = receiver->state & (uint8_t)~PACKET_STARTED;

    if (line == LINE_START && byte == MARK_FIRST_1) {
        set_line(receiver, LINE_FIRST);
    } else if (line == LINE_START && byte == MARK_NEXT_1) {
        set_line(receiver, LINE_NEXT);
    } else if (line == LINE_FIRST && byte == MARK_FIRST_2) {
        start_packet(receiver);
    } else if (line == LINE_NEXT && byte == MARK_NEXT_2 &&
               (receiver->state & PACKET_STARTED) != 0) {
        set_line(receiver, LINE_DATA);
    } else {
        set_line(receiver, LINE_NOISE);
    }
}

bool ferry_smp_receiver_feed(struct ferry_smp_receiver *receiver, uint8_t byte,
                             const uint8_t **message, size_t *length)
{
    if (byte == '\r') {
        return false; /* terminals put it before the newline */
    }
    if (byte == '\n') {
        return end_line(receiver, message, length);
    }
    if ((receiver->state & (uint8_t)~PACKET_STARTED) == LINE_DATA) {
        take_character(receiver, byte);
    } else {
        take_marker(receiver, byte);
    }
    return false;
}

void ferry_smp_sender_start(struct ferry_smp_sender *sender, const uint8_t *message, size_t length)
{
    *sender = (struct ferry_smp_sender){
        .message = message,
        .length = length,
        .crc = ferry_crc16(0, message, length),
    };
}

/* Byte `at` of the packet. */
static uint8_t packet_byte(const struct ferry_smp_sender *sender, size_t at)
{
    size_t announced = sender->length + CRC_BYTES;
    size_t end = LENGTH_BYTES + sender->length;

    if (at < LENGTH_BYTES) {
        return (uint8_t)(announced >> (8 - 8 * at));
    }
    if (at < end) {
        return sender->message[at - LENGTH_BYTES];
    }
    return (uint8_t)(sender->crc >> (8 - 8 * (at - end)));
}

static char base64_character(uint32_t value)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return alphabet[value & 63];
}

/* Encodes up to three bytes of the packet at `at`, with padding where the packet ends. */
static void put_quad(const struct ferry_smp_sender *sender, size_t at, size_t end, char quad[4])
{
    uint32_t bits = 0;

    for (size_t i = 0; i < 3; i++) {
        bits = (bits << 8) | (at + i < end ? packet_byte(sender, at + i) : 0u);
    }
    quad[0] = base64_character(bits >> 18);
    quad[1] = base64_character(bits >> 12);
    quad[2] = at + 1 < end ? base64_character(bits >> 6) : '=';
    quad[3] = at + 2 < end ? base64_character(bits) : '=';
}

size_t ferry_smp_sender_line(struct ferry_smp_sender *sender, char line[128])
{
    size_t end = LENGTH_BYTES + sender->length + CRC_BYTES;
    size_t stop = sender->position + LINE_RAW_BYTES;
    bool first = sender->position == 0;
    size_t used = 2;

    if (sender->position >= end) {
        return 0;
    }
    line[0] = first ? MARK_FIRST_1 : MARK_NEXT_1;
    line[1] = first ? MARK_FIRST_2 : MARK_NEXT_2;
    for (; sender->position < stop && sender->position < end; sender->position += 3) {
        put_quad(sender, sender->position, end, line + used);
        used += 4;
    }
    line[used++] = '\n';
    return used;
}
