// SPDX-License-Identifier: Apache-2.0
/* Intel HEX: what linkers write is read, everything else is refused with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/hex.h"

#define END ":00000001FF\n"

static int decode(const char *text, struct ferry_bytes *bytes, uint32_t *address,
                  struct ferry_problem *problem)
{
    struct ferry_bytes input = {.data = (uint8_t *)(uintptr_t)text, .size = strlen(text)};

    memset(problem, 0, sizeof(*problem));
    return ferry_hex_decode("in.hex", &input, bytes, address, problem);
}

static void expect(const char *text, uint32_t address, const void *want, size_t size)
{
    struct ferry_problem problem;
    struct ferry_bytes bytes;
    uint32_t got;

    if (decode(text, &bytes, &got, &problem) != FERRY_OK)
        fail_msg("%s", problem.text);
    assert_int_equal(got, address);
    assert_int_equal(bytes.size, size);
    assert_memory_equal(bytes.data, want, size);
    ferry_bytes_free(&bytes);
}

static void expect_refusal(const char *text, const char *sentence)
{
    struct ferry_problem problem;
    struct ferry_bytes bytes;
    uint32_t address;

    assert_int_not_equal(decode(text, &bytes, &address, &problem), FERRY_OK);
    assert_null(bytes.data);
    if (strstr(problem.text, sentence) == NULL)
        fail_msg("'%s' does not say '%s'", problem.text, sentence);
}

static void records_become_bytes(void **state)
{
    (void)state;
    expect(":0400100001020304E2\n" END, 0x10, "\1\2\3\4", 4);
    expect(":0400100001020304e2\r\n:00000001ff\r\n", 0x10, "\1\2\3\4", 4);
    expect(":0400100001020304E2\n\n:00000001FF", 0x10, "\1\2\3\4", 4);
}

static void addresses_have_upper_parts(void **state)
{
    (void)state;
    /* 32 bit linear and 16 bit segment */
    expect(":020000040800F2\n:01000000AA55\n" END, 0x08000000, "\xAA", 1);
    expect(":020000021000EC\n:01000400AA51\n" END, 0x10004, "\xAA", 1);
    /* the start address is of no use here */
    expect(":0400000508000131BD\n:01000000AA55\n" END, 0, "\xAA", 1);
    /* the last byte there is */
    expect(":02000004FFFFFC\n:01FFFF00AA57\n" END, 0xFFFFFFFF, "\xAA", 1);
}

static void holes_read_erased_and_order_does_not_matter(void **state)
{
    (void)state;
    expect(":0100040001FA\n:0100000002FD\n" END, 0, "\2\xFF\xFF\xFF\1", 5);
}

static void damage_is_refused_with_its_line(void **state)
{
    (void)state;
    expect_refusal(":0400100001020304E3\n" END, "line 1: the checksum");
    expect_refusal(":0100000002FD\n:0400100001020304\n" END, "line 2: the line is shorter");
    expect_refusal(":0400100001020304E200\n" END, "line 1: the line is shorter or longer");
    expect_refusal(":04001000010203G4E2\n" END, "line 1: not Intel HEX");
    expect_refusal(":0400100001020304E\n" END, "line 1: not Intel HEX");
    expect_refusal("hello\n", "line 1: not Intel HEX");
    expect_refusal(":\n", "line 1: not Intel HEX");
    expect_refusal(":0100000002FD\n", "without an end record");
    expect_refusal("", "without an end record");
    expect_refusal(END ":0100000002FD\n", "line 2: data behind");
    expect_refusal(":0100000602F7\n" END, "line 1: a record of an unknown type");
    expect_refusal(":0100000408F3\n" END, "line 1: an address record");
    expect_refusal(END, "holds no data");
}

static void what_is_no_single_image_is_refused(void **state)
{
    (void)state;
    expect_refusal(":0100000002FD\n:0100000003FC\n" END, "line 2: two records give the same");
    expect_refusal(":0100000002FD\n:020000040800F2\n:01000000AA55\n" END, "no single image");
    expect_refusal(":02000004FFFFFC\n:02FFFF00AABB9B\n" END, "past the end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_become_bytes),
        cmocka_unit_test(addresses_have_upper_parts),
        cmocka_unit_test(holes_read_erased_and_order_does_not_matter),
        cmocka_unit_test(damage_is_refused_with_its_line),
        cmocka_unit_test(what_is_no_single_image_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
