// SPDX-License-Identifier: Apache-2.0
/*
 * An SMP server for tests of the client: image upload as Zephyr, MCUboot recovery and Ferry do it,
 * with their quirks as switches, behind a link that loses, doubles, delays and reorders. Its clock
 * is virtual. Written from the protocol, not from the client.
 */
#ifndef FERRY_TESTS_SMP_PEER_H
#define FERRY_TESTS_SMP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/cbor_tree.h"

#define PEER_MESSAGE 4096
#define PEER_QUEUE   64

struct peer_packet {
    uint64_t due;
    uint32_t order;
    size_t length;
    uint8_t data[PEER_MESSAGE];
};

struct peer {
    /* Switches, set before use. */
    uint32_t seed;
    uint32_t loss, doubled; /* percent, both directions */
    uint32_t delay, jitter; /* ms one way; jitter reorders */
    uint64_t loss_until;    /* ms; the link is good from then on; 0 = never */
    uint32_t mute;          /* so many answers to later chunks are lost, the first ones */
    uint32_t queue;         /* messages it can hold; more are dropped */
    uint32_t handle_ms;     /* time per message */
    uint32_t first_ms;      /* more for the first chunk: it erases the slot */
    uint32_t buffer;        /* longer messages are dropped in silence; 0 = no limit */
    bool corrupt_if_long;   /* ... answered with rc 9 instead */
    uint32_t unit;          /* write unit: the tail of a chunk is not taken; 0 = all */
    bool no_resume;         /* same sha starts over */
    bool match;             /* answers the last chunk with "match" */
    bool match_value;       /* that */
    uint32_t reset_at;      /* forgets everything when it has this many bytes; 0 = never */
    uint32_t dead_at;       /* answers nothing from then on; 0 = never */
    uint32_t error_at;      /* image error 12 from then on; 0 = never */
    uint32_t busy;          /* so many "busy" answers first */
    bool version1;          /* refuses v2 with rc 13 */

    /* What it has. */
    uint8_t *content;
    uint32_t size;
    uint32_t offset;
    uint8_t sha[32];
    bool active;
    bool complete;
    uint32_t most_in_flight;
    uint32_t handled;
    uint32_t firsts;
    uint64_t free_at;
    uint32_t sent;
    uint32_t random;
    uint32_t in_count, out_count;
    struct peer_packet in[PEER_QUEUE], out[PEER_QUEUE];
    struct ferry_cbor_tree tree;
};

void peer_start(struct peer *peer);

/* The client sends. */
void peer_send(struct peer *peer, uint64_t now, const uint8_t *message, size_t length);

/* The next moment something happens in the peer or on the link. */
uint64_t peer_deadline(const struct peer *peer);

/* A message for the client that has arrived, its length, or 0. Run the peer up to `now`. */
size_t peer_receive(struct peer *peer, uint64_t now, uint8_t *message);

#endif
