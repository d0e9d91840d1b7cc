// SPDX-License-Identifier: Apache-2.0
#ifndef PORTS_POSIX_FACTORY_H
#define PORTS_POSIX_FACTORY_H

#include "ports/posix/machine.h"

/* Writes a file into the primary slot as a programmer would. 0, or -1 with a sentence on stderr. */
int factory_write(struct machine *machine, const char *path);

#endif
