// SPDX-License-Identifier: Apache-2.0
/*
 * `ferry explain` on logs and on whole threads: it must name, among the first, the cause that was
 * found in the end. The logs here are written after real lines; the threads themselves are read
 * where they exist, and skipped elsewhere.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "doctor/explain.h"

enum { TEXT_BYTES = 1 << 20 };

struct expected {
    const char *start; /* of the file's name */
    const char *words; /* of the causes, rule ids or parts of the sentence, '|' between them */
    size_t within;     /* all of them among the first so many */
};

static const struct expected logs[] = {{"spi_in_mcuboot", "K-01", 1},
                                       {"sectors_after_static_layout", "S-01|P-02", 3},
                                       {"network_core_area", "N-08", 1},
                                       {"chip_silent", "H-01|D-08", 4},
                                       {"legacy_same_bank", "same address", 1},
                                       {"legacy_unaligned", "not aligned", 1},
                                       {"wrong_file", "I-01", 1},
                                       {"linker", "P-17", 1},
                                       {"tfm_loop", "T-02", 1}};

static const struct expected threads[] = {{"000-", "K-01|K-04|S-01|N-01", 6},
                                          {"001-", "N-08", 1},
                                          {"002-", "K-01", 1},
                                          {"003-", "not aligned|same address|whole words", 4},
                                          {"004-", "S-01|T-02|H-01|K-02|P-02|P-17", 10}};

static char *read_text(const char *folder, const char *name)
{
    static char text[TEXT_BYTES];
    char path[1024];
    FILE *in;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    in = fopen(path, "rb");
    if (in == NULL)
        return NULL;
    length = fread(text, 1, sizeof(text) - 1, in);
    text[length] = '\0';
    fclose(in);
    return text;
}

static bool find_file(const char *folder, const char *start, char *name, size_t room)
{
    DIR *stream = opendir(folder);
    struct dirent *entry;
    bool found = false;

    while (stream != NULL && !found && (entry = readdir(stream)) != NULL) {
        found = strncmp(entry->d_name, start, strlen(start)) == 0;
        if (found)
            snprintf(name, room, "%s", entry->d_name);
    }
    if (stream != NULL)
        closedir(stream);
    return found;
}

static bool names(const struct explanation *explanation, const char *word, size_t length,
                  size_t within)
{
    for (size_t i = 0; i < explanation->verdict_count && i < within; i++) {
        const struct explain_verdict *one = &explanation->verdicts[i];

        if (one->rule != NULL && strlen(one->rule) == length &&
            strncmp(one->rule, word, length) == 0)
            return true;
        if (memmem(one->text, strlen(one->text), word, length) != NULL)
            return true;
    }
    return false;
}

static size_t check(const char *folder, const struct expected *expected)
{
    char name[300];
    struct explanation explanation;
    const char *text = NULL;
    size_t missing = 0;

    if (find_file(folder, expected->start, name, sizeof(name)))
        text = read_text(folder, name);
    if (text == NULL) {
        fprintf(stderr, "%s/%s: not there\n", folder, expected->start);
        return 1;
    }
    ferry_explain_text(&explanation, name, text, NULL);
    for (const char *word = expected->words; *word != '\0';) {
        size_t length = strcspn(word, "|");

        if (!names(&explanation, word, length, expected->within)) {
            fprintf(stderr, "%s: %.*s is not among the first %zu\n", name, (int)length, word,
                    expected->within);
            missing++;
        }
        word += length + (word[length] == '|');
    }
    if (missing > 0)
        ferry_explain_print(stderr, &explanation);
    ferry_explain_free(&explanation);
    return missing;
}

static void logs_are_explained(void **state)
{
    size_t missing = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(logs) / sizeof(logs[0]); i++)
        missing += check(LOGS_DIR, &logs[i]);
    assert_int_equal(missing, 0);
}

static void threads_are_explained(void **state)
{
    const char *folder = getenv("FERRY_THREADS");
    size_t missing = 0;
    DIR *stream;

    (void)state;
    if (folder == NULL)
        folder = SHARED_THREADS;
    stream = opendir(folder);
    if (stream == NULL) {
        print_message("no threads at %s (FERRY_THREADS names another folder)\n", folder);
        skip();
        return;
    }
    closedir(stream);
    for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
        missing += check(folder, &threads[i]);
    assert_int_equal(missing, 0);
}

static void smp_errors_have_meanings(void **state)
{
    struct explanation explanation;

    (void)state;
    ferry_explain_text(&explanation, "-", "{\"err\": {\"group\": 1, \"rc\": 23}}\n", NULL);
    assert_non_null(explanation.hits);
    assert_non_null(strstr(explanation.hits->meaning, "wrong file"));
    ferry_explain_free(&explanation);
    ferry_explain_text(&explanation, "-", "Error: 6\n", NULL);
    assert_non_null(explanation.hits);
    assert_non_null(strstr(explanation.hits->meaning, "bad state"));
    ferry_explain_free(&explanation);
    assert_null(explain_smp_error(true, 0));
    assert_null(explain_smp_error(true, 999));
}

static void nothing_known_is_no_cause(void **state)
{
    struct explanation explanation;

    (void)state;
    ferry_explain_text(&explanation, "-", "hello\nnothing wrong here\n", NULL);
    assert_null(explanation.hits);
    assert_int_equal(explanation.verdict_count, 0);
    ferry_explain_free(&explanation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logs_are_explained), cmocka_unit_test(threads_are_explained),
        cmocka_unit_test(smp_errors_have_meanings), cmocka_unit_test(nothing_known_is_no_cause)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
