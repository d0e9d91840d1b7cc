// SPDX-License-Identifier: Apache-2.0
#include "images.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/vectors/image_p256.h"

static void must(int status, const char *what)
{
    if (status == FERRY_OK)
        return;
    fprintf(stderr, "%s: status %d\n", what, status);
    abort();
}

/* The key of RFC 6979's examples: signatures are deterministic, so every run has the same images.
 */
const struct ferry_key_file *images_key(void)
{
    static const uint8_t der[27] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                    0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04};
    static struct ferry_key_file key;

    memcpy(key.public_key.point, vector_key_point, sizeof vector_key_point);
    memcpy(key.public_key.hash, vector_key_hash, sizeof vector_key_hash);
    memcpy(key.spki, der, sizeof der);
    memcpy(key.spki + sizeof der, vector_key_point, sizeof vector_key_point);
    memcpy(key.secret, vector_key_secret, sizeof vector_key_secret);
    key.has_secret = true;
    return &key;
}

/* A key the device does not know. */
const struct ferry_key_file *images_foreign_key(void)
{
    static struct ferry_key_file key;
    static bool made;
    struct ferry_problem problem;

    if (!made)
        must(ferry_keys_generate(&key, &problem), "keys");
    made = true;
    return &key;
}

const struct ferry_keys *images_keys(void)
{
    static struct ferry_keys keys;

    keys = (struct ferry_keys){&images_key()->public_key, 1};
    return &keys;
}

struct ferry_bytes images_make(uint8_t major, uint32_t size, uint32_t seed, uint32_t counter)
{
    return images_sign(images_key(), major, size, seed, counter);
}

struct ferry_bytes images_sign(const struct ferry_key_file *key, uint8_t major, uint32_t size,
                               uint32_t seed, uint32_t counter)
{
    struct ferry_sign_options options = {.version = {.major = major},
                                         .header_size = 32,
                                         .pad_header = true,
                                         .has_security_counter = counter > 0,
                                         .security_counter = counter};
    struct ferry_bytes input = {malloc(size), size}, image;
    struct ferry_problem problem;

    for (uint32_t i = 0; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        input.data[i] = (uint8_t)(seed >> 24);
    }
    must(ferry_sign_image(&options, key, "test", &input, &image, &problem), "sign");
    free(input.data);
    return image;
}

struct ferry_bytes images_change(const struct ferry_bytes *image, uint32_t count, uint32_t stride)
{
    struct ferry_sign_options options = {
        .version = {.major = image->data[20]}, .header_size = 32, .pad_header = true};
    uint32_t size = (uint32_t)(image->data[12] | image->data[13] << 8 | image->data[14] << 16);
    struct ferry_bytes input = {malloc(size), size}, changed;
    struct ferry_problem problem;

    memcpy(input.data, image->data + 32, size);
    for (uint32_t i = 0; i < count; i++)
        input.data[i * stride] ^= 0xFF;
    must(ferry_sign_image(&options, images_key(), "test", &input, &changed, &problem), "sign");
    free(input.data);
    return changed;
}
