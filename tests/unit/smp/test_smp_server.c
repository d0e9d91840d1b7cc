// SPDX-License-Identifier: Apache-2.0
/* The server, message by message: headers, os, and what a client may send as CBOR. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/smp/device.h"
#include "tests/unit/smp/message.h"

static struct device device;

static int start(void **state)
{
    static const struct image_plan running = {{1, 2, 3, 0}, 1000, 0};

    (void)state;
    device_start(&device, &running);
    return 0;
}

/* One packet in, exactly these bytes out; "" for silence. */
static void expect(const char *request, const char *reply)
{
    uint8_t in[MESSAGE_ROOM];
    uint8_t out[MESSAGE_ROOM];
    size_t length = from_hex(request, in);
    size_t used = from_hex(reply, out);

    device_handle(&device, in, length);
    assert_int_equal(device.used, used);
    assert_memory_equal(device.reply, out, used);
}

static void echo(void **state)
{
    (void)state;
    expect("0a00000600004200 a16164626869", "0b00000700004200 bf6172626869ff");
    expect("0800000600004200 a16164626869", "0900000700004200 bf6172626869ff");
    expect("020000060000ff00 a16164626869", "030000070000ff00 bf6172626869ff");
    expect("0000000000000000", "0100000500000000 bf617260ff");
    expect("0000000100000000 a0", "0100000500000000 bf617260ff");
    expect("0000000400000000 a16164f6", "0100000500000000 bf617260ff");
    /* What fits into no reply. */
    struct message request;
    static char text[DEVICE_MESSAGE + 1];

    memset(text, 'x', DEVICE_MESSAGE);
    message_start(&request, V2_WRITE, 0, 0);
    message_text(&request, "d", text);
    device_handle(&device, request.bytes, request.length);
    assert_int_equal(reply_error(device.reply), 7);
}

static void params(void **state)
{
    (void)state;
    expect("000000010000ff06 a0",
           "010000190000ff06 bf 686275665f73697a65 190800 696275665f636f756e74 04 ff");
    expect("0800000000000006",
           "0900001900000006 bf 686275665f73697a65 190800 696275665f636f756e74 04 ff");
    /* A write, and garbage where no parameters are. */
    expect("0a00000100000106 a0", "0b00000600000106 bf 627263 08 ff");
    expect("0000000100000106 ff",
           "0100001900000106 bf 686275665f73697a65 190800 696275665f636f756e74 04 ff");
}

static void reset(void **state)
{
    (void)state;
    expect("0200000000000705", "0300000200000705 bfff");
    assert_int_equal(device.resets, 1);
    assert_int_equal(device.boot_mode, FERRY_BOOT_NORMAL);
    /* {"force": true, "boot_mode": 1}, then with an integer as smp.py sends it. */
    expect("0a00001300000705 a265666f726365f569626f6f745f6d6f646501", "0b00000200000705 bfff");
    assert_true(device.reset_forced);
    assert_int_equal(device.boot_mode, FERRY_BOOT_RECOVERY);
    device.reset_forced = false;
    expect("0a00000800000705 a165666f72636501", "0b00000200000705 bfff");
    assert_true(device.reset_forced);
    /* Types that make no sense, bytes that are no CBOR: it resets. */
    expect("0a00001600000705 a265666f726365616e69626f6f745f6d6f6465626e6f",
           "0b00000200000705 bfff");
    expect("0a00000300000705 c0ffee", "0b00000200000705 bfff");
    assert_int_equal(device.resets, 5);
    assert_int_equal(device.boot_mode, FERRY_BOOT_NORMAL);
}

static void reset_refused(void **state)
{
    (void)state;
    device.reset_status = FERRY_E_DENIED;
    expect("0200000000000705", "0300000600000705 bf 627263 0a ff");
    expect("0a00000000000705", "0b00000600000705 bf 627263 0a ff");
    assert_int_equal(device.resets, 0);
    assert_int_equal(device.update.reason, -FERRY_E_DENIED);
    expect("0a00000800000705 a165666f726365f5", "0b00000200000705 bfff");
    assert_int_equal(device.resets, 1);
    device.config.reset = NULL;
    expect("0200000000000705", "0300000600000705 bf 627263 08 ff");
}

static void info(void **state)
{
    (void)state;
    expect("0000000000000107", "0100000f00000107 bf 666f7574707574 654665727279 ff");
    expect("0000000900000107 a166666f726d617460",
           "0100000f00000107 bf 666f7574707574 654665727279 ff");
    /* "iv": in the order of uname, not in that of the request. */
    expect("0000000b00000107 a166666f726d6174626976",
           "0100001300000107 bf 666f7574707574 69312e322e3320726967 ff");
    expect("0800000a00000107 a166666f726d61746161",
           "0900004800000107 bf 666f7574707574 783d"
           "466572727920756e6b6e6f776e20756e6b6e6f776e20312e322e3320756e6b6e"
           "6f776e20756e6b6e6f776e20756e6b6e6f776e20726967204665727279 ff");
}

