// SPDX-License-Identifier: Apache-2.0
/* The upload command over a real session: order of checks, resume, strange clients, lost replies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/smp/device.h"
#include "tests/unit/smp/message.h"
#include "tests/unit/smp/random.h"

#define NONE UINT32_MAX

static const struct image_plan running = {{1, 2, 3, 0}, 1000, 0};
static const struct image_plan next = {{2, 0, 0, 0}, 3000, 0};

static struct device device;
static uint8_t file[DEVICE_SLOT];
static uint32_t size;
static uint8_t sha[32];

static int start(void **state)
{
    (void)state;
    device_start(&device, &running);
    size = make_image(&next, file);
    ferry_sha256(file, size, sha);
    return 0;
}

/* What a chunk carries; NONE and NULL leave a key out. */
struct chunk {
    uint32_t off;
    uint32_t len;
    const uint8_t *data;
    uint32_t data_length;
    const uint8_t *sha;
    uint32_t sha_length;
    bool upgrade;
};

static struct chunk first_chunk(void)
{
    return (struct chunk){0, size, file, 500, sha, 32, false};
}

static void send(uint8_t op, const struct chunk *chunk)
{
    struct message request;

    message_start(&request, op, 1, 1);
    if (chunk->data != NULL) {
        message_bytes(&request, "data", chunk->data, chunk->data_length);
    }
    if (chunk->len != NONE) {
        message_uint(&request, "len", chunk->len);
    }
    if (chunk->off != NONE) {
        message_uint(&request, "off", chunk->off);
    }
    if (chunk->sha != NULL) {
        message_bytes(&request, "sha", chunk->sha, chunk->sha_length);
    }
    if (chunk->upgrade) {
        message_bool(&request, "upgrade", true);
    }
    device_handle(&device, request.bytes, request.length);
}

/* Sends a chunk that must be taken; returns the offset to go on from. */
static uint32_t accepted(const struct chunk *chunk)
{
    uint32_t offset = NONE;

    send(V2_WRITE, chunk);
    assert_true(reply_uint(device.reply, "off", &offset));
    return offset;
}

static void refused(const struct chunk *chunk, uint32_t code, uint32_t rc, int reason)
{
    device.update.reason = 0;
    send(V2_WRITE, chunk);
    assert_int_equal(reply_error(device.reply), 1 << 16 | code);
    assert_int_equal(device.update.reason, -reason);
    send(V1_WRITE, chunk);
    assert_int_equal(reply_error(device.reply), rc);
}

static uint32_t piece(uint32_t offset, uint32_t length)
{
    struct chunk chunk = {offset, NONE, file + offset, length, NULL, 0, false};

    return accepted(&chunk);
}

/* The rest of the file in pieces of `length`. */
static void rest(uint32_t offset, uint32_t length)
{
    while (offset < size) {
        offset = piece(offset, size - offset < length ? size - offset : length);
    }
}

static uint8_t session_phase(void)
{
    struct ferry_update_status status;

    ferry_update_status(&device.update, &status);
    return status.phase;
}

static void bytes_of_a_reply(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    chunk.data_length = 512;
    send(V2_WRITE, &chunk);
    assert_int_equal(device.used, 17);
    assert_memory_equal(device.reply, "\x0b\0\0\x09\0\1\x42\1\xbf\x63off\x19\x02\0\xff", 17);
    send(V1_WRITE, &(struct chunk){512, NONE, file + 512, 1, NULL, 0, false});
    assert_memory_equal(device.reply, "\x03\0\0\x09\0\1\x42\1\xbf\x63off\x19\x02\x01\xff", 17);
}

static void whole_file(void **state)
{
    struct chunk chunk = first_chunk();
    bool match = false;

    (void)state;
    assert_int_equal(accepted(&chunk), 500);
    assert_false(reply_bool(device.reply, "match", &match));
    rest(500, 700);
    assert_true(reply_bool(device.reply, "match", &match));
    assert_true(match);
    assert_int_equal(session_phase(), FERRY_UPDATE_COMPLETE);
    assert_memory_equal(device.external_bytes + device.update.store.slot[device.update.slot].offset,
                        file, size);
}

