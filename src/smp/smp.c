// SPDX-License-Identifier: Apache-2.0
/* Headers, dispatch and errors: everything that is the same for all groups. */
#include <string.h>

#include "ferry/smp_group.h"
#include "zcbor_encode.h"

#define OP_READ           0u
#define OP_READ_RESPONSE  1u
#define OP_WRITE          2u
#define OP_WRITE_RESPONSE 3u

#define VERSION_MAX 1u /* the second version of the protocol; the first is 0 */

/* A reply with an error always fits into this. */
#define ROOM_MIN 64u

struct header {
    uint8_t version;
    uint8_t op;
    uint8_t sequence;
    uint8_t command;
    uint16_t group;
    uint32_t length; /* of the body */
};

static struct header read_header(const uint8_t *bytes)
{
    return (struct header){
        .version = (bytes[0] >> 3) & 3u,
        .op = bytes[0] & 7u,
        .length = ((uint32_t)bytes[2] << 8) | bytes[3],
        .group = (uint16_t)((bytes[4] << 8) | bytes[5]),
        .sequence = bytes[6],
        .command = bytes[7],
    };
}

/* An op we do not know is answered as a write. The version is the client's, as far as it exists. */
static void write_header(const struct header *request, uint32_t length, uint8_t *reply)
{
    uint8_t version = request->version > VERSION_MAX ? VERSION_MAX : request->version;
    uint8_t op = request->op == OP_READ ? OP_READ_RESPONSE : OP_WRITE_RESPONSE;

    reply[0] = (uint8_t)((version << 3) | op);
    reply[1] = 0;
    reply[2] = (uint8_t)(length >> 8);
    reply[3] = (uint8_t)length;
    reply[4] = (uint8_t)(request->group >> 8);
    reply[5] = (uint8_t)request->group;
    reply[6] = request->sequence;
    reply[7] = request->command;
}

static ferry_smp_handler find_handler(const struct ferry_smp_config *config,
                                      const struct header *header)
{
    for (const struct ferry_smp_group *const *group = config->groups; *group != NULL; group++) {
        for (uint32_t i = 0; (*group)->id == header->group && i < (*group)->commands; i++) {
            const struct ferry_smp_command *command = &(*group)->command[i];

            if (command->id == header->command) {
                return header->op == OP_READ ? command->read : command->write;
            }
        }
    }
    return NULL;
}

static void start_body(struct ferry_smp_request *request, zcbor_state_t *state, uint8_t *body,
                       size_t room)
{
    zcbor_new_encode_state(state, 1, body, room, 0);
    request->reply = state;
    request->overflow = false;
    ferry_smp_map_open(request, NULL);
}

/* In version 2 an error of a group names its group; all others are a plain `rc`. */
static void put_error(struct ferry_smp_request *request, const struct header *header, int result)
{
    uint32_t code = (uint32_t)result >> 8;

    if (header->version == 0 || code == 0) {
        ferry_smp_put_uint(request, "rc", (uint32_t)result & 0xFFu);
        return;
    }
    ferry_smp_map_open(request, "err");
    ferry_smp_put_uint(request, "group", header->group);
    ferry_smp_put_uint(request, "rc", code);
    ferry_smp_map_close(request);
}

static int run_handler(struct ferry_smp_request *request, const struct header *header)
{
    ferry_smp_handler handler = NULL;
    int result;

    if (header->version > VERSION_MAX) {
        return FERRY_SMP_TOO_NEW;
    }
    if (header->length > request->length) {
        return FERRY_SMP_ECORRUPT;
    }
    request->length = header->length;
    if (header->op == OP_READ || header->op == OP_WRITE) {
        handler = find_handler(request->config, header);
    }
    if (handler == NULL) {
        return FERRY_SMP_ENOTSUP;
    }
    result = handler(request);
    if (result == FERRY_SMP_OK) {
        ferry_smp_map_close(request);
    }
    return result == FERRY_SMP_OK && request->overflow ? FERRY_SMP_EMSGSIZE : result;
}

/* Answers one message. Returns the bytes of the reply; `*fine` tells whether it is no error. */
static size_t answer(const struct ferry_smp_config *config, const uint8_t *message, size_t length,
                     uint8_t *reply, size_t room, bool *fine)
{
    struct header header = read_header(message);
    struct ferry_smp_request request = {
        .config = config,
        .body = message + FERRY_SMP_HEADER,
        .length = (uint32_t)(length - FERRY_SMP_HEADER),
    };
    uint8_t *body = reply + FERRY_SMP_HEADER;
    zcbor_state_t state[1];
    int result;
    size_t used;

    start_body(&request, state, body, room - FERRY_SMP_HEADER);
    result = run_handler(&request, &header);
    *fine = result == FERRY_SMP_OK;
    if (!*fine) {
        start_body(&request, state, body, room - FERRY_SMP_HEADER);
        put_error(&request, &header, result);
        ferry_smp_map_close(&request);
    }
    used = (size_t)(state->payload - body);
    write_header(&header, (uint32_t)used, reply);
    return FERRY_SMP_HEADER + used;
}

void ferry_smp_start(struct ferry_smp *smp, const struct ferry_smp_config *config)
{
    smp->config = config;
}

static bool is_response(const uint8_t *message)
{
    uint8_t op = message[0] & 7u;

    return op == OP_READ_RESPONSE || op == OP_WRITE_RESPONSE;
}

int ferry_smp_handle(struct ferry_smp *smp, const uint8_t *request, size_t length, uint8_t *reply,
                     size_t room, size_t *used)
{
    bool fine = true;

    *used = 0;
    if (room < ROOM_MIN) {
        return FERRY_E_NO_MEMORY;
    }
    /* Whatever stands behind an error is not trusted: the messages may be out of step. */
    while (fine && length >= FERRY_SMP_HEADER && room - *used >= ROOM_MIN) {
        size_t taken = ferry_smp_length(request, length);

        /* An answer to a response would go to and fro between two servers for ever. */
        if (!is_response(request)) {
            *used += answer(smp->config, request, length, reply + *used, room - *used, &fine);
        }
        if (taken == 0) {
            break;
        }
        request += taken;
        length -= taken;
    }
    return FERRY_OK;
}
