// SPDX-License-Identifier: Apache-2.0
#include "src/image/tlv.h"

#include <stddef.h>
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

_Static_assert(offsetof(struct ferry_image, hashed_size) == FERRY_IMAGE_HEADER_SIZE,
               "header layout");

/* Sets hashed_size, and makes sure that the unprotected TLV area's info header fits behind it. */
static int check_sizes(struct ferry_image *image, uint32_t limit)
{
    uint32_t around = (uint32_t)image->header_size + image->protected_size;

    if (image->header_size < FERRY_IMAGE_HEADER_SIZE)
        return FERRY_E_IMAGE_HEADER;
    if (image->protected_size != 0 && image->protected_size < TLV_INFO_SIZE)
        return FERRY_E_IMAGE_HEADER;
    if (image->payload_size > UINT32_MAX - TLV_INFO_SIZE - around)
        return FERRY_E_IMAGE_HEADER;
    image->hashed_size = around + image->payload_size;
    return image->hashed_size + TLV_INFO_SIZE > limit ? FERRY_E_IMAGE_TOO_LARGE : FERRY_OK;
}

static int check_header(struct ferry_image *image, uint32_t limit)
{
    if (image->magic != FERRY_IMAGE_MAGIC)
        return FERRY_E_IMAGE_MAGIC;
    int status = check_sizes(image, limit);
    return status != FERRY_OK ? status : check_flags(image->flags);
}

int ferry_image_parse_header(const uint8_t header[FERRY_IMAGE_HEADER_SIZE], uint32_t limit,
                             struct ferry_image *image)
{
    memset(image, 0, sizeof(*image));
    memcpy(image, header, FERRY_IMAGE_HEADER_SIZE);
    return check_header(image, limit);
}

/* The protected area: of its entries only the security counter means something here. */
static int take_protected(const struct ferry_region *region, const struct ferry_tlv *tlv,
                          void *context)
{
    struct ferry_image *image = context;

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
    if (tlv->length != sizeof(image->security_counter) || image->has_security_counter)
        return FERRY_E_IMAGE_TLV;
    image->has_security_counter = true;
    return ferry_region_read(region, tlv->offset, &image->security_counter,
                             sizeof(image->security_counter));
}

/*
 * The unprotected area can be changed by anyone, so only the types that belong there are let in.
 * A signature of an algorithm that this build lacks is not an error here: whoever verifies
 * signatures finds none that it knows.
 */
static int take_unprotected(const struct ferry_region *region, const struct ferry_tlv *tlv,
                            void *context)
{
    struct ferry_image *image = context;

    switch (tlv->type) {
    case TLV_SHA256:
        if (image->has_hash)
            return FERRY_E_IMAGE_NO_HASH;
        if (tlv->length != FERRY_SHA256_SIZE)
            return FERRY_E_IMAGE_TLV;
        image->has_hash = true;
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
    uint32_t end;

    int status = ferry_tlv_walk(region, image->hashed_size - image->protected_size,
                                TLV_MAGIC_PROTECTED, take_protected, image, &end);
    return status == FERRY_OK && end != image->hashed_size ? FERRY_E_IMAGE_TLV : status;
}

static int parse_unprotected(const struct ferry_region *region, struct ferry_image *image)
{
    int status = ferry_tlv_walk(region, image->hashed_size, TLV_MAGIC_UNPROTECTED, take_unprotected,
                                image, &image->total_size);

    return status == FERRY_OK && !image->has_hash ? FERRY_E_IMAGE_NO_HASH : status;
}

int ferry_image_parse(const struct ferry_region *region, struct ferry_image *image)
{
    memset(image, 0, sizeof(*image));
    if (region->length < FERRY_IMAGE_HEADER_SIZE)
        return FERRY_E_IMAGE_TOO_LARGE;
    int status = ferry_region_read(region, 0, image, FERRY_IMAGE_HEADER_SIZE);
    if (status == FERRY_OK)
        status = check_header(image, region->length);
    if (status == FERRY_OK && image->protected_size != 0)
        status = parse_protected(region, image);
    return status == FERRY_OK ? parse_unprotected(region, image) : status;
}
