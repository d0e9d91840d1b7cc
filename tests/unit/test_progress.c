// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/progress.h"

static void test_bar(void **state)
{
    struct ferry_progress progress;
    char text[256];

    (void)state;
    ferry_progress_start(&progress, NULL, "uploading", 100 * 1024, 0);
    progress.columns = 120;
    ferry_progress_update(&progress, 0, 0);
    ferry_progress_text(&progress, 0, 0, text, sizeof(text));
    assert_string_equal(text, "uploading [..............................]   0 %  0 of 100 KiB  ");
    /* 10 KiB/s: 50 KiB are left, that is 5 s. */
    ferry_progress_update(&progress, 50 * 1024, 5000);
    ferry_progress_text(&progress, 50 * 1024, 5000, text, sizeof(text));
    assert_string_equal(text, "uploading [###############...............]  50 %  50 of 100 KiB  "
                              "10.0 KiB/s, 0:05 left");
    ferry_progress_text(&progress, 100 * 1024, 10000, text, sizeof(text));
    assert_string_equal(text, "uploading [##############################] 100 %  100 of 100 KiB  "
                              "10.0 KiB/s");
    /* More than all is all. */
    ferry_progress_text(&progress, 200 * 1024, 10000, text, sizeof(text));
    assert_non_null(strstr(text, "100 %"));
}

/* A narrow terminal gets a narrow line. */
static void test_fits(void **state)
{
    struct ferry_progress progress;
    char text[256];

    (void)state;
    ferry_progress_start(&progress, NULL, "uploading", 9999ull * 1024, 0);
    progress.columns = 80;
    ferry_progress_update(&progress, 0, 0);
    ferry_progress_text(&progress, 9900ull * 1024, 990001, text, sizeof(text));
    assert_true(strlen(text) < 80);
}

/* The rate is that of the last seconds, and what was there before does not count. */
static void test_rate(void **state)
{
    struct ferry_progress progress;
    uint64_t done = 500000;

    (void)state;
    ferry_progress_start(&progress, NULL, "uploading", 10000000, 1000);
    ferry_progress_update(&progress, done, 1000);
    assert_int_equal(ferry_progress_rate(&progress, done, 1000), 0);
    for (uint64_t now = 1000; now < 11000; now += 100)
        ferry_progress_update(&progress, done += 100, now);
    assert_in_range(ferry_progress_rate(&progress, done, 11000), 950, 1050);
    for (uint64_t now = 11000; now < 21000; now += 100)
        ferry_progress_update(&progress, done += 10000, now);
    assert_in_range(ferry_progress_rate(&progress, done, 21000), 95000, 105000);
}

static void test_lines(void **state)
{
    struct ferry_progress progress;
    char text[4096] = {0};
    FILE *out = fmemopen(text, sizeof(text) - 1, "w");
    unsigned lines = 0;

    (void)state;
    assert_non_null(out);
    ferry_progress_start(&progress, out, "uploading", 1000, 0);
    for (uint64_t done = 0; done <= 1000; done++)
        ferry_progress_update(&progress, done, done * 10);
    ferry_progress_end(&progress, 1000, 10000);
    fclose(out);
    for (const char *at = text; *at != 0; at++)
        lines += *at == '\n';
    assert_int_equal(lines, 11);
    assert_non_null(strstr(text, "uploading: 10 % (100 of 1000 bytes)"));
    assert_non_null(strstr(text, "uploading: 100 % (1000 of 1000 bytes)"));
}

static void test_nothing_to_do(void **state)
{
    struct ferry_progress progress;
    char text[256];

    (void)state;
    ferry_progress_start(&progress, NULL, "uploading", 0, 0);
    ferry_progress_update(&progress, 0, 0);
    ferry_progress_text(&progress, 0, 0, text, sizeof(text));
    assert_non_null(strstr(text, "100 %"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bar),           cmocka_unit_test(test_fits),
        cmocka_unit_test(test_rate),          cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nothing_to_do),
    };

    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
