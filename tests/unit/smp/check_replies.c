// SPDX-License-Identifier: Apache-2.0
/*
 * What a strict client accepts: the right header, one map and nothing behind it, no key it does not
 * know. The lists are those of the clients' models, not of the server.
 */
#include <stdio.h>
#include <string.h>

#include "tests/unit/smp/device.h"
#include "zcbor_decode.h"

/* Keys in any map of a reply, by group and command. */
static const struct {
    uint8_t group;
    uint8_t command;
    const char *keys;
} allowed[] = {
    {0, 0, " r "},
    {0, 5, " "},
    {0, 6, " buf_size buf_count "},
    {0, 7, " output "},
    {0, 8, " bootloader "},
    {1, 0, " images slot version hash bootable pending confirmed active permanent splitStatus "},
    {1, 1, " off match "},
    {1, 5, " "},
    {1, 6, " images image slots slot size rc upload_image_id max_image_size "},
    {64, 0,
     " phase percent reason received size slot store floor boot chip boots journal sequence flags "
     "attempts power installed target fallback running "},
    {64, 1, " slots slot state room size id current candidate previous version hash below_floor "},
    {64, 2, " off text "},
    {64, 3, " slot "},
    {64, 4, " "},
    {64, 5, " "},
};

static const char *keys_of(const uint8_t *reply)
{
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (reply[4] == 0 && reply[5] == allowed[i].group && reply[7] == allowed[i].command) {
            return allowed[i].keys;
        }
    }
    return " ";
}

static bool is_allowed(const struct zcbor_string *key, const char *keys)
{
    char word[32];

    if (key->len > sizeof(word) - 3) {
        return false;
    }
    (void)snprintf(word, sizeof(word), " %.*s ", (int)key->len, (const char *)key->value);
    return strstr(keys, word) != NULL;
}

static bool walk(zcbor_state_t *state, const char *keys);

static bool walk_container(zcbor_state_t *state, bool map, const char *keys)
{
    struct zcbor_string key;

    if (map ? !zcbor_map_start_decode(state) : !zcbor_list_start_decode(state)) {
        return false;
    }
    while (!zcbor_array_at_end(state)) {
        if (map && (!zcbor_tstr_decode(state, &key) || !is_allowed(&key, keys))) {
            return false;
        }
        if (!walk(state, keys)) {
            return false;
        }
    }
    return map ? zcbor_map_end_decode(state) : zcbor_list_end_decode(state);
}

static bool walk(zcbor_state_t *state, const char *keys)
{
    struct zcbor_string text;

    if (zcbor_payload_at_end(state)) {
        return false;
    }
    switch (ZCBOR_MAJOR_TYPE(*state->payload)) {
    case ZCBOR_MAJOR_TYPE_MAP:
        return walk_container(state, true, keys);
    case ZCBOR_MAJOR_TYPE_LIST:
        return walk_container(state, false, keys);
    case ZCBOR_MAJOR_TYPE_TSTR:
        return zcbor_tstr_decode(state, &text);
    case ZCBOR_MAJOR_TYPE_BSTR:
        return zcbor_bstr_decode(state, &text);
    default:
        return zcbor_any_skip(state, NULL);
    }
}

/* One map with these keys from the first to the last byte. */
static bool is_body(const uint8_t *body, size_t length, const char *keys)
{
    ZCBOR_STATE_D(state, 5, body, length, 1, 0);

    if (length == 0 || ZCBOR_MAJOR_TYPE(*body) != ZCBOR_MAJOR_TYPE_MAP) {
        return false;
    }
    return walk(state, keys) && zcbor_payload_at_end(state);
}

static const char *check_one(const uint8_t *request, const uint8_t *reply, size_t length)
{
    uint8_t version = (request[0] >> 3) & 3;
    uint8_t op = (request[0] & 7) == 0 ? 1 : 3;
    const uint8_t *body = reply + FERRY_SMP_HEADER;
    size_t bytes = length - FERRY_SMP_HEADER;

    if (reply[0] != (uint8_t)((version > 1 ? 1 : version) << 3 | op)) {
        return "version or op";
    }
    if (reply[1] != 0 || memcmp(reply + 4, request + 4, 4) != 0) {
        return "flags, group, sequence or command";
    }
    if (is_body(body, bytes, keys_of(reply)) || is_body(body, bytes, " rc ") ||
        (version > 0 && is_body(body, bytes, " err group rc "))) {
        return NULL;
    }
    return "body";
}

const char *check_replies(const uint8_t *request, size_t length, const uint8_t *reply, size_t used)
{
    while (used > 0) {
        size_t whole = ferry_smp_length(reply, used);
        size_t taken = ferry_smp_length(request, length);
        bool response = length >= FERRY_SMP_HEADER && (request[0] & 5) == 1;

        if (length < FERRY_SMP_HEADER || whole == 0) {
            return "more replies than requests, or half a reply";
        }
        if (!response) {
            const char *wrong = check_one(request, reply, whole);

            if (wrong != NULL) {
                return wrong;
            }
            reply += whole;
            used -= whole;
        } else if (taken == 0) {
            return "an answer to a response";
        }
        request += taken;
        length -= taken;
        if (taken == 0 && used > 0) {
            return "a reply behind a torn request";
        }
    }
    return NULL;
}
