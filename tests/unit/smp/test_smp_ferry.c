// SPDX-License-Identifier: Apache-2.0
/* Ferry's own group, and what each refusal of the session is called in both versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "src/smp/smp_commands.h"
#include "tests/unit/smp/device.h"
#include "tests/unit/smp/message.h"
#include "zcbor_decode.h"

static const struct image_plan first = {{1, 2, 3, 0}, 1000, 0};
static const struct image_plan second = {{2, 0, 0, 0}, 500, 0};

static struct device device;
static uint8_t file[DEVICE_SLOT];

static int start(void **state)
{
    (void)state;
    device_start(&device, &first);
    return 0;
}

static void call(uint8_t op, uint8_t command, const char *key, uint32_t value)
{
    struct message request;

    message_start(&request, op, 64, command);
    if (key != NULL) {
        message_uint(&request, key, value);
    }
    device_handle(&device, request.bytes, request.length);
}

static uint32_t number(const char *key)
{
    uint32_t value = 0xDEAD;

    assert_true(reply_uint(device.reply, key, &value));
    return value;
}

/* A whole image, straight into the session. Returns its size. */
static uint32_t receive(const struct image_plan *plan)
{
    uint32_t size = make_image(plan, file);
    uint32_t offset = 0;

    assert_int_equal(ferry_update_begin(&device.update, file, 0, size, &offset), FERRY_OK);
    assert_int_equal(ferry_update_write(&device.update, 0, file, size, &offset), FERRY_OK);
    return size;
}

static void status_of_an_idle_device(void **state)
{
    uint32_t ignored;

    (void)state;
    device.update.floor = 5;
    call(V2_READ, 0, NULL, 0);
    assert_int_equal(number("phase"), FERRY_UPDATE_IDLE);
    assert_int_equal(number("percent"), 0);
    assert_int_equal(number("reason"), 0);
    assert_int_equal(number("store"), 0);
    assert_int_equal(number("floor"), 5);
    assert_false(reply_uint(device.reply, "slot", &ignored));
}

static void status_of_an_upload(void **state)
{
    uint32_t size = make_image(&second, file);
    uint32_t offset;

    (void)state;
    (void)ferry_update_begin(&device.update, file, 32, size, &offset);
    (void)ferry_update_write(&device.update, 0, file, size / 2, &offset);
    call(V1_READ, 0, NULL, 0);
    assert_int_equal(number("phase"), FERRY_UPDATE_RECEIVING);
    assert_int_equal(number("percent"), 50);
    assert_int_equal(number("received"), size / 2);
    assert_int_equal(number("size"), size);
    assert_int_equal(number("slot"), device.update.slot);
}

/* The value at a path of two keys. */
static uint32_t inner(const char *map, const char *key)
{
    size_t body = (size_t)device.reply[2] << 8 | device.reply[3];
    uint32_t value = 0xDEAD;

    ZCBOR_STATE_D(state, 4, device.reply + 8, body, 1, 0);
    assert_true(zcbor_map_start_decode(state));
    while (!zcbor_tstr_expect_term(state, map, 32)) {
        assert_true(zcbor_any_skip(state, NULL) && zcbor_any_skip(state, NULL));
    }
    assert_true(zcbor_map_start_decode(state));
    while (!zcbor_tstr_expect_term(state, key, 32)) {
        assert_true(zcbor_any_skip(state, NULL) && zcbor_any_skip(state, NULL));
    }
    assert_true(zcbor_uint32_decode(state, &value));
    return value;
}

static void status_tells_of_boot_and_journal(void **state)
{
    struct ferry_state *s = &device.update.store.journal.state;

    (void)state;
    device.retained.reason = 70;
    device.retained.chip_status = 12;
    device.retained.boots = 70000;
    device.retained.floor = 3;
    s->sequence = 123456;
    s->phase = FERRY_PHASE_TRIAL;
    s->flags = 5;
    s->reason = 76;
    s->attempts = 2;
    s->power_attempts = 9;
    s->installed = 300;
    s->received = 4;
    s->target = 1;
    s->fallback = 2;
    call(V2_READ, 0, NULL, 0);
    assert_int_equal(inner("boot", "reason"), 70);
    assert_int_equal(inner("boot", "chip"), 12);
    assert_int_equal(inner("boot", "boots"), 70000);
    assert_int_equal(inner("boot", "floor"), 3);
    assert_int_equal(inner("journal", "sequence"), 123456);
    assert_int_equal(inner("journal", "phase"), FERRY_PHASE_TRIAL);
    assert_int_equal(inner("journal", "flags"), 5);
    assert_int_equal(inner("journal", "reason"), 76);
    assert_int_equal(inner("journal", "attempts"), 2);
    assert_int_equal(inner("journal", "power"), 9);
    assert_int_equal(inner("journal", "installed"), 300);
    assert_int_equal(inner("journal", "received"), 4);
    assert_int_equal(inner("journal", "target"), 1);
    assert_int_equal(inner("journal", "fallback"), 2);
}

