// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: ferry-device --dir DIR [options]\n"
    "       ferry-device --dir DIR --factory IMAGE\n"
    "\n"
    "A whole device as Linux processes. DIR holds its flash chips as files (made erased\n"
    "where missing). The bootloader runs first; booting an image runs it. End it with\n"
    "SIGTERM, Ctrl-C or kill -9: each of them is a power cut.\n"
    "\n"
    "  --dir DIR            the device's folder; one ferry-device at a time\n"
    "  --layout FILE        flash layout, YAML (default: data/layouts/posix.yml, built in)\n"
    "  --factory IMAGE      write IMAGE into the primary slot as a programmer would, then end\n"
    "  --serial pty|PATH    the serial line (default pty, also linked as DIR/serial), or none\n"
    "  --udp PORT           SMP over UDP on 127.0.0.1, by the application; 0 takes a free port\n"
    "  --key FILE           public key (PEM) that images may be signed with; up to 4 times\n"
    "                       (default: the demo key, whose private half everybody has)\n"
    "  --button             hold the recovery button at power-on\n"
    "  --no-external        the external chip does not answer\n"
    "  --watchdog MS        of the application (default 10000, 0 = none)\n"
    "  --speed N            flash N times as fast as a chip's typical times (default: no waiting)\n"
    "  --once               one life of the core: end at its first reset\n"
    "  --boot-only          end where the application would start (0) or recovery would (3)\n"
    "  --trace FILE         append every flash operation: number, who, chip, what, offset, size\n"
    "  --cut-after N        the power goes right after flash operation N, counted from power-on\n"
    "                       over bootloader and application (also by FERRY_CUT_AFTER=N)\n"
    "  --cut-mode MODE      after, before, or torn: inside that operation (FERRY_CUT_MODE)\n"
    "  --cut-seed SEED      how it is torn (FERRY_CUT_SEED)\n"
    "  --help               this text\n"
    "\n"
    "stdout has a line for each event: power:, serial:, udp:, boot:, app:, reset:.\n"
    "Exit status: 0, 1 for an error, 2 for a wrong command line; --once: 0 after a software\n"
    "reset, 10 after a power-on reset, 12 after the watchdog, 13 after a lock-up.\n";

enum {
    OPT_DIR = 1,
    OPT_LAYOUT,
    OPT_FACTORY,
    OPT_SERIAL,
    OPT_UDP,
    OPT_KEY,
    OPT_BUTTON,
    OPT_NO_EXT,
    OPT_WATCHDOG,
    OPT_SPEED,
    OPT_ONCE,
    OPT_BOOT_ONLY,
    OPT_TRACE,
    OPT_CUT,
    OPT_CUT_MODE,
    OPT_SEED,
    OPT_HELP
};

static const struct option table[] = {
    {"dir", required_argument, NULL, OPT_DIR},
    {"layout", required_argument, NULL, OPT_LAYOUT},
    {"factory", required_argument, NULL, OPT_FACTORY},
    {"serial", required_argument, NULL, OPT_SERIAL},
    {"udp", required_argument, NULL, OPT_UDP},
    {"key", required_argument, NULL, OPT_KEY},
    {"button", no_argument, NULL, OPT_BUTTON},
    {"no-external", no_argument, NULL, OPT_NO_EXT},
    {"watchdog", required_argument, NULL, OPT_WATCHDOG},
    {"speed", required_argument, NULL, OPT_SPEED},
    {"once", no_argument, NULL, OPT_ONCE},
    {"boot-only", no_argument, NULL, OPT_BOOT_ONLY},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"cut-after", required_argument, NULL, OPT_CUT},
    {"cut-mode", required_argument, NULL, OPT_CUT_MODE},
    {"cut-seed", required_argument, NULL, OPT_SEED},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* Parses a number up to `most`; says what is wrong with it. */
static bool number(const char *what, const char *text, uint32_t most, uint32_t *value)
{
    char *end;

    errno = 0;
    unsigned long long parsed = strtoull(text, &end, 0);
    if (errno != 0 || end == text || *end != '\0' || parsed > most || strchr(text, '-')) {
        fprintf(stderr, "ferry-device: %s %s: give a number from 0 to %u\n", what, text, most);
        return false;
    }
    *value = (uint32_t)parsed;
    return true;
}

