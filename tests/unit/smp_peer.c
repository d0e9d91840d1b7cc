// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>

#include "host/smp_message.h"
#include "tests/unit/smp_peer.h"

static uint32_t draw(struct peer *peer)
{
    peer->random = peer->random * 1664525u + 1013904223u;
    return peer->random >> 8;
}

void peer_start(struct peer *peer)
{
    peer->random = peer->seed;
    if (peer->queue == 0)
        peer->queue = 4;
}

static void push(struct peer *peer, struct peer_packet *queue, uint32_t *count, uint64_t now,
                 const uint8_t *message, size_t length)
{
    uint32_t copies = draw(peer) % 100 < peer->doubled ? 2 : 1;
    bool bad = peer->loss_until == 0 || now < peer->loss_until;

    if (draw(peer) % 100 < peer->loss && bad)
        return;
    while (copies-- > 0 && *count < PEER_QUEUE && length <= PEER_MESSAGE) {
        struct peer_packet *packet = &queue[(*count)++];

        packet->due = now + peer->delay + (peer->jitter > 0 ? draw(peer) % peer->jitter : 0);
        packet->order = peer->sent++;
        packet->length = length;
        memcpy(packet->data, message, length);
    }
}

static uint32_t first_of(const struct peer_packet *queue, uint32_t count)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < count; i++) {
        if (queue[i].due < queue[best].due ||
            (queue[i].due == queue[best].due && queue[i].order < queue[best].order))
            best = i;
    }
    return best;
}

static void pull(struct peer_packet *queue, uint32_t *count, uint32_t index,
                 struct peer_packet *packet)
{
    *packet = queue[index];
    queue[index] = queue[--*count];
}

void peer_send(struct peer *peer, uint64_t now, const uint8_t *message, size_t length)
{
    push(peer, peer->in, &peer->in_count, now, message, length);
}

static void answer(struct peer *peer, uint64_t now, const struct ferry_client_header *to,
                   struct ferry_client_request *reply)
{
    size_t length = ferry_client_request_end(reply);

    (void)to;
    if (length > 0)
        push(peer, peer->out, &peer->out_count, now, reply->message, length);
}

static void begin_answer(struct ferry_client_request *reply, uint8_t *buffer,
                         const struct ferry_client_header *to)
{
    struct ferry_client_header header = *to;

    header.op = (uint8_t)(to->op + 1);
    ferry_client_request_start(reply, buffer, PEER_MESSAGE, &header);
}

static void answer_code(struct peer *peer, uint64_t now, const struct ferry_client_header *to,
                        uint32_t code)
{
    struct ferry_client_request reply;
    uint8_t buffer[PEER_MESSAGE];

    begin_answer(&reply, buffer, to);
    ferry_client_request_uint(&reply, "rc", code);
    answer(peer, now, to, &reply);
}

static void answer_offset(struct peer *peer, uint64_t now, const struct ferry_client_header *to,
                          bool last)
{
    struct ferry_client_request reply;
    uint8_t buffer[PEER_MESSAGE];

    if (peer->handled > 1 && peer->mute > 0) {
        peer->mute--;
        return;
    }
    begin_answer(&reply, buffer, to);
    ferry_client_request_uint(&reply, "off", peer->offset);
    if (last && peer->match)
        ferry_client_request_bool(&reply, "match", peer->match_value);
    answer(peer, now, to, &reply);
}

static void begin_upload(struct peer *peer, uint32_t size, const struct ferry_cbor *sha)
{
    bool same = peer->active && sha != NULL && !peer->no_resume &&
                memcmp(peer->sha, sha->data, sizeof(peer->sha)) == 0;

    peer->firsts++;
    if (same)
        return;
    free(peer->content);
    peer->content = calloc(1, size);
    peer->size = size;
    peer->offset = 0;
    peer->active = true;
    peer->complete = false;
    if (sha != NULL)
        memcpy(peer->sha, sha->data, sizeof(peer->sha));
}

static void take(struct peer *peer, uint32_t offset, const struct ferry_cbor *data)
{
    uint32_t length = (uint32_t)data->length;

    if (!peer->active || offset != peer->offset || length > peer->size - offset)
        return;
    if (peer->unit > 0 && offset + length < peer->size)
        length -= length % peer->unit;
    memcpy(peer->content + offset, data->data, length);
    peer->offset += length;
}

