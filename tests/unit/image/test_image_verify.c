// SPDX-License-Identifier: Apache-2.0
/* Rules, hash and signature: what is accepted, and that nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/buffer_flash.h"
#include "src/image/tlv.h"
#include "tests/unit/image/image_kit.h"
#include "tests/vectors/image_p256.h"

static void the_vector_is_accepted(void **state)
{
    struct ferry_image image;
    struct ferry_key_file key;
    struct kit kit;

    (void)state;
    kit_key(&key);
    kit_vector(&kit);
    assert_int_equal(kit_verify(&kit, VECTOR_SIZE, &key, &image), FERRY_OK);
    assert_int_equal(kit_verify(&kit, KIT_SIZE, &key, &image), FERRY_OK);
    assert_int_equal(image.total_size, VECTOR_SIZE);
}

static void no_flipped_bit_is_accepted(void **state)
{
    struct ferry_image image;
    struct ferry_key_file key;
    struct kit kit;

    (void)state;
    kit_key(&key);
    for (uint32_t at = 0; at < VECTOR_SIZE; at++) {
        for (int bit = 0; bit < 8; bit++) {
            kit_vector(&kit);
            kit.bytes[at] ^= (uint8_t)(1 << bit);
            if (kit_verify(&kit, KIT_SIZE, &key, &image) == FERRY_OK)
                fail_msg("accepted with bit %d of byte %u flipped", bit, at);
        }
    }
}

static void an_image_that_is_cut_off_is_never_accepted(void **state)
{
    struct ferry_image image;
    struct ferry_key_file key;
    struct kit kit;

    (void)state;
    kit_key(&key);
    for (uint32_t cut = 0; cut < VECTOR_SIZE; cut++) {
        kit_vector(&kit);
        memset(kit.bytes + cut, 0xFF, KIT_SIZE - cut);
        if (kit_verify(&kit, KIT_SIZE, &key, &image) == FERRY_OK)
            fail_msg("accepted with %u bytes", cut);
    }
}

/* A right hash is not enough: the signature is over it. */
static void changed_content_with_a_new_hash_is_refused(void **state)
{
    struct ferry_image image;
    struct ferry_key_file key;
    struct kit kit;

    (void)state;
    kit_key(&key);
    kit_vector(&kit);
    kit.bytes[AT_PAYLOAD] ^= 1;
    assert_int_equal(kit_verify(&kit, KIT_SIZE, &key, &image), FERRY_E_IMAGE_HASH);
    kit_rehash(&kit, AT_UNPROTECTED);
    assert_int_equal(kit_verify(&kit, KIT_SIZE, &key, &image), FERRY_E_IMAGE_SIGNATURE);
}

static void a_key_that_is_not_ours_is_named_as_such(void **state)
{
    struct ferry_image image;
    struct ferry_key_file key;
    struct ferry_key_file other;
    struct kit kit;

    (void)state;
    kit_key(&key);
    kit_other_key(&other);
    kit_image(&kit, &other, 1);
    assert_int_equal(kit_verify(&kit, kit.size, &other, &image), FERRY_OK);
    assert_int_equal(kit_verify(&kit, kit.size, &key, &image), FERRY_E_IMAGE_KEY);

    /* It claims to be of our key. */
    memcpy(other.public_key.hash, key.public_key.hash, FERRY_SHA256_SIZE);
    kit_image(&kit, &other, 1);
    assert_int_equal(kit_verify(&kit, kit.size, &key, &image), FERRY_E_IMAGE_SIGNATURE);
}

static int verify_with(const struct kit *kit, const struct ferry_key *key, uint32_t count)
{
    struct ferry_image_rules rules = {.max_size = KIT_SIZE};
    struct ferry_keys keys = {.key = key, .count = count};
    struct ferry_buffer_flash flash;
    struct ferry_region region;
    struct ferry_image image;
    uint8_t work[256];

    ferry_buffer_flash_open(&flash, kit->bytes, kit->size);
    region = ferry_buffer_flash_region(&flash);
    return ferry_image_verify(&region, &rules, &keys, work, sizeof(work), &image);
}

static void any_of_several_keys_is_found(void **state)
{
    struct ferry_key_file file[3];
    struct ferry_key key[3];
    struct kit kit;

    (void)state;
    for (int i = 0; i < 3; i++) {
        kit_other_key(&file[i]);
        key[i] = file[i].public_key;
    }
    for (int i = 0; i < 3; i++) {
        kit_image(&kit, &file[i], 9);
        assert_int_equal(verify_with(&kit, key, 3), FERRY_OK);
        assert_int_equal(verify_with(&kit, key, (uint32_t)i), FERRY_E_IMAGE_KEY);
        assert_int_equal(verify_with(&kit, key, (uint32_t)i + 1), FERRY_OK);
    }
    assert_int_equal(verify_with(&kit, NULL, 0), FERRY_E_IMAGE_KEY);
}

