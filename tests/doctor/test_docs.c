// SPDX-License-Identifier: Apache-2.0
/*
 * docs/rules.md is made from the rules' tables and pages; docs/threads.md names what the threads'
 * test expects. FERRY_WRITE_DOCS=1 writes docs/rules.md anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "doctor/doctor.h"

enum { TEXT_BYTES = 1 << 19 };

struct family {
    char letter;
    const char *title;
};

static const struct family families[] = {{'F', "files that nothing reads"},
                                         {'B', "what the build system decides"},
                                         {'D', "devicetree of both images"},
                                         {'K', "Kconfig: driver, gate, stack"},
                                         {'P', "the partition file"},
                                         {'S', "slots against MCUboot's mode"},
                                         {'N', "two cores"},
                                         {'T', "TF-M and the immutable bootloader"},
                                         {'I', "images, packages, dumps"},
                                         {'X', "transport and application"},
                                         {'H', "hardware, as far as logs show it"},
                                         {'R', "drift between releases"}};

static const char *const left_out[][2] = {
    {"K-07", "the same as S-04"},
    {"T-01", "the same as P-18"},
    {"B-06",
     "which binaries were programmed, and what an earlier firmware left in the external chip, "
     "stands in no file"},
    {"H-02", "a fault at cold boots only is seen with a power switch; D-14 finds its usual cause"},
    {"H-05", "a chip select that floats while MCUboot runs is seen with a probe"},
    {"H-06", "levels of write-protect and hold pins are seen with a probe"},
    {"R-03",
     "it holds for every project without an updatable MCUboot, so it would tell nobody anything"},
    {"R-05", "which mode the bootloader in the field was built with is in no partition file"}};

static void put_family(FILE *out, const struct family *family)
{
    fprintf(out, "\n## %c: %s\n", family->letter, family->title);
    for (size_t k = 0; doctor_families[k] != NULL; k++) {
        for (const struct rule *rule = doctor_families[k]; rule->id != NULL; rule++) {
            const char *page = ferry_doctor_page(rule->id);

            if (rule->id[0] != family->letter || page == NULL)
                continue;
            fprintf(out, "\n##%s", page);
        }
    }
}

static void put_rules(FILE *out)
{
    fprintf(
        out,
        "<!-- SPDX-License-Identifier: Apache-2.0 -->\n# The doctor's rules\n\n"
        "%zu rules. Made from the tables in `doctor/rules_*.c` and the pages in `doctor/pages/`\n"
        "(`FERRY_WRITE_DOCS=1 test_doctor_docs`); `ferry doctor --explain RULE` prints one page.\n"
        "With a build folder its files are the truth; without one an option that a default could\n"
        "set is a warning at most.\n",
        ferry_doctor_rule_count());
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        put_family(out, &families[i]);
    fprintf(out, "\n## Left out, and why\n\n");
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        fprintf(out, "- %s: %s.\n", left_out[i][0], left_out[i][1]);
}

static char *read_doc(const char *name)
{
    static char text[TEXT_BYTES];
    char path[512];
    FILE *in;
    size_t length;

    snprintf(path, sizeof(path), "%s/%s", DOCS_DIR, name);
    in = fopen(path, "r");
    if (in == NULL)
        return NULL;
    length = fread(text, 1, sizeof(text) - 1, in);
    text[length] = '\0';
    fclose(in);
    return text;
}

static void rules_page_is_current(void **state)
{
    static char made[TEXT_BYTES];
    FILE *out;
    const char *doc;

    (void)state;
    if (getenv("FERRY_WRITE_DOCS") != NULL) {
        out = fopen(DOCS_DIR "/rules.md", "w");
        assert_non_null(out);
        put_rules(out);
        fclose(out);
    }
    out = fmemopen(made, sizeof(made), "w");
    assert_non_null(out);
    put_rules(out);
    fclose(out);
    doc = read_doc("rules.md");
    assert_non_null(doc);
    if (strcmp(doc, made) != 0)
        fail_msg("docs/rules.md is not current: FERRY_WRITE_DOCS=1 test_doctor_docs writes it");
}

static void no_rule_is_forgotten(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
        assert_null(ferry_doctor_rule(left_out[i][0]));
    assert_int_equal(ferry_doctor_rule_count() + sizeof(left_out) / sizeof(left_out[0]), 129);
}

static void threads_page_names_the_causes(void **state)
{
    static const char *const words[] = {"K-01", "K-04", "N-01", "N-08", "S-01", "T-02",
                                        "H-01", "K-02", "P-02", "P-17", "D-05", "F-03"};
    const char *doc = read_doc("threads.md");

    (void)state;
    assert_non_null(doc);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strstr(doc, words[i]) == NULL)
            fail_msg("docs/threads.md does not name %s", words[i]);
        assert_non_null(ferry_doctor_rule(words[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rules_page_is_current),
                                       cmocka_unit_test(no_rule_is_forgotten),
                                       cmocka_unit_test(threads_page_names_the_causes)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
