// SPDX-License-Identifier: Apache-2.0
/* Key files: written and read back, and every other kind refused with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/file.h"
#include "host/keys.h"
#include "tests/vectors/image_p256.h"

static char folder[] = "/tmp/ferry-keys-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof(path), "%s/key.pem", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder);
}

static void write_text(const char *text)
{
    struct ferry_problem problem;

    assert_int_equal(ferry_file_write(path, text, strlen(text), FERRY_FILE_PUBLIC, true, &problem),
                     FERRY_OK);
}

static void expect_refusal(const char *text, const char *sentence)
{
    struct ferry_problem problem;
    struct ferry_key_file key;

    write_text(text);
    assert_int_equal(ferry_keys_load(path, &key, &problem), FERRY_E_UNSUPPORTED);
    if (strstr(problem.text, sentence) == NULL)
        fail_msg("'%s' does not say '%s'", problem.text, sentence);
}

/* The key of RFC 6979 A.2.5, in the three forms there are (written by openssl). */
static const char sec1[] = "-----BEGIN EC PARAMETERS-----\n"
                           "BggqhkjOPQMBBw==\n"
                           "-----END EC PARAMETERS-----\n"
                           "-----BEGIN EC PRIVATE KEY-----\n"
                           "MHcCAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
                           "AwEHoUQDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Z5A/4QCLi8\n"
                           "maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
                           "-----END EC PRIVATE KEY-----\n";
static const char pkcs8[] = "-----BEGIN PRIVATE KEY-----\n"
                            "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgya+p2EW6dRZrXCFX\n"
                            "Z7HWk05Qw9s26JsSe4piKxIPZyGhRANCAARg/tS6JVqdMclh63TGNW1owEm4kjth\n"
                            "+mzmaWIuYPKftnkD/hAIuLyZpBrp6VYovGTy8bIMLX6fUXejwpTURiKZ\n"
                            "-----END PRIVATE KEY-----\n";
static const char spki[] = "-----BEGIN PUBLIC KEY-----\n"
                           "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYP7UuiVanTHJYet0xjVtaMBJuJI7\n"
                           "Yfps5mliLmDyn7Z5A/4QCLi8maQa6elWKLxk8vGyDC1+n1F3o8KU1EYimQ==\n"
                           "-----END PUBLIC KEY-----\n";

static void all_forms_of_a_key_give_the_same_key(void **state)
{
    static const char *const forms[] = {sec1, pkcs8, spki};
    struct ferry_problem problem;
    struct ferry_key_file key;

    (void)state;
    for (int i = 0; i < 3; i++) {
        write_text(forms[i]);
        if (ferry_keys_load(path, &key, &problem) != FERRY_OK)
            fail_msg("%s", problem.text);
        assert_memory_equal(key.public_key.point, vector_key_point, 64);
        assert_memory_equal(key.public_key.hash, vector_key_hash, 32);
        assert_int_equal(key.has_secret, forms[i] != spki);
        if (key.has_secret)
            assert_memory_equal(key.secret, vector_key_secret, 32);
    }
}

static void pem_comes_out_as_it_went_in(void **state)
{
    struct ferry_problem problem;
    struct ferry_key_file key;
    char pem[FERRY_PEM_MAX];

    (void)state;
    write_text(pkcs8);
    assert_int_equal(ferry_keys_load(path, &key, &problem), FERRY_OK);
    assert_int_equal(ferry_keys_secret_pem(&key, pem), FERRY_OK);
    assert_string_equal(pem, pkcs8);
    assert_int_equal(ferry_keys_public_pem(&key, pem), FERRY_OK);
    assert_string_equal(pem, spki);
    ferry_keys_forget(&key);
    assert_int_equal(ferry_keys_secret_pem(&key, pem), FERRY_E_STATE);
}

