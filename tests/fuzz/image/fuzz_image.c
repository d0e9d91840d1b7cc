// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as an image in flash. The key's hash is the one the image names, so that the
 * signature's DER is reached; a buffer of exactly the input's size shows every read too far.
 */
#include <string.h>

#include "host/buffer_flash.h"
#include "host/image_inspect.h"
#include "src/image/tlv.h"
#include "tests/fuzz/image/check.h"
#include "tests/vectors/image_p256.h"

static void check_sizes(const struct ferry_image *image, size_t size)
{
    FUZZ_CHECK(image->header_size >= FERRY_IMAGE_HEADER_SIZE);
    FUZZ_CHECK((uint64_t)image->header_size + image->payload_size + image->protected_size ==
               image->hashed_size);
    FUZZ_CHECK(image->total_size >= image->hashed_size + TLV_INFO_SIZE);
    FUZZ_CHECK(image->total_size <= size);
}

static int take_key_hash(const struct ferry_region *region, const struct ferry_tlv *tlv,
                         void *context)
{
    struct ferry_key *key = context;

    if (tlv->type == TLV_KEYHASH && tlv->length == sizeof(key->hash))
        (void)ferry_region_read(region, tlv->offset, key->hash, sizeof(key->hash));
    return FERRY_OK;
}

/* The key that the last KEYHASH in the unprotected area names, with the vector's point. */
static void name_key(const struct ferry_region *region, const struct ferry_image *image,
                     struct ferry_key *key)
{
    uint32_t end;

    memcpy(key->hash, vector_key_hash, sizeof(key->hash));
    memcpy(key->point, vector_key_point, sizeof(key->point));
    (void)ferry_tlv_walk(region, image->hashed_size, TLV_MAGIC_UNPROTECTED, take_key_hash, key,
                         &end);
}

/* What is accepted covers what the vector covers: nobody has signed anything else. */
static void check_accepted(const uint8_t *data, size_t size)
{
    FUZZ_CHECK(size >= AT_UNPROTECTED);
    FUZZ_CHECK(memcmp(data, vector_image, AT_UNPROTECTED) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ferry_buffer_flash flash;
    struct ferry_seen_image seen;
    struct ferry_region region;
    struct ferry_image image;
    struct ferry_key key;
    struct ferry_keys keys = {.key = &key, .count = 1};
    uint8_t work[64];

    if (size > UINT32_MAX)
        return 0;
    ferry_buffer_flash_open(&flash, data, (uint32_t)size);
    region = ferry_buffer_flash_region(&flash);
    ferry_image_inspect(&region, true, NULL, &seen);
    if (ferry_image_parse(&region, &image) != FERRY_OK)
        return 0;
    check_sizes(&image, size);
    name_key(&region, &image, &key);
    if (ferry_image_signature(&region, &image, &keys) == FERRY_OK &&
        ferry_image_hash(&region, &image, work, sizeof(work)) == FERRY_OK)
        check_accepted(data, size);
    return 0;
}
