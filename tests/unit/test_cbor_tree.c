// SPDX-License-Identifier: Apache-2.0
/* Replies of any shape: what is read, what is refused, and that nothing is read past the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/smp_message.h"

static struct ferry_cbor_tree tree;

/* A copy that ends where the allocation ends, so that a sanitizer sees a read past it. */
static bool parse(const void *data, size_t length)
{
    uint8_t *exact = malloc(length > 0 ? length : 1);
    bool ok;

    assert_non_null(exact);
    memcpy(exact, data, length);
    ok = ferry_cbor_parse(&tree, exact, length);
    free(exact);
    return ok;
}
#define PARSE(literal) ferry_cbor_parse(&tree, (const uint8_t *)(literal), sizeof(literal) - 1)

static void test_values(void **state)
{
    const struct ferry_cbor *map = &tree.node[0];
    uint32_t number = 0;
    int64_t wide = 0;
    bool flag = false;
    char text[8];

    (void)state;
    /* {"off": 512, "neg": -2, "ok": true, "name": "abc", "none": null, "big": 2^32} */
    assert_true(PARSE("\xa6\x63off\x19\x02\x00\x63neg\x21\x62ok\xf5\x64name\x63"
                      "abc\x64none\xf6\x63"
                      "big\x1b\x00\x00\x00\x01\x00\x00\x00\x00"));
    assert_true(ferry_cbor_get_uint(map, "off", &number));
    assert_int_equal(number, 512);
    assert_false(ferry_cbor_get_uint(map, "neg", &number));
    assert_false(ferry_cbor_get_uint(map, "big", &number));
    assert_int_equal(number, 512);
    assert_true(ferry_cbor_get_int(map, "neg", &wide));
    assert_int_equal(wide, -2);
    assert_true(ferry_cbor_get_bool(map, "ok", &flag) && flag);
    assert_true(ferry_cbor_get_text(map, "name", text, sizeof(text), false));
    assert_string_equal(text, "abc");
    assert_null(ferry_cbor_get(map, "none"));
    assert_null(ferry_cbor_get(map, "of"));
    assert_null(ferry_cbor_get(NULL, "off"));
}

static void test_integer_widths(void **state)
{
    static const char *const forms[] = {"\xa1\x61n\x05", "\xa1\x61n\x18\x05",
                                        "\xa1\x61n\x19\x00\x05", "\xa1\x61n\x1a\x00\x00\x00\x05",
                                        "\xa1\x61n\x1b\x00\x00\x00\x00\x00\x00\x00\x05"};
    static const size_t lengths[] = {4, 5, 6, 8, 12};

    (void)state;
    for (size_t i = 0; i < 5; i++) {
        uint32_t number = 0;

        assert_true(ferry_cbor_parse(&tree, (const uint8_t *)forms[i], lengths[i]));
        assert_true(ferry_cbor_get_uint(&tree.node[0], "n", &number));
        assert_int_equal(number, 5);
    }
}

static void test_indefinite(void **state)
{
    const struct ferry_cbor *list;
    uint32_t slot = 9;

    (void)state;
    /* {_ "images": [_ {_ "slot": 0}, {"slot": 1}]} */
    assert_true(PARSE("\xbf\x66images\x9f\xbf\x64slot\x00\xff\xa1\x64slot\x01\xff\xff"));
    list = ferry_cbor_get(&tree.node[0], "images");
    assert_non_null(list);
    assert_true(ferry_cbor_get_uint(list->first, "slot", &slot));
    assert_int_equal(slot, 0);
    assert_true(ferry_cbor_get_uint(list->first->next, "slot", &slot));
    assert_int_equal(slot, 1);
    assert_null(list->first->next->next);
}

static void test_oddities(void **state)
{
    uint32_t number = 0;

    (void)state;
    /* Keys that are no text, tags, floats: skipped, and what stands behind them is found. */
    assert_true(
        PARSE("\xa4\x01\x02\x61"
              "f\xfb\x40\x09\x21\xfb\x54\x44\x2d\x18\x61t\xc1\x1a\x00\x00\x00\x01\x61n\x07"));
    assert_true(ferry_cbor_get_uint(&tree.node[0], "n", &number));
    assert_int_equal(number, 7);
    assert_true(ferry_cbor_get_uint(&tree.node[0], "t", &number));
    assert_int_equal(number, 1);
    assert_false(ferry_cbor_get_uint(&tree.node[0], "f", &number));
}

