// SPDX-License-Identifier: Apache-2.0
#include "host/image_inspect.h"

#include <string.h>

#include "src/image/tlv.h"

static const struct {
    uint16_t type;
    const char *name;
} names[] = {
    {0x01, "KEYHASH"},       {0x02, "PUBKEY"},
    {0x10, "SHA256"},        {0x11, "SHA384"},
    {0x12, "SHA512"},        {0x20, "RSA2048_PSS"},
    {0x21, "ECDSA224"},      {0x22, "ECDSA_SIG"},
    {0x23, "RSA3072_PSS"},   {0x24, "ED25519"},
    {0x25, "SIG_PURE"},      {0x30, "ENC_RSA2048"},
    {0x31, "ENC_KW"},        {0x32, "ENC_EC256"},
    {0x33, "ENC_X25519"},    {0x34, "ENC_X25519_SHA512"},
    {0x40, "DEPENDENCY"},    {0x50, "SEC_CNT"},
    {0x60, "BOOT_RECORD"},   {0x70, "DECOMP_SIZE"},
    {0x71, "DECOMP_SHA"},    {0x72, "DECOMP_SIGNATURE"},
    {0x73, "COMP_DEC_SIZE"}, {0x74, "UUID_VID"},
    {0x75, "UUID_CID"},
};

const char *ferry_tlv_name(uint16_t type)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (names[i].type == type)
            return names[i].name;
    }
    return NULL;
}

static int list_entry(const struct ferry_region *region, const struct ferry_tlv *tlv, void *context)
{
    struct ferry_seen_image *seen = context;

    (void)region;
    if (seen->tlvs == FERRY_SEEN_TLVS)
        return FERRY_E_NO_MEMORY;
    seen->tlv[seen->tlvs++] =
        (struct ferry_seen_tlv){.type = tlv->type, .length = tlv->length, .offset = tlv->offset};
    return FERRY_OK;
}

/* Lists the entries of one area up to the first that makes no sense. Returns where it ends. */
static uint32_t list_area(const struct ferry_region *region, uint32_t offset, bool is_protected,
                          struct ferry_seen_image *seen)
{
    uint32_t first = seen->tlvs;
    uint32_t end = 0;

    (void)ferry_tlv_walk(region, offset, is_protected ? TLV_MAGIC_PROTECTED : TLV_MAGIC_UNPROTECTED,
                         list_entry, seen, &end);
    for (uint32_t i = first; i < seen->tlvs; i++)
        seen->tlv[i].is_protected = is_protected;
    return end;
}

/*
 * The parser stops at what it does not support; for people the rest is listed, too, and the fields
 * it did not get to are filled in.
 */
static void list_tlvs(const struct ferry_region *region, struct ferry_seen_image *seen)
{
    struct ferry_image *image = &seen->image;

    if (image->protected_size != 0)
        (void)list_area(region, image->hashed_size - image->protected_size, true, seen);
    image->total_size = list_area(region, image->hashed_size, false, seen);
    for (uint32_t i = 0; i < seen->tlvs; i++) {
        if (!seen->tlv[i].is_protected && seen->tlv[i].type == TLV_SHA256 &&
            seen->tlv[i].length == FERRY_SHA256_SIZE)
            (void)ferry_region_read(region, seen->tlv[i].offset, image->hash, FERRY_SHA256_SIZE);
    }
}

/* The one key that the signature verifies with. */
static uint32_t find_signer(const struct ferry_region *region, const struct ferry_keys *keys,
                            const struct ferry_image *image)
{
    for (uint32_t i = 0; i < keys->count; i++) {
        struct ferry_keys one = {.key = &keys->key[i], .count = 1};

        if (ferry_image_signature(region, image, &one) == FERRY_OK)
            return i;
    }
    return FERRY_NO_KEY;
}

static int first_wrong(const struct ferry_seen_image *seen)
{
    if (seen->structure != FERRY_OK)
        return seen->structure;
    if (seen->hash != FERRY_OK)
        return seen->hash;
    if (seen->signature != FERRY_OK && seen->signature != FERRY_E_STATE)
        return seen->signature;
    return seen->image.has_signature ? FERRY_OK : FERRY_E_IMAGE_UNSIGNED;
}

void ferry_image_inspect(const struct ferry_region *region, bool is_file,
                         const struct ferry_keys *keys, struct ferry_seen_image *seen)
{
    uint8_t work[4096];

    memset(seen, 0, sizeof(*seen));
    seen->hash = FERRY_E_STATE;
    seen->signature = FERRY_E_STATE;
    seen->signer = FERRY_NO_KEY;
    seen->structure = ferry_image_parse(region, &seen->image);
    if (is_file && seen->structure == FERRY_E_IMAGE_TOO_LARGE)
        seen->structure = FERRY_E_IMAGE_TRUNCATED;
    seen->has_header = seen->image.hashed_size != 0;
    if (seen->has_header)
        list_tlvs(region, seen);
    if (seen->structure == FERRY_OK)
        seen->hash = ferry_image_hash(region, &seen->image, work, sizeof(work));
    if (seen->hash == FERRY_OK && keys != NULL && keys->count > 0) {
        seen->signature = ferry_image_signature(region, &seen->image, keys);
        if (seen->signature == FERRY_OK)
            seen->signer = find_signer(region, keys, &seen->image);
    }
    seen->verdict = first_wrong(seen);
}
