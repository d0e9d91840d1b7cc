// SPDX-License-Identifier: Apache-2.0
#include <psa/crypto.h>

/*
 * p256-m can also make keys and signatures and asks here for their randomness. Ferry only
 * verifies: whoever asks gets an error, never a predictable number. In a file of its own, so that
 * a program that links the whole of Mbed TLS keeps the library's function.
 */
psa_status_t psa_generate_random(uint8_t *output, size_t output_size)
{
    (void)output;
    (void)output_size;
    return PSA_ERROR_INSUFFICIENT_ENTROPY;
}
