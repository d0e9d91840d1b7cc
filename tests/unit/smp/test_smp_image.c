// SPDX-License-Identifier: Apache-2.0
/* Group 1 over a real session: the state of the images, every state write, erase, slot info. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/smp/device.h"
#include "tests/unit/smp/message.h"
#include "zcbor_decode.h"

static const struct image_plan first = {{1, 2, 3, 0}, 1000, 0};
static const struct image_plan second = {{2, 0, 0, 77}, 5000, 0};
static const struct image_plan third = {{3, 0, 0, 0}, 300, 0};

static struct device device;
static uint8_t file[DEVICE_SLOT];
static uint8_t hash_of_first[32], hash_of_second[32], hash_of_third[32];

/* The hash of an image is the end of its file, the value of the only TLV. */
static uint32_t plan_file(const struct image_plan *plan, uint8_t hash[32])
{
    uint32_t size = make_image(plan, file);

    memcpy(hash, file + size - 32, 32);
    return size;
}

static void handle(const struct message *request)
{
    device_handle(&device, request->bytes, request->length);
}

static void upload(const struct image_plan *plan)
{
    uint8_t hash[32];
    uint32_t size = plan_file(plan, hash);
    uint32_t offset = 0;

    while (offset < size) {
        uint32_t part = size - offset < 500 ? size - offset : 500;
        struct message request;

        message_start(&request, V2_WRITE, 1, 1);
        message_uint(&request, "off", offset);
        message_bytes(&request, "data", file + offset, part);
        if (offset == 0) {
            message_uint(&request, "len", size);
        }
        handle(&request);
        assert_true(reply_uint(device.reply, "off", &offset));
    }
    assert_int_equal(offset, size);
}

static uint32_t set_state(uint8_t op, const uint8_t *hash, bool confirm)
{
    struct message request;

    message_start(&request, op, 1, 0);
    if (hash != NULL) {
        message_bytes(&request, "hash", hash, 32);
    }
    message_bool(&request, "confirm", confirm);
    handle(&request);
    return reply_error(device.reply);
}

static int start(void **state)
{
    (void)state;
    device_start(&device, &first);
    (void)plan_file(&first, hash_of_first);
    (void)plan_file(&second, hash_of_second);
    (void)plan_file(&third, hash_of_third);
    return 0;
}

/* The first image in slot 0, the second in slot 1, nothing asked for. */
static int start_none(void **state)
{
    (void)start(state);
    upload(&first);
    upload(&second);
    return 0;
}

static int start_test(void **state)
{
    (void)start_none(state);
    assert_int_equal(set_state(V2_WRITE, hash_of_second, false), 0);
    return 0;
}

static int start_permanent(void **state)
{
    (void)start_none(state);
    assert_int_equal(set_state(V2_WRITE, hash_of_second, true), 0);
    return 0;
}

static int start_trial(void **state)
{
    (void)start_test(state);
    device_install(&device);
    return 0;
}

/* "1.2.3 bac; 2.0.0.77 b": versions, and first letters of the flags that are set (P: permanent). */
static const char *images(void)
{
    static char text[128];
    size_t body = (size_t)device.reply[2] << 8 | device.reply[3];
    size_t used = 0;
    struct zcbor_string key;
    struct zcbor_string value;
    bool flag;

    ZCBOR_STATE_D(state, 4, device.reply + 8, body, 1, 0);
    text[0] = '\0';
    if (!zcbor_map_start_decode(state) || !zcbor_tstr_expect_lit(state, "images") ||
        !zcbor_list_start_decode(state)) {
        return "no images";
    }
    while (!zcbor_array_at_end(state) && zcbor_map_start_decode(state)) {
        used += (size_t)sprintf(text + used, used > 0 ? "; " : "");
        while (zcbor_tstr_decode(state, &key)) {
            if (key.len == 7 && memcmp(key.value, "version", 7) == 0) {
                assert_true(zcbor_tstr_decode(state, &value));
                used += (size_t)sprintf(text + used, "%.*s ", (int)value.len,
                                        (const char *)value.value);
            } else if (zcbor_bool_decode(state, &flag)) {
                char letter = key.value[1] == 'e' && key.value[2] == 'r' ? 'P' : (char)*key.value;

                used += flag ? (size_t)sprintf(text + used, "%c", letter) : 0;
            } else {
                assert_true(zcbor_any_skip(state, NULL));
            }
        }
        assert_true(zcbor_map_end_decode(state));
    }
    return text;
}

