// SPDX-License-Identifier: Apache-2.0
/* One life of the core: the bootloader, then the application in the same process. */
#ifndef PORTS_POSIX_CORE_H
#define PORTS_POSIX_CORE_H

#include "ports/posix/machine.h"

/* Exit statuses of a core that stops instead of starting the application (machine->boot_only). */
#define CORE_WOULD_START   0
#define CORE_WOULD_RECOVER 3

/* Runs in a child of the supervisor. `machine_fd` is what the application attaches to. */
_Noreturn void core_run(struct machine *machine, int machine_fd);

#endif
