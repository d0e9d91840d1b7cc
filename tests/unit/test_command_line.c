// SPDX-License-Identifier: Apache-2.0
/* The parser of command lines, with commands of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tool/command.h"

static int run(struct ferry_args *args)
{
    (void)args;
    return FERRY_EXIT_OK;
}

static const struct ferry_option options[] = {
    {"format", 'f', "c|pem|hash", "a choice"},
    {"size", 's', "BYTES", "a number"},
    {"force", 'F', NULL, "a flag"},
    FERRY_OPTIONS_END,
};
static const struct ferry_command plain = {
    .name = "plain", .summary = "x", .positional = "IN [OUT]", .options = options, .run = run};
static const struct ferry_command check = {
    .name = "check", .summary = "x", .positional = "FILE...", .run = run, .connects = true};
static const struct ferry_command *const verbs[] = {&check, NULL};
static const struct ferry_command group = {.name = "group", .summary = "x", .verbs = verbs};

const struct ferry_command *const ferry_commands[] = {&group, &plain, NULL};

/* Splits at blanks: no argument of these tests has one. */
static int parse(struct ferry_args *args, const char *line)
{
    static char copy[512];
    char *argv[32];
    int argc = 0;

    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    argv[argc] = NULL;
    return ferry_args_parse(args, argc, argv);
}

static void test_good(void **state)
{
    struct ferry_args args;
    unsigned long size = 0;

    (void)state;
    assert_int_equal(parse(&args, "ferry plain a -f pem --size=0x10 b --force"), FERRY_EXIT_OK);
    assert_ptr_equal(args.command, &plain);
    assert_string_equal(args.path, "ferry plain");
    assert_int_equal(args.count, 2);
    assert_string_equal(args.operand[1], "b");
    assert_null(args.operand[2]);
    assert_string_equal(ferry_args_value(&args, "format", "c"), "pem");
    assert_true(ferry_args_has(&args, "force"));
    assert_int_equal(ferry_args_number(&args, "size", 100, &size), FERRY_EXIT_OK);
    assert_int_equal(size, 16);
    assert_false(args.json || args.quiet);

    assert_int_equal(parse(&args, "ferry group check a b c -q --json --udp h"), FERRY_EXIT_OK);
    assert_ptr_equal(args.command, &check);
    assert_string_equal(args.path, "ferry group check");
    assert_true(args.json && args.quiet);
    assert_int_equal(args.count, 3);
}

static void test_letters(void **state)
{
    struct ferry_args args;

    (void)state;
    assert_int_equal(parse(&args, "ferry plain -Fqs2K a"), FERRY_EXIT_OK);
    assert_true(ferry_args_has(&args, "force") && args.quiet);
    assert_string_equal(ferry_args_value(&args, "size", ""), "2K");
    /* A lone dash and what follows a double dash are operands. */
    assert_int_equal(parse(&args, "ferry plain - -- --force"), FERRY_EXIT_OK);
    assert_string_equal(args.operand[0], "-");
    assert_string_equal(args.operand[1], "--force");
    assert_false(ferry_args_has(&args, "force"));
}

static void test_repeated(void **state)
{
    struct ferry_args args;

    (void)state;
    assert_int_equal(parse(&args, "ferry group check x -s /dev/a --serial /dev/b"), FERRY_EXIT_OK);
    assert_string_equal(ferry_args_nth(&args, "serial", 0), "/dev/a");
    assert_string_equal(ferry_args_nth(&args, "serial", 1), "/dev/b");
    assert_null(ferry_args_nth(&args, "serial", 2));
    assert_string_equal(ferry_args_value(&args, "serial", ""), "/dev/b");
}

static void test_bad(void **state)
{
    static const char *const lines[] = {
        "ferry",
        "ferry nothing",
        "ferry --nothing",
        "ferry plain",
        "ferry plain a b c",
        "ferry plain a --forc",
        "ferry plain a --force=1",
        "ferry plain a --size",
        "ferry plain a -s",
        "ferry plain a -x",
        "ferry plain a -f pe",
        "ferry plain a -f pem|hash",
        "ferry plain a --udp h",
        "ferry group",
        "ferry group nothing",
        "ferry group check",
        "ferry --generate nothing",
    };
    struct ferry_args args;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_int_equal(parse(&args, lines[i]), FERRY_EXIT_USAGE);
}

static void test_too_many(void **state)
{
    char line[512] = "ferry group check";
    struct ferry_args args;
    char *argv[100];

    (void)state;
    for (int i = 0; i < 99; i++)
        argv[i] = i == 0 ? "ferry" : i == 1 ? "group" : i == 2 ? "check" : "x";
    argv[99] = NULL;
    assert_int_equal(ferry_args_parse(&args, 99, argv), FERRY_EXIT_USAGE);
    for (int i = 3; i < 99; i++)
        argv[i] = "-q";
    assert_int_equal(ferry_args_parse(&args, 99, argv), FERRY_EXIT_USAGE);
    assert_int_equal(parse(&args, line), FERRY_EXIT_USAGE);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        int status;
        unsigned long value;
    } cases[] = {
        {"0", 0, 0},
        {"4096", 0, 4096},
        {"0x200", 0, 512},
        {"64K", 0, 65536},
        {"2M", 0, 2ul << 20},
        {"2097153", FERRY_EXIT_USAGE, 0},
        {"3M", FERRY_EXIT_USAGE, 0},
        {"-1", FERRY_EXIT_USAGE, 0},
        {"12x", FERRY_EXIT_USAGE, 0},
        {"K", FERRY_EXIT_USAGE, 0},
        {"99999999999999999999999", FERRY_EXIT_USAGE, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ferry_args args;
        unsigned long value = 77;
        char line[64];

        snprintf(line, sizeof(line), "ferry plain a --size=%s", cases[i].text);
        assert_int_equal(parse(&args, line), FERRY_EXIT_OK);
        assert_int_equal(ferry_args_number(&args, "size", 2097152, &value), cases[i].status);
        assert_int_equal(value, cases[i].status == 0 ? cases[i].value : 77);
    }
}

static void test_counts(void **state)
{
    static const struct {
        const char *positional;
        int least, most;
    } cases[] = {
        {NULL, 0, 0},       {"IMAGE", 1, 1},      {"[FILE]", 0, 1}, {"IN [OUT]", 1, 2},
        {"FILE...", 1, -1}, {"[FILE...]", 0, -1}, {"A B C", 3, 3},  {"DIR [FILE...]", 1, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int least;
        int most;

        ferry_positional_count(cases[i].positional, &least, &most);
        assert_int_equal(least, cases[i].least);
        assert_int_equal(most, cases[i].most);
    }
}

static void test_help_is_no_run(void **state)
{
    struct ferry_args args;

    (void)state;
    assert_int_equal(parse(&args, "ferry plain --bogus --help"), FERRY_EXIT_OK);
    assert_null(args.command);
    assert_int_equal(parse(&args, "ferry --version"), FERRY_EXIT_OK);
    assert_null(args.command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),     cmocka_unit_test(test_letters),
        cmocka_unit_test(test_repeated), cmocka_unit_test(test_bad),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_counts),   cmocka_unit_test(test_help_is_no_run),
    };

    return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
