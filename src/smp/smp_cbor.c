// SPDX-License-Identifier: Apache-2.0
/* What the handlers need of CBOR, over zcbor. */
#include <string.h>

#include "ferry/smp_group.h"
#include "zcbor_decode.h"
#include "zcbor_encode.h"

/* Containers inside each other, the outermost map included. */
#define DEPTH 4u

static bool starts_container(const zcbor_state_t *state, bool *map)
{
    zcbor_major_type_t major = ZCBOR_MAJOR_TYPE(*state->payload);

    *map = major == ZCBOR_MAJOR_TYPE_MAP;
    return *map || major == ZCBOR_MAJOR_TYPE_LIST;
}

/* Strings are decoded, not skipped: that checks their length against the end. */
static bool skip_leaf(zcbor_state_t *state)
{
    struct zcbor_string ignored;

    switch (ZCBOR_MAJOR_TYPE(*state->payload)) {
    case ZCBOR_MAJOR_TYPE_TSTR:
        return zcbor_tstr_decode(state, &ignored);
    case ZCBOR_MAJOR_TYPE_BSTR:
        return zcbor_bstr_decode(state, &ignored);
    default:
        return zcbor_any_skip(state, NULL);
    }
}

static bool skip_tags(zcbor_state_t *state)
{
    uint32_t ignored;

    while (!zcbor_payload_at_end(state) &&
           ZCBOR_MAJOR_TYPE(*state->payload) == ZCBOR_MAJOR_TYPE_TAG) {
        if (!zcbor_tag_decode(state, &ignored)) {
            return false;
        }
    }
    return !zcbor_payload_at_end(state);
}

/* Skips one value. No recursion: zcbor's backups, DEPTH of them, bound how deep it goes. */
static bool skip_value(zcbor_state_t *state)
{
    uint32_t depth = 0;
    bool map;
    bool fine;

    do {
        if (depth > 0 && zcbor_array_at_end(state)) {
            fine = zcbor_list_end_decode(state);
            depth--;
        } else if (!skip_tags(state)) {
            fine = false;
        } else if (starts_container(state, &map)) {
            fine = map ? zcbor_map_start_decode(state) : zcbor_list_start_decode(state);
            depth++;
        } else {
            fine = skip_leaf(state);
        }
    } while (fine && depth > 0);
    return fine;
}

/* What a decoder of zcbor refuses it leaves where it is. */
static bool decode_number(zcbor_state_t *state, struct ferry_smp_value *value)
{
    uint64_t wide;

    /* A small number may come in eight bytes; zcbor takes no more than the result has. */
    if (!zcbor_uint64_decode(state, &wide)) {
        return false;
    }
    value->number = (uint32_t)wide;
    value->present = wide <= UINT32_MAX;
    return true;
}

static bool decode_string(zcbor_state_t *state, bool text, struct ferry_smp_value *value)
{
    struct zcbor_string string;

    if (!(text ? zcbor_tstr_decode(state, &string) : zcbor_bstr_decode(state, &string))) {
        return false;
    }
    value->data = string.value;
    value->length = (uint32_t)string.len;
    value->present = true;
    return true;
}

static bool decode_as(zcbor_state_t *state, uint8_t type, struct ferry_smp_value *value)
{
    bool truth;

    if (type == FERRY_SMP_BOOL && zcbor_bool_decode(state, &truth)) {
        value->number = truth;
        value->present = true;
        return true;
    }
    if (type == FERRY_SMP_UINT || type == FERRY_SMP_BOOL) {
        return decode_number(state, value);
    }
    return decode_string(state, type == FERRY_SMP_TEXT, value);
}

static const struct ferry_smp_field *find_field(const struct ferry_smp_field *fields,
                                                uint32_t count, const struct zcbor_string *key)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strlen(fields[i].key) == key->len && memcmp(fields[i].key, key->value, key->len) == 0) {
            return &fields[i];
        }
    }
    return NULL;
}

