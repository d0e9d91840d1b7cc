// SPDX-License-Identifier: Apache-2.0
/* Fixes that apply and heal; SARIF, JSON and maps with the right shape; speed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "doctor/output.h"
#include "tests/doctor/project.h"

enum { LINE_BYTES = 1024, BUILD_FILES = 5000 };

static bool run_git_apply(const struct project *project, const char *patch)
{
    char command[700];

    snprintf(command, sizeof(command), "cd %s && git apply --unsafe-paths --whitespace=nowarn %s",
             project->root, patch);
    return system(command) == 0;
}

static const struct finding *find(const struct doctor *doctor, const char *rule)
{
    const struct finding *one = doctor->findings.first;

    while (one != NULL && strcmp(one->rule->id, rule) != 0)
        one = one->next;
    return one;
}

static bool healed(const struct project *project, const char *rule, const char *how)
{
    struct doctor doctor;
    const struct finding *left;
    bool good;

    if (!project_check(project, &doctor, NULL))
        return false;
    left = find(&doctor, rule);
    good = left == NULL;
    if (!good)
        fprintf(stderr, "%s is still there after %s: %s\n", rule, how, left->message);
    if (doctor.problems != NULL) {
        fprintf(stderr, "%s: %s broke the project: %s\n", rule, how, doctor.problems->text);
        good = false;
    }
    ferry_doctor_close(&doctor);
    return good;
}

static bool by_patch(const struct project *project, struct doctor *doctor)
{
    char path[300];
    FILE *out;
    bool good;

    snprintf(path, sizeof(path), "%s.patch", project->root);
    out = fopen(path, "w");
    if (out == NULL)
        return false;
    output_patch(out, doctor);
    fclose(out);
    good = run_git_apply(project, path);
    if (!good) {
        fprintf(stderr, "git apply refuses:\n");
        output_patch(stderr, doctor);
    }
    unlink(path);
    return good;
}

/* One mutation: does its fix apply, and is the finding gone? `in_place`: output_apply. */
static int heal(char *line, bool in_place)
{
    char *save = NULL;
    const char *rule = strtok_r(line, "\t", &save);
    const char *golden = strtok_r(NULL, "\t", &save);
    const char *file = strtok_r(NULL, "\t", &save);
    const char *change = strtok_r(NULL, "\t", &save);
    const char *problem = NULL;
    struct project project;
    struct doctor doctor;
    int result = -1;

    if (!project_copy(&project, golden) || !project_edit(&project, file, change) ||
        !project_check(&project, &doctor, NULL)) {
        project_remove(&project);
        return -1;
    }
    if (find(&doctor, rule) == NULL || find(&doctor, rule)->edits == NULL) {
        ferry_doctor_close(&doctor);
        project_remove(&project);
        return 0; /* no automatic fix */
    }
    if (in_place ? output_apply(&doctor, &problem) > 0 : by_patch(&project, &doctor))
        result = healed(&project, rule, in_place ? "writing" : "the patch") ? 1 : -1;
    ferry_doctor_close(&doctor);
    project_remove(&project);
    return result;
}

static void fixes_heal(void **state)
{
    char line[LINE_BYTES];
    FILE *in = fopen(MUTATIONS, "r");
    size_t done = 0;
    size_t failed = 0;

    (void)state;
    assert_non_null(in);
    while (fgets(line, sizeof(line), in) != NULL) {
        char copy[LINE_BYTES];

        line[strcspn(line, "\r\n")] = '\0';
        /* A build is healed by building again, not by a patch. */
        if (line[0] == '#' || line[0] == '\0' || strstr(line, "\tbuild_") != NULL)
            continue;
        for (int in_place = 0; in_place < 2; in_place++) {
            int result;

            strcpy(copy, line);
            result = heal(copy, in_place == 1);
            done += result == 1;
            failed += result < 0;
            if (result < 0)
                fprintf(stderr, "not healed: %s\n", line);
        }
    }
    fclose(in);
    printf("doctor.fixes_healed %zu\n", done / 2);
    assert_true(done > 60);
    assert_int_equal(failed, 0);
}

static void open_broken(struct project *project, struct doctor *doctor)
{
    assert_true(project_copy(project, "ci_nrf9160dk_http"));
    assert_true(
        project_edit(project, "pm_static.yml",
                     "s|address: 0xe8000\\n  size: 0x718000|address: 0x0\\n  size: 0x800000|"));
    assert_true(project_check(project, doctor, NULL));
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    assert_non_null(text);
    return text;
}