static void info_of_unknown_format(void **state)
{
    (void)state;
    expect("0000000a00000107 a166666f726d6174617a", "0100000600000107 bf 627263 03 ff");
    expect("0800000a00000107 a166666f726d6174617a",
           "0900001300000107 bf 63657272 bf 6567726f7570 00 627263 02 ff ff");
    expect("0800000900000107 a166666f726d617401", "0900000600000107 bf 627263 03 ff");
}

static void bootloader_info(void **state)
{
    (void)state;
    expect("0000000000000108", "0100001300000108 bf 6a626f6f746c6f61646572 654665727279 ff");
    /* {"query": "mode"}: Ferry's is none of MCUboot's. */
    expect("0800000c00000108 a1657175657279646d6f6465",
           "0900001300000108 bf 63657272 bf 6567726f7570 00 627263 03 ff ff");
    expect("0000000c00000108 a1657175657279646d6f6465", "0100000600000108 bf 627263 05 ff");
    device.config.bootloader = NULL;
    expect("0800000000000108", "0900000600000108 bf 627263 08 ff");
}

static void unknown_commands(void **state)
{
    (void)state;
    expect("0000000100000102 a0", "0100000600000102 bf 627263 08 ff"); /* taskstat */
    expect("0a00000100000104 a0", "0b00000600000104 bf 627263 08 ff"); /* datetime */
    expect("0a00000100080100 a0", "0b00000600080100 bf 627263 08 ff"); /* fs */
    expect("0a00000101000100 a0", "0b00000601000100 bf 627263 08 ff"); /* group 256 */
    expect("0800000100010101 a0", "0900000600010101 bf 627263 08 ff"); /* reading an upload */
    expect("0800000100400106 a0", "0900000600400106 bf 627263 08 ff"); /* Ferry's next */
    for (unsigned op = 4; op < 8; op++) {
        uint8_t request[] = {(uint8_t)op, 0, 0, 0, 0, 0, 9, 0};

        device_handle(&device, request, sizeof(request));
        assert_int_equal(device.reply[0], 3);
        assert_int_equal(reply_error(device.reply), 8);
    }
}

static void versions(void **state)
{
    (void)state;
    expect("1000000100000906 a0", "0900000600000906 bf 627263 0d ff");
    expect("1a00000100000900 a0", "0b00000600000900 bf 627263 0d ff");
    /* Reserved bits and flags do not matter. */
    expect("e0ff000000000900", "0100000500000900 bf617260ff");
}

static void lengths(void **state)
{
    static const uint8_t echo_request[] = {0, 0, 0, 0, 0, 0, 1, 0};

    (void)state;
    for (size_t i = 0; i < sizeof(echo_request); i++) {
        device_handle(&device, echo_request, i);
        assert_int_equal(device.used, 0);
    }
    expect("0000000100000100", "0100000600000100 bf 627263 09 ff");
    expect("0800ffff00000100 a0", "0900000600000100 bf 627263 09 ff");
    expect("0200fff800000100 a0", "0300000600000100 bf 627263 09 ff");
}

static void responses_are_not_answered(void **state)
{
    (void)state;
    expect("0100000100000100 a0", "");
    expect("0b00000100000100 a0", "");
    expect("1100000100000100 a0", "");
    expect("0300ffff00000100 a0", "");
    /* A request behind one is. */
    expect("0100000100000100 a0 0000000000000200", "0100000500000200 bf617260ff");
}

static void several_requests(void **state)
{
    (void)state;
    expect("0000000000000100 0a00000600000200 a16164626869",
           "0100000500000100 bf617260ff 0b00000700000200 bf6172626869ff");
    expect("0000000000000100 ff", "0100000500000100 bf617260ff");
    /* Nothing behind an error is done. */
    expect("0000000000000163 0200000000000205", "0100000600000163 bf 627263 08 ff");
    assert_int_equal(device.resets, 0);
    /* The second is torn. */
    expect("0000000000000100 0000000400000200 a0",
           "0100000500000100 bf617260ff 0100000600000200 bf 627263 09 ff");
}

static void a_small_buffer(void **state)
{
    uint8_t packet[40 * FERRY_SMP_HEADER] = {0};
    size_t used;

    (void)state;
    assert_int_equal(
        ferry_smp_handle(&device.smp, packet, FERRY_SMP_HEADER, device.reply, 63, &used),
        FERRY_E_NO_MEMORY);
    assert_int_equal(used, 0);
    /* Forty answers do not fit into 64 bytes; what fits is whole. */
    memset(device.reply, 0xA5, sizeof(device.reply));
    assert_int_equal(ferry_smp_handle(&device.smp, packet, sizeof(packet), device.reply, 64, &used),
                     FERRY_OK);
    assert_int_equal(used, 13);
    assert_int_equal(device.reply[64], 0xA5);
}

