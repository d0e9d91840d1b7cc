// SPDX-License-Identifier: Apache-2.0
#include "ferry/crypto.h"

#include <p256-m.h>

int ferry_p256_verify(const uint8_t point[64], const uint8_t digest[FERRY_SHA256_SIZE],
                      const uint8_t signature[64])
{
    if (p256_ecdsa_verify(signature, point, digest, FERRY_SHA256_SIZE) != P256_SUCCESS)
        return FERRY_E_IMAGE_SIGNATURE;
    return FERRY_OK;
}