static const char *list(void)
{
    struct message request;

    message_start(&request, V2_READ, 1, 0);
    handle(&request);
    return images();
}

static void state_of_one_image(void **state)
{
    uint8_t expected[256];
    size_t used = from_hex("0100000000010100 bf 66696d61676573 9f bf 64736c6f74 00"
                           "6776657273696f6e 65312e322e33 6468617368 5820",
                           expected);

    (void)state;
    memcpy(expected + used, hash_of_first, 32);
    used += 32;
    used += from_hex("68626f6f7461626c65 f5 6770656e64696e67 f4 69636f6e6669726d6564 f5"
                     "66616374697665 f5 697065726d616e656e74 f4 ff ff"
                     "6b73706c6974537461747573 00 ff",
                     expected + used);
    expected[3] = (uint8_t)(used - 8);
    device_handle(&device, (const uint8_t *)"\0\0\0\1\0\1\1\0\xa0", 9);
    assert_int_equal(device.used, used);
    assert_memory_equal(device.reply, expected, used);
    /* mcumgr-web sends no body at all. */
    device_handle(&device, (const uint8_t *)"\0\0\0\0\0\1\1\0", 8);
    assert_int_equal(device.used, used);
}

static void state_without_images(void **state)
{
    (void)state;
    device_start(&device, NULL);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\0\0", 8);
    assert_int_equal(device.used, 8 + 24);
    assert_memory_equal(device.reply + 8, "\xbf\x66images\x9f\xff\x6bsplitStatus\0\xff", 24);
}

static void state_while_updating(void **state)
{
    (void)state;
    assert_string_equal(list(), "1.2.3 bca");
    upload(&second);
    assert_string_equal(list(), "1.2.3 bca; 2.0.0.77 b");
    /* The running image must be in the store before there is a way back. */
    upload(&first);
    assert_int_equal(set_state(V1_WRITE, hash_of_second, false), 0);
    assert_string_equal(images(), "1.2.3 bca; 2.0.0.77 bp");
    assert_string_equal(list(), "1.2.3 bca; 2.0.0.77 bp");
    device_install(&device);
    assert_string_equal(list(), "2.0.0.77 ba; 1.2.3 bc");
    assert_int_equal(set_state(V1_WRITE, NULL, true), 0);
    assert_string_equal(images(), "2.0.0.77 bca; 1.2.3 b");
    assert_int_equal(set_state(V1_WRITE, hash_of_first, true), 0);
    assert_string_equal(images(), "2.0.0.77 bca; 1.2.3 bpP");
    device_install(&device);
    assert_string_equal(list(), "1.2.3 bca; 2.0.0.77 b");
}

/* A slot that does not read, a chip that is gone: the running image is listed all the same. */
static void state_with_a_broken_chip(void **state)
{
    (void)state;
    memset(device.external_bytes + device.layout.slot[1].offset, 0, 64);
    memset(device.external_bytes + device.layout.slot[0].offset, 0, 64);
    assert_string_equal(list(), "1.2.3 bca");
    device.update_config.external_status = FERRY_E_NO_CHIP;
    device_reset(&device);
    assert_string_equal(list(), "1.2.3 bca");
    assert_int_equal(set_state(V2_WRITE, hash_of_second, false), 1 << 16 | 8);
}

static void below_the_floor_is_not_bootable(void **state)
{
    (void)state;
    device.update.floor = 1; /* the images have no security counter */
    assert_string_equal(list(), "1.2.3 ca; 2.0.0.77 ");
}

/* One row of the table: what is written, the error in both versions, the list afterwards. */
static void row(const uint8_t *hash, bool confirm, uint32_t code, uint32_t rc, const char *after)
{
    const struct ferry_state *now = &device.update.store.journal.state;
    struct ferry_state before = *now;

    assert_int_equal(set_state(V2_WRITE, hash, confirm), code == 0 ? 0 : 1 << 16 | code);
    if (code != 0) {
        assert_int_equal(set_state(V1_WRITE, hash, confirm), rc);
        assert_int_not_equal(device.update.reason, 0);
        /* Both together leave one record, which differs in the reason alone; the first of a life
         * comes after the old state again. */
        assert_in_range(now->sequence, before.sequence, before.sequence + 2);
        assert_int_equal(now->reason, device.update.reason);
        assert_memory_equal(&now->phase, &before.phase, 4);
        assert_memory_equal(&now->installed, &before.installed,
                            sizeof before - offsetof(struct ferry_state, installed));
    } else {
        assert_string_equal(images(), after);
    }
    assert_string_equal(list(), after);
}

