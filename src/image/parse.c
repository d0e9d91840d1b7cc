// SPDX-License-Identifier: Apache-2.0
#include "src/image/tlv.h"

#include <string.h>

#define ENCRYPTED_MASK (FERRY_IMAGE_ENCRYPTED_AES128 | FERRY_IMAGE_ENCRYPTED_AES256)
#define ADDRESS_MASK   (FERRY_IMAGE_ROM_FIXED | FERRY_IMAGE_RAM_LOAD)

/* Compression algorithms of the payload, of which an image names one. */
#define COMPRESSED_LZMA 0x0600u

#define UNSUPPORTED_MASK (ENCRYPTED_MASK | FERRY_IMAGE_COMPRESSED_MASK | FERRY_IMAGE_NON_BOOTABLE)

static bool has_all(uint32_t flags, uint32_t mask)
{
    return (flags & mask) == mask;
}

static int check_flags(uint32_t flags)
{
    /* Each pair gives one field or the payload two meanings. */
    if (has_all(flags, ENCRYPTED_MASK) || has_all(flags, COMPRESSED_LZMA) ||
        has_all(flags, ADDRESS_MASK))
        return FERRY_E_IMAGE_HEADER;
    return (flags & UNSUPPORTED_MASK) != 0 ? FERRY_E_IMAGE_UNSUPPORTED : FERRY_OK;
}

/* Sets hashed_size, and makes sure that the unprotected TLV area's info header fits behind it. */
static int check_sizes(struct ferry_image *image, uint32_t limit)
{
    uint32_t around = image->header_size + image->protected_size; /* 16 bits each: no overflow */

    if (image->header_size < FERRY_IMAGE_HEADER_SIZE)
        return FERRY_E_IMAGE_HEADER;
    if (image->protected_size != 0 && image->protected_size < TLV_INFO_SIZE)
        return FERRY_E_IMAGE_HEADER;
    if (image->payload_size > UINT32_MAX - TLV_INFO_SIZE - around)
        return FERRY_E_IMAGE_HEADER;
    image->hashed_size = around + image->payload_size;
    return image->hashed_size + TLV_INFO_SIZE > limit ? FERRY_E_IMAGE_TOO_LARGE : FERRY_OK;
}

int ferry_image_parse_header(const uint8_t header[FERRY_IMAGE_HEADER_SIZE], uint32_t limit,
                             struct ferry_image *image)
{
    int status;

    memset(image, 0, sizeof(*image));
    if (ferry_get_le32(header) != FERRY_IMAGE_MAGIC)
        return FERRY_E_IMAGE_MAGIC;
    image->load_address = ferry_get_le32(header + 4);
    image->header_size = ferry_get_le16(header + 8);
    image->protected_size = ferry_get_le16(header + 10);
    image->payload_size = ferry_get_le32(header + 12);
    image->flags = ferry_get_le32(header + 16);
    image->version.major = header[20];
    image->version.minor = header[21];
    image->version.revision = ferry_get_le16(header + 22);
    image->version.build = ferry_get_le32(header + 24);

    status = check_sizes(image, limit);
    return status != FERRY_OK ? status : check_flags(image->flags);
}

/* The protected area: of its entries only the security counter means something here. */
static int take_protected(const struct ferry_region *region, const struct ferry_tlv *tlv,
                          struct ferry_image *image)
{
    uint8_t counter[4];
    int status;

    switch (tlv->type) {
    case TLV_SEC_CNT:
        break;
    case TLV_KEYHASH:
    case TLV_SHA256:
    case TLV_ECDSA_SIG:
        return FERRY_E_IMAGE_TLV; /* it would have to cover itself */
    default:
        return FERRY_OK;
    }
    if (tlv->length != sizeof(counter) || image->has_security_counter)
        return FERRY_E_IMAGE_TLV;
    status = ferry_region_read(region, tlv->offset, counter, sizeof(counter));
    image->security_counter = ferry_get_le32(counter);
    image->has_security_counter = true;
    return status;
}

/*
 * The unprotected area can be changed by anyone, so only the types that belong there are let in.
 * A signature of an algorithm that this build lacks is not an error here: whoever verifies
 * signatures finds none that it knows.
 */
static int take_unprotected(const struct ferry_region *region, const struct ferry_tlv *tlv,
                            struct ferry_image *image, bool *has_hash)
{
    switch (tlv->type) {
    case TLV_SHA256:
        if (*has_hash)
            return FERRY_E_IMAGE_NO_HASH;
        if (tlv->length != FERRY_SHA256_SIZE)
            return FERRY_E_IMAGE_TLV;
        *has_hash = true;
        return ferry_region_read(region, tlv->offset, image->hash, FERRY_SHA256_SIZE);
    case TLV_RSA2048_PSS:
    case TLV_ECDSA224:
    case TLV_ECDSA_SIG:
    case TLV_RSA3072_PSS:
    case TLV_ED25519:
        image->has_signature = true;
        return FERRY_OK;
    case TLV_KEYHASH:
        return FERRY_OK;
    case TLV_PUBKEY:
    case TLV_SHA384:
    case TLV_SHA512:
    case TLV_SIG_PURE:
        return FERRY_E_IMAGE_UNSUPPORTED;
    default:
        return tlv->type >= TLV_ENC_RSA2048 && tlv->type <= TLV_ENC_X25519_SHA512
                   ? FERRY_E_IMAGE_UNSUPPORTED
                   : FERRY_E_IMAGE_TLV;
    }
}

static int parse_protected(const struct ferry_region *region, struct ferry_image *image)
{
    struct ferry_tlv_walk walk;
    struct ferry_tlv tlv;
    int status;

    status = ferry_tlv_open(&walk, region, image->hashed_size - image->protected_size,
                            TLV_MAGIC_PROTECTED);
    if (status == FERRY_OK && walk.end != image->hashed_size)
        status = FERRY_E_IMAGE_TLV;
    while (status == FERRY_OK && walk.next < walk.end) {
        status = ferry_tlv_next(&walk, &tlv);
        if (status == FERRY_OK)
            status = take_protected(region, &tlv, image);
    }
    return status;
}

static int parse_unprotected(const struct ferry_region *region, struct ferry_image *image)
{
    struct ferry_tlv_walk walk;
    struct ferry_tlv tlv;
    bool has_hash = false;
    int status;

    status = ferry_tlv_open(&walk, region, image->hashed_size, TLV_MAGIC_UNPROTECTED);
    if (status != FERRY_OK)
        return status;
    image->total_size = walk.end;
    while (status == FERRY_OK && walk.next < walk.end) {
        status = ferry_tlv_next(&walk, &tlv);
        if (status == FERRY_OK)
            status = take_unprotected(region, &tlv, image, &has_hash);
    }
    return status == FERRY_OK && !has_hash ? FERRY_E_IMAGE_NO_HASH : status;
}

int ferry_image_parse(const struct ferry_region *region, struct ferry_image *image)
{
    uint8_t header[FERRY_IMAGE_HEADER_SIZE];
    int status;

    memset(image, 0, sizeof(*image));
    if (region->length < sizeof(header))
        return FERRY_E_IMAGE_TOO_LARGE;
    status = ferry_region_read(region, 0, header, sizeof(header));
    if (status == FERRY_OK)
        status = ferry_image_parse_header(header, region->length, image);
    if (status == FERRY_OK && image->protected_size != 0)
        status = parse_protected(region, image);
    return status == FERRY_OK ? parse_unprotected(region, image) : status;
}
