// SPDX-License-Identifier: Apache-2.0
/* What the device's links end in. Opening: 0, or -1 with a sentence on stderr. */
#ifndef PORTS_POSIX_WIRES_H
#define PORTS_POSIX_WIRES_H

#include "ports/posix/machine.h"

/* "pty": a new one, linked as DIR/serial; "none"; or the path of a terminal or FIFO. */
int wires_serial(struct machine *machine, const char *serial, const char *dir);

/* A socket on 127.0.0.1; port 0 takes a free one. Prints which. */
int wires_udp(struct machine *machine, uint16_t port);

/* Waits until the client has read what was sent: a pty forgets it when the device ends. */
void wires_drain(const struct machine *machine);

#endif
