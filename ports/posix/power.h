// SPDX-License-Identifier: Apache-2.0
/* Power-on: from options and files to a machine that can run. */
#ifndef PORTS_POSIX_POWER_H
#define PORTS_POSIX_POWER_H

#include "ports/posix/machine.h"
#include "ports/posix/options.h"

/*
 * Takes the folder, opens chips, keys and links. NULL with a sentence on stderr. `*machine_fd` is
 * for core_run. Waits up to 10 seconds for a device that is still dying in this folder.
 */
struct machine *power_on(const struct options *options, int *machine_fd);

#endif
