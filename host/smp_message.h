// SPDX-License-Identifier: Apache-2.0
/*
 * SMP messages as a client sees them: requests out, replies in. Pure.
 */
#ifndef FERRY_HOST_SMP_MESSAGE_H
#define FERRY_HOST_SMP_MESSAGE_H

#include <zcbor_common.h>

#include "host/cbor_tree.h"

#define FERRY_CLIENT_MESSAGE_MAX 65543u /* 8 + the largest body */

enum ferry_client_op {
    FERRY_CLIENT_READ = 0,
    FERRY_CLIENT_WRITE = 2,
};

enum ferry_client_group {
    FERRY_CLIENT_OS = 0,
    FERRY_CLIENT_IMAGE = 1,
    FERRY_CLIENT_FERRY = 64,
};

/* What a request or a reply is about. */
struct ferry_client_header {
    uint8_t version; /* 0 = SMP v1, 1 = SMP v2 */
    uint8_t op;      /* enum ferry_client_op, + 1 in a reply */
    uint16_t length; /* of the body */
    uint16_t group;
    uint8_t sequence;
    uint8_t command;
};

#define FERRY_CLIENT_HEADER_SIZE 8u

void ferry_client_header_put(uint8_t *message, const struct ferry_client_header *header);

/* False where it is no header of a message of `length` bytes. */
bool ferry_client_header_get(const uint8_t *message, size_t length,
                             struct ferry_client_header *header);

/* A request under construction: a map with text keys. */
struct ferry_client_request {
    uint8_t *message;
    size_t room;
    struct ferry_client_header header;
    zcbor_state_t state[4];
    bool ok;
};

void ferry_client_request_start(struct ferry_client_request *request, uint8_t *message, size_t room,
                                const struct ferry_client_header *header);
void ferry_client_request_uint(struct ferry_client_request *request, const char *key,
                               uint32_t value);
void ferry_client_request_bool(struct ferry_client_request *request, const char *key, bool value);
void ferry_client_request_text(struct ferry_client_request *request, const char *key,
                               const char *value);
void ferry_client_request_bytes(struct ferry_client_request *request, const char *key,
                                const void *value, size_t length);

/* Bytes of data that still fit as the last member under this key, 0 where none does. */
size_t ferry_client_request_left(const struct ferry_client_request *request, const char *key);

/* Closes the map and writes the header. The message's length, 0 where it did not fit. */
size_t ferry_client_request_end(struct ferry_client_request *request);

/* What went wrong at the peer. */
struct ferry_client_error {
    bool group_known; /* `err`: the code belongs to the group; else an SMP-level `rc` */
    uint16_t group;
    uint32_t code;   /* 0 = no error */
    char reason[96]; /* `rsn`, "" where none came */
};

/* A reply, taken apart. `body` is NULL where it has none. */
struct ferry_client_reply {
    struct ferry_client_header header;
    const struct ferry_cbor *body;
    struct ferry_client_error error;
    struct ferry_cbor_tree tree;
};

/* False where the message is no well-formed reply. Points into `message`. */
bool ferry_client_reply_parse(struct ferry_client_reply *reply, const uint8_t *message,
                              size_t length);

/* "hash not found (image error 8)" */
void ferry_client_error_text(const struct ferry_client_error *error, char *text, size_t room);

#endif