static void test_refused(void **state)
{
    uint8_t deep[64];

    (void)state;
    assert_false(parse("", 0));
    assert_false(parse("\xa1", 1));
    assert_false(parse("\xa1\x61n", 3));
    assert_false(parse("\xa1\x65n\x01", 4));
    assert_false(parse("\xa1\x61n\x58\xff\x00", 6));
    assert_false(parse("\xbf\x61n\x01", 4));
    assert_false(parse("\x9b\xff\xff\xff\xff\xff\xff\xff\xff", 9));
    assert_false(parse("\xa1\xa1\x01\x02\x03", 5));
    memset(deep, 0x81, sizeof(deep));
    assert_false(parse(deep, sizeof(deep)));
    memset(deep, 0x9f, sizeof(deep));
    assert_false(parse(deep, sizeof(deep)));
}

static void test_too_many(void **state)
{
    uint8_t list[FERRY_CBOR_NODES + 3];

    (void)state;
    list[0] = 0x99;
    list[1] = FERRY_CBOR_NODES >> 8;
    list[2] = FERRY_CBOR_NODES & 0xFF;
    memset(list + 3, 0, FERRY_CBOR_NODES);
    assert_false(parse(list, sizeof(list)));
}

/* A device's text must not drive the terminal. */
static void test_terminal(void **state)
{
    char text[32];

    (void)state;
    assert_true(PARSE("\xa1\x61s\x68\x1b[2J\n\xc2\x9bx"));
    assert_true(ferry_cbor_get_text(&tree.node[0], "s", text, sizeof(text), false));
    assert_string_equal(text, "?[2J?\xc2?x");
    assert_true(ferry_cbor_get_text(&tree.node[0], "s", text, sizeof(text), true));
    assert_string_equal(text, "?[2J\n\xc2?x");
    assert_true(ferry_cbor_get_text(&tree.node[0], "s", text, 4, false));
    assert_string_equal(text, "?[2");
}

/* Every message cut at every byte, and with every byte changed, is read or refused, no more. */
static void test_damaged(void **state)
{
    static const uint8_t good[] = "\x01\x00\x00\x1f\x00\x01\x05\x00\xbf\x66images\x9f\xbf\x64slot"
                                  "\x00\x64hash\x43"
                                  "abc\xff\xff\xff";
    static struct ferry_client_reply reply;

    (void)state;
    for (size_t length = 0; length < sizeof(good); length++) {
        uint8_t *exact = malloc(length + 1);

        assert_non_null(exact);
        memcpy(exact, good, length);
        ferry_client_reply_parse(&reply, exact, length);
        for (size_t at = 0; at < length; at++) {
            for (int value = 0; value < 256; value += 5) {
                exact[at] = (uint8_t)value;
                ferry_client_reply_parse(&reply, exact, length);
            }
            exact[at] = good[at];
        }
        free(exact);
    }
}

static bool reply(const char *message, size_t length, struct ferry_client_reply *out)
{
    return ferry_client_reply_parse(out, (const uint8_t *)message, length);
}
#define REPLY(literal, out) reply(literal, sizeof(literal) - 1, out)

