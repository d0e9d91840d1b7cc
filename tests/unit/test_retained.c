// SPDX-License-Identifier: Apache-2.0
#include "cmocka_all.h"
#include "ferry/retained.h"

static void garbage_is_cleared_and_content_kept(void **unused)
{
    struct ferry_retained r;

    (void)unused;
    memset(&r, 0xA5, sizeof r);
    assert_false(ferry_retained_open(&r));
    assert_int_equal(r.boots, 0);
    r.boots = 3;
    ferry_retained_seal(&r);
    assert_true(ferry_retained_open(&r));
    assert_int_equal(r.boots, 3);
    r.reason = 9; /* changed without a seal: a wild write */
    assert_false(ferry_retained_open(&r));
    assert_int_equal(r.boots, 0);
}

static void log_keeps_the_last_lines(void **unused)
{
    struct ferry_retained r;
    char text[FERRY_RETAINED_LOG_SIZE + 1] = {0};

    (void)unused;
    memset(&r, 0, sizeof r);
    (void)ferry_retained_open(&r);
    ferry_retained_log(&r, "first");
    ferry_retained_log_number(&r, "number", -2147483647 - 1);
    assert_int_equal(ferry_retained_log_read(&r, 0, text, sizeof text - 1), 25);
    assert_string_equal(text, "first\nnumber -2147483648\n");
    assert_int_equal(ferry_retained_log_read(&r, 6, text, 6), 6);
    assert_memory_equal(text, "number", 6);
    for (int i = 0; i < 200; i++)
        ferry_retained_log_number(&r, "line", i);
    memset(text, 0, sizeof text);
    assert_int_equal(ferry_retained_log_read(&r, 0, text, sizeof text - 1),
                     FERRY_RETAINED_LOG_SIZE);
    assert_non_null(strstr(text, "line 199\n"));
    assert_null(strstr(text, "first"));
    assert_true(ferry_retained_open(&r));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(garbage_is_cleared_and_content_kept),
        cmocka_unit_test(log_keeps_the_last_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
