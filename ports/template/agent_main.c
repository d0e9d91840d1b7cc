// SPDX-License-Identifier: Apache-2.0
/*
 * An application that is nothing but the agent. In a product the same calls sit in a task of its
 * own; PORTING.md says what changes where an operating system owns the chip.
 */
#include "apps/agent/agent.h"
#include "board.h"

static struct ferry_nor chip;
static struct ferry_flash external;
static struct ferry_update_config config;
static struct agent agent;

int main(void)
{
    const struct ferry_nor_options options = {.table = &ferry_nor_table,
                                              .needed_size = ferry_layout.external_size};
    const struct agent_port port = {
        .serial = board_serial,
        .clock = &board_clock,
        .log = board_log,
        .idle = board_idle,
        .reset = board_reset,
    };

    board_clock_start();
    board_serial_start();
    board_spi_open();
    config = (struct ferry_update_config){
        .layout = &ferry_layout,
        .internal = &board_internal,
        .keys = &ferry_keys,
        .retained = &board_retained,
    };
    config.external_status = ferry_nor_start(&chip, &board_spi, &board_clock, &options, &external);
    if (config.external_status == FERRY_OK)
        config.external = &external;
    agent = (struct agent){.port = &port,
                           .update_config = &config,
                           .version = "1.0.0",
                           .hardware = BOARD_NAME,
                           .behaviour = AGENT_NORMAL};
    (void)agent_run(&agent);
    board_reset(NULL);
    return 1;
}