static void status_without_a_chip(void **state)
{
    (void)state;
    device.update_config.external_status = FERRY_E_NO_CHIP;
    device.update_config.retained = NULL;
    device_reset(&device);
    call(V2_READ, 0, NULL, 0);
    assert_int_equal(number("store"), -FERRY_E_NO_CHIP);
    assert_int_equal(number("reason"), -FERRY_E_NO_CHIP);
    call(V2_READ, 1, NULL, 0);
    assert_int_equal(device.used, 8 + 10);
    assert_memory_equal(device.reply + 8, "\xbf\x65slots\x9f\xff\xff", 10);
}

static void recovery_serves_less(void **state)
{
    uint32_t ignored;

    (void)state;
    device.config.groups = ferry_smp_groups_recovery;
    call(V2_READ, 0, NULL, 0);
    assert_int_equal(number("reason"), 0);
    assert_false(reply_uint(device.reply, "floor", &ignored));
    call(V2_READ, 1, NULL, 0);
    assert_int_equal(reply_error(device.reply), 8);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\0\1\6", 8);
    assert_int_equal(reply_error(device.reply), 0);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\1\0", 8);
    assert_int_equal(reply_error(device.reply), 0);
    device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\1\6", 8);
    assert_int_equal(reply_error(device.reply), 8);
}

/* {"slot": 0, "state": complete, "room", "size", "id", "current", "version", "hash"} ... */
static void slots(void **state)
{
    static const uint8_t room[] = "\x64room\x1a\0\x02\0\0";
    uint32_t size;
    uint8_t expected[512];
    uint8_t *at = expected;

    (void)state;
    (void)receive(&first);
    size = receive(&second);
    call(V2_READ, 1, NULL, 0);
    at += from_hex("bf 65736c6f7473 9f bf 64736c6f74 00 657374617465 03", at);
    memcpy(at, room, 10);
    at += 10;
    at += from_hex("6473697a65 190430 626964 50", at);
    memcpy(at, device.update.image.hash, 16);
    at += 16;
    at += from_hex("6763757272656e74 f5 6776657273696f6e 65312e322e33 6468617368 5820", at);
    memcpy(at, device.update.image.hash, 32);
    at += 32;
    at += from_hex("ff bf 64736c6f74 01 657374617465 03", at);
    memcpy(at, room, 10);
    at += 10;
    at += from_hex("6473697a65 19023c 626964 50", at);
    memcpy(at, file + size - 32, 16);
    at += 16;
    at += from_hex("6963616e646964617465 f5 6776657273696f6e 65322e302e30 6468617368 5820", at);
    memcpy(at, file + size - 32, 32);
    at += 32;
    at += from_hex("ff bf 64736c6f74 02 657374617465 00", at);
    memcpy(at, room, 10);
    at += 10;
    at += from_hex("ff ff ff", at);
    assert_int_equal(size, 0x23c);
    assert_int_equal(device.used, 8 + (size_t)(at - expected));
    assert_memory_equal(device.reply + 8, expected, (size_t)(at - expected));
}

static void slots_after_an_update(void **state)
{
    static const char previous[] = "\x68previous\xf5";
    static const char below[] = "\x6b"
                                "below_floor\xf5";
    unsigned found = 0;

    (void)state;
    (void)receive(&first);
    (void)receive(&second);
    assert_int_equal(ferry_update_request(&device.update, 1, false), FERRY_OK);
    device_install(&device);
    device.update.floor = 1;
    call(V2_READ, 1, NULL, 0);
    for (size_t i = 0; i + 13 < device.used; i++) {
        found += memcmp(device.reply + i, previous, 10) == 0 ? 1u : 0u;
        found += memcmp(device.reply + i, below, 13) == 0 ? 16u : 0u;
    }
    assert_int_equal(found, 0x21); /* one is the previous, two are below the floor */
}

