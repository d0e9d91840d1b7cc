// SPDX-License-Identifier: Apache-2.0
/*
 * The few primitives the rest of Ferry calls. One file per backend in src/crypto implements them;
 * no other file includes a crypto library. None of them allocates.
 */
#ifndef FERRY_CRYPTO_H
#define FERRY_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "ferry/status.h"

#define FERRY_SHA256_SIZE 32

/* State of one SHA-256. Copying the struct forks the computation. The backend asserts its size. */
struct ferry_sha256 {
    uint32_t state[28];
};

/* Starts, continues and ends a SHA-256 (FIPS 180-4). `data` may have any address and length. */
void ferry_sha256_start(struct ferry_sha256 *sha);
void ferry_sha256_update(struct ferry_sha256 *sha, const void *data, size_t length);
void ferry_sha256_finish(struct ferry_sha256 *sha, uint8_t digest[FERRY_SHA256_SIZE]);

/* SHA-256 of one buffer. */
void ferry_sha256(const void *data, size_t length, uint8_t digest[FERRY_SHA256_SIZE]);

/*
 * ECDSA over P-256 of a SHA-256 digest (FIPS 186-4). `point` is X || Y, `signature` r || s, all
 * big endian. FERRY_OK or FERRY_E_IMAGE_SIGNATURE. About 17 million instructions on a Cortex-M4.
 */
int ferry_p256_verify(const uint8_t point[64], const uint8_t digest[FERRY_SHA256_SIZE],
                      const uint8_t signature[64]);

/* Compares in time that does not depend on the content. 0 when equal. */
int ferry_compare(const void *a, const void *b, size_t length);

#endif
