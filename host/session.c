// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "host/session.h"

#define SLICE_MS          250u   /* how late a signal may be noticed */
#define REPEAT_MS         1000u  /* a call is sent again after this long */
#define FIRST_MS          40000u /* some servers erase the whole slot in the first chunk */
#define COMMAND_OS_PARAMS 6u
#define CODE_TOO_NEW      13u
#define ASSUMED_COUNT     2u /* buffers, where the device does not tell */

struct ferry_session *ferry_session_new(struct ferry_link *link, uint32_t timeout_ms,
                                        const volatile sig_atomic_t *stop)
{
    struct ferry_session *session = calloc(1, sizeof(*session));

    if (session == NULL)
        return NULL;
    session->link = link;
    session->timeout_ms = timeout_ms;
    session->stop = stop;
    session->version = 1;
    return session;
}

void ferry_session_free(struct ferry_session *session)
{
    if (session == NULL)
        return;
    session->link->api->close(session->link);
    free(session);
}

struct ferry_client_request *ferry_session_request(struct ferry_session *session,
                                                   enum ferry_client_op op, uint16_t group,
                                                   uint8_t command)
{
    struct ferry_client_header header = {.version = session->version,
                                         .op = (uint8_t)op,
                                         .group = group,
                                         .sequence = session->sequence++,
                                         .command = command};

    ferry_client_request_start(&session->request, session->message, sizeof(session->message),
                               &header);
    return &session->request;
}

static bool stopped(const struct ferry_session *session)
{
    return session->stop != NULL && *session->stop != 0;
}

/* Waits in slices, so that a signal between two polls is not missed for long. */
static int wait_slice(struct ferry_session *session, uint64_t deadline, const uint8_t **message,
                      size_t *length)
{
    uint64_t slice = ferry_link_now() + SLICE_MS;

    return session->link->api->wait(session->link, deadline < slice ? deadline : slice, message,
                                    length);
}

static enum ferry_session_result result_of(enum ferry_client_state state)
{
    switch (state) {
    case FERRY_CLIENT_DONE:
        return FERRY_SESSION_OK;
    case FERRY_CLIENT_ERROR:
        return FERRY_SESSION_REFUSED;
    case FERRY_CLIENT_SILENT:
        return FERRY_SESSION_SILENT;
    default:
        return FERRY_SESSION_BROKEN;
    }
}

/* The reply keeps pointers into the message, which the link reuses: it gets a copy. */
static void take(struct ferry_session *session, struct ferry_client_call *call,
                 const uint8_t *message, size_t length)
{
    if (length > sizeof(session->answer))
        return;
    memcpy(session->answer, message, length);
    ferry_client_call_receive(call, session->answer, length, &session->reply);
}

static enum ferry_session_result run_call(struct ferry_session *session,
                                          struct ferry_client_call *call)
{
    while (call->state == FERRY_CLIENT_BUSY) {
        const uint8_t *message;
        size_t length;
        int status;

        if (stopped(session))
            return FERRY_SESSION_STOPPED;
        if (ferry_client_call_send(call, ferry_link_now()) &&
            session->link->api->send(session->link, call->message, call->length) < 0)
            return FERRY_SESSION_LOST;
        status = wait_slice(session, ferry_client_call_deadline(call), &message, &length);
        if (status < 0)
            return FERRY_SESSION_LOST;
        if (status > 0)
            take(session, call, message, length);
    }
    return result_of(call->state);
}

/* A server of SMP v1 alone: the same request again, with the header it understands. */
static bool fall_back(struct ferry_session *session)
{
    const struct ferry_client_error *error = &session->reply.error;

    if (session->version == 0 || error->group_known || error->code != CODE_TOO_NEW)
        return false;
    session->version = 0;
    session->message[0] &= 7;
    return true;
}

enum ferry_session_result ferry_session_call(struct ferry_session *session, bool repeat)
{
    size_t length = ferry_client_request_end(&session->request);
    enum ferry_session_result result;
    struct ferry_client_call call;

    if (length == 0)
        return FERRY_SESSION_BROKEN;
    do {
        ferry_client_call_start(&call, session->message, length, repeat ? REPEAT_MS : 0,
                                session->timeout_ms, ferry_link_now());
        result = run_call(session, &call);
    } while (result == FERRY_SESSION_REFUSED && fall_back(session));
    return result;
}

enum ferry_session_result ferry_session_open(struct ferry_session *session)
{
    enum ferry_session_result result;

    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_OS, COMMAND_OS_PARAMS);
    result = ferry_session_call(session, true);
    session->buffer_size = 0;
    session->buffer_count = ASSUMED_COUNT;
    if (result == FERRY_SESSION_OK) {
        ferry_cbor_get_uint(session->reply.body, "buf_size", &session->buffer_size);
        ferry_cbor_get_uint(session->reply.body, "buf_count", &session->buffer_count);
    }
    return result == FERRY_SESSION_REFUSED ? FERRY_SESSION_OK : result;
}

uint32_t ferry_session_message_max(const struct ferry_session *session)
{
    const struct ferry_link *link = session->link;
    uint32_t max = link->message_min;

    if (session->buffer_size > link->framing)
        max = session->buffer_size - link->framing;
    return max < link->message_max ? max : link->message_max;
}

static enum ferry_session_result send_all(struct ferry_session *session,
                                          struct ferry_upload *upload)
{
    for (;;) {
        size_t length =
            ferry_upload_send(upload, ferry_link_now(), session->message, sizeof(session->message));

        if (length == 0)
            return FERRY_SESSION_OK;
        if (session->link->api->send(session->link, session->message, length) < 0)
            return FERRY_SESSION_LOST;
    }
}

enum ferry_session_result
ferry_session_upload(struct ferry_session *session, struct ferry_upload *upload,
                     struct ferry_upload_config *config, uint32_t window_max,
                     void (*progress)(void *context, const struct ferry_upload *upload),
                     void *context)
{
    uint32_t window = session->buffer_count > 1 ? session->buffer_count - 1 : 1;

    config->message_max = ferry_session_message_max(session);
    config->window = window_max > 0 && window_max < window ? window_max : window;
    config->silence_ms = session->timeout_ms;
    config->first_ms = session->timeout_ms > FIRST_MS ? session->timeout_ms : FIRST_MS;
    ferry_upload_start(upload, config, session->version, session->sequence, ferry_link_now());
    while (upload->state == FERRY_CLIENT_BUSY) {
        const uint8_t *message;
        size_t length;
        int status;

        if (stopped(session))
            return FERRY_SESSION_STOPPED;
        if (send_all(session, upload) != FERRY_SESSION_OK)
            return FERRY_SESSION_LOST;
        if (progress != NULL)
            progress(context, upload);
        if (upload->state != FERRY_CLIENT_BUSY)
            break;
        status = wait_slice(session, ferry_upload_deadline(upload), &message, &length);
        if (status < 0)
            return FERRY_SESSION_LOST;
        if (status > 0)
            ferry_upload_receive(upload, ferry_link_now(), message, length, &session->reply);
    }
    session->sequence = upload->sequence;
    if (progress != NULL)
        progress(context, upload);
    return result_of(upload->state);
}
