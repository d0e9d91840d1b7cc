// SPDX-License-Identifier: Apache-2.0
/* Requests and replies as a test writes and reads them. */
#ifndef FERRY_TEST_SMP_MESSAGE_H
#define FERRY_TEST_SMP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_ROOM 2048u

enum { V1_READ = 0x00, V1_WRITE = 0x02, V2_READ = 0x08, V2_WRITE = 0x0A };

struct message {
    uint8_t bytes[MESSAGE_ROOM];
    size_t length;
};

/* Bytes of a hexadecimal text; spaces are ignored. */
size_t from_hex(const char *hex, uint8_t *out);

/* A request whose body is a map of the pairs put into it. */
void message_start(struct message *message, uint8_t op, uint16_t group, uint8_t command);
void message_uint(struct message *message, const char *key, uint64_t value);
void message_bool(struct message *message, const char *key, bool value);
void message_text(struct message *message, const char *key, const char *text);
void message_bytes(struct message *message, const char *key, const void *data, size_t length);
void message_null(struct message *message, const char *key);

/* Looks a value up at the first level of a reply's map. False where it is not there. */
bool reply_uint(const uint8_t *reply, const char *key, uint32_t *value);
bool reply_bool(const uint8_t *reply, const char *key, bool *value);

/* The error of a reply: `rc` of version 1, or group and code of version 2 as group << 16 | code. */
uint32_t reply_error(const uint8_t *reply);

#endif
