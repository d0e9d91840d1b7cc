// SPDX-License-Identifier: Apache-2.0
/* Console framing: known frames, every torn position, noise, line shapes of the clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/smp_serial.h"
#include "tests/unit/smp/message.h"
#include "tests/unit/smp/random.h"

#define ROOM 4096

struct rig {
    struct ferry_smp_receiver receiver;
    uint8_t buffer[ROOM];
    uint8_t last[ROOM];
    size_t last_length;
    unsigned messages;
};

static void rig_start(struct rig *rig, uint32_t size)
{
    memset(rig, 0, sizeof(*rig));
    ferry_smp_receiver_start(&rig->receiver, rig->buffer, size);
}

static void feed(struct rig *rig, const char *bytes, size_t length)
{
    const uint8_t *message = NULL;
    size_t found = 0;

    for (size_t i = 0; i < length; i++) {
        if (ferry_smp_receiver_feed(&rig->receiver, (uint8_t)bytes[i], &message, &found)) {
            assert_true(message >= rig->buffer && message + found <= rig->buffer + ROOM);
            memcpy(rig->last, message, found);
            rig->last_length = found;
            rig->messages++;
        }
    }
}

static void feed_text(struct rig *rig, const char *text)
{
    feed(rig, text, strlen(text));
}

/* All lines of a message, as the sender makes them. */
static size_t encode(const uint8_t *message, size_t length, char *out)
{
    struct ferry_smp_sender sender;
    size_t used = 0;
    size_t line;

    ferry_smp_sender_start(&sender, message, length);
    while ((line = ferry_smp_sender_line(&sender, out + used)) != 0) {
        assert_true(line <= 127);
        used += line;
    }
    return used;
}

/* Message and its one line. */
static const struct {
    const char *hex;
    const char *line;
} vectors[] = {
    {"0a00000600004200 a16164626869", "\x06\tABAKAAAGAABCAKFhZGJoaZsK\n"},
    {"0b00000600004200 a16172626869", "\x06\tABALAAAGAABCAKFhcmJoadxV\n"},
    {"000000010000ff06 a0", "\x06\tAAsAAAABAAD/BqCVjw==\n"},
    {"0000000100010100 a0", "\x06\tAAsAAAABAAEBAKCxzg==\n"},
    {"0200000000000705", "\x06\tAAoCAAAAAAAHBUaU\n"},
    {"0300000500010901 a162726303", "\x06\tAA8DAAAFAAEJAaFicmMDyJc=\n"},
    {"0b00000800010901 a1636f6666190200", "\x06\tABILAAAIAAEJAaFjb2ZmGQIAxc0=\n"},
    {"48656c6c6f2c20776f726c6421", "\x06\tAA9IZWxsbywgd29ybGQhet4=\n"},
};

static void crc_is_xmodem(void **state)
{
    const uint8_t with_crc[] = {'1', '2', '3', '4', '5', '6', '7', '8', '9', 0x31, 0xC3};

    (void)state;
    assert_int_equal(ferry_crc16(0, "123456789", 9), 0x31C3);
    assert_int_equal(ferry_crc16(ferry_crc16(0, "1234", 4), "56789", 5), 0x31C3);
    assert_int_equal(ferry_crc16(0, with_crc, sizeof(with_crc)), 0);
}

static void known_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        uint8_t message[64];
        char out[128];
        size_t length = from_hex(vectors[i].hex, message);
        struct rig rig;

        assert_int_equal(encode(message, length, out), strlen(vectors[i].line));
        assert_memory_equal(out, vectors[i].line, strlen(vectors[i].line));
        rig_start(&rig, 64);
        feed_text(&rig, vectors[i].line);
        assert_int_equal(rig.messages, 1);
        assert_int_equal(rig.last_length, length);
        assert_memory_equal(rig.last, message, length);
    }
}

static void fill(uint8_t *message, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        message[i] = (uint8_t)(i * 37 + length);
    }
}