/* Without a whole digest there is nothing to compare, so nothing is said. */
static void no_sha_no_match(void **state)
{
    struct chunk chunk = first_chunk();
    bool match;

    (void)state;
    chunk.sha = NULL;
    rest(accepted(&chunk), 900);
    assert_false(reply_bool(device.reply, "match", &match));
    assert_int_equal(session_phase(), FERRY_UPDATE_COMPLETE);
    chunk = first_chunk();
    chunk.sha_length = 3; /* old phones */
    rest(accepted(&chunk), 900);
    assert_false(reply_bool(device.reply, "match", &match));
}

static void wrong_sha(void **state)
{
    struct chunk chunk = first_chunk();
    bool match = true;

    (void)state;
    sha[31] ^= 1;
    rest(accepted(&chunk), 900);
    assert_true(reply_bool(device.reply, "match", &match));
    assert_false(match);
    assert_int_equal(device.update.reason, -FERRY_E_DIGEST);
    assert_int_not_equal(session_phase(), FERRY_UPDATE_COMPLETE);
}

static void first_chunk_order_of_checks(void **state)
{
    struct chunk chunk = {NONE, NONE, file, 31, sha, 33, true};
    uint8_t long_sha[33] = {0};

    (void)state;
    chunk.sha = long_sha;
    file[0] ^= 1;
    file[20] = 1; /* version 1.0.0 */
    refused(&chunk, 20, 3, FERRY_E_ARGUMENT);
    chunk.off = 0;
    refused(&chunk, 22, 3, FERRY_E_IMAGE_HEADER);
    chunk.data_length = 32;
    refused(&chunk, 21, 3, FERRY_E_SIZE);
    chunk.len = size;
    refused(&chunk, 23, 1, FERRY_E_IMAGE_MAGIC);
    file[0] ^= 1;
    refused(&chunk, 24, 3, FERRY_E_ARGUMENT);
    chunk.sha_length = 32;
    refused(&chunk, 27, 6, FERRY_E_IMAGE_DOWNGRADE);
    chunk.upgrade = false;
    assert_int_equal(accepted(&chunk), 32);
}

static void no_data_at_all(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    chunk.data = NULL;
    refused(&chunk, 22, 3, FERRY_E_IMAGE_HEADER);
    device_handle(&device, (const uint8_t *)"\x0a\0\0\0\0\1\0\1", 8);
    assert_int_equal(reply_error(device.reply), 1 << 16 | 20);
}

static void upgrade_only(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    chunk.upgrade = true;
    assert_int_equal(accepted(&chunk), 500);
    file[20] = 1; /* 1.2.3, as the running image */
    file[21] = 2;
    file[22] = 3;
    refused(&chunk, 27, 6, FERRY_E_IMAGE_DOWNGRADE);
    /* The refusal did not touch the upload under way. */
    assert_int_equal(piece(500, 100), 600);
    file[22] = 4;
    chunk.sha = NULL;
    assert_int_equal(accepted(&chunk), 500);
}

static void sizes(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    chunk.len = DEVICE_SLOT + 1;
    refused(&chunk, 30, 1, FERRY_E_IMAGE_TOO_LARGE);
    chunk.len = UINT32_MAX - 1;
    refused(&chunk, 30, 1, FERRY_E_IMAGE_TOO_LARGE);
    /* The header speaks of more than the file has: refused before it is transferred. */
    chunk.len = 1000;
    refused(&chunk, 21, 3, FERRY_E_IMAGE_TRUNCATED);
    chunk.len = 31;
    refused(&chunk, 21, 3, FERRY_E_IMAGE_TRUNCATED);
    chunk.len = size;
    assert_int_equal(accepted(&chunk), 500);
    assert_int_equal(piece(500, 1500), 2000);
    assert_int_equal(piece(2000, size - 2010), size - 10);
    chunk = (struct chunk){size - 10, NONE, file, 11, NULL, 0, false};
    send(V2_WRITE, &chunk);
    assert_int_equal(reply_error(device.reply), 1 << 16 | 31);
    /* The upload goes on. */
    assert_int_equal(piece(size - 10, 10), size);
}

