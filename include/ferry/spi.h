// SPDX-License-Identifier: Apache-2.0
/*
 * The SPI port: what a board provides so that Ferry can talk to a NOR chip. One callback runs one
 * transaction (chip select low .. high); a clock bounds every wait.
 */
#ifndef FERRY_SPI_H
#define FERRY_SPI_H

#include <stdbool.h>
#include <stdint.h>

#include "ferry/status.h"

/* Time and the watchdog. One per board, shared by all devices. */
struct ferry_clock {
    /* Microseconds since any start; wraps at 2^32. */
    uint32_t (*now_us)(void *context);
    /* Waits at least `us`; may sleep the core. */
    void (*sleep_us)(void *context, uint32_t us);
    /* Feeds every enabled watchdog channel. Called at least once per 50 ms while Ferry waits. */
    void (*feed_watchdog)(void *context);
    void *context;
};

/*
 * One transaction. Sent in this order: opcode, `address_bytes` of `address` (most significant
 * first), `dummy_bytes` of any value, then `length` bytes out of `tx` or into `rx` (at most one of
 * them is not NULL). All on one data line; `data_lines` 4 asks for the data phase on four lines
 * and is only used where the port says it can.
 */
struct ferry_spi_transfer {
    uint8_t opcode;
    uint8_t address_bytes; /* 0, 3 or 4 */
    uint8_t dummy_bytes;
    uint8_t data_lines; /* 1 or 4 */
    uint32_t address;
    uint32_t length;
    const uint8_t *tx;
    uint8_t *rx;
};

struct ferry_spi {
    /*
     * Runs one transaction and blocks for as long as the bus needs. The port splits what its
     * DMA cannot take at once while it keeps chip select low. FERRY_OK or FERRY_E_IO.
     */
    int (*transfer)(void *context, const struct ferry_spi_transfer *transfer);
    void *context;
    bool quad;      /* the port can do data_lines 4 */
    bool fast_read; /* the clock is above what 03h allows (often 50 MHz): read with 0Bh */
};

#endif
