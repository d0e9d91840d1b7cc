// SPDX-License-Identifier: Apache-2.0
/*
 * Every golden project is clean; every row of mutations.tsv, one change of one file, brings up
 * exactly its rule and no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "tests/doctor/project.h"

enum { ROWS_MAX = 400, LINE_MAX_BYTES = 1024 };

struct row {
    char line[LINE_MAX_BYTES];
    const char *rule;
    const char *golden;
    const char *file;
    const char *edit;
};

static struct row rows[ROWS_MAX];
static size_t row_count;

static const char *const goldens[] = {"plain_blinky",      "internal_only",     "ci_nrf9160dk_http",
                                      "ci_nrf5340dk_both", "sb_nrf52840dk_ble", "sb_nrf5340dk_both",
                                      "sb_nrf7002dk_smp",  "sb_feather_lwm2m",  "dt_nrf5340dk_ble",
                                      "build_nrf7002dk",   "sb_custom_board",   "ci_cmake_layout"};

static bool load_rows(void)
{
    FILE *in = fopen(MUTATIONS, "r");

    if (in == NULL)
        return false;
    while (row_count < ROWS_MAX && fgets(rows[row_count].line, LINE_MAX_BYTES, in) != NULL) {
        struct row *row = &rows[row_count];
        char *save = NULL;

        row->line[strcspn(row->line, "\r\n")] = '\0';
        if (row->line[0] == '#' || row->line[0] == '\0')
            continue;
        row->rule = strtok_r(row->line, "\t", &save);
        row->golden = strtok_r(NULL, "\t", &save);
        row->file = strtok_r(NULL, "\t", &save);
        row->edit = strtok_r(NULL, "\t", &save);
        if (row->edit == NULL) {
            fprintf(stderr, "mutations.tsv: row %zu has fewer than four columns\n", row_count);
            fclose(in);
            return false;
        }
        row_count++;
    }
    fclose(in);
    return true;
}

static void print_findings(const struct doctor *doctor)
{
    for (const struct doctor_problem *one = doctor->problems; one != NULL; one = one->next)
        fprintf(stderr, "    problem: %s\n", one->text);
    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next)
        fprintf(stderr, "    %s %s: %s\n", severity_name(one->severity), one->rule->id,
                one->message);
}

/* Baselines matter to the golden that has a release. */
static const char *baseline_of(const char *golden)
{
    return strcmp(golden, "sb_feather_lwm2m") == 0 ? "release-1.0-partitions.yml" : NULL;
}

static bool exactly(const struct doctor *doctor, const char *rule)
{
    if (doctor->problems != NULL || (rule != NULL && doctor->findings.count == 0))
        return false;
    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next) {
        if (rule == NULL || strcmp(one->rule->id, rule) != 0)
            return false;
        if (one->evidence == NULL || one->message[0] == '\0')
            return false;
        if (one->fix == NULL && one->severity != SEVERITY_NOTE)
            return false;
    }
    return true;
}

static bool run(const char *golden, const char *file, const char *edit, const char *rule)
{
    struct project project;
    struct doctor doctor;
    bool good = project_copy(&project, golden);

    if (good && file != NULL && edit != NULL && !project_edit(&project, file, edit)) {
        fprintf(stderr, "%s: nothing to change in %s %s: %s\n", rule, golden, file, edit);
        good = false;
    }
    good = good && project_give(&project);
    if (good) {
        good = project_check(&project, &doctor, baseline_of(golden)) && exactly(&doctor, rule);
        if (!good) {
            fprintf(stderr, "%s in %s %s %s gave:\n", rule == NULL ? "clean" : rule, golden,
                    file == NULL ? "" : file, edit == NULL ? "" : edit);
            print_findings(&doctor);
        }
        ferry_doctor_close(&doctor);
    }
    project_remove(&project);
    return good;
}

static void goldens_are_clean(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
        failed += !run(goldens[i], NULL, NULL, NULL);
    assert_int_equal(failed, 0);
}

static void each_mutation_is_named(void **state)
{
    size_t failed = 0;

    (void)state;
    for (size_t i = 0; i < row_count; i++)
        failed += !run(rows[i].golden, rows[i].file, rows[i].edit, rows[i].rule);
    printf("doctor.mutations %zu\n", row_count - failed);
    assert_int_equal(failed, 0);
}

static bool has_row(const char *rule)
{
    for (size_t i = 0; i < row_count; i++) {
        if (strcmp(rows[i].rule, rule) == 0)
            return true;
    }
    return false;
}

static void each_rule_has_a_mutation_and_a_page(void **state)
{
    size_t missing = 0;

    (void)state;
    for (size_t k = 0; doctor_families[k] != NULL; k++) {
        for (const struct rule *rule = doctor_families[k]; rule->id != NULL; rule++) {
            if (!has_row(rule->id)) {
                fprintf(stderr, "%s has no row in mutations.tsv\n", rule->id);
                missing++;
            }
            if (ferry_doctor_page(rule->id) == NULL) {
                fprintf(stderr, "%s has no page\n", rule->id);
                missing++;
            }
        }
    }
    printf("doctor.rules %zu\n", ferry_doctor_rule_count());
    assert_int_equal(missing, 0);
    assert_true(ferry_doctor_rule_count() >= 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(goldens_are_clean),
                                       cmocka_unit_test(each_mutation_is_named),
                                       cmocka_unit_test(each_rule_has_a_mutation_and_a_page)};

    if (!load_rows())
        return 1;
    if (argc == 2) { /* one rule's rows only, to work on it */
        for (size_t i = 0; i < row_count; i++) {
            if (strcmp(rows[i].rule, argv[1]) == 0)
                run(rows[i].golden, rows[i].file, rows[i].edit, rows[i].rule);
        }
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
