// SPDX-License-Identifier: Apache-2.0
/* The bootloader's main: start the chips, one boot, jump. Nothing to fill in. */
#include "apps/bootloader/bootloader.h"
#include "board.h"

static uint8_t work[4096] __attribute__((aligned(4)));
struct ferry_nor board_chip;
static struct ferry_flash external;
static struct bootloader bootloader;

int main(void)
{
    const struct ferry_nor_options options = {.table = &ferry_nor_table,
                                              .needed_size = ferry_layout.external_size};
    const struct bootloader_port port = {
        .serial = board_serial,
        .clock = &board_clock,
        .log = board_log,
        .idle = board_idle,
        .reset = board_reset,
    };
    struct ferry_boot boot = {
        .layout = &ferry_layout,
        .internal = &board_internal,
        .keys = &ferry_keys,
        .retained = &board_retained,
        .port = &board_boot_port,
        .work = work,
        .work_size = sizeof work,
    };

    board_clock_start();
    board_serial_start();
    board_spi_open();
    boot.external_status =
        ferry_nor_start(&board_chip, &board_spi, &board_clock, &options, &external);
    if (boot.external_status == FERRY_OK)
        boot.external = &external;
    bootloader = (struct bootloader){
        .boot = &boot, .port = &port, .hardware = BOARD_NAME, .demo_key = BOARD_HAS_DEMO_KEY};
    if (bootloader_run(&bootloader) != FERRY_OK)
        board_reset(NULL);
    board_jump(ferry_layout.primary_address + boot.image.header_size);
}
