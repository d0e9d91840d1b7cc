// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/image/image_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/buffer_flash.h"
#include "src/image/tlv.h"
#include "tests/vectors/image_p256.h"

void kit_put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)value;
    at[1] = (uint8_t)(value >> 8);
}

void kit_put32(uint8_t *at, uint32_t value)
{
    kit_put16(at, value);
    kit_put16(at + 2, value >> 16);
}

void kit_key(struct ferry_key_file *key)
{
    memset(key, 0, sizeof(*key));
    memcpy(key->public_key.hash, vector_key_hash, sizeof(vector_key_hash));
    memcpy(key->public_key.point, vector_key_point, sizeof(vector_key_point));
    memcpy(key->secret, vector_key_secret, sizeof(vector_key_secret));
    key->has_secret = true;
}

void kit_other_key(struct ferry_key_file *key)
{
    struct ferry_problem problem;

    assert_int_equal(ferry_keys_generate(key, &problem), FERRY_OK);
}

void kit_vector(struct kit *kit)
{
    memset(kit, 0xFF, sizeof(*kit));
    memcpy(kit->bytes, vector_image, sizeof(vector_image));
    kit->size = sizeof(vector_image);
}

void kit_begin(struct kit *kit, uint32_t payload, uint8_t seed)
{
    memset(kit, 0, sizeof(*kit));
    assert_true(payload + 512 < KIT_SIZE);
    kit_put32(kit->bytes + AT_MAGIC, FERRY_IMAGE_MAGIC);
    kit_put16(kit->bytes + AT_HEADER_SIZE, FERRY_IMAGE_HEADER_SIZE);
    kit_put32(kit->bytes + AT_PAYLOAD_SIZE, payload);
    kit->bytes[AT_VERSION] = 1;
    for (uint32_t i = 0; i < payload; i++)
        kit->bytes[AT_PAYLOAD + i] = (uint8_t)(seed + i * 7);
    kit->size = FERRY_IMAGE_HEADER_SIZE + payload;
}

void kit_area(struct kit *kit, uint16_t magic)
{
    kit->area = kit->size;
    kit_put16(kit->bytes + kit->size, magic);
    kit->size += TLV_INFO_SIZE;
}

void kit_tlv(struct kit *kit, uint16_t type, const void *value, uint32_t length)
{
    assert_true(kit->size + length + TLV_ENTRY_SIZE <= KIT_SIZE);
    kit_put16(kit->bytes + kit->size, type);
    kit_put16(kit->bytes + kit->size + 2, length);
    if (length > 0)
        memcpy(kit->bytes + kit->size + TLV_ENTRY_SIZE, value, length);
    kit->size += TLV_ENTRY_SIZE + length;
}

void kit_area_end(struct kit *kit)
{
    uint8_t *info = kit->bytes + kit->area;

    kit_put16(info + 2, kit->size - kit->area);
    if (ferry_get_le16(info) == TLV_MAGIC_PROTECTED)
        kit_put16(kit->bytes + AT_PROTECTED_SIZE, kit->size - kit->area);
}

void kit_hash(struct kit *kit, uint8_t digest[FERRY_SHA256_SIZE])
{
    ferry_sha256(kit->bytes, kit->area, digest);
    kit_tlv(kit, TLV_SHA256, digest, FERRY_SHA256_SIZE);
}

void kit_sign(struct kit *kit, const struct ferry_key_file *key,
              const uint8_t digest[FERRY_SHA256_SIZE])
{
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;

    assert_int_equal(ferry_keys_sign(key, digest, der, &length), FERRY_OK);
    kit_tlv(kit, TLV_KEYHASH, key->public_key.hash, FERRY_SHA256_SIZE);
    kit_tlv(kit, TLV_ECDSA_SIG, der, (uint32_t)length);
}

void kit_image(struct kit *kit, const struct ferry_key_file *key, uint8_t seed)
{
    uint8_t digest[FERRY_SHA256_SIZE];

    kit_begin(kit, 100, seed);
    kit_area(kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(kit, digest);
    kit_sign(kit, key, digest);
    kit_area_end(kit);
}

void kit_rehash(struct kit *kit, uint32_t hashed_size)
{
    ferry_sha256(kit->bytes, hashed_size,
                 kit->bytes + hashed_size + TLV_INFO_SIZE + TLV_ENTRY_SIZE);
}

int kit_verify(const struct kit *kit, uint32_t size, const struct ferry_key_file *key,
               struct ferry_image *image)
{
    struct ferry_image_rules rules = {.max_size = UINT32_MAX};
    struct ferry_keys keys = {.key = &key->public_key, .count = 1};
    struct ferry_buffer_flash flash;
    struct ferry_region region;
    uint8_t work[64];

    ferry_buffer_flash_open(&flash, kit->bytes, size);
    region = ferry_buffer_flash_region(&flash);
    return ferry_image_verify(&region, &rules, &keys, work, sizeof(work), image);
}

int kit_parse(const struct kit *kit, struct ferry_image *image)
{
    struct ferry_buffer_flash flash;
    struct ferry_region region;

    ferry_buffer_flash_open(&flash, kit->bytes, kit->size);
    region = ferry_buffer_flash_region(&flash);
    return ferry_image_parse(&region, image);
}
