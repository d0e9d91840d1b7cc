// SPDX-License-Identifier: Apache-2.0
/* The board's clock, watchdog and links, for the bootloader and the application alike. */
#ifndef PORTS_POSIX_BOARD_H
#define PORTS_POSIX_BOARD_H

#include "apps/common/link.h"
#include "ferry/spi.h"
#include "ports/posix/machine.h"

/* Its context is not used. Feeding the watchdog also arms it, once board_arm_watchdog was called.
 */
extern const struct ferry_clock posix_clock;

/* From here on the process dies of SIGALRM where nobody feeds for `ms`. 0 = no watchdog. */
void board_arm_watchdog(uint32_t ms);

/* The links; their context is the machine. A link whose descriptor is -1 never receives. */
struct ferry_link board_serial(struct machine *machine);
struct ferry_link board_udp(struct machine *machine);

/* Prints one line on stdout, whole even where several processes print. */
void board_log(void *machine, const char *line);

/* Sleeps until a link has something, 50 ms at most. `context` is the machine. */
void board_idle(void *context);

/* A software reset. */
void board_reset(void *machine);

#endif
