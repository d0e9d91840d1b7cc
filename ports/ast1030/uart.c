// SPDX-License-Identifier: Apache-2.0
/*
 * UART5, a 16550 with registers four bytes apart. An interrupt every 14 bytes (or when the line
 * falls silent) and a core that sleeps in between: a polled loop is twenty times slower here.
 */
#include <string.h>

#include "board.h"
#include "startup.h"

#define RBR (BOARD_UART5 + 0x00u)
#define THR (BOARD_UART5 + 0x00u)
#define IER (BOARD_UART5 + 0x04u)
#define FCR (BOARD_UART5 + 0x08u)
#define LCR (BOARD_UART5 + 0x0Cu)
#define LSR (BOARD_UART5 + 0x14u)

#define LSR_DATA        0x01u
#define LSR_EMPTY       0x20u
#define LCR_8N1         0x03u
#define LCR_DIVISOR     0x80u
#define FCR_TRIGGER_14  0xC7u /* FIFOs on and cleared, interrupt at 14 of 16 bytes */
#define FIFO_SIZE       16u
#define DIVISOR_115200  1u       /* of 24 MHz / 13 / 16 */
#define TRANSMIT_WAIT   1000000u /* microseconds; a FIFO takes 1400 at 115200 baud */
#define NVIC_SET_ENABLE 0xE000E100u
#define NVIC_CLR_ENABLE 0xE000E180u
#define NVIC_CLR_PEND   0xE000E280u

/* Bytes between the interrupt and the loop. A power of two; a console line fits several times. */
#define RING_SIZE 512u

static volatile uint8_t ring[RING_SIZE];
static volatile uint32_t ring_in;  /* written by the interrupt */
static volatile uint32_t ring_out; /* written by the loop */

/* Leaves in the FIFO what does not fit, and stops asking: the loop turns the interrupt on again. */
void board_uart_interrupt(void)
{
    while (board_read(LSR) & LSR_DATA) {
        if (ring_in - ring_out == RING_SIZE) {
            board_write(IER, 0);
            return;
        }
        ring[ring_in % RING_SIZE] = (uint8_t)board_read(RBR);
        ring_in++;
    }
}

void board_uart_start(void)
{
    board_write(LCR, LCR_DIVISOR | LCR_8N1);
    board_write(RBR, DIVISOR_115200);
    board_write(IER, 0);
    board_write(LCR, LCR_8N1);
    board_write(FCR, FCR_TRIGGER_14);
    board_write(IER, 1);
    board_write(NVIC_SET_ENABLE, 1u << BOARD_UART5_IRQ);
}

void board_uart_stop(void)
{
    board_write(IER, 0);
    board_write(NVIC_CLR_ENABLE, 1u << BOARD_UART5_IRQ);
    board_write(NVIC_CLR_PEND, 1u << BOARD_UART5_IRQ);
}

size_t board_uart_read(uint8_t *data, size_t room)
{
    size_t count = 0;

    while (count < room && ring_out != ring_in) {
        data[count++] = ring[ring_out % RING_SIZE];
        ring_out++;
    }
    if (count > 0)
        board_write(IER, 1);
    return count;
}

/*
 * Whether the transmitter took its last bytes. A line that is stuck costs a bounded wait; long,
 * because the other end of an emulated line is a process that has to be scheduled.
 */
static bool can_transmit(void)
{
    uint32_t started = board_clock.now_us(NULL);

    while (!(board_read(LSR) & LSR_EMPTY)) {
        board_watchdog_feed();
        if (board_clock.now_us(NULL) - started > TRANSMIT_WAIT)
            return false;
    }
    return true;
}

void board_uart_write(const void *data, size_t length)
{
    const uint8_t *bytes = data;

    while (length > 0) {
        size_t part = length < FIFO_SIZE ? length : FIFO_SIZE;
        if (!can_transmit())
            return;
        for (size_t i = 0; i < part; i++)
            board_write(THR, bytes[i]);
        board_watchdog_feed();
        bytes += part;
        length -= part;
    }
}

void board_uart_line(const char *line)
{
    board_uart_write(line, strlen(line));
    board_uart_write("\r\n", 2);
}

/*
 * The check and the sleep have interrupts masked, or a byte between them would sleep a whole tick.
 * A masked interrupt still ends the sleep.
 */
void board_idle(void)
{
    __asm__ volatile("cpsid i" ::: "memory");
    if (ring_in == ring_out)
        __asm__ volatile("dsb\n\twfi");
    __asm__ volatile("cpsie i" ::: "memory");
}

size_t board_link_read(void *context, uint8_t *data, size_t room)
{
    (void)context;
    return board_uart_read(data, room);
}

void board_link_write(void *context, const void *data, size_t length)
{
    (void)context;
    board_uart_write(data, length);
}
