// SPDX-License-Identifier: Apache-2.0
/*
 * SMP (mcumgr), the server side: one request in, one reply out. No sockets, no flash, no time.
 * SPEC.md lists the commands; framing for the console is in smp_serial.h.
 */
#ifndef FERRY_SMP_H
#define FERRY_SMP_H

#include <stddef.h>

#include "ferry/update.h"

#define FERRY_SMP_HEADER      8u
#define FERRY_SMP_GROUP_FERRY 64u /* our own group; SPEC.md */

/*
 * A group of commands; ferry/smp_group.h tells how to add one's own. The server knows no group by
 * itself: `groups` in the configuration is a NULL-terminated list, so what a device does not
 * list is not linked. Two lists are ready: everything, and what recovery in a bootloader needs.
 */
struct ferry_smp_group;
extern const struct ferry_smp_group *const ferry_smp_groups_all[];
extern const struct ferry_smp_group *const ferry_smp_groups_recovery[];

/* What the application tells and does. Strings are static; any may be NULL. */
struct ferry_smp_config {
    const struct ferry_smp_group *const *groups; /* ferry_smp_groups_all; never NULL */
    struct ferry_update *update;
    uint32_t buffer_size;   /* what `params` announces: largest message, header included */
    uint32_t buffer_count;  /* messages the transport queues */
    const char *kernel;     /* `info`: "s" */
    const char *hardware;   /* `info`: board */
    const char *bootloader; /* name for the bootloader query */
    /* Whether a reset may happen now; NULL = always. `force` overrides nothing by itself. */
    int (*allow_reset)(void *context, bool force);
    /* Called once when a reset was accepted; the caller resets after the reply has left. */
    void (*reset)(void *context, uint8_t boot_mode);
    void *context;
};

/* The server. About 16 bytes; the update session is the state. */
struct ferry_smp {
    const struct ferry_smp_config *config;
};

void ferry_smp_start(struct ferry_smp *smp, const struct ferry_smp_config *config);

/*
 * Handles the messages in `request` (usually one) and writes the replies to `reply`. `*used` gets
 * the bytes written, 0 where nothing may be answered (a response, a fragment of a header). Several
 * requests in one packet give several replies, one behind the other: send each as a message of
 * its own, ferry_smp_length tells where the next begins.
 * FERRY_OK, or FERRY_E_NO_MEMORY when `room` is under 64 bytes. Blocks as the update session does.
 */
int ferry_smp_handle(struct ferry_smp *smp, const uint8_t *request, size_t length, uint8_t *reply,
                     size_t room, size_t *used);

/* Bytes of the message at the start of `message`, 0 where there is not a whole one. */
static inline size_t ferry_smp_length(const uint8_t *message, size_t available)
{
    size_t length = FERRY_SMP_HEADER;

    if (available < length) {
        return 0;
    }
    length += ((size_t)message[2] << 8) | message[3];
    return length <= available ? length : 0;
}

#endif
