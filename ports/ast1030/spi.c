// SPDX-License-Identifier: Apache-2.0
/*
 * The SoC's flash controllers in user mode: while a chip select is held, every byte stored to or
 * loaded from its window is a byte on the bus.
 */
#include <string.h>

#include "board.h"

#define CONF(spi)    ((spi)->registers + 0x00u)
#define CONTROL(spi) ((spi)->registers + 0x10u + 4u * (spi)->select)

#define CONF_WRITABLE(spi) (1u << (16u + (spi)->select))
#define CONTROL_READ       0x0u /* window = plain read, 3-byte addresses */
#define CONTROL_USER       0x3u
#define CONTROL_DESELECT   0x4u

static void put_byte(const struct board_spi *spi, uint8_t byte)
{
    *(volatile uint8_t *)spi->window = byte;
}

/* Four bytes a time, the lowest first on the wire. The buffer may have any address. */
static void put(const struct board_spi *spi, const uint8_t *data, uint32_t length)
{
    volatile uint32_t *window = (volatile uint32_t *)spi->window;
    uint32_t word;

    for (; length >= 4; length -= 4, data += 4) {
        memcpy(&word, data, 4);
        *window = word;
    }
    while (length-- > 0)
        put_byte(spi, *data++);
}

static void get(const struct board_spi *spi, uint8_t *data, uint32_t length)
{
    volatile const uint32_t *window = (volatile const uint32_t *)spi->window;
    uint32_t word;

    for (; length >= 4; length -= 4, data += 4) {
        word = *window;
        memcpy(data, &word, 4);
    }
    while (length-- > 0)
        *data++ = *(volatile const uint8_t *)spi->window;
}

static void put_command(const struct board_spi *spi, const struct ferry_spi_transfer *transfer)
{
    put_byte(spi, transfer->opcode);
    for (uint32_t i = transfer->address_bytes; i > 0; i--)
        put_byte(spi, (uint8_t)(transfer->address >> (8 * (i - 1))));
    for (uint32_t i = 0; i < transfer->dummy_bytes; i++)
        put_byte(spi, 0);
}

static void run(const struct board_spi *spi, const struct ferry_spi_transfer *transfer)
{
    board_write(CONTROL(spi), CONTROL_USER);
    put_command(spi, transfer);
    if (transfer->tx)
        put(spi, transfer->tx, transfer->length);
    if (transfer->rx)
        get(spi, transfer->rx, transfer->length);
    board_write(CONTROL(spi), CONTROL_USER | CONTROL_DESELECT);
}

/*
 * Programs and erases pass through here, nothing else. A function of its own at a fixed address
 * (see the linker scripts), so that a debugger can stop at each of them without symbols: this is
 * how the tests cut the power at a chosen operation.
 */
static __attribute__((noipa, used, section(".flash_change"))) void
change(const struct board_spi *spi, const struct ferry_spi_transfer *transfer)
{
    run(spi, transfer);
}

static int transfer(void *context, const struct ferry_spi_transfer *transfer)
{
    const struct board_spi *spi = context;

    if (transfer->data_lines == 4)
        return FERRY_E_UNSUPPORTED;
    if (transfer->address_bytes > 0 && !transfer->rx)
        change(spi, transfer);
    else
        run(spi, transfer);
    board_watchdog_feed();
    return FERRY_OK;
}

static struct board_spi internal = {BOARD_FMC_WINDOW, BOARD_FMC_REGISTERS, 0};
static struct board_spi external = {BOARD_SPI1_WINDOW, BOARD_SPI1_REGISTERS, 0};

const struct ferry_spi board_internal_spi = {.transfer = transfer, .context = &internal};
const struct ferry_spi board_external_spi = {.transfer = transfer, .context = &external};

void board_spi_open(const struct ferry_spi *port)
{
    const struct board_spi *spi = port->context;

    board_write(CONF(spi), board_read(CONF(spi)) | CONF_WRITABLE(spi));
}

/* Back to a window that reads, and writes that are dropped. */
void board_spi_close(const struct ferry_spi *port)
{
    const struct board_spi *spi = port->context;

    board_write(CONTROL(spi), CONTROL_READ | CONTROL_DESELECT);
    board_write(CONTROL(spi), CONTROL_READ);
    board_write(CONF(spi), board_read(CONF(spi)) & ~CONF_WRITABLE(spi));
}
