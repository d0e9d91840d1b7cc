// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/smp/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zcbor_decode.h"
#include "zcbor_encode.h"

#define HEADER 8u

size_t from_hex(const char *hex, uint8_t *out)
{
    size_t used = 0;

    while (*hex != '\0') {
        unsigned value;

        if (*hex == ' ') {
            hex++;
        } else if (sscanf(hex, "%2x", &value) == 1) {
            out[used++] = (uint8_t)value;
            hex += 2;
        } else {
            abort();
        }
    }
    return used;
}

/* The map is kept closed: each pair goes where its end byte stands. */
static void finish(struct message *message, const zcbor_state_t *state)
{
    size_t body = (size_t)(state->payload - message->bytes) - HEADER;

    message->bytes[HEADER + body] = 0xFF;
    message->length = HEADER + body + 1;
    message->bytes[2] = (uint8_t)((body + 1) >> 8);
    message->bytes[3] = (uint8_t)(body + 1);
}

static void open_pair(struct message *message, zcbor_state_t *state, const char *key)
{
    zcbor_new_encode_state(state, 1, message->bytes + message->length - 1,
                           MESSAGE_ROOM - message->length, 0);
    if (!zcbor_tstr_put_term(state, key, 64)) {
        abort();
    }
}

void message_start(struct message *message, uint8_t op, uint16_t group, uint8_t command)
{
    const uint8_t start[] = {op,   0,       0,    2,   (uint8_t)(group >> 8), (uint8_t)group,
                             0x42, command, 0xBF, 0xFF};

    memcpy(message->bytes, start, sizeof(start));
    message->length = sizeof(start);
}

void message_uint(struct message *message, const char *key, uint64_t value)
{
    zcbor_state_t state[1];

    open_pair(message, state, key);
    (void)zcbor_uint64_put(state, value);
    finish(message, state);
}

void message_bool(struct message *message, const char *key, bool value)
{
    zcbor_state_t state[1];

    open_pair(message, state, key);
    (void)zcbor_bool_put(state, value);
    finish(message, state);
}

void message_text(struct message *message, const char *key, const char *text)
{
    zcbor_state_t state[1];

    open_pair(message, state, key);
    (void)zcbor_tstr_put_term(state, text, MESSAGE_ROOM);
    finish(message, state);
}

void message_bytes(struct message *message, const char *key, const void *data, size_t length)
{
    zcbor_state_t state[1];

    open_pair(message, state, key);
    (void)zcbor_bstr_encode_ptr(state, data, length);
    finish(message, state);
}

void message_null(struct message *message, const char *key)
{
    zcbor_state_t state[1];

    open_pair(message, state, key);
    (void)zcbor_nil_put(state, NULL);
    finish(message, state);
}

/* Leaves `state` at the value of `key` in the map at `state`. */
static bool find_key(zcbor_state_t *state, const char *key)
{
    if (!zcbor_map_start_decode(state)) {
        return false;
    }
    while (!zcbor_array_at_end(state)) {
        if (zcbor_tstr_expect_term(state, key, 64)) {
            return true;
        }
        for (unsigned i = 0; i < 2; i++) {
            if (!zcbor_any_skip(state, NULL)) {
                return false;
            }
        }
    }
    return false;
}

static size_t body_length(const uint8_t *reply)
{
    return ((size_t)reply[2] << 8) | reply[3];
}

bool reply_uint(const uint8_t *reply, const char *key, uint32_t *value)
{
    ZCBOR_STATE_D(state, 3, reply + HEADER, body_length(reply), 1, 0);

    return find_key(state, key) && zcbor_uint32_decode(state, value);
}

bool reply_bool(const uint8_t *reply, const char *key, bool *value)
{
    ZCBOR_STATE_D(state, 3, reply + HEADER, body_length(reply), 1, 0);

    return find_key(state, key) && zcbor_bool_decode(state, value);
}

uint32_t reply_error(const uint8_t *reply)
{
    ZCBOR_STATE_D(state, 3, reply + HEADER, body_length(reply), 1, 0);
    uint32_t group = 0;
    uint32_t code = 0;

    if (reply_uint(reply, "rc", &code)) {
        return code;
    }
    if (!find_key(state, "err") || !zcbor_map_start_decode(state) ||
        !zcbor_tstr_expect_term(state, "group", 8) || !zcbor_uint32_decode(state, &group) ||
        !zcbor_tstr_expect_term(state, "rc", 8) || !zcbor_uint32_decode(state, &code)) {
        return 0;
    }
    return group << 16 | code;
}