static void writes_when_nothing_is_pending(void **state)
{
    static const char none[] = "1.2.3 bca; 2.0.0.77 b";

    (void)state;
    row(NULL, false, 24, 3, none);
    row(hash_of_third, false, 8, 1, none);
    row(hash_of_third, true, 8, 1, none);
    row(hash_of_first, false, 33, 1, none);
    row(NULL, true, 0, 0, none);
    row(hash_of_first, true, 0, 0, none);
    row(hash_of_second, false, 0, 0, "1.2.3 bca; 2.0.0.77 bp");
}

static void a_permanent_request(void **state)
{
    (void)state;
    row(hash_of_second, true, 0, 0, "1.2.3 bca; 2.0.0.77 bpP");
}

static void writes_when_a_test_is_pending(void **state)
{
    static const char pending[] = "1.2.3 bca; 2.0.0.77 bp";

    (void)state;
    row(hash_of_second, false, 0, 0, pending);
    row(hash_of_second, true, 28, 6, pending);
    row(hash_of_first, false, 33, 1, pending);
    row(hash_of_first, true, 28, 6, pending);
    row(NULL, true, 28, 6, pending);
    row(NULL, false, 24, 3, pending);
    row(hash_of_third, false, 8, 1, pending);
}

static void writes_when_a_permanent_is_pending(void **state)
{
    static const char pending[] = "1.2.3 bca; 2.0.0.77 bpP";

    (void)state;
    row(hash_of_second, true, 0, 0, pending);
    row(hash_of_second, false, 28, 6, pending);
    row(hash_of_first, true, 28, 6, pending);
    row(NULL, true, 28, 6, pending);
    row(hash_of_first, false, 33, 1, pending);
}

static void writes_on_trial(void **state)
{
    static const char trial[] = "2.0.0.77 ba; 1.2.3 bc";

    (void)state;
    row(hash_of_second, false, 33, 1, trial);
    row(hash_of_first, false, 28, 6, trial);
    row(hash_of_first, true, 0, 0, trial);
    row(hash_of_third, true, 8, 1, trial);
    row(hash_of_second, true, 0, 0, "2.0.0.77 bca; 1.2.3 b");
}

/* An image of the store that is not "the other one" can be named by its hash as well. */
static void an_image_that_is_not_listed(void **state)
{
    (void)state;
    row(hash_of_second, true, 0, 0, "1.2.3 bca; 2.0.0.77 bpP");
    device_install(&device);
    upload(&third);
    assert_string_equal(list(), "2.0.0.77 bca; 3.0.0 b");
    row(hash_of_first, false, 0, 0, "2.0.0.77 bca; 1.2.3 bp");
    row(hash_of_third, false, 28, 6, "2.0.0.77 bca; 1.2.3 bp");
}

/* The newest upload is "the other image"; the one before it is forgotten. */
static void a_new_candidate_takes_the_place(void **state)
{
    (void)state;
    upload(&third);
    assert_string_equal(list(), "1.2.3 bca; 3.0.0 b");
    row(hash_of_second, false, 8, 1, "1.2.3 bca; 3.0.0 b");
}

/* A record names an image by half of its hash; a client by all of it. */
static void the_whole_hash_counts(void **state)
{
    (void)state;
    hash_of_second[31] ^= 1;
    assert_int_equal(set_state(V2_WRITE, hash_of_second, false), 1 << 16 | 8);
    hash_of_first[31] ^= 1;
    assert_int_equal(set_state(V2_WRITE, hash_of_first, true), 1 << 16 | 8);
}

static void hashes_of_every_length(void **state)
{
    struct message request;

    (void)state;
    for (size_t length = 0; length <= 64; length++) {
        static const uint8_t hash[64];
        uint32_t code = length == 32 ? 8 : 24;

        message_start(&request, V2_WRITE, 1, 0);
        message_bytes(&request, "hash", hash, length);
        handle(&request);
        assert_int_equal(reply_error(device.reply), 1 << 16 | code);
        message_bool(&request, "confirm", true);
        handle(&request);
        assert_int_equal(reply_error(device.reply), length == 0 ? 0 : 1 << 16 | code);
    }
}

