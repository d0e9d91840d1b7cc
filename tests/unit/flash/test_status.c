// SPDX-License-Identifier: Apache-2.0
/* Every status of the header has its own name and its own sentence. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/status.h"

/* Calls `check` with each enumerator of the header; returns how many there are. */
static int each_status(void (*check)(const char *name, int value))
{
    FILE *file = fopen(STATUS_HEADER, "r");
    char line[200];
    char name[80];
    int value;
    int count = 0;

    assert_non_null(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, " FERRY_%70[A-Z0-9_] = %d,", name, &value) == 2) {
            char whole[90] = "FERRY_";
            strcat(whole, name);
            check(whole, value);
            count++;
        }
    fclose(file);
    return count;
}

static const char *seen_texts[256];
static int seen;

static void check_status(const char *name, int value)
{
    const char *text = ferry_status_text(value);

    assert_string_equal(name, ferry_status_name(value));
    assert_string_not_equal("unknown status", text);
    assert_in_range(-value, 0, 255); /* one byte in the journal */
    assert_true(strlen(text) >= 7 && islower((unsigned char)text[0]));
    assert_true(text[strlen(text) - 1] != '.');
    for (int i = 0; i < seen; i++)
        assert_string_not_equal(seen_texts[i], text);
    seen_texts[seen++] = text;
}

static void test_every_status(void **state)
{
    (void)state;
    assert_in_range(each_status(check_status), 40, 255);
}

static void test_unknown(void **state)
{
    (void)state;
    assert_string_equal("unknown status", ferry_status_text(-250));
    assert_string_equal("unknown status", ferry_status_text(1));
    assert_string_equal("unknown status", ferry_status_text(-2147483647));
    assert_non_null(ferry_status_name(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status),
        cmocka_unit_test(test_unknown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
