// SPDX-License-Identifier: Apache-2.0
/* Step 5: the serial line. Recovery needs it; the agent may use it or bring links of its own. */
#include "board.h"

/*
 * Starts the UART, receiving by interrupt or DMA into a ring of 256 bytes or more. Without one,
 * whatever arrives while a flash operation is started is lost and the client has to repeat it.
 */
void board_serial_start(void)
{
}

/* Waits until the last bit has left the shift register. Before a reset, or a reply is cut off. */
void board_serial_drain(void)
{
}

/* Takes what the ring holds, at most `room` bytes, without waiting. Returns how many. */
static size_t link_read(void *context, uint8_t *data, size_t room)
{
    (void)context;
    (void)data;
    (void)room;
    return 0;
}

/* Sends `length` bytes; waits for room in the transmitter. Feed the watchdog where that is long. */
static void link_write(void *context, const void *data, size_t length)
{
    (void)context;
    (void)data;
    (void)length;
}

const struct ferry_link board_serial = {link_read, link_write, NULL};