static void sarif_has_its_shape(void **state)
{
    struct project project;
    struct doctor doctor;
    json_t *sarif;
    json_t *run;
    json_t *driver;
    json_t *result;
    json_t *location;

    (void)state;
    open_broken(&project, &doctor);
    sarif = output_sarif(&doctor, false, "0.1.0");
    assert_non_null(sarif);
    assert_string_equal(text_at(sarif, "version"), "2.1.0");
    assert_non_null(strstr(text_at(sarif, "$schema"), "sarif-2.1.0"));
    run = json_array_get(json_object_get(sarif, "runs"), 0);
    driver = json_object_get(json_object_get(run, "tool"), "driver");
    assert_string_equal(text_at(driver, "name"), "ferry doctor");
    assert_int_equal(json_array_size(json_object_get(driver, "rules")), ferry_doctor_rule_count());
    assert_int_equal(json_array_size(json_object_get(run, "results")), 1);
    result = json_array_get(json_object_get(run, "results"), 0);
    assert_string_equal(text_at(result, "ruleId"), "P-02");
    assert_string_equal(text_at(result, "level"), "error");
    text_at(json_object_get(result, "message"), "text");
    location = json_object_get(json_array_get(json_object_get(result, "locations"), 0),
                               "physicalLocation");
    assert_string_equal(text_at(json_object_get(location, "artifactLocation"), "uri"),
                        "pm_static.yml");
    assert_true(
        json_integer_value(json_object_get(json_object_get(location, "region"), "startLine")) > 1);
    json_decref(sarif);
    ferry_doctor_close(&doctor);
    project_remove(&project);
}

static void json_names_rule_and_place(void **state)
{
    struct project project;
    struct doctor doctor;
    json_t *json;
    json_t *finding;

    (void)state;
    open_broken(&project, &doctor);
    assert_int_equal(ferry_doctor_exit(&doctor), 2);
    json = output_json(&doctor, false);
    finding = json_array_get(json_object_get(json, "findings"), 0);
    assert_string_equal(text_at(finding, "rule"), "P-02");
    assert_true(json_is_true(json_object_get(finding, "fixable")));
    assert_int_equal(json_integer_value(json_object_get(json, "errors")), 1);
    json_decref(json);
    ferry_doctor_close(&doctor);
    project_remove(&project);
}

static char *map_of(const struct doctor *doctor, bool svg)
{
    static char text[65536];
    FILE *out = fmemopen(text, sizeof(text), "w");
    bool good;

    assert_non_null(out);
    good = svg ? output_map_svg(out, doctor->cases[0]) : output_map(out, doctor->cases[0]);
    fclose(out);
    return good ? text : NULL;
}

static void maps_show_overlaps(void **state)
{
    struct project project;
    struct doctor doctor;
    const char *map;

    (void)state;
    open_broken(&project, &doctor);
    map = map_of(&doctor, false);
    assert_non_null(map);
    assert_non_null(strstr(map, "mcuboot_secondary"));
    assert_non_null(strstr(map, "** overlaps **"));
    map = map_of(&doctor, true);
    assert_non_null(map);
    assert_non_null(strstr(map, "<svg"));
    assert_non_null(strstr(map, "</svg>"));
    ferry_doctor_close(&doctor);
    project_remove(&project);
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* A build folder as a build leaves it: thousands of objects beside the files that matter. */
static bool fill_build(const struct project *project)
{
    char path[512];

    for (unsigned i = 0; i < BUILD_FILES; i++) {
        FILE *out;

        snprintf(path, sizeof(path), "%s/out/objects_%u", project->root, i / 100);
        mkdir(path, 0777);
        snprintf(path, sizeof(path), "%s/out/objects_%u/file_%u.c.obj", project->root, i / 100, i);
        out = fopen(path, "w");
        if (out == NULL)
            return false;
        fprintf(out, "object %u\n", i);
        fclose(out);
    }
    return true;
}

static void a_large_build_is_quick(void **state)
{
    struct project project;
    struct doctor doctor;
    double start;
    double taken;

    (void)state;
    assert_true(project_copy(&project, "build_nrf7002dk"));
    assert_true(fill_build(&project));
    start = seconds();
    assert_true(project_check(&project, &doctor, NULL));
    taken = seconds() - start;
    printf("doctor.build_5000_files_s %.3f\n", taken);
    assert_int_equal(doctor.findings.errors + doctor.findings.warnings, 0);
    assert_true(doctor.tree.count > BUILD_FILES);
    ferry_doctor_close(&doctor);
    project_remove(&project);
    assert_true(taken < 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixes_heal), cmocka_unit_test(sarif_has_its_shape),
        cmocka_unit_test(json_names_rule_and_place), cmocka_unit_test(maps_show_overlaps),
        cmocka_unit_test(a_large_build_is_quick)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
