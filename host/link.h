// SPDX-License-Identifier: Apache-2.0
/*
 * A link to one device: whole SMP messages in both directions. Serial ports and UDP today; another
 * transport is another file with these four functions.
 */
#ifndef FERRY_HOST_LINK_H
#define FERRY_HOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ferry_link;

/* All return 0 or a negative errno, where nothing else is said. */
struct ferry_link_api {
    /* Queues one message; it leaves while `wait` runs. */
    int (*send)(struct ferry_link *link, const uint8_t *message, size_t length);
    /*
     * Sends what is queued and waits for a message until `deadline` (ferry_link_now). 1 with the
     * message, which stays until the next call; 0 when the time is over or a signal came; negative
     * when the link is gone (reopen it).
     */
    int (*wait)(struct ferry_link *link, uint64_t deadline, const uint8_t **message,
                size_t *length);
    /* Closes and opens again, as after a device's reset. May be tried until it works. */
    int (*reopen)(struct ferry_link *link);
    void (*close)(struct ferry_link *link);
};

struct ferry_link {
    const struct ferry_link_api *api;
    char name[320];       /* "serial port /dev/ttyUSB0", "UDP port 1337 of board.local" */
    uint32_t framing;     /* bytes of the device's buffer that framing takes */
    uint32_t message_max; /* largest message the link carries */
    uint32_t message_min; /* what is safe while the device's buffer is not known */
    bool refused;         /* UDP: the host answers that nothing listens there */
};

/* Milliseconds of a clock that only goes forward. */
uint64_t ferry_link_now(void);

/* What can be wrong with opening one. */
enum ferry_link_problem {
    FERRY_LINK_OK = 0,
    FERRY_LINK_ADDRESS = 1, /* the option's value is malformed: a usage error */
    FERRY_LINK_OPEN = 2,    /* it cannot be opened now */
};

/*
 * Opens "PATH[@BAUD]" or "HOST[:PORT]". NULL after a problem, which `why` explains in one sentence
 * (what, where, what to do).
 */
struct ferry_link *ferry_link_serial(const char *address, enum ferry_link_problem *problem,
                                     char *why, size_t room);
struct ferry_link *ferry_link_udp(const char *address, enum ferry_link_problem *problem, char *why,
                                  size_t room);

#endif
