// SPDX-License-Identifier: Apache-2.0
/* Images to break: made piece by piece, signed at the end, looked at through a flash region. */
#ifndef TESTS_UNIT_IMAGE_KIT_H
#define TESTS_UNIT_IMAGE_KIT_H

#include "ferry/image.h"
#include "host/keys.h"

#define KIT_SIZE 4096u

struct kit {
    uint8_t bytes[KIT_SIZE];
    uint32_t size;
    uint32_t area; /* where the TLV area being written begins */
};

/* The vector's key, and another one, which has nothing to do with it. */
void kit_key(struct ferry_key_file *key);
void kit_other_key(struct ferry_key_file *key);

/* Copies the vector image. */
void kit_vector(struct kit *kit);

/* A header of 32 bytes and `payload` bytes that depend on `seed`; no TLVs yet. */
void kit_begin(struct kit *kit, uint32_t payload, uint8_t seed);

/* Starts a TLV area; entries; ends it by writing its length (and protected_size if it is that). */
void kit_area(struct kit *kit, uint16_t magic);
void kit_tlv(struct kit *kit, uint16_t type, const void *value, uint32_t length);
void kit_area_end(struct kit *kit);

/* The hash of all so far as SHA256 TLV, which is also returned in `digest`. */
void kit_hash(struct kit *kit, uint8_t digest[FERRY_SHA256_SIZE]);

/* KEYHASH and ECDSA_SIG over `digest`. */
void kit_sign(struct kit *kit, const struct ferry_key_file *key,
              const uint8_t digest[FERRY_SHA256_SIZE]);

/* A whole signed image without protected TLVs. */
void kit_image(struct kit *kit, const struct ferry_key_file *key, uint8_t seed);

void kit_put16(uint8_t *at, uint32_t value);
void kit_put32(uint8_t *at, uint32_t value);

/* Writes the SHA256 TLV anew after a change of what it covers; the signature becomes wrong. */
void kit_rehash(struct kit *kit, uint32_t hashed_size);

/* The whole check with the rules wide open, on a flash that is `size` bytes large. */
int kit_verify(const struct kit *kit, uint32_t size, const struct ferry_key_file *key,
               struct ferry_image *image);

/* The parse alone. */
int kit_parse(const struct kit *kit, struct ferry_image *image);

#endif
