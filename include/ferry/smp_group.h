// SPDX-License-Identifier: Apache-2.0
/*
 * Groups of SMP commands: what a handler gets and how it answers. An application adds a group by
 * a const table and lists it in its configuration; ids from 64 on are free for that, except
 * FERRY_SMP_GROUP_FERRY.
 */
#ifndef FERRY_SMP_GROUP_H
#define FERRY_SMP_GROUP_H

#include "ferry/smp.h"

/* Results that any command may have ("rc"). */
enum ferry_smp_rc {
    FERRY_SMP_OK = 0,
    FERRY_SMP_EUNKNOWN = 1,
    FERRY_SMP_ENOMEM = 2,
    FERRY_SMP_EINVAL = 3,
    FERRY_SMP_ENOENT = 5,
    FERRY_SMP_EBADSTATE = 6,
    FERRY_SMP_EMSGSIZE = 7, /* the reply does not fit the buffer */
    FERRY_SMP_ENOTSUP = 8,
    FERRY_SMP_ECORRUPT = 9,
    FERRY_SMP_EBUSY = 10,
    FERRY_SMP_EACCESSDENIED = 11,
    FERRY_SMP_TOO_NEW = 13,
};

/*
 * What a handler returns: FERRY_SMP_OK, one of the results above, or an error of its own group.
 * A version 2 client is told `code`, a version 1 client `rc`. Both are below 256.
 */
#define FERRY_SMP_ERROR(code, rc) (((code) << 8) | (rc))

/* One request, while its handler runs. */
struct ferry_smp_request {
    const struct ferry_smp_config *config;
    const uint8_t *body; /* CBOR; may be empty */
    uint32_t length;
    void *reply;   /* of the functions below */
    bool overflow; /* the reply did not fit */
};

typedef int (*ferry_smp_handler)(struct ferry_smp_request *request);

/* One command. A NULL handler: the operation is not supported. */
struct ferry_smp_command {
    uint8_t id;
    ferry_smp_handler read;
    ferry_smp_handler write;
};

struct ferry_smp_group {
    uint16_t id;
    uint16_t commands;
    const struct ferry_smp_command *command;
};

/* Types of a request's values. */
enum ferry_smp_type {
    FERRY_SMP_UINT, /* any width, up to 32 bits of value */
    FERRY_SMP_BOOL, /* or an unsigned integer, not 0 = true: some clients send that */
    FERRY_SMP_TEXT,
    FERRY_SMP_BYTES,
};

struct ferry_smp_field {
    const char *key;
    uint8_t type; /* enum ferry_smp_type */
};

struct ferry_smp_value {
    bool present;        /* there, and not null */
    uint32_t number;     /* of UINT and BOOL */
    const uint8_t *data; /* of TEXT and BYTES, inside the request; any alignment, never NULL */
    uint32_t length;
};

/*
 * Looks for `count` fields (at most 8) in the request's map and fills `values`. Any order, unknown
 * keys are skipped, the first of two equal keys counts, null is as good as absent, an
 * empty body as good as an empty map. FERRY_SMP_OK, or FERRY_SMP_EINVAL where the body is not one
 * map or a known key has a value of another type; what was found is in `values` even then.
 */
int ferry_smp_read(const struct ferry_smp_request *request, const struct ferry_smp_field *fields,
                   uint32_t count, struct ferry_smp_value *values);

/*
 * Writers. The reply is a map already. `key` is NULL inside a list. What does not fit is noted in
 * `overflow` and answered as EMSGSIZE; a handler need not look.
 */
void ferry_smp_put_uint(struct ferry_smp_request *request, const char *key, uint32_t value);
void ferry_smp_put_bool(struct ferry_smp_request *request, const char *key, bool value);
void ferry_smp_put_text(struct ferry_smp_request *request, const char *key, const char *text,
                        uint32_t length);
void ferry_smp_put_bytes(struct ferry_smp_request *request, const char *key, const uint8_t *data,
                         uint32_t length);
void ferry_smp_map_open(struct ferry_smp_request *request, const char *key);
void ferry_smp_map_close(struct ferry_smp_request *request);
void ferry_smp_list_open(struct ferry_smp_request *request, const char *key);
void ferry_smp_list_close(struct ferry_smp_request *request);

#endif
