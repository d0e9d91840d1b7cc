// SPDX-License-Identifier: Apache-2.0
#include "memo.h"

#include <stdlib.h>
#include <string.h>

#include "ferry/crypto.h"

#define DEPTHS   4u
#define STASHES  8u
#define ANSWERS  4096u
#define QUESTION 160u

void (*memo_on_verified)(const uint8_t digest[32]);
uint32_t memo_depth;
bool memo_off;

void __real_ferry_sha256_start(struct ferry_sha256 *sha);
void __real_ferry_sha256_update(struct ferry_sha256 *sha, const void *data, size_t length);
void __real_ferry_sha256_finish(struct ferry_sha256 *sha, uint8_t digest[32]);
int __real_ferry_p256_verify(const uint8_t point[64], const uint8_t digest[32],
                             const uint8_t signature[64]);
void __wrap_ferry_sha256_start(struct ferry_sha256 *sha);
void __wrap_ferry_sha256_update(struct ferry_sha256 *sha, const void *data, size_t length);
void __wrap_ferry_sha256_finish(struct ferry_sha256 *sha, uint8_t digest[32]);
int __wrap_ferry_p256_verify(const uint8_t point[64], const uint8_t digest[32],
                             const uint8_t signature[64]);

/* What went into a digest so far. The context holds which stash, and how much of it is its own. */
struct stash {
    uint8_t *data;
    size_t room;
};
static struct stash stashes[DEPTHS][STASHES];

struct handle {
    uint64_t length;
    uint32_t depth, index;
};

static struct handle get(const struct ferry_sha256 *sha)
{
    struct handle h;

    memcpy(&h, sha->state, sizeof h);
    return h;
}

void __wrap_ferry_sha256_start(struct ferry_sha256 *sha)
{
    static uint32_t next[DEPTHS];
    struct handle h = {0, memo_depth, next[memo_depth]++ % STASHES};

    if (memo_off)
        __real_ferry_sha256_start(sha);
    else
        memcpy(sha->state, &h, sizeof h);
}

void __wrap_ferry_sha256_update(struct ferry_sha256 *sha, const void *data, size_t length)
{
    if (memo_off) {
        __real_ferry_sha256_update(sha, data, length);
        return;
    }
    struct handle h = get(sha);
    struct stash *s = &stashes[h.depth][h.index];
    if (h.length + length > s->room) {
        s->room = (h.length + length) * 2;
        s->data = realloc(s->data, s->room);
        if (!s->data)
            abort();
    }
    memcpy(s->data + h.length, data, length);
    h.length += length;
    memcpy(sha->state, &h, sizeof h);
}

struct fingerprint {
    uint64_t a, b, length;
};

static struct fingerprint fingerprint(const uint8_t *data, size_t length)
{
    struct fingerprint f = {0x243F6A8885A308D3u, 0x13198A2E03707344u, length};
    uint64_t word[2];

    for (size_t i = 0; i < length; i += 16) {
        size_t part = length - i < 16 ? length - i : 16;
        word[0] = word[1] = 0;
        memcpy(word, data + i, part);
        f.a = (f.a ^ word[0]) * 0x9FB21C651E98DF25u;
        f.b = (f.b ^ word[1]) * 0xC2B2AE3D27D4EB4Fu;
        f.a ^= f.a >> 31;
        f.b ^= f.b >> 33;
        f.b += f.a;
    }
    return f;
}

void __wrap_ferry_sha256_finish(struct ferry_sha256 *sha, uint8_t digest[32])
{
    static struct {
        struct fingerprint of;
        uint8_t digest[32];
    } known[ANSWERS];

    if (memo_off) {
        __real_ferry_sha256_finish(sha, digest);
        return;
    }
    struct handle h = get(sha);
    const struct stash *s = &stashes[h.depth][h.index];
    struct fingerprint f = fingerprint(s->data, h.length);
    uint32_t at = (uint32_t)(f.a ^ f.b >> 20) % ANSWERS;
    if (memcmp(&known[at].of, &f, sizeof f) != 0) {
        struct ferry_sha256 real;
        __real_ferry_sha256_start(&real);
        __real_ferry_sha256_update(&real, s->data, h.length);
        __real_ferry_sha256_finish(&real, known[at].digest);
        known[at].of = f;
    }
    memcpy(digest, known[at].digest, 32);
}

static int answer_of(const uint8_t question[QUESTION])
{
    static struct {
        uint8_t question[QUESTION];
        int answer;
    } known[64];
    static uint32_t count, next;

    for (uint32_t i = 0; i < count; i++)
        if (memcmp(known[i].question, question, QUESTION) == 0)
            return known[i].answer;
    int answer = __real_ferry_p256_verify(question, question + 64, question + 96);
    uint32_t at = next++ % 64;
    memcpy(known[at].question, question, QUESTION);
    known[at].answer = answer;
    count = count < 64 ? count + 1 : 64;
    return answer;
}

int __wrap_ferry_p256_verify(const uint8_t point[64], const uint8_t digest[32],
                             const uint8_t signature[64])
{
    uint8_t question[QUESTION];

    memcpy(question, point, 64);
    memcpy(question + 64, digest, 32);
    memcpy(question + 96, signature, 64);
    int answer =
        memo_off ? __real_ferry_p256_verify(point, digest, signature) : answer_of(question);
    if (answer == FERRY_OK && memo_on_verified)
        memo_on_verified(digest);
    return answer;
}