/* Each body is {"d": "hi"} to a liberal reader. */
static void liberal_cbor(void **state)
{
    static const char *const bodies[] = {
        "bf6164626869ff",                         /* indefinite */
        "b8016164626869",                         /* the count in a byte */
        "bb00000000000000016164626869",           /* ... in eight */
        "a1 7801 64 626869",                      /* long key header */
        "a1 6164 7b0000000000000002 6869",        /* long value header */
        "a2 6178 6179 6164 626869",               /* another key before */
        "a2 6164 626869 6178 f7",                 /* ... behind; undefined */
        "a2 6164 626869 6164 6179",               /* twice: the first */
        "a2 6164 f6 6164 626869",                 /* null is absent */
        "a2 01 02 6164 626869",                   /* a key that is no text */
        "a2 4164 20 6164 626869",                 /* a byte string as a key */
        "a2 6178 8181 80 6164 626869",            /* nested, as deep as we go */
        "a2 6178 bf6161 9fff ff 6164 626869",     /* indefinite inside */
        "a2 6178 9f a16101 f6 01 ff 6164 626869", /* mixed */
        "a2 6178 c1 1a5f5e1000 6164 626869",      /* tagged */
        "a1 c1 6164 d81a 626869",                 /* tagged key and value */
        "d9d9f7 a1 6164 626869",                  /* self-described CBOR */
        "a2 6178 fb3ff8000000000000 6164 626869", /* a float */
        "a2 6178 f93e00 6164 626869",             /* a small one */
        "a2 6178 3bffffffffffffffff 6164 626869", /* the least integer */
        "a2 6178 1bffffffffffffffff 6164 626869", /* the greatest */
        "a2 6178 f820 6164 626869",               /* a simple value */
        "a1 6164 626869 00112233",                /* bytes behind the map */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        uint8_t request[128] = {V2_WRITE};
        size_t length = from_hex(bodies[i], request + 8);

        request[3] = (uint8_t)length;
        device_handle(&device, request, 8 + length);
        if (device.used != 15 || memcmp(device.reply + 8, "\xbf\x61r\x62hi\xff", 7) != 0) {
            fail_msg("body %zu: %s", i, bodies[i]);
        }
    }
}

static void refused_cbor(void **state)
{
    static const char *const bodies[] = {
        "ff",
        "80",
        "01",
        "616a",
        "f6",
        "a1",
        "a161",
        "a16164",
        "a1616462",
        "a161646268",
        "bf",
        "bf6164",
        "bf6164626869",
        "bf616462686961ff",
        "a1 6164 01",             /* another type */
        "a1 6164 426869",         /* bytes for text */
        "a1 6164 7f6168 6169 ff", /* a text in pieces */
        "a1 6178 81818180",       /* too deep: five */
        "a1 6178 a16178a16178a16178a16178 01",
        "a1 6178 5bffffffffffffffff", /* a length that wraps */
        "a1 6178 7b7fffffffffffffff",
        "bbffffffffffffffff 6164 626869",
        "bb8000000000000001 6164 626869", /* twice that wraps to 2 */
        "a1 6178 9bffffffffffffffff",
        "a1 6178 c1",
        "a2 6164 626869 6178",
        "a1 6178 fc",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        uint8_t request[128] = {V2_WRITE};
        size_t length = from_hex(bodies[i], request + 8);

        request[3] = (uint8_t)length;
        device_handle(&device, request, 8 + length);
        if (device.used == 0 || reply_error(device.reply) != 3) {
            fail_msg("body %zu: %s", i, bodies[i]);
        }
    }
}

/* Arrays in arrays, as many as a message holds: no stack of ours may grow with them. */
static void deep_cbor(void **state)
{
    static const uint8_t openers[] = {0x81, 0x9F, 0xA1, 0xBF, 0xC1};

    (void)state;
    for (size_t i = 0; i < sizeof(openers); i++) {
        static uint8_t request[60000];

        memset(request, openers[i], sizeof(request));
        (void)from_hex("0a00ea5800000000 a16178", request);
        device_handle(&device, request, sizeof(request));
        assert_int_equal(reply_error(device.reply), 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(echo, start),
        cmocka_unit_test_setup(params, start),
        cmocka_unit_test_setup(reset, start),
        cmocka_unit_test_setup(reset_refused, start),
        cmocka_unit_test_setup(info, start),
        cmocka_unit_test_setup(info_of_unknown_format, start),
        cmocka_unit_test_setup(bootloader_info, start),
        cmocka_unit_test_setup(unknown_commands, start),
        cmocka_unit_test_setup(versions, start),
        cmocka_unit_test_setup(lengths, start),
        cmocka_unit_test_setup(responses_are_not_answered, start),
        cmocka_unit_test_setup(several_requests, start),
        cmocka_unit_test_setup(a_small_buffer, start),
        cmocka_unit_test_setup(liberal_cbor, start),
        cmocka_unit_test_setup(refused_cbor, start),
        cmocka_unit_test_setup(deep_cbor, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
