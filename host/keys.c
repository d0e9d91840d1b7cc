// SPDX-License-Identifier: Apache-2.0
#include "host/keys.h"

#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/error.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_util.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "host/file.h"

#define KEY_FILE_MAX 65536u
#define POINT_SIZE   65u /* 04 || X || Y */

/*
 * DER around a P-256 key. Every field has a fixed length, so the bytes before the key are
 * constant (RFC 5208, RFC 5480, RFC 5915).
 */
static const uint8_t spki_prefix[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                      0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
static const uint8_t pkcs8_prefix[] = {0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06,
                                       0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                                       0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
                                       0x04, 0x6d, 0x30, 0x6b, 0x02, 0x01, 0x01, 0x04, 0x20};
static const uint8_t pkcs8_middle[] = {0xa1, 0x44, 0x03, 0x42, 0x00};

_Static_assert(sizeof(spki_prefix) + POINT_SIZE == FERRY_SPKI_SIZE, "SubjectPublicKeyInfo");

/* The operating system's generator, as Mbed TLS calls it. */
static int system_random(void *context, unsigned char *output, size_t length)
{
    (void)context;
    while (length > 0) {
        ssize_t got = getrandom(output, length, 0);

        if (got < 0)
            return MBEDTLS_ERR_ECP_RANDOM_FAILED;
        output += got;
        length -= (size_t)got;
    }
    return 0;
}

static int from_keypair(const mbedtls_ecp_keypair *pair, bool has_secret,
                        struct ferry_key_file *key)
{
    uint8_t *point = key->spki + sizeof(spki_prefix);
    size_t length = 0;

    memset(key, 0, sizeof(*key));
    memcpy(key->spki, spki_prefix, sizeof(spki_prefix));
    if (mbedtls_ecp_write_public_key(pair, MBEDTLS_ECP_PF_UNCOMPRESSED, &length, point,
                                     POINT_SIZE) != 0 ||
        length != POINT_SIZE)
        return FERRY_E_UNSUPPORTED;
    memcpy(key->public_key.point, point + 1, sizeof(key->public_key.point));
    ferry_sha256(key->spki, sizeof(key->spki), key->public_key.hash);
    key->has_secret = has_secret;
    if (has_secret &&
        mbedtls_ecp_write_key_ext(pair, &length, key->secret, sizeof(key->secret)) != 0)
        return FERRY_E_UNSUPPORTED;
    return FERRY_OK;
}

/* Why a file could not be read as a key; the library's number says less than the file's text. */
static int explain(const char *path, const struct ferry_bytes *file, struct ferry_problem *problem)
{
    const char *text = (const char *)file->data;

    if (strstr(text, "-----BEGIN ") == NULL)
        return ferry_problem_set(problem, FERRY_E_UNSUPPORTED,
                                 "%s is no key in PEM format; make one with 'ferry keygen'", path);
    if (strstr(text, "ENCRYPTED") != NULL)
        return ferry_problem_set(problem, FERRY_E_UNSUPPORTED,
                                 "the key in %s is protected by a password; write it without one "
                                 "('openssl pkey -in %s -out FILE') and sign with that",
                                 path, path);
    if (strstr(text, "BEGIN CERTIFICATE") != NULL)
        return ferry_problem_set(problem, FERRY_E_UNSUPPORTED,
                                 "%s is a certificate; the key itself is needed", path);
    return ferry_problem_set(
        problem, FERRY_E_UNSUPPORTED,
        "the key in %s is damaged or not of the kind ECDSA P-256, the only one "
        "supported; make one with 'ferry keygen'",
        path);
}

/* OpenSSL writes "EC PARAMETERS" before a SEC1 key; Mbed TLS searches the key behind it itself. */
static int parse(const struct ferry_bytes *file, struct ferry_key_file *key)
{
    mbedtls_pk_context pk;
    size_t size = file->size + 1; /* PEM counts its terminating zero */
    bool has_secret = true;
    int status = FERRY_E_UNSUPPORTED;
    int result;

    mbedtls_pk_init(&pk);
    result = mbedtls_pk_parse_key(&pk, file->data, size, NULL, 0, system_random, NULL);
    if (result != 0) {
        has_secret = false;
        result = mbedtls_pk_parse_public_key(&pk, file->data, size);
    }
    if (result == 0 && mbedtls_pk_get_type(&pk) == MBEDTLS_PK_ECKEY)
        status = from_keypair(mbedtls_pk_ec(pk), has_secret, key);
    mbedtls_pk_free(&pk);
    return status;
}

int ferry_keys_load(const char *path, struct ferry_key_file *key, struct ferry_problem *problem)
{
    struct ferry_bytes file;
    int status;

    memset(key, 0, sizeof(*key));
    status = ferry_file_read(path, KEY_FILE_MAX, &file, problem);
    if (status != FERRY_OK)
        return status;
    status = parse(&file, key);
    if (status != FERRY_OK)
        status = explain(path, &file, problem);
    ferry_bytes_free(&file);
    return status;
}

int ferry_keys_parse(const char *name, const char *text, size_t length, struct ferry_key_file *key,
                     struct ferry_problem *problem)
{
    struct ferry_bytes file = {.size = 0};
    int status = FERRY_E_UNSUPPORTED;

    memset(key, 0, sizeof(*key));
    if (length > KEY_FILE_MAX)
        return ferry_problem_set(problem, status, "%s is too large for a key", name);
    file.data = malloc(length + 1);
    if (file.data == NULL)
        return ferry_problem_set(problem, FERRY_E_NO_MEMORY, "out of memory");
    memcpy(file.data, text, length);
    file.data[length] = '\0';
    file.size = length;
    status = parse(&file, key);
    if (status != FERRY_OK)
        (void)explain(name, &file, problem);
    mbedtls_platform_zeroize(file.data, length);
    free(file.data);
    return status;
}

int ferry_keys_generate(struct ferry_key_file *key, struct ferry_problem *problem)
{
    mbedtls_ecp_keypair pair;
    int status = FERRY_E_IO;

    mbedtls_ecp_keypair_init(&pair);
    if (mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, &pair, system_random, NULL) == 0)
        status = from_keypair(&pair, true, key);
    mbedtls_ecp_keypair_free(&pair);
    if (status != FERRY_OK)
        return ferry_problem_set(problem, status, "no key could be made: no randomness");
    return FERRY_OK;
}