static void log_in_pieces(void **state)
{
    char text[FERRY_RETAINED_LOG_SIZE + 1] = "";
    uint32_t offset = 0;
    uint32_t before;

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        ferry_retained_log_number(&device.retained, "line", (int32_t)i);
    }
    device.retained.log[200] = 0xC3; /* no text */
    do {
        size_t body = (size_t)0;
        struct zcbor_string piece;

        before = offset;
        call(V1_READ, 2, "off", offset);
        body = (size_t)device.reply[2] << 8 | device.reply[3];
        ZCBOR_STATE_D(state_d, 2, device.reply + 8, body, 1, 0);
        assert_true(zcbor_map_start_decode(state_d));
        assert_true(zcbor_tstr_expect_lit(state_d, "off"));
        assert_true(zcbor_uint32_expect(state_d, offset));
        assert_true(zcbor_tstr_expect_lit(state_d, "text"));
        assert_true(zcbor_tstr_decode(state_d, &piece));
        assert_true(offset + piece.len <= FERRY_RETAINED_LOG_SIZE);
        memcpy(text + offset, piece.value, piece.len);
        offset += (uint32_t)piece.len;
        text[offset] = '\0';
    } while (offset > before);
    assert_non_null(strstr(text, "line 58\nline 59\n"));
    assert_int_equal(strlen(text), offset);
    assert_non_null(strchr(text, '?'));
    call(V1_READ, 2, "off", UINT32_MAX);
    assert_int_equal(device.used, 8 + 17);
    device.update_config.retained = NULL;
    call(V1_READ, 2, NULL, 0);
    assert_memory_equal(device.reply + 8, "\xbf\x63off\0\x64text\x60\xff", 13);
}

static void back(void **state)
{
    (void)state;
    call(V2_WRITE, 3, NULL, 0);
    assert_int_equal(reply_error(device.reply), 64 << 16 | -FERRY_E_SLOT_EMPTY);
    call(V1_WRITE, 3, NULL, 0);
    assert_int_equal(reply_error(device.reply), 5);
    (void)receive(&first);
    (void)receive(&second);
    assert_int_equal(ferry_update_request(&device.update, 1, true), FERRY_OK);
    device_install(&device);
    call(V2_WRITE, 3, NULL, 0);
    assert_int_equal(number("slot"), 0);
    assert_int_equal(device.update.store.journal.state.phase, FERRY_PHASE_REQUESTED);
    call(V2_WRITE, 5, NULL, 0);
    assert_int_equal(reply_error(device.reply), 0);
    assert_int_equal(device.update.store.journal.state.phase, FERRY_PHASE_IDLE);
    call(V2_READ, 3, NULL, 0);
    assert_int_equal(reply_error(device.reply), 8);
}

static void preflight(void **state)
{
    (void)state;
    call(V2_READ, 4, "size", 4000);
    assert_int_equal(device.used, 10);
    call(V2_WRITE, 4, "size", 4000);
    assert_int_equal(device.used, 10);
    call(V2_READ, 4, "size", DEVICE_SLOT + 1);
    assert_int_equal(reply_error(device.reply), 64 << 16 | -FERRY_E_IMAGE_TOO_LARGE);
    call(V1_READ, 4, "size", DEVICE_SLOT + 1);
    assert_int_equal(reply_error(device.reply), 1);
    assert_int_equal(device.update.reason, -FERRY_E_IMAGE_TOO_LARGE);
}

static void withdraw_on_trial(void **state)
{
    (void)state;
    (void)receive(&first);
    (void)receive(&second);
    assert_int_equal(ferry_update_request(&device.update, 1, false), FERRY_OK);
    device_install(&device);
    call(V2_WRITE, 5, NULL, 0);
    assert_int_equal(reply_error(device.reply), 64 << 16 | -FERRY_E_STATE);
    assert_int_equal(device.update.reason, -FERRY_E_STATE);
}

