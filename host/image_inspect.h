// SPDX-License-Identifier: Apache-2.0
/* Looks at an image as far as it can be looked at, also where a bootloader would stop. */
#ifndef FERRY_HOST_IMAGE_INSPECT_H
#define FERRY_HOST_IMAGE_INSPECT_H

#include "ferry/image.h"

#define FERRY_SEEN_TLVS 64u
#define FERRY_NO_KEY    UINT32_MAX

struct ferry_seen_tlv {
    uint16_t type;
    uint16_t length;
    uint32_t offset; /* of the value, from the start of the image */
    bool is_protected;
};

/* What was seen. A check that was not made, because one before it failed, is FERRY_E_STATE. */
struct ferry_seen_image {
    struct ferry_image image; /* as far as it could be parsed */
    bool has_header;          /* magic and lengths of the header make sense */
    int structure;            /* header and TLV areas */
    int hash;
    int signature;   /* FERRY_E_STATE without keys, too */
    uint32_t signer; /* index of the key that signed it, or FERRY_NO_KEY */
    int verdict;     /* the first of the three that is wrong; FERRY_OK if none is known to be */
    struct ferry_seen_tlv tlv[FERRY_SEEN_TLVS];
    uint32_t tlvs;
};

/*
 * Looks at the image at the start of `region`. `is_file`: the region is exactly a file, so what
 * does not fit into it is cut off. `keys` may be NULL.
 */
void ferry_image_inspect(const struct ferry_region *region, bool is_file,
                         const struct ferry_keys *keys, struct ferry_seen_image *seen);

/* MCUboot's name for a TLV type, NULL for one that has none. */
const char *ferry_tlv_name(uint16_t type);

#endif
