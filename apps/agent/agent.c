// SPDX-License-Identifier: Apache-2.0
#include "apps/agent/agent.h"

#include "apps/common/line.h"

static void say(const struct agent *agent, const char *text)
{
    agent->port->log(agent->port->context, text);
}

static void say_status(const struct agent *agent, const char *what, int status)
{
    struct line line;

    line_start(&line, "app: ");
    line_text(&line, what);
    line_text(&line, " ");
    line_number(&line, (uint32_t)-status);
    if (agent->status_name) {
        line_text(&line, " ");
        line_text(&line, agent->status_name(status));
    }
    say(agent, line.text);
}

static bool is_on_trial(const struct agent *agent)
{
    struct ferry_update_status status;

    ferry_update_status(&agent->update, &status);
    return status.phase == FERRY_UPDATE_TRIAL;
}

static void say_start(const struct agent *agent)
{
    const struct ferry_retained *retained = agent->update_config->retained;
    struct line line;

    line_start(&line, "app: agent ");
    line_text(&line, agent->version);
    line_text(&line, " on ");
    line_text(&line, agent->hardware);
    line_text(&line, is_on_trial(agent) ? ", on trial" : ", running");
    say(agent, line.text);
    if (!agent->update.store_ready)
        say_status(agent, "the store cannot be used:", agent->update.store_status);
    if (retained && retained->reason != 0)
        say_status(agent, "the last boot reports", -(int)retained->reason);
}

static void reset_accepted(void *context, uint8_t boot_mode)
{
    struct agent *agent = context;

    agent->reset_asked = true;
    agent->boot_mode = boot_mode;
}

static void open_link(struct agent *agent, struct smp_link *link, const struct ferry_link *wire,
                      uint8_t *request)
{
    *link = (struct smp_link){
        .link = wire,
        .config =
            {
                .groups = ferry_smp_groups_all,
                .update = &agent->update,
                .buffer_size = AGENT_MESSAGE_SIZE,
                .buffer_count = 2,
                .kernel = "Ferry agent",
                .hardware = agent->hardware,
                .bootloader = "Ferry",
                .reset = reset_accepted,
                .context = agent,
            },
        .request = request,
        .request_size = AGENT_MESSAGE_SIZE,
        .reply = agent->reply,
        .reply_size = AGENT_MESSAGE_SIZE,
    };
    link->packets = wire == &agent->port->packets;
    smp_link_start(link);
}

static void hang(void)
{
    for (volatile bool forever = true; forever;)
        continue;
}

/* What a product would test here is its own business; this one tests that it can be updated. */
static void self_test(struct agent *agent)
{
    if (agent->behaviour == AGENT_CRASHES)
        __builtin_trap();
    if (agent->behaviour == AGENT_HANGS)
        hang();
    if (agent->behaviour != AGENT_CONFIRMS || !is_on_trial(agent))
        return;
    int status = ferry_update_confirm(&agent->update);
    if (status == FERRY_OK)
        say(agent, "app: confirmed itself");
    else
        say_status(agent, "could not confirm itself:", status);
}

/* One round. True if there was or is something to do. */
static bool serve(struct agent *agent)
{
    bool busy = smp_link_poll(&agent->serial);

    if (agent->port->packets.read && !agent->reset_asked && smp_link_poll(&agent->packets))
        busy = true;
    if (busy || agent->reset_asked)
        return true;
    return ferry_update_poll(&agent->update);
}

static bool has_given_up(const struct agent *agent, uint32_t started)
{
    const struct ferry_clock *clock = agent->port->clock;

    return agent->behaviour == AGENT_GIVES_UP && is_on_trial(agent) &&
           clock->now_us(clock->context) - started >= agent->trial_ms * 1000u;
}

static void reset(struct agent *agent)
{
    struct ferry_retained *retained = agent->update_config->retained;

    if (retained) {
        retained->boot_mode = agent->boot_mode;
        ferry_retained_seal(retained);
    }
    agent->port->reset(agent->port->context);
}

int agent_run(struct agent *agent)
{
    const struct agent_port *port = agent->port;
    const struct ferry_clock *clock = port->clock;

    int status = ferry_update_open(&agent->update, agent->update_config);
    if (status != FERRY_OK)
        return status;
    say_start(agent);
    self_test(agent);
    open_link(agent, &agent->serial, &port->serial, agent->serial_request);
    open_link(agent, &agent->packets, &port->packets, agent->packet_request);
    uint32_t started = clock->now_us(clock->context);
    while (!agent->reset_asked && !has_given_up(agent, started)) {
        clock->feed_watchdog(clock->context);
        if (!serve(agent))
            port->idle(port->context);
    }
    say(agent, agent->reset_asked ? "app: reset" : "app: nobody confirmed: reset");
    reset(agent);
    return FERRY_E_STATE; /* not reached: reset does not return */
}
