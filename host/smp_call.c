// SPDX-License-Identifier: Apache-2.0
#include "host/smp_client.h"

void ferry_client_call_start(struct ferry_client_call *call, const uint8_t *message, size_t length,
                             uint32_t repeat_ms, uint32_t timeout_ms, uint64_t now)
{
    call->message = message;
    call->length = length;
    call->repeat_ms = repeat_ms;
    call->end = now + timeout_ms;
    call->due = now;
    call->state = FERRY_CLIENT_BUSY;
}

bool ferry_client_call_send(struct ferry_client_call *call, uint64_t now)
{
    if (call->state != FERRY_CLIENT_BUSY)
        return false;
    if (now >= call->end) {
        call->state = FERRY_CLIENT_SILENT;
        return false;
    }
    if (now < call->due)
        return false;
    call->due = call->repeat_ms > 0 ? now + call->repeat_ms : FERRY_CLIENT_NEVER;
    return true;
}

uint64_t ferry_client_call_deadline(const struct ferry_client_call *call)
{
    return call->due < call->end ? call->due : call->end;
}

bool ferry_client_call_receive(struct ferry_client_call *call, const uint8_t *message,
                               size_t length, struct ferry_client_reply *reply)
{
    struct ferry_client_header asked;
    struct ferry_client_header got;

    if (call->state != FERRY_CLIENT_BUSY ||
        !ferry_client_header_get(call->message, call->length, &asked) ||
        !ferry_client_header_get(message, length, &got))
        return false;
    /* The op is not compared closely: a server answers an op it does not know with WRITE_RSP. */
    if (got.sequence != asked.sequence || got.group != asked.group ||
        got.command != asked.command || (got.op & 1) == 0)
        return false;
    if (!ferry_client_reply_parse(reply, message, length)) {
        call->state = FERRY_CLIENT_BROKEN;
        return false;
    }
    call->state = reply->error.code != 0 ? FERRY_CLIENT_ERROR : FERRY_CLIENT_DONE;
    return true;
}
