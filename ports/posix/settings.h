// SPDX-License-Identifier: Apache-2.0
/* Layout and keys, which a real device has compiled in. Each: 0, or -1 with a sentence on stderr.
 */
#ifndef PORTS_POSIX_SETTINGS_H
#define PORTS_POSIX_SETTINGS_H

#include "ports/posix/machine.h"

/* From a layout file; NULL takes the built-in copy of data/layouts/posix.yml. */
int settings_layout(struct machine *machine, const char *path);

/* From PEM files; none takes the demo key. */
int settings_keys(struct machine *machine, const char *const *path, uint32_t count);

#endif