static bool cut_mode(struct options *options, const char *text)
{
    if (strcmp(text, "after") == 0)
        options->cut = MACHINE_CUT_AFTER;
    else if (strcmp(text, "before") == 0)
        options->cut = MACHINE_CUT_BEFORE;
    else if (strcmp(text, "torn") == 0)
        options->cut = MACHINE_CUT_TORN;
    else {
        fprintf(stderr, "ferry-device: cut mode %s: give before, torn or after\n", text);
        return false;
    }
    return true;
}

static bool add_key(struct options *options, const char *path)
{
    if (options->keys == MACHINE_KEYS_MAX) {
        fprintf(stderr, "ferry-device: --key %s: there is room for %d keys, leave one out\n", path,
                MACHINE_KEYS_MAX);
        return false;
    }
    options->key[options->keys++] = path;
    return true;
}

static bool udp(struct options *options, const char *text)
{
    uint32_t port;

    if (!number("--udp", text, 65535, &port))
        return false;
    options->udp = true;
    options->udp_port = (uint16_t)port;
    return true;
}

/* The options with a value. */
static bool take_value(struct options *options, int option, const char *value)
{
    switch (option) {
    case OPT_DIR:
        options->dir = value;
        return true;
    case OPT_LAYOUT:
        options->layout = value;
        return true;
    case OPT_FACTORY:
        options->factory = value;
        return true;
    case OPT_SERIAL:
        options->serial = value;
        return true;
    case OPT_TRACE:
        options->trace = value;
        return true;
    case OPT_UDP:
        return udp(options, value);
    case OPT_KEY:
        return add_key(options, value);
    case OPT_WATCHDOG:
        return number("--watchdog", value, 3600000, &options->watchdog_ms);
    case OPT_SPEED:
        return number("--speed", value, 1000000, &options->speed);
    case OPT_CUT:
        return number("--cut-after", value, UINT32_MAX, &options->cut_at);
    case OPT_CUT_MODE:
        return cut_mode(options, value);
    case OPT_SEED:
        return number("--cut-seed", value, UINT32_MAX, &options->cut_seed);
    default:
        return false;
    }
}

static bool take(struct options *options, int option, const char *value)
{
    switch (option) {
    case OPT_BUTTON:
        return options->button = true;
    case OPT_NO_EXT:
        return options->no_external = true;
    case OPT_ONCE:
        return options->once = true;
    case OPT_BOOT_ONLY:
        return options->boot_only = true;
    default:
        return take_value(options, option, value);
    }
}

static bool take_environment(struct options *options)
{
    static const struct {
        const char *name;
        int option;
    } variables[] = {{"FERRY_CUT_AFTER", OPT_CUT},
                     {"FERRY_CUT_MODE", OPT_CUT_MODE},
                     {"FERRY_CUT_SEED", OPT_SEED}};

    for (unsigned i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i].name);
        if (value && !take_value(options, variables[i].option, value))
            return false;
    }
    return true;
}

enum options_result options_parse(struct options *options, int count, char **arguments)
{
    *options = (struct options){.serial = "pty", .watchdog_ms = 10000, .cut = MACHINE_CUT_AFTER};
    if (!take_environment(options))
        return OPTIONS_WRONG;
    for (;;) {
        int option = getopt_long(count, arguments, "", table, NULL);
        if (option == -1)
            break;
        if (option == OPT_HELP) {
            fputs(help, stdout);
            return OPTIONS_HELP;
        }
        if (!take(options, option, optarg))
            return OPTIONS_WRONG;
    }
    if (optind < count) {
        fprintf(stderr, "ferry-device: %s: not an option; see --help\n", arguments[optind]);
        return OPTIONS_WRONG;
    }
    if (!options->dir) {
        fprintf(stderr, "ferry-device: no folder for the device: give --dir DIR\n");
        return OPTIONS_WRONG;
    }
    return OPTIONS_GO;
}