static void numbers_too_wide(void **state)
{
    struct message request;

    (void)state;
    message_start(&request, V2_WRITE, 1, 1);
    message_uint(&request, "off", 0x100000000u);
    device_handle(&device, request.bytes, request.length);
    assert_int_equal(reply_error(device.reply), 3);
}

static void wrong_offset_is_no_error(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    assert_int_equal(piece(700, 100), 0); /* nothing under way */
    assert_int_equal(accepted(&chunk), 500);
    assert_int_equal(piece(700, 100), 500);
    assert_int_equal(piece(400, 100), 500);
    assert_int_equal(piece(499, 500), 500);
    assert_int_equal(piece(500, 0), 500); /* empty */
    chunk = (struct chunk){500, NONE, NULL, 0, NULL, 0, false};
    assert_int_equal(accepted(&chunk), 500);
    rest(500, 512);
    assert_int_equal(session_phase(), FERRY_UPDATE_COMPLETE);
}

static void resume_by_sha(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    assert_int_equal(accepted(&chunk), 500);
    assert_int_equal(piece(500, 300), 800);
    assert_int_equal(accepted(&chunk), 800);
    /* Another file, and one without a name, start over. */
    sha[0] ^= 1;
    assert_int_equal(accepted(&chunk), 500);
    chunk.sha = NULL;
    assert_int_equal(piece(500, 300), 800);
    assert_int_equal(accepted(&chunk), 500);
    assert_int_equal(accepted(&chunk), 500);
}

/* len, sha and image mean nothing behind the first chunk, whatever they say. */
static void first_chunk_keys_later(void **state)
{
    struct chunk chunk = first_chunk();
    struct message request;
    uint32_t offset;

    (void)state;
    assert_int_equal(accepted(&chunk), 500);
    message_start(&request, V1_WRITE, 1, 1);
    message_uint(&request, "image", 5);
    message_uint(&request, "off", 500);
    message_uint(&request, "len", 1);
    message_bytes(&request, "data", file + 500, 20);
    message_bytes(&request, "sha", file, 64);
    device_handle(&device, request.bytes, request.length);
    assert_true(reply_uint(device.reply, "off", &offset));
    assert_int_equal(offset, 520);
}

/* `image` is a slot to some clients: one image, so all of them mean the same. */
static void image_is_not_looked_at(void **state)
{
    (void)state;
    for (uint32_t image = 0; image < 6; image++) {
        struct message request;
        uint32_t offset;

        message_start(&request, V2_WRITE, 1, 1);
        message_uint(&request, "image", image);
        message_uint(&request, "off", 0);
        message_uint(&request, "len", size);
        message_bytes(&request, "data", file, 100);
        device_handle(&device, request.bytes, request.length);
        assert_true(reply_uint(device.reply, "off", &offset));
        assert_int_equal(offset, 100);
    }
}

/* Every chunk twice, the last one too: as if each reply had been lost. */
static void every_reply_lost(void **state)
{
    struct chunk chunk = first_chunk();
    uint32_t offset;

    (void)state;
    (void)accepted(&chunk);
    offset = accepted(&chunk);
    while (offset < size) {
        uint32_t length = size - offset < 333 ? size - offset : 333;
        uint32_t taken = piece(offset, length);

        assert_int_equal(taken, offset + length);
        assert_int_equal(piece(offset, length), taken);
        offset = taken;
    }
    assert_int_equal(session_phase(), FERRY_UPDATE_COMPLETE);
}

static void erase_ends_an_upload(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    assert_int_equal(accepted(&chunk), 500);
    device_handle(&device, (const uint8_t *)"\x0a\0\0\1\0\1\0\5\xa0", 9);
    assert_int_equal(reply_error(device.reply), 0);
    assert_int_equal(piece(500, 100), 0);
    assert_int_equal(accepted(&chunk), 500);
}

