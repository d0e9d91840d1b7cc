// SPDX-License-Identifier: Apache-2.0
/* The agent as firmware of the posix device: what is signed, installed and run. */
#include <stdio.h>
#include <unistd.h>

#include "apps/agent/agent.h"
#include "ports/posix/board.h"
#include "ports/posix/flash.h"

#ifndef AGENT_VERSION
#error "the build gives AGENT_VERSION, AGENT_BEHAVIOUR and AGENT_TRIAL_MS"
#endif

static struct posix_flash chip[2];
static struct ferry_flash internal, external;
static struct ferry_keys keys;
static struct ferry_update_config config;
static struct agent_port port;
static struct agent agent;

static int start_chips(struct machine *machine)
{
    int status = posix_flash_start(&chip[0], &internal, machine, true);

    if (status != FERRY_OK)
        return status;
    config.internal = &internal;
    config.external_status = machine->external_status;
    if (config.external_status == FERRY_OK)
        config.external_status = posix_flash_start(&chip[1], &external, machine, false);
    config.external = config.external_status == FERRY_OK ? &external : NULL;
    return FERRY_OK;
}

static void fill_port(struct machine *machine)
{
    port = (struct agent_port){
        .serial = board_serial(machine),
        .packets = board_udp(machine),
        .clock = &posix_clock,
        .log = board_log,
        .idle = board_idle,
        .reset = board_reset,
        .context = machine,
    };
}

static void fill_agent(struct machine *machine)
{
    keys = (struct ferry_keys){machine->key, machine->keys};
    config.layout = &machine->layout;
    config.keys = &keys;
    config.retained = &machine->retained;
    agent.port = &port;
    agent.update_config = &config;
    agent.version = AGENT_VERSION;
    agent.hardware = "posix";
    agent.behaviour = AGENT_BEHAVIOUR;
    agent.trial_ms = AGENT_TRIAL_MS;
    agent.status_name = ferry_status_name;
}

/* A hostile application would try just this. On silicon a port's lock has to stand the same test.
 */
static void check_lock(struct machine *machine)
{
    if (internal.api->erase(internal.context, 0, 4096) == FERRY_E_PROTECTED)
        board_log(machine, "app: the bootloader is locked");
    else
        board_log(machine, "app: THE BOOTLOADER IS NOT LOCKED");
}

int main(void)
{
    struct machine *machine = machine_attach();

    if (!machine)
        return 1;
    machine_die_with_supervisor(machine);
    board_arm_watchdog(machine->watchdog_ms);
    fill_port(machine);
    int status = start_chips(machine);
    if (status == FERRY_OK) {
        check_lock(machine);
        fill_agent(machine);
        status = agent_run(&agent);
    }
    fprintf(stderr, "ferry agent: %s: %s\n", ferry_status_name(status), ferry_status_text(status));
    return 1;
}
