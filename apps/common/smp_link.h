// SPDX-License-Identifier: Apache-2.0
/*
 * Ties a link to the SMP server: reads, handles, answers. One for each link; all of a device share
 * one update session.
 */
#ifndef APPS_COMMON_SMP_LINK_H
#define APPS_COMMON_SMP_LINK_H

#include <stdbool.h>

#include "apps/common/link.h"
#include "ferry/smp.h"
#include "ferry/smp_serial.h"

/* The caller fills the first part; the rest is the link's. Outlives its use. */
struct smp_link {
    const struct ferry_link *link;
    struct ferry_smp_config config;
    bool packets; /* one packet is one message; else console framing */
    uint8_t *request;
    uint32_t request_size; /* bytes; at least 1024 on a serial line, 1500 on UDP */
    uint8_t *reply;
    uint32_t reply_size; /* bytes; 1024 holds every reply */

    struct ferry_smp smp;
    struct ferry_smp_receiver receiver;
    uint32_t messages; /* handled so far */
};

void smp_link_start(struct smp_link *link);

/* Takes what has arrived and answers it. True if there was anything. */
bool smp_link_poll(struct smp_link *link);

#endif
