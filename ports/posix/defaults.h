// SPDX-License-Identifier: Apache-2.0
/* What the build puts into ferry-device: the text of a layout file and of a public key. */
#ifndef PORTS_POSIX_DEFAULTS_H
#define PORTS_POSIX_DEFAULTS_H

#include <stdbool.h>

extern const char default_layout[];
extern const char default_key[];
extern const bool default_key_is_demo;

#endif