/* An image whose unprotected entries come from `fill`. */
struct signer {
    struct ferry_key_file ours;
    struct ferry_key_file theirs;
    uint8_t digest[FERRY_SHA256_SIZE];
};

static int verify_filled(void (*fill)(struct kit *kit, struct signer *signer))
{
    struct signer signer;
    struct kit kit;

    kit_key(&signer.ours);
    kit_other_key(&signer.theirs);
    kit_begin(&kit, 50, 3);
    kit_area(&kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&kit, signer.digest);
    fill(&kit, &signer);
    kit_area_end(&kit);
    return verify_with(&kit, &signer.ours.public_key, 1);
}

static void fill_nothing(struct kit *kit, struct signer *signer)
{
    (void)kit;
    (void)signer;
}

static void fill_keyhash_alone(struct kit *kit, struct signer *signer)
{
    kit_tlv(kit, TLV_KEYHASH, signer->ours.public_key.hash, FERRY_SHA256_SIZE);
}

static void fill_theirs_then_ours(struct kit *kit, struct signer *signer)
{
    kit_sign(kit, &signer->theirs, signer->digest);
    kit_sign(kit, &signer->ours, signer->digest);
}

static void fill_ours_then_theirs(struct kit *kit, struct signer *signer)
{
    kit_sign(kit, &signer->ours, signer->digest);
    kit_sign(kit, &signer->theirs, signer->digest);
}

static void fill_wrong_then_right(struct kit *kit, struct signer *signer)
{
    uint8_t digest[FERRY_SHA256_SIZE] = {0};

    kit_sign(kit, &signer->ours, digest);
    kit_sign(kit, &signer->ours, signer->digest);
}

static void fill_right_then_wrong(struct kit *kit, struct signer *signer)
{
    uint8_t digest[FERRY_SHA256_SIZE] = {0};

    kit_sign(kit, &signer->ours, signer->digest);
    kit_sign(kit, &signer->ours, digest);
}

static void fill_right_twice(struct kit *kit, struct signer *signer)
{
    kit_sign(kit, &signer->ours, signer->digest);
    kit_sign(kit, &signer->ours, signer->digest);
}

static void fill_signature_before_its_key(struct kit *kit, struct signer *signer)
{
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;

    assert_int_equal(ferry_keys_sign(&signer->ours, signer->digest, der, &length), FERRY_OK);
    kit_tlv(kit, TLV_ECDSA_SIG, der, (uint32_t)length);
    kit_tlv(kit, TLV_KEYHASH, signer->ours.public_key.hash, FERRY_SHA256_SIZE);
}

/* A key is named for one signature: the second one here is of nobody. */
static void fill_second_without_a_key(struct kit *kit, struct signer *signer)
{
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;

    kit_sign(kit, &signer->ours, signer->digest);
    assert_int_equal(ferry_keys_sign(&signer->theirs, signer->digest, der, &length), FERRY_OK);
    kit_tlv(kit, TLV_ECDSA_SIG, der, (uint32_t)length);
}

static void fill_long_keyhash(struct kit *kit, struct signer *signer)
{
    uint8_t hash[48] = {0};
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;

    memcpy(hash, signer->ours.public_key.hash, FERRY_SHA256_SIZE);
    assert_int_equal(ferry_keys_sign(&signer->ours, signer->digest, der, &length), FERRY_OK);
    kit_tlv(kit, TLV_KEYHASH, hash, sizeof(hash));
    kit_tlv(kit, TLV_ECDSA_SIG, der, (uint32_t)length);
}

static void fill_rsa_only(struct kit *kit, struct signer *signer)
{
    uint8_t signature[256] = {0};

    kit_tlv(kit, TLV_KEYHASH, signer->ours.public_key.hash, FERRY_SHA256_SIZE);
    kit_tlv(kit, TLV_RSA2048_PSS, signature, sizeof(signature));
}

