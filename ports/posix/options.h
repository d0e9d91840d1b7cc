// SPDX-License-Identifier: Apache-2.0
/* The command line of ferry-device. */
#ifndef PORTS_POSIX_OPTIONS_H
#define PORTS_POSIX_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ports/posix/machine.h"

struct options {
    const char *dir;
    const char *layout;  /* NULL: the one compiled in */
    const char *serial;  /* "pty", "none" or a path */
    const char *factory; /* image to write into the primary, then end */
    const char *trace;   /* file for flash operations, NULL = none */
    const char *key[MACHINE_KEYS_MAX];
    uint32_t keys; /* 0: the demo key */
    bool udp;
    uint16_t udp_port; /* 0: any free one */
    bool button;
    bool no_external;
    bool once;
    bool boot_only;
    uint32_t watchdog_ms;
    uint32_t speed;
    uint32_t cut_at;
    enum machine_cut cut;
    uint32_t cut_seed;
};

/* What the command line came to. */
enum options_result { OPTIONS_GO, OPTIONS_HELP, OPTIONS_WRONG };

/* Fills `options`. Help goes to stdout, one sentence about a mistake to stderr. */
enum options_result options_parse(struct options *options, int count, char **arguments);

#endif