/* The value of a field. False where the map cannot be read on. */
static bool read_value(zcbor_state_t *state, uint8_t type, struct ferry_smp_value *value,
                       bool *mismatch)
{
    if (zcbor_nil_expect(state, NULL)) {
        return true;
    }
    if (!decode_as(state, type, value) && !skip_value(state)) {
        return false;
    }
    *mismatch |= !value->present;
    return true;
}

/* One key and its value. False where the map cannot be read on. */
static bool read_pair(zcbor_state_t *state, const struct ferry_smp_field *fields, uint32_t count,
                      struct ferry_smp_value *values, bool *mismatch)
{
    const struct ferry_smp_field *field = NULL;
    struct zcbor_string key;

    if (!skip_tags(state)) {
        return false;
    }
    if (zcbor_tstr_decode(state, &key)) {
        field = find_field(fields, count, &key);
    } else if (!skip_value(state)) {
        return false;
    }
    if (field == NULL || values[field - fields].present) {
        return skip_value(state);
    }
    return skip_tags(state) && read_value(state, field->type, &values[field - fields], mismatch);
}

int ferry_smp_read(const struct ferry_smp_request *request, const struct ferry_smp_field *fields,
                   uint32_t count, struct ferry_smp_value *values)
{
    bool mismatch = false;

    for (uint32_t i = 0; i < count; i++) {
        values[i] = (struct ferry_smp_value){.data = request->body};
    }
    if (request->length == 0) {
        return FERRY_SMP_OK;
    }
    ZCBOR_STATE_D(state, DEPTH, request->body, request->length, 1, 0);
    if (!skip_tags(state) || !zcbor_map_start_decode(state)) {
        return FERRY_SMP_EINVAL;
    }
    while (!zcbor_array_at_end(state)) {
        if (!read_pair(state, fields, count, values, &mismatch)) {
            return FERRY_SMP_EINVAL;
        }
    }
    return mismatch ? FERRY_SMP_EINVAL : FERRY_SMP_OK;
}

static void note(struct ferry_smp_request *request, bool written)
{
    request->overflow |= !written;
}

static void put_key(struct ferry_smp_request *request, const char *key)
{
    if (key != NULL) {
        note(request, zcbor_tstr_encode_ptr(request->reply, key, strlen(key)));
    }
}

void ferry_smp_put_uint(struct ferry_smp_request *request, const char *key, uint32_t value)
{
    put_key(request, key);
    note(request, zcbor_uint32_put(request->reply, value));
}

void ferry_smp_put_bool(struct ferry_smp_request *request, const char *key, bool value)
{
    put_key(request, key);
    note(request, zcbor_bool_put(request->reply, value));
}

void ferry_smp_put_text(struct ferry_smp_request *request, const char *key, const char *text,
                        uint32_t length)
{
    put_key(request, key);
    note(request, zcbor_tstr_encode_ptr(request->reply, text, length));
}

void ferry_smp_put_bytes(struct ferry_smp_request *request, const char *key, const uint8_t *data,
                         uint32_t length)
{
    put_key(request, key);
    note(request, zcbor_bstr_encode_ptr(request->reply, (const char *)data, length));
}

/*
 * Maps and lists are written with indefinite length, as the servers do that the clients in the
 * field were made against; the count in these calls matters to zcbor's canonical mode only.
 */
void ferry_smp_map_open(struct ferry_smp_request *request, const char *key)
{
    put_key(request, key);
    note(request, zcbor_map_start_encode(request->reply, 0));
}

void ferry_smp_map_close(struct ferry_smp_request *request)
{
    note(request, zcbor_map_end_encode(request->reply, 0));
}

void ferry_smp_list_open(struct ferry_smp_request *request, const char *key)
{
    put_key(request, key);
    note(request, zcbor_list_start_encode(request->reply, 0));
}

void ferry_smp_list_close(struct ferry_smp_request *request)
{
    note(request, zcbor_list_end_encode(request->reply, 0));
}
