// SPDX-License-Identifier: Apache-2.0
/*
 * What lies where. One YAML file (partition manager's pm_static.yml) is the source; this struct is
 * its compiled form, written by `ferry layout header` or filled at run time on a host.
 */
#ifndef FERRY_LAYOUT_H
#define FERRY_LAYOUT_H

#include "ferry/flash.h"

#define FERRY_SLOTS_MAX 4
#define FERRY_SLOTS_MIN 2

struct ferry_span {
    uint32_t offset; /* bytes from the start of its device */
    uint32_t length; /* bytes */
};

struct ferry_layout {
    uint32_t primary_address;  /* CPU address of the primary slot's first byte */
    struct ferry_span primary; /* internal: the slot the image runs from */
    struct ferry_span floor;   /* internal: two blocks for the security floor; 0 = none */
    struct ferry_span journal; /* external: two or more erase blocks */
    struct ferry_span slot[FERRY_SLOTS_MAX]; /* external */
    uint32_t slots;                          /* how many of `slot` are used */
    uint32_t internal_size;                  /* bytes the layout needs of the internal flash */
    uint32_t external_size;                  /* bytes the layout needs of the external flash */
};

#endif
