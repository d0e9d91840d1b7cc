// SPDX-License-Identifier: Apache-2.0
/* Mbed TLS on a device: SHA-256 alone; P-256 is p256-m, which needs no configuration. */
#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA256_SMALLER
