// SPDX-License-Identifier: Apache-2.0
/* The agent of the AST1030: an application that the bootloader starts. */
#include "apps/agent/agent.h"
#include "board.h"
#include "config.h"
#include "selftest.h"

static struct board_chip external;
static struct ferry_update_config config = {
    .layout = &ferry_layout,
    .internal = &board_internal_window,
    .keys = &ferry_keys,
    .retained = &board_retained.ferry,
};

static void log_line(void *context, const char *line)
{
    (void)context;
    board_uart_line(line);
}

/* Nothing to do for the agent: one test of the self test, else sleep. */
static void idle(void *context)
{
    (void)context;
    if (!selftest_step(board_uart_line))
        board_idle();
}

static void reset(void *context)
{
    (void)context;
    board_reset();
}

static const struct agent_port port = {
    .serial = {.read = board_link_read, .write = board_link_write},
    .clock = &board_clock,
    .log = log_line,
    .idle = idle,
    .reset = reset,
};

static struct agent agent;

static void prepare(void)
{
    agent.port = &port;
    agent.update_config = &config;
    agent.version = AGENT_VERSION;
    agent.hardware = BOARD_NAME;
    agent.behaviour = AGENT_BEHAVIOUR;
    agent.trial_ms = 1000;
    agent.status_name = ferry_status_name;
}

int main(void)
{
    board_watchdog_start();
    board_clock_start();
    board_uart_start();
    config.external_status =
        board_chip_start(&external, &board_external_spi, ferry_layout.external_size);
    if (config.external_status == FERRY_OK)
        config.external = &external.flash;
    prepare();
    (void)agent_run(&agent);
    board_uart_line("app: the configuration cannot work: reset");
    return 1;
}
