// SPDX-License-Identifier: Apache-2.0
/*
 * A client on a link: calls and uploads that block until they are over. This is where the client
 * without I/O meets the clock and the transport.
 */
#ifndef FERRY_HOST_SESSION_H
#define FERRY_HOST_SESSION_H

#include <signal.h>

#include "host/link.h"
#include "host/smp_client.h"

/* What a call or an upload came to. */
enum ferry_session_result {
    FERRY_SESSION_OK = 0,
    FERRY_SESSION_REFUSED = 1, /* the device's error is in reply.error or upload.error */
    FERRY_SESSION_SILENT = 2,  /* no answer within the time */
    FERRY_SESSION_BROKEN = 3,  /* the answer makes no sense */
    FERRY_SESSION_LOST = 4,    /* the link is gone: a port that vanished */
    FERRY_SESSION_STOPPED = 5, /* *stop was set */
};

struct ferry_session {
    struct ferry_link *link;           /* the caller's */
    const volatile sig_atomic_t *stop; /* checked several times a second; may be NULL */
    uint32_t timeout_ms;               /* how long an answer may take */
    uint8_t version;                   /* of SMP; falls back by itself */
    uint8_t sequence;
    uint32_t buffer_size; /* the device's, 0 where it does not tell */
    uint32_t buffer_count;
    struct ferry_client_request request;       /* under construction */
    struct ferry_client_reply reply;           /* of the last call */
    uint8_t message[FERRY_CLIENT_MESSAGE_MAX]; /* the request's */
    uint8_t answer[FERRY_CLIENT_MESSAGE_MAX];  /* what reply.body points into */
};

/* A session is large; it comes from the heap. NULL without memory. Takes the link. */
struct ferry_session *ferry_session_new(struct ferry_link *link, uint32_t timeout_ms,
                                        const volatile sig_atomic_t *stop);
void ferry_session_free(struct ferry_session *session);

/* Starts a request; members are added with ferry_client_request_..., then it is called. */
struct ferry_client_request *ferry_session_request(struct ferry_session *session,
                                                   enum ferry_client_op op, uint16_t group,
                                                   uint8_t command);

/*
 * Sends the request and waits for its reply. `repeat`: whether it is sent again when no answer
 * comes; not for what must not happen twice.
 */
enum ferry_session_result ferry_session_call(struct ferry_session *session, bool repeat);

/*
 * Asks for the device's buffers, which is also the first sign of life: silence is SILENT, a device
 * that does not know the command is OK.
 */
enum ferry_session_result ferry_session_open(struct ferry_session *session);

/* The largest message the device takes, header included. */
uint32_t ferry_session_message_max(const struct ferry_session *session);

/*
 * Uploads. `config` needs data, size, sha, image and only_newer; the rest is filled in here.
 * `window_max` 0 = as the device allows. `progress` (may be NULL) is called after every step.
 */
enum ferry_session_result
ferry_session_upload(struct ferry_session *session, struct ferry_upload *upload,
                     struct ferry_upload_config *config, uint32_t window_max,
                     void (*progress)(void *context, const struct ferry_upload *upload),
                     void *context);

#endif