/* Go's "image confirm": {"hash": null, "confirm": true}. */
static void null_is_absent(void **state)
{
    struct message request;

    (void)state;
    message_start(&request, V1_WRITE, 1, 0);
    message_null(&request, "hash");
    message_bool(&request, "confirm", true);
    handle(&request);
    assert_string_equal(images(), "2.0.0.77 bca; 1.2.3 b");
    message_start(&request, V1_WRITE, 1, 0);
    handle(&request);
    assert_int_equal(reply_error(device.reply), 3);
    message_text(&request, "hash", "");
    handle(&request);
    assert_int_equal(reply_error(device.reply), 3);
}

static void erase(void **state)
{
    struct message request;

    (void)state;
    message_start(&request, V2_WRITE, 1, 5);
    message_uint(&request, "slot", 0);
    handle(&request);
    assert_int_equal(reply_error(device.reply), 1 << 16 | 9);
    assert_int_equal(device.update.reason, -FERRY_E_SLOT_IN_USE);
    message_start(&request, V1_WRITE, 1, 5);
    message_uint(&request, "slot", 2);
    handle(&request);
    assert_int_equal(reply_error(device.reply), 3);
    assert_string_equal(list(), "1.2.3 bca; 2.0.0.77 b");
    /* Without a slot the other image is meant. */
    device_handle(&device, (const uint8_t *)"\x0a\0\0\0\0\1\7\5", 8);
    assert_int_equal(device.used, 10);
    assert_memory_equal(device.reply, "\x0b\0\0\2\0\1\7\5\xbf\xff", 10);
    assert_string_equal(list(), "1.2.3 bca");
    /* Nothing there: success, as often as one likes. */
    message_start(&request, V2_WRITE, 1, 5);
    message_uint(&request, "slot", 1);
    handle(&request);
    assert_int_equal(reply_error(device.reply), 0);
}

static void erase_on_trial(void **state)
{
    (void)state;
    device_handle(&device, (const uint8_t *)"\x02\0\0\1\0\1\7\5\xa0", 9);
    assert_int_equal(reply_error(device.reply), 6);
    assert_string_equal(list(), "2.0.0.77 ba; 1.2.3 bc");
}

static void slot_info(void **state)
{
    uint8_t expected[256];
    size_t used = from_hex("090000 60 00010706 bf 66696d61676573 9f bf 65696d616765 00"
                           "65736c6f7473 9f bf 64736c6f74 00 6473697a65 1a00020000 ff"
                           "bf 64736c6f74 01 6473697a65 1a00020000"
                           "6f75706c6f61645f696d6167655f6964 00 ff ff"
                           "6e6d61785f696d6167655f73697a65 1a00020000 ff ff ff",
                           expected);

    (void)state;
    expected[3] = (uint8_t)(used - 8);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\7\6", 8);
    assert_int_equal(device.used, used);
    assert_memory_equal(device.reply, expected, used);

    used = from_hex("090000 00 00010706 bf 66696d61676573 9f bf 65696d616765 00"
                    "65736c6f7473 9f bf 64736c6f74 00 6473697a65 1a00020000 ff"
                    "bf 64736c6f74 01 627263 0a ff ff"
                    "6e6d61785f696d6167655f73697a65 1a00020000 ff ff ff",
                    expected);
    expected[3] = (uint8_t)(used - 8);
    device.update_config.external_status = FERRY_E_NO_CHIP;
    device_reset(&device);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\7\6", 8);
    assert_int_equal(device.used, used);
    assert_memory_equal(device.reply, expected, used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(state_of_one_image, start),
        cmocka_unit_test_setup(state_without_images, start),
        cmocka_unit_test_setup(state_while_updating, start),
        cmocka_unit_test_setup(state_with_a_broken_chip, start_none),
        cmocka_unit_test_setup(below_the_floor_is_not_bootable, start_none),
        cmocka_unit_test_setup(writes_when_nothing_is_pending, start_none),
        cmocka_unit_test_setup(a_permanent_request, start_none),
        cmocka_unit_test_setup(writes_when_a_test_is_pending, start_test),
        cmocka_unit_test_setup(writes_when_a_permanent_is_pending, start_permanent),
        cmocka_unit_test_setup(writes_on_trial, start_trial),
        cmocka_unit_test_setup(an_image_that_is_not_listed, start_none),
        cmocka_unit_test_setup(a_new_candidate_takes_the_place, start_none),
        cmocka_unit_test_setup(the_whole_hash_counts, start_none),
        cmocka_unit_test_setup(hashes_of_every_length, start_none),
        cmocka_unit_test_setup(null_is_absent, start_trial),
        cmocka_unit_test_setup(erase, start_none),
        cmocka_unit_test_setup(erase_on_trial, start_trial),
        cmocka_unit_test_setup(slot_info, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
