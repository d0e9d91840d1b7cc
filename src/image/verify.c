// SPDX-License-Identifier: Apache-2.0
#include "ferry/image.h"

#define WORK_MIN 64u

int ferry_image_check(const struct ferry_image *image, const struct ferry_image_rules *rules)
{
    if (image->total_size > rules->max_size)
        return FERRY_E_IMAGE_TOO_LARGE;
    if ((image->flags & FERRY_IMAGE_ROM_FIXED) != 0 &&
        image->load_address != rules->primary_address)
        return FERRY_E_IMAGE_ADDRESS;
    if (image->security_counter < rules->floor)
        return FERRY_E_IMAGE_FLOOR;
    return FERRY_OK;
}

int ferry_image_hash(const struct ferry_region *region, const struct ferry_image *image,
                     uint8_t *work, uint32_t work_size)
{
    struct ferry_sha256 sha;
    uint8_t digest[FERRY_SHA256_SIZE];
    uint32_t length;
    int status;

    if (work_size < WORK_MIN)
        return FERRY_E_NO_MEMORY;
    ferry_sha256_start(&sha);
    for (uint32_t at = 0; at < image->hashed_size; at += length) {
        length = image->hashed_size - at;
        if (length > work_size)
            length = work_size;
        status = ferry_region_read(region, at, work, length);
        if (status != FERRY_OK)
            return status;
        ferry_sha256_update(&sha, work, length);
    }
    ferry_sha256_finish(&sha, digest);
    return ferry_compare(digest, image->hash, sizeof(digest)) == 0 ? FERRY_OK : FERRY_E_IMAGE_HASH;
}

int ferry_image_verify(const struct ferry_region *region, const struct ferry_image_rules *rules,
                       const struct ferry_keys *keys, uint8_t *work, uint32_t work_size,
                       struct ferry_image *image)
{
    int status = ferry_image_parse(region, image);

    if (status == FERRY_OK)
        status = ferry_image_check(image, rules);
    if (status == FERRY_OK)
        status = ferry_image_hash(region, image, work, work_size);
    return status == FERRY_OK ? ferry_image_signature(region, image, keys) : status;
}

uint32_t ferry_version_rank(const struct ferry_version *version)
{
    return (uint32_t)version->major << 24 | (uint32_t)version->minor << 16 | version->revision;
}