static void several_signatures_must_agree(void **state)
{
    (void)state;
    assert_int_equal(verify_filled(fill_nothing), FERRY_E_IMAGE_UNSIGNED);
    assert_int_equal(verify_filled(fill_keyhash_alone), FERRY_E_IMAGE_UNSIGNED);
    assert_int_equal(verify_filled(fill_theirs_then_ours), FERRY_OK);
    assert_int_equal(verify_filled(fill_ours_then_theirs), FERRY_OK);
    assert_int_equal(verify_filled(fill_wrong_then_right), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(verify_filled(fill_right_then_wrong), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(verify_filled(fill_right_twice), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(verify_filled(fill_signature_before_its_key), FERRY_E_IMAGE_KEY);
    assert_int_equal(verify_filled(fill_second_without_a_key), FERRY_OK);
    assert_int_equal(verify_filled(fill_long_keyhash), FERRY_E_IMAGE_KEY);
    assert_int_equal(verify_filled(fill_rsa_only), FERRY_E_IMAGE_UNSUPPORTED);
}

static void rules_are_kept_to(void **state)
{
    struct ferry_image image = {.total_size = 1000, .load_address = 0x20000};
    struct ferry_image_rules rules = {.primary_address = 0x10000, .max_size = 1000};

    (void)state;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_OK);
    rules.max_size = 999;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_E_IMAGE_TOO_LARGE);
    rules.max_size = UINT32_MAX;
    image.flags = FERRY_IMAGE_RAM_LOAD;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_OK);
    image.flags = FERRY_IMAGE_ROM_FIXED;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_E_IMAGE_ADDRESS);
    image.load_address = 0x10000;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_OK);
    rules.floor = 1;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_E_IMAGE_FLOOR);
    image.security_counter = 1;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_OK);
    rules.floor = UINT32_MAX;
    image.security_counter = UINT32_MAX - 1;
    assert_int_equal(ferry_image_check(&image, &rules), FERRY_E_IMAGE_FLOOR);
}

/* The rules come before the hash, which takes time: an image that cannot stay is not hashed. */
static void verify_stops_at_the_rules(void **state)
{
    struct ferry_image_rules rules = {.max_size = KIT_SIZE, .floor = 8};
    struct ferry_key_file key;
    struct ferry_keys keys = {.key = &key.public_key, .count = 1};
    struct ferry_buffer_flash flash;
    struct ferry_region region;
    struct ferry_image image;
    uint8_t work[64];
    struct kit kit;

    (void)state;
    kit_key(&key);
    kit_vector(&kit);
    kit.bytes[AT_PAYLOAD] ^= 1;
    ferry_buffer_flash_open(&flash, kit.bytes, kit.size);
    region = ferry_buffer_flash_region(&flash);
    assert_int_equal(ferry_image_verify(&region, &rules, &keys, work, sizeof(work), &image),
                     FERRY_E_IMAGE_FLOOR);
    rules.floor = 7;
    assert_int_equal(ferry_image_verify(&region, &rules, &keys, work, sizeof(work), &image),
                     FERRY_E_IMAGE_HASH);
    assert_int_equal(image.security_counter, 7);
}

static void the_hash_streams_through_any_buffer(void **state)
{
    uint8_t digest[FERRY_SHA256_SIZE];
    struct ferry_buffer_flash flash;
    struct ferry_region region;
    struct ferry_image image;
    uint8_t work[KIT_SIZE];
    struct kit kit;

    (void)state;
    kit_begin(&kit, 3000, 17);
    kit_area(&kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&kit, digest);
    kit_area_end(&kit);
    ferry_buffer_flash_open(&flash, kit.bytes, kit.size);
    region = ferry_buffer_flash_region(&flash);
    assert_int_equal(ferry_image_parse(&region, &image), FERRY_OK);
    assert_int_equal(ferry_image_hash(&region, &image, work, 63), FERRY_E_NO_MEMORY);
    for (uint32_t size = 64; size < KIT_SIZE; size += 97) {
        assert_int_equal(ferry_image_hash(&region, &image, work, size), FERRY_OK);
        kit.bytes[3031] ^= 4;
        assert_int_equal(ferry_image_hash(&region, &image, work, size), FERRY_E_IMAGE_HASH);
        kit.bytes[3031] ^= 4;
    }
}

static void versions_are_ordered(void **state)
{
    static const struct ferry_version ascending[] = {
        {0, 0, 0, 9},   {0, 0, 1, 0}, {0, 0, 65535, 0}, {0, 1, 0, 0},
        {0, 255, 0, 0}, {1, 0, 0, 0}, {255, 0, 0, 0},
    };

    (void)state;
    for (int a = 0; a < 7; a++) {
        for (int b = 0; b < 7; b++) {
            uint32_t left = ferry_version_rank(&ascending[a]);
            uint32_t right = ferry_version_rank(&ascending[b]);

            assert_int_equal((left > right) - (left < right), (a > b) - (a < b));
        }
    }
    assert_int_equal(ferry_version_rank(&(struct ferry_version){1, 2, 3, 4}),
                     ferry_version_rank(&(struct ferry_version){1, 2, 3, 5}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_is_accepted),
        cmocka_unit_test(no_flipped_bit_is_accepted),
        cmocka_unit_test(an_image_that_is_cut_off_is_never_accepted),
        cmocka_unit_test(changed_content_with_a_new_hash_is_refused),
        cmocka_unit_test(a_key_that_is_not_ours_is_named_as_such),
        cmocka_unit_test(any_of_several_keys_is_found),
        cmocka_unit_test(several_signatures_must_agree),
        cmocka_unit_test(rules_are_kept_to),
        cmocka_unit_test(verify_stops_at_the_rules),
        cmocka_unit_test(the_hash_streams_through_any_buffer),
        cmocka_unit_test(versions_are_ordered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
