// SPDX-License-Identifier: Apache-2.0
/* Step 1: one SPI transaction. */
#include "board.h"

/*
 * Sets the pins, the clock and the chip select (high). Mode 0 or 3, most significant bit first.
 * Begin with a slow clock, 8 MHz or less; faster once `ferry info` shows the chip.
 */
void board_spi_open(void)
{
}

/*
 * Leaves the pins as the application expects them after a reset: chip select high by a pull-up, the
 * others as inputs. Called by the lock, when nothing of Ferry will run in this life any more.
 */
void board_spi_release(void)
{
}

/*
 * One transaction, from chip select low to chip select high:
 *
 *   1. chip select low
 *   2. send transfer->opcode
 *   3. send transfer->address_bytes bytes of transfer->address, the most significant first
 *   4. send transfer->dummy_bytes bytes of any value
 *   5. send transfer->length bytes of tx, or receive as many into rx; both NULL: nothing
 *   6. chip select high, after the last bit is out
 *
 * Things that go wrong here on real boards:
 *   - a DMA that takes at most 255 or 65535 bytes: split step 5, keep chip select low all the time;
 *   - a DMA that cannot read flash or an odd address: go through a small buffer in RAM;
 *   - chip select driven by the peripheral between two FIFO loads: drive it as a GPIO;
 *   - data_lines 4 is only ever asked for where `quad` below is true.
 *
 * Blocks for as long as the bus needs: 256 bytes at 8 MHz are 0.3 ms. FERRY_OK, or FERRY_E_IO where
 * the peripheral reports an error or does not get ready within twice that time.
 */
static int transfer(void *context, const struct ferry_spi_transfer *transfer)
{
    (void)context;
    (void)transfer;
    return FERRY_E_IO;
}

const struct ferry_spi board_spi = {.transfer = transfer, .context = NULL, .quad = false};