static void forget(struct peer *peer)
{
    peer->active = false;
    peer->offset = 0;
}

static void upload(struct peer *peer, uint64_t now, const struct ferry_client_header *header,
                   const struct ferry_cbor *body)
{
    const struct ferry_cbor *data = ferry_cbor_get(body, "data");
    uint32_t offset = 0;
    uint32_t size = 0;
    bool last;

    if (!ferry_cbor_get_uint(body, "off", &offset) || data == NULL)
        return answer_code(peer, now, header, 3);
    if (offset == 0) {
        if (!ferry_cbor_get_uint(body, "len", &size) || data->length < 32)
            return answer_code(peer, now, header, 3);
        begin_upload(peer, size, ferry_cbor_get(body, "sha"));
    }
    take(peer, offset, data);
    last = peer->active && peer->offset == peer->size;
    answer_offset(peer, now, header, last);
    if (last) {
        peer->complete = true;
        forget(peer);
    }
    if (peer->reset_at > 0 && peer->offset >= peer->reset_at) {
        peer->reset_at = 0;
        forget(peer);
    }
}

static void handle(struct peer *peer, uint64_t now, const struct peer_packet *packet)
{
    struct ferry_client_header header;

    peer->handled++;
    if (!ferry_client_header_get(packet->data, packet->length, &header) ||
        (peer->dead_at > 0 && peer->offset >= peer->dead_at))
        return;
    if (peer->buffer > 0 && packet->length > peer->buffer) {
        if (peer->corrupt_if_long)
            answer_code(peer, now, &header, 9);
        return;
    }
    if (peer->version1 && header.version > 0)
        return answer_code(peer, now, &header, 13);
    if (peer->busy > 0) {
        peer->busy--;
        return answer_code(peer, now, &header, 10);
    }
    if (peer->error_at > 0 && peer->offset >= peer->error_at)
        return answer_code(peer, now, &header, 1);
    if (ferry_cbor_parse(&peer->tree, packet->data + FERRY_CLIENT_HEADER_SIZE, header.length))
        upload(peer, now, &header, &peer->tree.node[0]);
}

/* Messages that have arrived by now and cannot be held are lost, the latest first. */
static void overflow(struct peer *peer, uint64_t now)
{
    for (;;) {
        uint32_t waiting = 0;
        uint32_t latest = 0;

        for (uint32_t i = 0; i < peer->in_count; i++) {
            if (peer->in[i].due > now)
                continue;
            if (waiting == 0 || peer->in[i].order > peer->in[latest].order)
                latest = i;
            waiting++;
        }
        if (waiting > peer->most_in_flight)
            peer->most_in_flight = waiting;
        if (waiting <= peer->queue)
            return;
        peer->in[latest] = peer->in[--peer->in_count];
    }
}

static void run(struct peer *peer, uint64_t now)
{
    for (;;) {
        struct peer_packet packet;
        uint64_t start;

        overflow(peer, now);
        if (peer->in_count == 0)
            return;
        uint32_t index = first_of(peer->in, peer->in_count);
        start = peer->in[index].due > peer->free_at ? peer->in[index].due : peer->free_at;
        if (start > now)
            return;
        pull(peer->in, &peer->in_count, index, &packet);
        peer->free_at = start + peer->handle_ms + (peer->active ? 0 : peer->first_ms);
        handle(peer, peer->free_at, &packet);
    }
}

uint64_t peer_deadline(const struct peer *peer)
{
    uint64_t deadline = UINT64_MAX;

    if (peer->in_count > 0) {
        deadline = peer->in[first_of(peer->in, peer->in_count)].due;
        if (deadline < peer->free_at)
            deadline = peer->free_at;
    }
    if (peer->out_count > 0) {
        uint64_t due = peer->out[first_of(peer->out, peer->out_count)].due;

        if (due < deadline)
            deadline = due;
    }
    return deadline;
}

size_t peer_receive(struct peer *peer, uint64_t now, uint8_t *message)
{
    struct peer_packet packet;
    uint32_t index;

    run(peer, now);
    if (peer->out_count == 0)
        return 0;
    index = first_of(peer->out, peer->out_count);
    if (peer->out[index].due > now)
        return 0;
    pull(peer->out, &peer->out_count, index, &packet);
    memcpy(message, packet.data, packet.length);
    return packet.length;
}