static void a_damaged_image(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    chunk.sha = NULL;
    file[1000] ^= 1;
    (void)accepted(&chunk);
    assert_int_equal(piece(500, 1000), 1500);
    assert_int_equal(piece(1500, 1000), 2500);
    chunk = (struct chunk){2500, NONE, file + 2500, size - 2500, NULL, 0, false};
    send(V2_WRITE, &chunk);
    assert_int_equal(reply_error(device.reply), 1 << 16 | 24);
    assert_int_equal(device.update.reason, -FERRY_E_IMAGE_HASH);
    assert_int_equal(piece(2500, 10), 0);
}

/* Two slots, and both are needed: the image on trial and the way back. */
static void no_slot_on_trial(void **state)
{
    struct chunk chunk = first_chunk();
    struct ferry_state *s = &device.update.store.journal.state;

    (void)state;
    device.layout.slots = 2;
    device_reset(&device);
    for (unsigned i = 0; i < 2; i++) {
        size = make_image(i == 0 ? &running : &next, file);
        chunk = (struct chunk){0, size, file, 500, NULL, 0, false};
        rest(accepted(&chunk), 900);
    }
    assert_int_equal(ferry_update_request(&device.update, 1, false), FERRY_OK);
    device_install(&device);
    assert_int_equal(s->phase, FERRY_PHASE_TRIAL);
    refused(&chunk, 9, 6, FERRY_E_ON_TRIAL);
}

static void a_chip_that_fails(void **state)
{
    struct chunk chunk = first_chunk();

    (void)state;
    device.update_config.external_status = FERRY_E_FLOATING;
    device_reset(&device);
    refused(&chunk, 10, 1, FERRY_E_FLOATING);
}

/* Chunks of random size, at times a stale or early one: the file arrives as it is. */
static void random_uploads(void **state)
{
    struct random random;

    random_start(&random, "random_uploads");
    for (unsigned round = 0; round < 40; round++) {
        const struct image_plan plan = {
            {2, (uint8_t)round, 0, 0}, 1 + random_below(&random, 9000), 0};
        struct chunk chunk;
        uint32_t offset;

        (void)start(state);
        size = make_image(&plan, file);
        ferry_sha256(file, size, sha);
        chunk = first_chunk();
        chunk.data_length = 32 + random_below(&random, size < 900 ? size - 31 : 800);
        offset = accepted(&chunk);
        while (offset < size) {
            uint32_t at = random_below(&random, 4) != 0 ? offset : random_below(&random, size);
            uint32_t most = size - at < 900 ? size - at : 900;

            if (at != 0) {
                offset = piece(at, random_below(&random, most + 1));
            }
            (void)ferry_update_poll(&device.update);
        }
        assert_int_equal(session_phase(), FERRY_UPDATE_COMPLETE);
        assert_memory_equal(device.external_bytes +
                                device.update.store.slot[device.update.slot].offset,
                            file, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(bytes_of_a_reply, start),
        cmocka_unit_test_setup(whole_file, start),
        cmocka_unit_test_setup(no_sha_no_match, start),
        cmocka_unit_test_setup(wrong_sha, start),
        cmocka_unit_test_setup(first_chunk_order_of_checks, start),
        cmocka_unit_test_setup(no_data_at_all, start),
        cmocka_unit_test_setup(upgrade_only, start),
        cmocka_unit_test_setup(sizes, start),
        cmocka_unit_test_setup(numbers_too_wide, start),
        cmocka_unit_test_setup(wrong_offset_is_no_error, start),
        cmocka_unit_test_setup(resume_by_sha, start),
        cmocka_unit_test_setup(first_chunk_keys_later, start),
        cmocka_unit_test_setup(image_is_not_looked_at, start),
        cmocka_unit_test_setup(every_reply_lost, start),
        cmocka_unit_test_setup(erase_ends_an_upload, start),
        cmocka_unit_test_setup(a_damaged_image, start),
        cmocka_unit_test_setup(no_slot_on_trial, start),
        cmocka_unit_test_setup(a_chip_that_fails, start),
        cmocka_unit_test_setup(random_uploads, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
