// SPDX-License-Identifier: Apache-2.0
/*
 * Mbed TLS on a device: SHA-256 and P-256 verification, no heap, nothing else. The host's
 * configuration starts from this one, so that both see the same structures.
 */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER           /* the loop, not the unrolled rounds */
#define MBEDTLS_PSA_P256M_DRIVER_ENABLED /* without it p256-m.c is an empty file */
