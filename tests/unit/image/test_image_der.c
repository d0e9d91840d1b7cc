// SPDX-License-Identifier: Apache-2.0
/* The DER of a signature: exactly one encoding of a value is accepted, with imgtool's padding. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "src/image/tlv.h"
#include "tests/unit/image/image_kit.h"

#define DER_ROOM 160u

/* An image with its digest, whose signature the test writes itself. */
struct signed_image {
    struct ferry_key_file key;
    struct kit kit;
    uint8_t digest[FERRY_SHA256_SIZE];
    uint8_t der[DER_ROOM];
    size_t length;
};

static void make(struct signed_image *image, unsigned seed)
{
    kit_key(&image->key);
    memset(image->der, 0, sizeof(image->der));
    kit_begin(&image->kit, 20, (uint8_t)seed);
    image->kit.bytes[FERRY_IMAGE_HEADER_SIZE] = (uint8_t)(seed >> 8);
    kit_area(&image->kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&image->kit, image->digest);
    assert_int_equal(ferry_keys_sign(&image->key, image->digest, image->der, &image->length),
                     FERRY_OK);
}

/* The verdict on the image with `length` bytes of `der` as its signature. */
static int judge(const struct signed_image *image, const uint8_t *der, size_t length)
{
    struct kit kit = image->kit;
    struct ferry_image parsed;

    kit_tlv(&kit, TLV_KEYHASH, image->key.public_key.hash, FERRY_SHA256_SIZE);
    kit_tlv(&kit, TLV_ECDSA_SIG, der, (uint32_t)length);
    kit_area_end(&kit);
    return kit_verify(&kit, kit.size, &image->key, &parsed);
}

/* A signature whose DER has this length; the content decides, so it is searched. */
static void make_of_length(struct signed_image *image, size_t length)
{
    for (unsigned seed = 0; seed < 4096; seed++) {
        make(image, seed);
        if (image->length == length)
            return;
    }
    fail_msg("no signature of %zu bytes in 4096 images", length);
}

static void padding_of_up_to_two_zeros_is_accepted(void **state)
{
    struct signed_image image;

    (void)state;
    for (size_t length = 69; length <= 72; length++) {
        make_of_length(&image, length);
        for (size_t padding = 0; padding <= 3; padding++) {
            bool fits = length + padding <= 72 && padding <= 2;

            assert_int_equal(judge(&image, image.der, length + padding),
                             fits ? FERRY_OK : FERRY_E_IMAGE_SIGNATURE);
        }
    }
}

static void padding_of_anything_else_is_refused(void **state)
{
    struct signed_image image;

    (void)state;
    make_of_length(&image, 70);
    image.der[70] = 1;
    assert_int_equal(judge(&image, image.der, 71), FERRY_E_IMAGE_SIGNATURE);
    image.der[70] = 0;
    image.der[71] = 1;
    assert_int_equal(judge(&image, image.der, 72), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge(&image, image.der, 71), FERRY_OK);
}

static void every_truncation_is_refused(void **state)
{
    struct signed_image image;

    (void)state;
    make_of_length(&image, 71);
    for (size_t length = 0; length < 71; length++)
        assert_int_equal(judge(&image, image.der, length), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge(&image, image.der, 71), FERRY_OK);
}

/* Writes the INTEGER header and content; returns where it ends. */
static size_t put_integer(uint8_t *der, size_t at, const uint8_t *value, size_t length)
{
    der[at] = 0x02;
    der[at + 1] = (uint8_t)length;
    memcpy(der + at + 2, value, length);
    return at + 2 + length;
}

/* The signature again, with r and s as the test wants them. */
static int judge_integers(const struct signed_image *image, const uint8_t *r, size_t r_length,
                          const uint8_t *s, size_t s_length)
{
    uint8_t der[DER_ROOM];
    size_t end = put_integer(der, put_integer(der, 2, r, r_length), s, s_length);

    der[0] = 0x30;
    der[1] = (uint8_t)(end - 2);
    return judge(image, der, end);
}

