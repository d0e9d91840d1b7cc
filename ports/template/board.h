// SPDX-License-Identifier: Apache-2.0
/*
 * A port, to copy and to fill in. Everything a board has to say to Ferry is declared here; each .c
 * file beside it holds one subject and compiles as it is. PORTING.md leads through them in this
 * order.
 */
#ifndef BOARD_H
#define BOARD_H

#include "apps/common/link.h"
#include "ferry/boot.h"
#include "ferry/nor.h"

#define BOARD_NAME "template"

/* True only where the private half of a key is public knowledge, as that of data/keys is. */
#define BOARD_HAS_DEMO_KEY false

/* spi.c: the bus with the external flash chip. */
extern const struct ferry_spi board_spi;
void board_spi_open(void);
void board_spi_release(void);

/* clock.c: time and the watchdog. */
extern const struct ferry_clock board_clock;
void board_clock_start(void);

/* internal_flash.c: the microcontroller's own flash. */
extern const struct ferry_flash board_internal;

/* boot_port.c: why the core started, the button, the lock. */
extern const struct ferry_boot_port board_boot_port;
extern struct ferry_nor board_chip; /* boot_main.c: the chip that the lock hands over */

/* serial.c: the line that SMP is spoken on. */
extern const struct ferry_link board_serial;
void board_serial_start(void);
void board_serial_drain(void);

/* retained.c: RAM that outlives a reset. */
extern struct ferry_retained board_retained;

/* layout.c, keys.c: tables that `ferry layout header` and `ferry getpub` write. */
extern const struct ferry_layout ferry_layout;
extern const struct ferry_keys ferry_keys;

/* system.c: the rest. */
void board_log(void *context, const char *line);
void board_idle(void *context);
void board_reset(void *context);
_Noreturn void board_jump(uint32_t vector_table);

#endif