static void test_errors(void **state)
{
    static struct ferry_client_reply out;
    char text[256];

    (void)state;
    /* V1 {"rc": 3} */
    assert_true(REPLY("\x03\x00\x00\x05\x00\x01\x09\x01\xa1\x62rc\x03", &out));
    assert_int_equal(out.header.version, 0);
    assert_int_equal(out.error.code, 3);
    assert_false(out.error.group_known);
    /* V2 {"err": {"group": 1, "rc": 9}} */
    assert_true(REPLY("\x0b\x00\x00\x11\x00\x01\x09\x01\xa1\x63"
                      "err\xa2\x65group\x01\x62rc\x09",
                      &out));
    assert_true(out.error.group_known);
    assert_int_equal(out.error.group, 1);
    assert_int_equal(out.error.code, 9);
    ferry_client_error_text(&out.error, text, sizeof(text));
    assert_non_null(strstr(text, "no slot is free"));
    assert_non_null(strstr(text, "image error 9"));
    /* The same, as it was called for a while: "ret". A number of that name is no error. */
    assert_true(
        REPLY("\x0b\x00\x00\x11\x00\x01\x09\x01\xa1\x63ret\xa2\x65group\x01\x62rc\x09", &out));
    assert_int_equal(out.error.code, 9);
    assert_true(REPLY("\x0b\x00\x00\x06\x00\x09\x09\x00\xa1\x63ret\x01", &out));
    assert_int_equal(out.error.code, 0);
    /* MCUboot's success */
    assert_true(REPLY("\x03\x00\x00\x05\x00\x01\x09\x01\xa1\x62rc\x00", &out));
    assert_int_equal(out.error.code, 0);
    /* Codes that fit no field are errors all the same. */
    assert_true(REPLY("\x03\x00\x00\x05\x00\x01\x09\x01\xa1\x62rc\x20", &out));
    assert_int_not_equal(out.error.code, 0);
    /* Ferry's own group: the code is the reason. */
    assert_true(REPLY("\x0b\x00\x00\x13\x00\x40\x09\x04\xa1\x63"
                      "err\xa2\x65group\x18\x40\x62rc\x18\x36",
                      &out));
    ferry_client_error_text(&out.error, text, sizeof(text));
    assert_non_null(strstr(text, "FERRY_E_SLOT_NONE"));
    /* An empty body is a success; a request is no reply; a body that is no map is none. */
    assert_true(REPLY("\x03\x00\x00\x00\x00\x00\x07\x05", &out));
    assert_null(out.body);
    assert_false(REPLY("\x02\x00\x00\x00\x00\x00\x07\x05", &out));
    assert_false(REPLY("\x03\x00\x00\x01\x00\x00\x07\x05\x80", &out));
    assert_false(REPLY("\x03\x00\x00\x02\x00\x00\x07\x05\xa0", &out));
}

/* The documented bytes of an echo and of a parameter request. */
static void test_requests(void **state)
{
    struct ferry_client_header header = {.version = 1, .op = 2, .sequence = 0x42};
    struct ferry_client_request request;
    uint8_t message[64];
    size_t length;

    (void)state;
    ferry_client_request_start(&request, message, sizeof(message), &header);
    ferry_client_request_text(&request, "d", "hi");
    length = ferry_client_request_end(&request);
    assert_memory_equal(message,
                        "\x0a\x00\x00\x07\x00\x00\x42\x00\xbf\x61"
                        "dbhi\xff",
                        length);
    assert_int_equal(length, 15);
    /* What does not fit is no message. */
    ferry_client_request_start(&request, message, 14, &header);
    ferry_client_request_text(&request, "d", "hi");
    assert_int_equal(ferry_client_request_end(&request), 0);
}

/* What is left is exact: that many bytes fit, and no more than three are wasted. */
static void test_left(void **state)
{
    struct ferry_client_header header = {.version = 1, .op = 2};
    uint8_t data[1024] = {0};
    uint8_t message[1024];

    (void)state;
    for (size_t room = 40; room <= sizeof(message); room++) {
        struct ferry_client_request request;
        size_t left;
        size_t length;

        ferry_client_request_start(&request, message, room, &header);
        ferry_client_request_uint(&request, "off", 70000);
        left = ferry_client_request_left(&request, "data");
        ferry_client_request_bytes(&request, "data", data, left);
        length = ferry_client_request_end(&request);
        assert_in_range(length, room - 2, room);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),     cmocka_unit_test(test_integer_widths),
        cmocka_unit_test(test_indefinite), cmocka_unit_test(test_oddities),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_terminal),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_errors),     cmocka_unit_test(test_requests),
        cmocka_unit_test(test_left),
    };

    return cmocka_run_group_tests_name("cbor_tree", tests, NULL, NULL);
}
