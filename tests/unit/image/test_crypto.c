// SPDX-License-Identifier: Apache-2.0
/* The primitives against published vectors: FIPS 180-4, RFC 6979. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/crypto.h"
#include "tests/vectors/image_p256.h"

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static void from_hex(const char *text, uint8_t *bytes)
{
    for (; text[0] != 0; text += 2)
        *bytes++ = (uint8_t)(nibble(text[0]) << 4 | nibble(text[1]));
}

static const struct {
    const char *message;
    const char *digest;
} sha_vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void sha256_gives_the_published_digests(void **state)
{
    uint8_t want[FERRY_SHA256_SIZE];
    uint8_t got[FERRY_SHA256_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(sha_vectors) / sizeof(sha_vectors[0]); i++) {
        from_hex(sha_vectors[i].digest, want);
        ferry_sha256(sha_vectors[i].message, strlen(sha_vectors[i].message), got);
        assert_memory_equal(got, want, sizeof(want));
    }
}

static void sha256_of_a_million_letters(void **state)
{
    struct ferry_sha256 sha;
    uint8_t want[FERRY_SHA256_SIZE];
    uint8_t got[FERRY_SHA256_SIZE];
    char letters[1000];

    (void)state;
    memset(letters, 'a', sizeof(letters));
    ferry_sha256_start(&sha);
    for (int i = 0; i < 1000; i++)
        ferry_sha256_update(&sha, letters, sizeof(letters));
    ferry_sha256_finish(&sha, got);
    from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", want);
    assert_memory_equal(got, want, sizeof(want));
}

/* Any split, any address, and a copy of the state goes its own way. */
static void sha256_can_be_split_and_forked(void **state)
{
    uint8_t data[201];
    uint8_t whole[FERRY_SHA256_SIZE];
    uint8_t parts[FERRY_SHA256_SIZE];
    struct ferry_sha256 sha;
    struct ferry_sha256 fork;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 31);
    ferry_sha256(data + 1, 200, whole);
    for (size_t split = 0; split <= 200; split++) {
        ferry_sha256_start(&sha);
        ferry_sha256_update(&sha, data + 1, split);
        fork = sha;
        ferry_sha256_update(&sha, "x", 1);
        ferry_sha256_update(&fork, data + 1 + split, 200 - split);
        ferry_sha256_finish(&fork, parts);
        assert_memory_equal(parts, whole, sizeof(whole));
        ferry_sha256_finish(&sha, parts);
        assert_memory_not_equal(parts, whole, sizeof(whole));
    }
}

/* RFC 6979 A.2.5, SHA-256, "sample" and "test". */
static const struct {
    const char *message;
    const char *signature;
} p256_vectors[] = {
    {"sample", "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
               "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"},
    {"test", "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
             "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083"},
};

static void p256_accepts_the_published_signatures(void **state)
{
    uint8_t digest[FERRY_SHA256_SIZE];
    uint8_t signature[64];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        ferry_sha256(p256_vectors[i].message, strlen(p256_vectors[i].message), digest);
        from_hex(p256_vectors[i].signature, signature);
        assert_int_equal(ferry_p256_verify(vector_key_point, digest, signature), FERRY_OK);
    }
}

static int verify_changed(size_t point, size_t digest, size_t signature)
{
    uint8_t bytes[64 + 32 + 64];

    memcpy(bytes, vector_key_point, 64);
    ferry_sha256("sample", 6, bytes + 64);
    from_hex(p256_vectors[0].signature, bytes + 96);
    bytes[point < 64 ? point : 0] ^= point < 64 ? 1 : 0;
    bytes[64 + (digest < 32 ? digest : 0)] ^= digest < 32 ? 0x80 : 0;
    bytes[96 + (signature < 64 ? signature : 0)] ^= signature < 64 ? 0x10 : 0;
    return ferry_p256_verify(bytes, bytes + 64, bytes + 96);
}

static void p256_refuses_every_changed_byte(void **state)
{
    (void)state;
    assert_int_equal(verify_changed(64, 32, 64), FERRY_OK);
    for (size_t i = 0; i < 64; i++) {
        assert_int_equal(verify_changed(i, 32, 64), FERRY_E_IMAGE_SIGNATURE);
        assert_int_equal(verify_changed(64, 32, i), FERRY_E_IMAGE_SIGNATURE);
        if (i < 32)
            assert_int_equal(verify_changed(64, i, 64), FERRY_E_IMAGE_SIGNATURE);
    }
}

/* r and s are from 1 to n - 1; the all-zero signature has fooled verifiers before. */
static void p256_refuses_numbers_out_of_range(void **state)
{
    static const char order[] = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    uint8_t digest[FERRY_SHA256_SIZE] = {0};
    uint8_t good[64];
    uint8_t bad[64];

    (void)state;
    ferry_sha256("sample", 6, digest);
    from_hex(p256_vectors[0].signature, good);
    for (int half = 0; half < 2; half++) {
        memcpy(bad, good, 64);
        memset(bad + 32 * half, 0, 32);
        assert_int_equal(ferry_p256_verify(vector_key_point, digest, bad), FERRY_E_IMAGE_SIGNATURE);
        from_hex(order, bad + 32 * half);
        assert_int_equal(ferry_p256_verify(vector_key_point, digest, bad), FERRY_E_IMAGE_SIGNATURE);
        memset(bad + 32 * half, 0xFF, 32);
        assert_int_equal(ferry_p256_verify(vector_key_point, digest, bad), FERRY_E_IMAGE_SIGNATURE);
    }
    memset(bad, 0, sizeof(bad));
    assert_int_equal(ferry_p256_verify(vector_key_point, digest, bad), FERRY_E_IMAGE_SIGNATURE);
    assert_int_equal(ferry_p256_verify(bad, digest, good), FERRY_E_IMAGE_SIGNATURE);
}

static void compare_sees_every_byte(void **state)
{
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};

    (void)state;
    assert_int_equal(ferry_compare(a, b, sizeof(a)), 0);
    for (size_t i = 0; i < sizeof(a); i++) {
        b[i] = 0x80;
        assert_int_not_equal(ferry_compare(a, b, sizeof(a)), 0);
        assert_int_equal(ferry_compare(a, b, i), 0);
        b[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(sha256_of_a_million_letters),
        cmocka_unit_test(sha256_can_be_split_and_forked),
        cmocka_unit_test(p256_accepts_the_published_signatures),
        cmocka_unit_test(p256_refuses_every_changed_byte),
        cmocka_unit_test(p256_refuses_numbers_out_of_range),
        cmocka_unit_test(compare_sees_every_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