int ferry_keys_secret_pem(const struct ferry_key_file *key, char pem[FERRY_PEM_MAX])
{
    uint8_t der[sizeof(pkcs8_prefix) + 32 + sizeof(pkcs8_middle) + POINT_SIZE];
    uint8_t *at = der;
    size_t length;
    int result;

    if (!key->has_secret)
        return FERRY_E_STATE;
    memcpy(at, pkcs8_prefix, sizeof(pkcs8_prefix));
    at += sizeof(pkcs8_prefix);
    memcpy(at, key->secret, sizeof(key->secret));
    at += sizeof(key->secret);
    memcpy(at, pkcs8_middle, sizeof(pkcs8_middle));
    at += sizeof(pkcs8_middle);
    memcpy(at, key->spki + sizeof(spki_prefix), POINT_SIZE);
    result =
        mbedtls_pem_write_buffer("-----BEGIN PRIVATE KEY-----\n", "-----END PRIVATE KEY-----\n",
                                 der, sizeof(der), (unsigned char *)pem, FERRY_PEM_MAX, &length);
    mbedtls_platform_zeroize(der, sizeof(der));
    return result == 0 ? FERRY_OK : FERRY_E_NO_MEMORY;
}

int ferry_keys_public_pem(const struct ferry_key_file *key, char pem[FERRY_PEM_MAX])
{
    size_t length;
    int result = mbedtls_pem_write_buffer(
        "-----BEGIN PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\n", key->spki, sizeof(key->spki),
        (unsigned char *)pem, FERRY_PEM_MAX, &length);

    return result == 0 ? FERRY_OK : FERRY_E_NO_MEMORY;
}

int ferry_keys_sign(const struct ferry_key_file *key, const uint8_t digest[FERRY_SHA256_SIZE],
                    uint8_t der[FERRY_P256_DER_MAX], size_t *length)
{
    mbedtls_ecp_keypair pair;
    int result;

    if (!key->has_secret)
        return FERRY_E_STATE;
    mbedtls_ecp_keypair_init(&pair);
    result =
        mbedtls_ecp_read_key(MBEDTLS_ECP_DP_SECP256R1, &pair, key->secret, sizeof(key->secret));
    if (result == 0)
        result =
            mbedtls_ecdsa_write_signature(&pair, MBEDTLS_MD_SHA256, digest, FERRY_SHA256_SIZE, der,
                                          FERRY_P256_DER_MAX, length, system_random, NULL);
    mbedtls_ecp_keypair_free(&pair);
    return result == 0 ? FERRY_OK : FERRY_E_UNSUPPORTED;
}

void ferry_keys_forget(struct ferry_key_file *key)
{
    mbedtls_platform_zeroize(key->secret, sizeof(key->secret));
    key->has_secret = false;
}
