// SPDX-License-Identifier: Apache-2.0
#include "src/image/tlv.h"

#include <string.h>

#define P256_INTEGER 32u
#define P256_DER_MAX 72u /* two integers of 33 bytes, their headers, the sequence's header */
#define PADDING_MAX  2   /* zero bytes that imgtool appended to signatures before MCUboot 1.5 */

#define DER_INTEGER  0x02
#define DER_SEQUENCE 0x30

/*
 * Takes one INTEGER at [at, end) as 32 bytes big endian. Only the one encoding a value has is
 * taken: a second one would be a second name for the same signature. Returns what is behind it,
 * NULL where it is none.
 */
static const uint8_t *take_integer(const uint8_t *at, const uint8_t *end, uint8_t out[P256_INTEGER])
{
    if (end - at < 3 || at[0] != DER_INTEGER || at[1] == 0 || at[1] > end - at - 2)
        return NULL;
    size_t length = at[1];
    at += 2;
    if (at[0] >= 0x80)
        return NULL; /* negative */
    if (at[0] == 0 && length > 1) {
        if (at[1] < 0x80)
            return NULL; /* not minimal */
        at++;
        length--;
    }
    if (length > P256_INTEGER)
        return NULL;
    memset(out, 0, P256_INTEGER);
    memcpy(out + P256_INTEGER - length, at, length);
    return at + length;
}

/* SEQUENCE { r INTEGER, s INTEGER } and up to two zero bytes, into r || s. */
static int decode_p256(const uint8_t *der, size_t length, uint8_t signature[2 * P256_INTEGER])
{
    const uint8_t *end = der + length;
    const uint8_t *at = der + 2;

    if (length < 2 || der[0] != DER_SEQUENCE)
        return FERRY_E_IMAGE_SIGNATURE;
    int padding = (int)length - 2 - der[1];
    if (padding < 0 || padding > PADDING_MAX)
        return FERRY_E_IMAGE_SIGNATURE;
    while (end > at + der[1]) {
        if (*--end != 0)
            return FERRY_E_IMAGE_SIGNATURE;
    }
    at = take_integer(at, end, signature);
    if (at != NULL)
        at = take_integer(at, end, signature + P256_INTEGER);
    return at == end ? FERRY_OK : FERRY_E_IMAGE_SIGNATURE;
}

static int verify_p256(const struct ferry_region *region, const struct ferry_tlv *tlv,
                       const struct ferry_key *key, const uint8_t hash[FERRY_SHA256_SIZE])
{
    uint8_t der[P256_DER_MAX];
    uint8_t signature[2 * P256_INTEGER];
    int status;

    if (tlv->length > sizeof(der))
        return FERRY_E_IMAGE_SIGNATURE;
    status = ferry_region_read(region, tlv->offset, der, tlv->length);
    if (status == FERRY_OK)
        status = decode_p256(der, tlv->length, signature);
    return status == FERRY_OK ? ferry_p256_verify(key->point, hash, signature) : status;
}

/* The key that a KEYHASH entry names; `*key` is NULL where it is none of ours. */
static int find_key(const struct ferry_region *region, const struct ferry_tlv *tlv,
                    const struct ferry_keys *keys, const struct ferry_key **key)
{
    uint8_t hash[FERRY_SHA256_SIZE];
    int status;

    *key = NULL;
    if (tlv->length != sizeof(hash))
        return FERRY_OK; /* a hash of another algorithm names no key here */
    status = ferry_region_read(region, tlv->offset, hash, sizeof(hash));
    for (uint32_t i = 0; status == FERRY_OK && i < keys->count; i++) {
        if (memcmp(keys->key[i].hash, hash, sizeof(hash)) == 0)
            *key = &keys->key[i];
    }
    return status;
}

/* What the signatures of an image came to, so far. */
struct verdict {
    const struct ferry_keys *keys;
    const uint8_t *hash;         /* what was signed */
    const struct ferry_key *key; /* for the next signature */
    bool known;                  /* there is a signature of an algorithm this build has */
    uint32_t good;               /* how many hold */
};

/* One entry. A signature of a known key that does not hold ends the walk. */
static int judge(const struct ferry_region *region, const struct ferry_tlv *tlv, void *context)
{
    struct verdict *verdict = context;
    const struct ferry_key *key = verdict->key;
    volatile int result;

    if (tlv->type == TLV_KEYHASH)
        return find_key(region, tlv, verdict->keys, &verdict->key);
    if (tlv->type != TLV_ECDSA_SIG)
        return FERRY_OK;
    verdict->known = true;
    verdict->key = NULL;
    if (key == NULL)
        return FERRY_OK;
    /* One a key: anyone could repeat a good one, and have every boot check hundreds of them. */
    if (verdict->good >= verdict->keys->count)
        return FERRY_E_IMAGE_SIGNATURE;
    result = verify_p256(region, tlv, key, verdict->hash);
    if (result != FERRY_OK)
        return result;
    /* Looked at twice: one skipped instruction must not turn a refusal into a boot. */
    if (result == FERRY_OK)
        verdict->good++;
    return result;
}

int ferry_image_signature(const struct ferry_region *region, const struct ferry_image *image,
                          const struct ferry_keys *keys)
{
    struct verdict verdict = {.keys = keys, .hash = image->hash};
    uint32_t end;

    int status =
        ferry_tlv_walk(region, image->hashed_size, TLV_MAGIC_UNPROTECTED, judge, &verdict, &end);
    if (status != FERRY_OK)
        return status;
    if (verdict.good != 0)
        return FERRY_OK;
    if (verdict.known)
        return FERRY_E_IMAGE_KEY;
    return image->has_signature ? FERRY_E_IMAGE_UNSUPPORTED : FERRY_E_IMAGE_UNSIGNED;
}