/* Status, code of the image group, rc of version 1. */
static const struct {
    int status;
    uint8_t code;
    uint8_t rc;
} errors[] = {
    {FERRY_E_ARGUMENT, 1, 1},
    {FERRY_E_RANGE, 31, 1},
    {FERRY_E_STATE, 1, 1},
    {FERRY_E_NO_MEMORY, 15, 2},
    {FERRY_E_UNSUPPORTED, 0, 8},
    {FERRY_E_IO, 11, 1},
    {FERRY_E_TIMEOUT, 11, 1},
    {FERRY_E_NO_CHIP, 10, 1},
    {FERRY_E_CHIP_UNKNOWN, 10, 1},
    {FERRY_E_CHIP_SIZE, 10, 1},
    {FERRY_E_PROTECTED, 12, 1},
    {FERRY_E_PROGRAM, 12, 1},
    {FERRY_E_ERASE, 13, 1},
    {FERRY_E_READBACK, 12, 1},
    {FERRY_E_ECC, 11, 1},
    {FERRY_E_FLOATING, 10, 1},
    {FERRY_E_IMAGE_MAGIC, 23, 1},
    {FERRY_E_IMAGE_HEADER, 22, 3},
    {FERRY_E_IMAGE_TLV, 5, 1},
    {FERRY_E_IMAGE_NO_HASH, 8, 1},
    {FERRY_E_IMAGE_HASH, 24, 3},
    {FERRY_E_IMAGE_UNSIGNED, 4, 5},
    {FERRY_E_IMAGE_KEY, 5, 1},
    {FERRY_E_IMAGE_SIGNATURE, 5, 1},
    {FERRY_E_IMAGE_TOO_LARGE, 30, 1},
    {FERRY_E_IMAGE_ADDRESS, 25, 3},
    {FERRY_E_IMAGE_FLOOR, 27, 6},
    {FERRY_E_IMAGE_UNSUPPORTED, 22, 3},
    {FERRY_E_IMAGE_TRUNCATED, 21, 3},
    {FERRY_E_IMAGE_DOWNGRADE, 27, 6},
    {FERRY_E_JOURNAL_NONE, 10, 1},
    {FERRY_E_JOURNAL_FOREIGN, 10, 1},
    {FERRY_E_JOURNAL_WRITE, 12, 1},
    {FERRY_E_SLOT_IN_USE, 9, 6},
    {FERRY_E_SLOT_NONE, 9, 6},
    {FERRY_E_SLOT_EMPTY, 3, 5},
    {FERRY_E_LAYOUT, 10, 1},
    {FERRY_E_OFFSET, 20, 3},
    {FERRY_E_SIZE, 31, 1},
    {FERRY_E_DIGEST, 24, 3},
    {FERRY_E_NO_FALLBACK, 9, 6},
    {FERRY_E_ON_TRIAL, 28, 6},
    {FERRY_E_SAME_IMAGE, 33, 1},
    {FERRY_E_PENDING, 28, 6},
    {FERRY_E_DENIED, 0, 11},
    {FERRY_R_TRIAL_FAILED, 1, 1},
    {FERRY_R_INSTALL_FAILED, 1, 1},
    {-127, 1, 1},
};

static int chosen;

static int fail_as_chosen(struct ferry_smp_request *request)
{
    return ferry_smp_image_refuse(request, chosen);
}

/* An application's own group in place of ours: the error goes the way of any handler's. */
static void every_status_has_a_code(void **state)
{
    static const struct ferry_smp_command command = {0, fail_as_chosen, NULL};
    static const struct ferry_smp_group group = {1, 1, &command};
    static const struct ferry_smp_group *const groups[] = {&group, NULL};

    (void)state;
    device.config.groups = groups;
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        chosen = errors[i].status;
        device_handle(&device, (const uint8_t *)"\0\0\0\0\0\1\0\0", 8);
        assert_int_equal(reply_error(device.reply), errors[i].rc);
        device_handle(&device, (const uint8_t *)"\x08\0\0\0\0\1\0\0", 8);
        assert_int_equal(reply_error(device.reply),
                         errors[i].code == 0 ? errors[i].rc : 1u << 16 | errors[i].code);
        assert_int_equal(device.update.reason, -errors[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(status_of_an_idle_device, start),
        cmocka_unit_test_setup(status_of_an_upload, start),
        cmocka_unit_test_setup(status_tells_of_boot_and_journal, start),
        cmocka_unit_test_setup(status_without_a_chip, start),
        cmocka_unit_test_setup(recovery_serves_less, start),
        cmocka_unit_test_setup(slots, start),
        cmocka_unit_test_setup(slots_after_an_update, start),
        cmocka_unit_test_setup(log_in_pieces, start),
        cmocka_unit_test_setup(back, start),
        cmocka_unit_test_setup(preflight, start),
        cmocka_unit_test_setup(withdraw_on_trial, start),
        cmocka_unit_test_setup(every_status_has_a_code, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
