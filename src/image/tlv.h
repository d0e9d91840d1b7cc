// SPDX-License-Identifier: Apache-2.0
/* The two TLV areas behind an image's payload. For src/image and the tools that show images. */
#ifndef FERRY_IMAGE_TLV_H
#define FERRY_IMAGE_TLV_H

#include "ferry/image.h"

#define TLV_MAGIC_UNPROTECTED 0x6907u
#define TLV_MAGIC_PROTECTED   0x6908u
#define TLV_INFO_SIZE         4u
#define TLV_ENTRY_SIZE        4u

/* Types, by the names MCUboot gives them. */
enum tlv_type {
    TLV_KEYHASH = 0x01,
    TLV_PUBKEY = 0x02,
    TLV_SHA256 = 0x10,
    TLV_SHA384 = 0x11,
    TLV_SHA512 = 0x12,
    TLV_RSA2048_PSS = 0x20,
    TLV_ECDSA224 = 0x21,
    TLV_ECDSA_SIG = 0x22,
    TLV_RSA3072_PSS = 0x23,
    TLV_ED25519 = 0x24,
    TLV_SIG_PURE = 0x25,
    TLV_ENC_RSA2048 = 0x30,
    TLV_ENC_X25519_SHA512 = 0x34,
    TLV_SEC_CNT = 0x50,
};

/* One entry: its value lies at [offset, offset + length) of the image. */
struct ferry_tlv {
    uint16_t type; /* these two as they lie in flash */
    uint16_t length;
    uint32_t offset;
};

/* Takes one entry of the image in `region`. What is not FERRY_OK ends the walk. */
typedef int ferry_tlv_take(const struct ferry_region *region, const struct ferry_tlv *tlv,
                           void *context);

/*
 * Walks over the entries of the area whose info header is at `offset`; `*end` gets the first offset
 * behind it. FERRY_OK, FERRY_E_IMAGE_TLV (another magic, a length it cannot have, an entry that
 * overruns the area), FERRY_E_IMAGE_TOO_LARGE (the area ends behind the region), what `take`
 * returns or a read error, FERRY_E_RANGE among them.
 */
int ferry_tlv_walk(const struct ferry_region *region, uint32_t offset, uint16_t magic,
                   ferry_tlv_take *take, void *context, uint32_t *end);

static inline uint16_t ferry_get_le16(const uint8_t *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

static inline uint32_t ferry_get_le32(const uint8_t *at)
{
    return ferry_get_le16(at) | (uint32_t)ferry_get_le16(at + 2) << 16;
}

#endif