/* RFC 6979 A.2.5, SHA-256, "sample": r and s are known, so the DER is. */
static void signatures_are_deterministic(void **state)
{
    static const uint8_t want[] = {
        0x30, 0x46, 0x02, 0x21, 0x00, 0xef, 0xd4, 0x8b, 0x2a, 0xac, 0xb6, 0xa8, 0xfd, 0x11, 0x40,
        0xdd, 0x9c, 0xd4, 0x5e, 0x81, 0xd6, 0x9d, 0x2c, 0x87, 0x7b, 0x56, 0xaa, 0xf9, 0x91, 0xc3,
        0x4d, 0x0e, 0xa8, 0x4e, 0xaf, 0x37, 0x16, 0x02, 0x21, 0x00, 0xf7, 0xcb, 0x1c, 0x94, 0x2d,
        0x65, 0x7c, 0x41, 0xd4, 0x36, 0xc7, 0xa1, 0xb6, 0xe2, 0x9f, 0x65, 0xf3, 0xe9, 0x00, 0xdb,
        0xb9, 0xaf, 0xf4, 0x06, 0x4d, 0xc4, 0xab, 0x2f, 0x84, 0x3a, 0xcd, 0xa8};
    struct ferry_problem problem;
    struct ferry_key_file key;
    uint8_t digest[FERRY_SHA256_SIZE];
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;

    (void)state;
    write_text(pkcs8);
    assert_int_equal(ferry_keys_load(path, &key, &problem), FERRY_OK);
    ferry_sha256("sample", 6, digest);
    assert_int_equal(ferry_keys_sign(&key, digest, der, &length), FERRY_OK);
    assert_int_equal(length, sizeof(want));
    assert_memory_equal(der, want, sizeof(want));
    ferry_keys_forget(&key);
    assert_int_equal(ferry_keys_sign(&key, digest, der, &length), FERRY_E_STATE);
}

static void new_keys_differ_and_can_be_read_back(void **state)
{
    struct ferry_problem problem;
    struct ferry_key_file first;
    struct ferry_key_file second;
    struct ferry_key_file again;
    char pem[FERRY_PEM_MAX];

    (void)state;
    assert_int_equal(ferry_keys_generate(&first, &problem), FERRY_OK);
    assert_int_equal(ferry_keys_generate(&second, &problem), FERRY_OK);
    assert_memory_not_equal(first.secret, second.secret, 32);
    assert_int_equal(ferry_keys_secret_pem(&first, pem), FERRY_OK);
    write_text(pem);
    assert_int_equal(ferry_keys_load(path, &again, &problem), FERRY_OK);
    assert_memory_equal(again.secret, first.secret, 32);
    assert_memory_equal(&again.public_key, &first.public_key, sizeof(first.public_key));
}

static void other_keys_are_refused(void **state)
{
    (void)state;
    expect_refusal("", "is no key in PEM format");
    expect_refusal("\x30\x59\x30\x13", "is no key in PEM format");
    expect_refusal("-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n", "damaged");
    expect_refusal("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMFkw\n"
                   "-----END ENCRYPTED PRIVATE KEY-----\n",
                   "protected by a password");
    expect_refusal("-----BEGIN CERTIFICATE-----\nMFkw\n-----END CERTIFICATE-----\n",
                   "is a certificate");
    /* Ed25519 and P-384, public */
    expect_refusal("-----BEGIN PUBLIC KEY-----\n"
                   "MCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n"
                   "-----END PUBLIC KEY-----\n",
                   "not of the kind ECDSA P-256");
    expect_refusal("-----BEGIN PUBLIC KEY-----\n"
                   "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE6GuZXjUOTTEqlaa31djNzbRoL1iIAKHN\n"
                   "bJcuHcsqWsONkARpUbA8yzsXmon9qIsbSFufLB9EsN1Bzm48OmkLv6q+weH/Su+y\n"
                   "Rh/dpmKb7L1Dz3TBPYwaFiVhIkPwBGFI\n"
                   "-----END PUBLIC KEY-----\n",
                   "not of the kind ECDSA P-256");
}

static void a_missing_file_is_named(void **state)
{
    struct ferry_problem problem;
    struct ferry_key_file key;

    (void)state;
    assert_int_equal(ferry_keys_load("/nonexistent/key.pem", &key, &problem), FERRY_E_IO);
    assert_non_null(strstr(problem.text, "/nonexistent/key.pem"));
}

static void secrets_are_for_their_owner_and_are_not_replaced_by_accident(void **state)
{
    struct ferry_problem problem;
    struct stat info;

    (void)state;
    (void)unlink(path);
    assert_int_equal(ferry_file_write(path, "a", 1, FERRY_FILE_SECRET, false, &problem), FERRY_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(ferry_file_write(path, "b", 1, FERRY_FILE_SECRET, false, &problem),
                     FERRY_E_STATE);
    assert_int_equal(ferry_file_write(path, "bc", 2, FERRY_FILE_SECRET, true, &problem), FERRY_OK);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_size, 2);
    assert_int_equal(info.st_mode & 0777, 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_forms_of_a_key_give_the_same_key),
        cmocka_unit_test(pem_comes_out_as_it_went_in),
        cmocka_unit_test(signatures_are_deterministic),
        cmocka_unit_test(new_keys_differ_and_can_be_read_back),
        cmocka_unit_test(other_keys_are_refused),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(secrets_are_for_their_owner_and_are_not_replaced_by_accident),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
