// SPDX-License-Identifier: Apache-2.0
/*
 * A link of a port: bytes of a serial line, or packets. What the loops of the bootloader's recovery
 * and of the agent read from and answer to.
 */
#ifndef APPS_COMMON_LINK_H
#define APPS_COMMON_LINK_H

#include <stddef.h>
#include <stdint.h>

struct ferry_link {
    /*
     * Takes what has arrived, at most `room` bytes, without waiting. On a packet link one call
     * takes one packet, cut off at `room`. Returns the bytes taken, 0 where nothing is there.
     */
    size_t (*read)(void *context, uint8_t *data, size_t room);
    /*
     * Sends. May wait for the transmitter, bounded; what the other side never takes is lost, as on
     * a wire. A packet link answers the sender of the packet read last.
     */
    void (*write)(void *context, const void *data, size_t length);
    void *context;
};

#endif
