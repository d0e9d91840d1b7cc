// SPDX-License-Identifier: Apache-2.0
/* What the agent tests from release 2 on. */
#include <mbedtls/aes.h>
#include <mbedtls/aria.h>
#include <mbedtls/base64.h>
#include <mbedtls/bignum.h>
#include <mbedtls/camellia.h>
#include <mbedtls/ccm.h>
#include <mbedtls/chacha20.h>
#include <mbedtls/chachapoly.h>
#include <mbedtls/cmac.h>
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/des.h>
#include <mbedtls/dhm.h>
#include <mbedtls/ecp.h>
#include <mbedtls/gcm.h>
#include <mbedtls/hmac_drbg.h>
#include <mbedtls/md5.h>
#include <mbedtls/nist_kw.h>
#include <mbedtls/pkcs5.h>
#include <mbedtls/poly1305.h>
#include <mbedtls/rsa.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha512.h>
#include <stddef.h>

#include "selftest.h"

const struct selftest selftests[] = {
    {"AES", mbedtls_aes_self_test},
    {"ARIA", mbedtls_aria_self_test},
    {"Camellia", mbedtls_camellia_self_test},
    {"ChaCha20", mbedtls_chacha20_self_test},
    {"Poly1305", mbedtls_poly1305_self_test},
    {"ChaCha20-Poly1305", mbedtls_chachapoly_self_test},
    {"DES", mbedtls_des_self_test},
    {"CCM", mbedtls_ccm_self_test},
    {"CMAC", mbedtls_cmac_self_test},
    {"GCM", mbedtls_gcm_self_test},
    {"AES-KW", mbedtls_nist_kw_self_test},
    {"MD5", mbedtls_md5_self_test},
    {"SHA-1", mbedtls_sha1_self_test},
    {"SHA-512", mbedtls_sha512_self_test},
    {"CTR-DRBG", mbedtls_ctr_drbg_self_test},
    {"HMAC-DRBG", mbedtls_hmac_drbg_self_test},
    {"PBKDF2", mbedtls_pkcs5_self_test},
    {"Base64", mbedtls_base64_self_test},
    {"bignum", mbedtls_mpi_self_test},
    {"DHM", mbedtls_dhm_self_test},
    {"ECP", mbedtls_ecp_self_test},
    {"RSA", mbedtls_rsa_self_test},
    {NULL, NULL},
};
