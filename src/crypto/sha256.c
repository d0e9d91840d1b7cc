// SPDX-License-Identifier: Apache-2.0
#include "ferry/crypto.h"

#include <mbedtls/sha256.h>

/*
 * Our struct hides Mbed TLS from the callers; its words hold the library's context. The library's
 * functions can only fail where hardware acceleration is configured in, which it is not.
 */
_Static_assert(sizeof(struct ferry_sha256) >= sizeof(mbedtls_sha256_context), "context too small");
_Static_assert(_Alignof(struct ferry_sha256) >= _Alignof(mbedtls_sha256_context), "misaligned");

static mbedtls_sha256_context *context_of(struct ferry_sha256 *sha)
{
    return (mbedtls_sha256_context *)(void *)sha->state;
}

void ferry_sha256_start(struct ferry_sha256 *sha)
{
    mbedtls_sha256_init(context_of(sha));
    (void)mbedtls_sha256_starts(context_of(sha), 0);
}

void ferry_sha256_update(struct ferry_sha256 *sha, const void *data, size_t length)
{
    (void)mbedtls_sha256_update(context_of(sha), data, length);
}

void ferry_sha256_finish(struct ferry_sha256 *sha, uint8_t digest[FERRY_SHA256_SIZE])
{
    (void)mbedtls_sha256_finish(context_of(sha), digest);
}

void ferry_sha256(const void *data, size_t length, uint8_t digest[FERRY_SHA256_SIZE])
{
    struct ferry_sha256 sha;

    ferry_sha256_start(&sha);
    ferry_sha256_update(&sha, data, length);
    ferry_sha256_finish(&sha, digest);
}