/* Each length round trips; lines are full, only the last has padding. */
static void every_length(void **state)
{
    static uint8_t message[1200];
    static char out[2048];

    (void)state;
    for (size_t length = 1; length <= sizeof(message); length++) {
        struct rig rig;
        size_t used;
        char *padding;

        fill(message, length);
        used = encode(message, length, out);
        assert_int_equal(used, (length + 6) / 3 * 4 + 3 * ((length + 4 + 92) / 93));
        padding = memchr(out, '=', used);
        assert_true(padding == NULL || padding >= out + used - 3);
        rig_start(&rig, (uint32_t)length + 4); /* exactly enough */
        feed(&rig, out, used);
        assert_int_equal(rig.messages, 1);
        assert_int_equal(rig.last_length, length);
        assert_memory_equal(rig.last, message, length);

        rig_start(&rig, (uint32_t)length + 3); /* one byte short */
        feed(&rig, out, used);
        assert_int_equal(rig.messages, 0);
        assert_true(rig.receiver.too_large);
    }
}

/* A packet cut after any byte is dropped, and the next one is understood. */
static void every_torn_position(void **state)
{
    uint8_t message[300];
    char out[512];
    size_t used;

    (void)state;
    fill(message, sizeof(message));
    used = encode(message, sizeof(message), out);
    for (size_t cut = 0; cut < used; cut++) {
        struct rig rig;

        rig_start(&rig, ROOM);
        feed(&rig, out, cut);
        feed_text(&rig, "\n");
        /* Only the newline was missing: then it is whole. */
        assert_int_equal(rig.messages, cut == used - 1 ? 1 : 0);
        rig.messages = 0;
        feed(&rig, out, used);
        assert_int_equal(rig.messages, 1);
        assert_memory_equal(rig.last, message, sizeof(message));
    }
}

/* A byte lost or changed anywhere never gives another message. */
static void every_damaged_byte(void **state)
{
    uint8_t message[200];
    char out[512];
    char damaged[512];
    size_t used;

    (void)state;
    fill(message, sizeof(message));
    used = encode(message, sizeof(message), out);
    for (size_t at = 0; at < used; at++) {
        struct rig rig;

        rig_start(&rig, ROOM);
        feed(&rig, out, at);
        feed(&rig, out + at + 1, used - at - 1);
        feed_text(&rig, "\n");
        if (at == used - 1) { /* the lost byte was the newline we sent again */
            assert_int_equal(rig.messages, 1);
        } else {
            assert_int_equal(rig.messages, 0);
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            memcpy(damaged, out, used);
            damaged[at] = (char)(damaged[at] ^ (1 << bit));
            rig_start(&rig, ROOM);
            feed(&rig, damaged, used);
            assert_int_equal(rig.messages, 0);
        }
    }
}

