// SPDX-License-Identifier: Apache-2.0
/*
 * The MCUboot image format (mcuboot docs/design.md, "Image format"): parse and verify. Reads only.
 */
#ifndef FERRY_IMAGE_H
#define FERRY_IMAGE_H

#include "ferry/crypto.h"
#include "ferry/flash.h"

#define FERRY_IMAGE_MAGIC       0x96f3b83du
#define FERRY_IMAGE_HEADER_SIZE 32u

#define FERRY_IMAGE_ENCRYPTED_AES128 0x0004u
#define FERRY_IMAGE_ENCRYPTED_AES256 0x0008u
#define FERRY_IMAGE_NON_BOOTABLE     0x0010u
#define FERRY_IMAGE_RAM_LOAD         0x0020u
#define FERRY_IMAGE_ROM_FIXED        0x0100u
#define FERRY_IMAGE_COMPRESSED_MASK  0x0E00u

struct ferry_version {
    uint8_t major;
    uint8_t minor;
    uint16_t revision;
    uint32_t build;
};

/*
 * What an image says about itself. Offsets and sizes are bytes from the start of the image. It
 * begins with the header as it lies in flash.
 */
struct ferry_image {
    uint32_t magic;
    uint32_t load_address;
    uint16_t header_size;    /* offset of the payload */
    uint16_t protected_size; /* protected TLV area with its info header, 0 = none */
    uint32_t payload_size;   /* bytes */
    uint32_t flags;
    struct ferry_version version;
    uint32_t padding;

    uint32_t hashed_size;      /* header + payload + protected TLVs: what the hash covers */
    uint32_t total_size;       /* hashed_size + the unprotected TLV area: the whole file */
    uint32_t security_counter; /* 0 where the image has none */
    bool has_security_counter;
    bool has_hash;
    bool has_signature;
    uint8_t hash[FERRY_SHA256_SIZE]; /* the SHA-256 TLV's value: the image's name */
};

/* A public key the image may be signed with. */
struct ferry_key {
    uint8_t hash[FERRY_SHA256_SIZE]; /* SHA-256 of the SubjectPublicKeyInfo: the KEYHASH TLV */
    uint8_t point[64];               /* P-256: X || Y, big endian */
};

/* Compiled-in keys. `count` 0 means that nothing can be verified, so nothing is accepted. */
struct ferry_keys {
    const struct ferry_key *key;
    uint32_t count;
};

/* What an image must keep to, to be installed here. */
struct ferry_image_rules {
    uint32_t primary_address; /* where a ROM_FIXED image must be linked to */
    uint32_t max_size;        /* of the whole file */
    uint32_t floor;           /* lowest security counter accepted */
};

/*
 * Parses header and both TLV areas of the image at the start of `region`. Every length is checked
 * against the region and against the others; payload and hash are not read. `image` is filled as
 * far as it could be read. An image for RAM is as good as one for flash here: the port looks at
 * FERRY_IMAGE_RAM_LOAD.
 *
 * FERRY_OK, FERRY_E_IMAGE_{MAGIC,HEADER,TLV,NO_HASH,UNSUPPORTED,TOO_LARGE}, or a read error.
 */
int ferry_image_parse(const struct ferry_region *region, struct ferry_image *image);

/*
 * The same for the 32 bytes of the header alone, as they arrive: the checks that need no more.
 * hashed_size is set, total_size is not. `limit` is the largest total size that would fit.
 */
int ferry_image_parse_header(const uint8_t header[FERRY_IMAGE_HEADER_SIZE], uint32_t limit,
                             struct ferry_image *image);

/* Pure: address, size and security counter against the rules. FERRY_OK or FERRY_E_IMAGE_... */
int ferry_image_check(const struct ferry_image *image, const struct ferry_image_rules *rules);

/*
 * Hashes [0, hashed_size) of the image in flash through `work` (at least 64 bytes, larger is
 * faster) and compares with its hash TLV. Blocks for the read and the hash; `clock`-free: the
 * flash device feeds the watchdog. FERRY_OK, FERRY_E_IMAGE_HASH or a read error.
 */
int ferry_image_hash(const struct ferry_region *region, const struct ferry_image *image,
                     uint8_t *work, uint32_t work_size);

/*
 * Checks the signature TLV over image->hash: KEYHASH selects the key. Where there are several, one
 * must be of a known key and none of a known key may be wrong. FERRY_OK, FERRY_E_IMAGE_UNSIGNED,
 * FERRY_E_IMAGE_KEY, FERRY_E_IMAGE_SIGNATURE, FERRY_E_IMAGE_UNSUPPORTED (signed, but by an
 * algorithm this build lacks) or a read error.
 */
int ferry_image_signature(const struct ferry_region *region, const struct ferry_image *image,
                          const struct ferry_keys *keys);

/*
 * Parse, rules, hash and signature, in this order, stopping at the first that fails.
 * `image` may be looked at even then, as far as it was parsed.
 */
int ferry_image_verify(const struct ferry_region *region, const struct ferry_image_rules *rules,
                       const struct ferry_keys *keys, uint8_t *work, uint32_t work_size,
                       struct ferry_image *image);

/* A number that is higher for newer versions. The build number does not count. */
uint32_t ferry_version_rank(const struct ferry_version *version);

#endif
