// SPDX-License-Identifier: Apache-2.0
#include <string.h>
#include <zcbor_encode.h>

#include "host/smp_message.h"

void ferry_client_header_put(uint8_t *message, const struct ferry_client_header *header)
{
    message[0] = (uint8_t)((header->version & 3) << 3 | (header->op & 7));
    message[1] = 0;
    message[2] = (uint8_t)(header->length >> 8);
    message[3] = (uint8_t)header->length;
    message[4] = (uint8_t)(header->group >> 8);
    message[5] = (uint8_t)header->group;
    message[6] = header->sequence;
    message[7] = header->command;
}

bool ferry_client_header_get(const uint8_t *message, size_t length,
                             struct ferry_client_header *header)
{
    if (length < FERRY_CLIENT_HEADER_SIZE)
        return false;
    header->version = (message[0] >> 3) & 3;
    header->op = message[0] & 7;
    header->length = (uint16_t)(message[2] << 8 | message[3]);
    header->group = (uint16_t)(message[4] << 8 | message[5]);
    header->sequence = message[6];
    header->command = message[7];
    return length - FERRY_CLIENT_HEADER_SIZE >= header->length;
}

void ferry_client_request_start(struct ferry_client_request *request, uint8_t *message, size_t room,
                                const struct ferry_client_header *header)
{
    request->message = message;
    request->room = room;
    request->header = *header;
    request->ok = room > FERRY_CLIENT_HEADER_SIZE + 2;
    if (!request->ok)
        return;
    zcbor_new_encode_state(request->state, sizeof(request->state) / sizeof(request->state[0]),
                           message + FERRY_CLIENT_HEADER_SIZE, room - FERRY_CLIENT_HEADER_SIZE, 1);
    request->ok = zcbor_map_start_encode(request->state, 16);
}

static void put_key(struct ferry_client_request *request, const char *key)
{
    request->ok = request->ok && zcbor_tstr_encode_ptr(request->state, key, strlen(key));
}

void ferry_client_request_uint(struct ferry_client_request *request, const char *key,
                               uint32_t value)
{
    put_key(request, key);
    request->ok = request->ok && zcbor_uint32_put(request->state, value);
}

void ferry_client_request_bool(struct ferry_client_request *request, const char *key, bool value)
{
    put_key(request, key);
    request->ok = request->ok && zcbor_bool_put(request->state, value);
}

void ferry_client_request_text(struct ferry_client_request *request, const char *key,
                               const char *value)
{
    put_key(request, key);
    request->ok = request->ok && zcbor_tstr_encode_ptr(request->state, value, strlen(value));
}

void ferry_client_request_bytes(struct ferry_client_request *request, const char *key,
                                const void *value, size_t length)
{
    put_key(request, key);
    request->ok = request->ok && zcbor_bstr_encode_ptr(request->state, value, length);
}

size_t ferry_client_request_left(const struct ferry_client_request *request, const char *key)
{
    size_t used = (size_t)(request->state->payload - request->message);
    /* The key, the longest header of a byte string here (3), the end of the map. */
    size_t more = 1 + strlen(key) + 3 + 1;

    return request->ok && request->room > used + more ? request->room - used - more : 0;
}

size_t ferry_client_request_end(struct ferry_client_request *request)
{
    size_t length;

    if (!request->ok || !zcbor_map_end_encode(request->state, 16))
        return 0;
    length = (size_t)(request->state->payload - request->message);
    if (length > FERRY_CLIENT_MESSAGE_MAX)
        return 0;
    request->header.length = (uint16_t)(length - FERRY_CLIENT_HEADER_SIZE);
    ferry_client_header_put(request->message, &request->header);
    return length;
}

/*
 * V1 says {"rc"}; V2 {"err": {"group", "rc"}} for a group's own codes, for a while called "ret".
 * The shell group's "ret" is a number and no error.
 */
static void find_error(const struct ferry_cbor *body, struct ferry_client_error *error)
{
    const struct ferry_cbor *map = ferry_cbor_get(body, "err");
    uint32_t group = 0;
    int64_t code = 0;

    memset(error, 0, sizeof(*error));
    if (map == NULL)
        map = ferry_cbor_get(body, "ret");
    if (map != NULL && map->type == FERRY_CBOR_MAP) {
        error->group_known = ferry_cbor_get_uint(map, "group", &group) && group <= UINT16_MAX;
        error->group = (uint16_t)group;
        ferry_cbor_get_int(map, "rc", &code);
    } else {
        ferry_cbor_get_int(body, "rc", &code);
    }
    /* A code that is negative or beyond 32 bits is an error all the same. */
    error->code = code < 0 || code > UINT32_MAX ? 1 : (uint32_t)code;
    ferry_cbor_get_text(body, "rsn", error->reason, sizeof(error->reason), false);
}

bool ferry_client_reply_parse(struct ferry_client_reply *reply, const uint8_t *message,
                              size_t length)
{
    if (!ferry_client_header_get(message, length, &reply->header) || (reply->header.op & 1) == 0)
        return false;
    reply->body = NULL;
    if (reply->header.length > 0) {
        if (!ferry_cbor_parse(&reply->tree, message + FERRY_CLIENT_HEADER_SIZE,
                              reply->header.length) ||
            reply->tree.node[0].type != FERRY_CBOR_MAP)
            return false;
        reply->body = &reply->tree.node[0];
    }
    find_error(reply->body, &reply->error);
    return true;
}
