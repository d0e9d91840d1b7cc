// SPDX-License-Identifier: Apache-2.0
/* Keys in files: ECDSA P-256 in PEM, as imgtool and OpenSSL write and read them. */
#ifndef FERRY_HOST_KEYS_H
#define FERRY_HOST_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "ferry/image.h"
#include "host/problem.h"

#define FERRY_SPKI_SIZE    91u /* SubjectPublicKeyInfo of a P-256 key, DER */
#define FERRY_P256_DER_MAX 72u /* an ECDSA signature, DER */
#define FERRY_PEM_MAX      512u

struct ferry_key_file {
    struct ferry_key public_key;
    uint8_t spki[FERRY_SPKI_SIZE];
    bool has_secret;
    uint8_t secret[32];
};

/*
 * Reads a private key (PKCS#8 or SEC1) or a public one from PEM. FERRY_OK, FERRY_E_IO, or
 * FERRY_E_UNSUPPORTED: not PEM, another kind of key, protected by a password.
 */
int ferry_keys_load(const char *path, struct ferry_key_file *key, struct ferry_problem *problem);

/* The same from a text in memory; `name` is what sentences call it. */
int ferry_keys_parse(const char *name, const char *text, size_t length, struct ferry_key_file *key,
                     struct ferry_problem *problem);

/* Makes a new key with the operating system's randomness. */
int ferry_keys_generate(struct ferry_key_file *key, struct ferry_problem *problem);

/* PEM of the private key (PKCS#8) or of the public one (SubjectPublicKeyInfo), with its zero. */
int ferry_keys_secret_pem(const struct ferry_key_file *key, char pem[FERRY_PEM_MAX]);
int ferry_keys_public_pem(const struct ferry_key_file *key, char pem[FERRY_PEM_MAX]);

/*
 * Signs a SHA-256 digest deterministically (RFC 6979). `der` gets SEQUENCE { r, s } and `*length`
 * its size. FERRY_OK, or FERRY_E_STATE for a key without its private part.
 */
int ferry_keys_sign(const struct ferry_key_file *key, const uint8_t digest[FERRY_SHA256_SIZE],
                    uint8_t der[FERRY_P256_DER_MAX], size_t *length);

/* Overwrites the private part. */
void ferry_keys_forget(struct ferry_key_file *key);

#endif