/* r and s both without a sign byte: 70 bytes, r at 4, s at 38. */
static void numbers_have_one_encoding(void **state)
{
    struct signed_image image;
    uint8_t r[40] = {0};
    uint8_t s[40] = {0};

    (void)state;
    make_of_length(&image, 70);
    memcpy(r + 1, image.der + 4, 32);
    memcpy(s + 1, image.der + 38, 32);
    assert_int_equal(judge_integers(&image, r + 1, 32, s + 1, 32), FERRY_OK);
    /* a zero too many */
    assert_int_equal(judge_integers(&image, r, 33, s + 1, 32), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge_integers(&image, r + 1, 32, s, 33), FERRY_E_IMAGE_SIGNATURE);
    /* nothing at all */
    assert_int_equal(judge_integers(&image, r, 0, s + 1, 32), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge_integers(&image, r + 1, 32, s, 0), FERRY_E_IMAGE_SIGNATURE);
    /* zero */
    assert_int_equal(judge_integers(&image, r, 1, s + 1, 32), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge_integers(&image, r + 1, 32, s, 1), FERRY_E_IMAGE_SIGNATURE);
}

/* Where r has its top bit set, the zero in front is needed: without it the number is negative. */
static void the_sign_byte_is_needed(void **state)
{
    struct signed_image image;

    (void)state;
    make_of_length(&image, 72);
    assert_int_equal(judge_integers(&image, image.der + 4, 33, image.der + 39, 33), FERRY_OK);
    assert_int_equal(judge_integers(&image, image.der + 5, 32, image.der + 39, 33),
                     FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(judge_integers(&image, image.der + 4, 33, image.der + 40, 32),
                     FERRY_E_IMAGE_SIGNATURE);
}

static void numbers_of_more_than_256_bits_are_refused(void **state)
{
    struct signed_image image;
    uint8_t r[33];

    (void)state;
    make_of_length(&image, 70);
    r[0] = 1;
    memcpy(r + 1, image.der + 4, 32);
    assert_int_equal(judge_integers(&image, r, 33, image.der + 38, 32), FERRY_E_IMAGE_SIGNATURE);
}

/* Each byte of the frame (tags and lengths), with every value it should not have. */
static void tags_and_lengths_are_exact(void **state)
{
    static const size_t frame[] = {0, 1, 2, 3, 36, 37};
    struct signed_image image;

    (void)state;
    make_of_length(&image, 70);
    for (size_t i = 0; i < sizeof(frame) / sizeof(frame[0]); i++) {
        uint8_t right = image.der[frame[i]];

        for (unsigned value = 0; value < 256; value++) {
            image.der[frame[i]] = (uint8_t)value;
            if (value != right)
                assert_int_equal(judge(&image, image.der, 70), FERRY_E_IMAGE_SIGNATURE);
        }
        image.der[frame[i]] = right;
    }
    assert_int_equal(judge(&image, image.der, 70), FERRY_OK);
}

/* A third member of the sequence, or just a byte more in it. */
static void nothing_follows_s_in_the_sequence(void **state)
{
    struct signed_image image;

    (void)state;
    make_of_length(&image, 70);
    image.der[1]++;
    assert_int_equal(judge(&image, image.der, 71), FERRY_E_IMAGE_SIGNATURE);
    image.der[1]++;
    image.der[70] = 0x05;
    assert_int_equal(judge(&image, image.der, 72), FERRY_E_IMAGE_SIGNATURE);
}

/* 30 81 44: the long form of a length that has a short one. */
static void long_lengths_are_refused(void **state)
{
    struct signed_image image;
    uint8_t der[DER_ROOM];

    (void)state;
    make_of_length(&image, 70);
    der[0] = 0x30;
    der[1] = 0x81;
    memcpy(der + 2, image.der + 1, 69);
    assert_int_equal(judge(&image, der, 71), FERRY_E_IMAGE_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(padding_of_up_to_two_zeros_is_accepted),
        cmocka_unit_test(padding_of_anything_else_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(numbers_have_one_encoding),
        cmocka_unit_test(the_sign_byte_is_needed),
        cmocka_unit_test(numbers_of_more_than_256_bits_are_refused),
        cmocka_unit_test(tags_and_lengths_are_exact),
        cmocka_unit_test(nothing_follows_s_in_the_sequence),
        cmocka_unit_test(long_lengths_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
