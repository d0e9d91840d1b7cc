// SPDX-License-Identifier: Apache-2.0
/*
 * The agent: the application that keeps itself up to date. Serves SMP over its links, does the
 * update session's background work when it is idle, and tells on its log what runs. A port calls
 * `agent_run` from main. In a product this is one task among others; here it is the whole
 * application.
 */
#ifndef APPS_AGENT_H
#define APPS_AGENT_H

#include "apps/common/smp_link.h"
#include "ferry/spi.h"

#define AGENT_MESSAGE_SIZE 2048u

/* How a version behaves. All but the first two exist to prove that a bad image is taken back. */
enum agent_behaviour {
    AGENT_NORMAL = 0,   /* stays on trial until a client confirms it */
    AGENT_CONFIRMS = 1, /* confirms itself after its self test */
    AGENT_CRASHES = 2,  /* runs into a trap right after it started */
    AGENT_HANGS = 3,    /* stops feeding the watchdog right after it started */
    AGENT_GIVES_UP = 4, /* on trial, and not confirmed within trial_ms: resets */
};

/* What the loop needs of a port. Pointers are mandatory unless they say otherwise. */
struct agent_port {
    struct ferry_link serial;  /* SMP in console framing */
    struct ferry_link packets; /* one message a packet; read == NULL where there is none */
    const struct ferry_clock *clock;
    void (*log)(void *context, const char *line); /* without a line end; may drop it */
    void (*idle)(void *context);  /* sleeps until something may have arrived, 50 ms at most */
    void (*reset)(void *context); /* sends what is still to be sent, resets, does not return */
    void *context;
};

/* The caller fills the first part and zeroes the rest. Large: static, not on a stack. */
struct agent {
    const struct agent_port *port;
    const struct ferry_update_config *update_config;
    const char *version;  /* as compiled in, "1.2.3" */
    const char *hardware; /* name of the board */
    enum agent_behaviour behaviour;
    uint32_t trial_ms; /* AGENT_GIVES_UP; at most 4000000 */
    /* Names a status in the log; NULL logs the number alone. */
    const char *(*status_name)(int status);

    struct ferry_update update;
    struct smp_link serial;
    struct smp_link packets;
    bool reset_asked;
    uint8_t boot_mode;
    uint8_t serial_request[AGENT_MESSAGE_SIZE];
    uint8_t packet_request[AGENT_MESSAGE_SIZE];
    uint8_t reply[AGENT_MESSAGE_SIZE];
};

/*
 * Runs the application; ends in the port's reset. Comes back only with a configuration that can
 * never work: the status of ferry_update_open.
 */
int agent_run(struct agent *agent);

#endif