static void marker_only_at_line_start(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, ROOM);
    feed_text(&rig, "uart:~$ \x06\tAAoCAAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 0);
    feed_text(&rig, "half a line\n\x06\tAAoCAAAAAAAHBUaU\r\n");
    assert_int_equal(rig.messages, 1);
    feed_text(&rig, "\r\n\r\x06\tAAoCAAAAAAAHBUaU\r\n");
    assert_int_equal(rig.messages, 2);
    feed_text(&rig, "\x06x\tAAoCAAAAAAAHBUaU\n\x06\n\tAAoCAAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 2);
}

static void continuation_needs_a_start(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, ROOM);
    feed_text(&rig, "\x04\x14"
                    "AAoCAAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 0);
    feed_text(&rig, "\x06\tAAoC\n\x04\x14"
                    "AAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 1);
    /* Log lines of the application in between do not disturb. */
    feed_text(&rig, "\x06\tAAoC\n[00:00:01] <inf> app: hello\n\x04\x14"
                    "AAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 2);
    /* After a whole packet nothing can be continued. */
    feed_text(&rig, "\x04\x14"
                    "AAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 2);
}

static void a_new_start_restarts(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, ROOM);
    feed_text(&rig, "\x06\tAAoCAAAA\n\x06\tAAoCAAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 1);
    assert_int_equal(rig.last_length, 8);
}

/* Clients that pad each line, and those whose lines are no multiple of four characters. */
static void line_shapes(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, ROOM);
    feed_text(&rig, "\x06\tAA==\n\x04\x14"
                    "CgI=\n\x04\x14"
                    "AAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 1);
    feed_text(&rig, "\x06\tAAoCA\n\x04\x14"
                    "AAAAAAHBUa\n\x04\x14"
                    "U\n");
    assert_int_equal(rig.messages, 2);
    /* Data behind padding in one line, padding in the wrong place, too much padding. */
    feed_text(&rig, "\x06\tAA==CgI=AAAAAAAHBUaU\n");
    feed_text(&rig, "\x06\tA===oCAAAAAAAHBUaU\n");
    feed_text(&rig, "\x06\tAAoCAAAAAAAHBUaU====\n");
    feed_text(&rig, "\x06\tAA==AA==AA==AA==\n");
    assert_int_equal(rig.messages, 2);
}

static void length_must_match(void **state)
{
    struct rig rig;

    (void)state;
    rig_start(&rig, ROOM);
    /* Three more bytes than announced; a rest that is no whole group; announced 0, 1, 2. */
    feed_text(&rig, "\x06\tAAoCAAAAAAAHBUaUAAAA\n");
    feed_text(&rig, "\x06\tAAoCAAAAAAAHBUaUA\n");
    feed_text(&rig, "\x06\tAAA=\n\x06\tAAE=\n\x06\tAAEA\n\x06\tAAIAAA==\n");
    assert_int_equal(rig.messages, 0);
    feed_text(&rig, "\x06\tAAoCAAAAAAAHBUaU\n");
    assert_int_equal(rig.messages, 1);
}

/* One line of any length: the receiver has no line buffer. */
static void one_long_line(void **state)
{
    static uint8_t message[3000];
    static char out[8192];
    static char line[8192];
    struct rig rig;
    size_t used;
    size_t kept = 0;

    (void)state;
    fill(message, sizeof(message));
    used = encode(message, sizeof(message), out);
    for (size_t i = 0; i < used; i++) {
        if (i > 1 && (out[i] == '\n' || out[i] == 0x04 || out[i] == 0x14)) {
            continue;
        }
        line[kept++] = out[i];
    }
    line[kept++] = '\n';
    rig_start(&rig, ROOM);
    feed(&rig, line, kept);
    assert_int_equal(rig.messages, 1);
    assert_int_equal(rig.last_length, sizeof(message));
    assert_memory_equal(rig.last, message, sizeof(message));
}

/* Random bytes, rich in our own, between good packets: each good packet arrives. */
static void noise_between_packets(void **state)
{
    static const char spice[] = "\x06\t\x04\x14\r\n=AB/+09az";
    struct random random;
    struct rig rig;

    (void)state;
    random_start(&random, "noise_between_packets");
    rig_start(&rig, 256);
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t message[248];
        char out[512];
        size_t length = 8 + random_below(&random, 240);
        uint32_t noise = random_below(&random, 200);

        for (uint32_t i = 0; i < noise; i++) {
            char byte = random_below(&random, 2) != 0
                            ? spice[random_below(&random, sizeof(spice) - 1)]
                            : (char)random_below(&random, 256);

            feed(&rig, &byte, 1);
        }
        for (size_t i = 0; i < length; i++) {
            message[i] = (uint8_t)random_below(&random, 256);
        }
        feed_text(&rig, "\n");
        rig.messages = 0;
        feed(&rig, out, encode(message, length, out));
        assert_int_equal(rig.messages, 1);
        assert_int_equal(rig.last_length, length);
        assert_memory_equal(rig.last, message, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc_is_xmodem),
        cmocka_unit_test(known_frames),
        cmocka_unit_test(every_length),
        cmocka_unit_test(every_torn_position),
        cmocka_unit_test(every_damaged_byte),
        cmocka_unit_test(marker_only_at_line_start),
        cmocka_unit_test(continuation_needs_a_start),
        cmocka_unit_test(a_new_start_restarts),
        cmocka_unit_test(line_shapes),
        cmocka_unit_test(length_must_match),
        cmocka_unit_test(one_long_line),
        cmocka_unit_test(noise_between_packets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
