// SPDX-License-Identifier: Apache-2.0
/* Input that is not what it should be: one sentence, never a crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "doctor/explain.h"
#include "doctor/output.h"
#include "tests/doctor/project.h"

enum { ROUNDS = 400, TEXT_BYTES = 1 << 16 };

static void write_file(const struct project *project, const char *file, const void *data,
                       size_t length)
{
    char path[600];
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s", project->root, file);
    out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, length, out), length);
    fclose(out);
}

/* Checks the project; true when a problem was named that holds `word`. */
static bool complains(const struct project *project, const char *word)
{
    struct doctor doctor;
    bool found = false;

    project_check(project, &doctor, NULL);
    for (const struct doctor_problem *one = doctor.problems; one != NULL; one = one->next)
        found |= strstr(one->text, word) != NULL;
    if (found)
        assert_int_equal(ferry_doctor_exit(&doctor), 2);
    ferry_doctor_close(&doctor);
    return found;
}

/* As somebody whom file permissions concern. */
static bool complains_unprivileged(const struct project *project, const char *word)
{
    const uid_t nobody = 65534;
    bool root = geteuid() == 0;
    bool found;

    assert_int_equal(chmod(project->root, 0755), 0);
    if (root)
        assert_int_equal(seteuid(nobody), 0);
    found = complains(project, word);
    if (root)
        assert_int_equal(seteuid(0), 0);
    return found;
}

static void layout_says(const char *text, size_t length, const char *word)
{
    struct project project;

    assert_true(project_copy(&project, "sb_nrf7002dk_smp"));
    write_file(&project, "pm_static.yml", text, length);
    if (!complains(&project, word))
        fail_msg("no problem says \"%s\"", word);
    project_remove(&project);
}

static void broken_yaml_is_a_sentence(void **state)
{
    (void)state;
    layout_says("a: &x\n  b: *x\n", 14, "contains itself");
    layout_says("a: *nowhere\n", 12, "alias");
    layout_says("a: [1, 2\nb: {\n", 14, "pm_static.yml:");
    layout_says("- one\n- two\n", 12, "no map");
    layout_says("a\0b", 3, "no text file");
}

static void deep_and_large_yaml_ends(void **state)
{
    size_t size = 9u << 20;
    char *large = malloc(size);

    (void)state;
    assert_non_null(large);
    memset(large, '[', size);
    layout_says(large, 4096, "pm_static.yml:");
    for (size_t i = 0; i < size; i++)
        large[i] = "a: 1\n"[i % 5];
    layout_says(large, size, "too large");
    free(large);
}

static void a_bottomless_overlay_is_named(void **state)
{
    enum { LEVELS = 100000 };
    struct project project;
    char *text = malloc(2 + 2 * LEVELS);

    (void)state;
    assert_non_null(text);
    memcpy(text, "/{", 2);
    for (size_t i = 0; i < LEVELS; i++)
        memcpy(text + 2 + 2 * i, "a{", 2);
    assert_true(project_copy(&project, "sb_nrf7002dk_smp"));
    write_file(&project, "sysbuild/mcuboot.overlay", text, 2 + 2 * LEVELS);
    assert_true(complains(&project, "mcuboot.overlay:1: nodes nested too deeply"));
    project_remove(&project);
    free(text);
}

static void unreadable_things_are_named(void **state)
{
    struct project project;
    char path[600];
    char loop[600];

    (void)state;
    assert_true(project_copy(&project, "sb_nrf7002dk_smp"));
    snprintf(path, sizeof(path), "%s/sysbuild/again", project.root);
    assert_int_equal(symlink("..", path), 0);
    snprintf(loop, sizeof(loop), "%s/loop.conf", project.root);
    assert_int_equal(symlink("loop.conf", loop), 0);
    assert_false(complains(&project, ""));
    snprintf(path, sizeof(path), "%s/prj.conf", project.root);
    assert_int_equal(chmod(path, 0), 0);
    assert_true(complains_unprivileged(&project, "prj.conf"));
    assert_int_equal(chmod(path, 0644), 0);
    snprintf(path, sizeof(path), "%s/sysbuild", project.root);
    assert_int_equal(chmod(path, 0), 0);
    assert_true(complains_unprivileged(&project, "sysbuild: the folder cannot be opened"));
    assert_int_equal(chmod(path, 0755), 0);
    project_remove(&project);
}

static void a_missing_folder_is_a_sentence(void **state)
{
    const char *paths[] = {"/nowhere/at/all"};
    struct doctor_options none = {NULL, NULL, NULL};
    struct doctor doctor;

    (void)state;
    assert_false(ferry_doctor_open(&doctor, &none, paths, 1));
    assert_non_null(doctor.problems);
    assert_non_null(strstr(doctor.problems->text, "/nowhere/at/all"));
    ferry_doctor_close(&doctor);
}

/* ---- random damage ---- */

static uint64_t random_state;

static uint32_t next_random(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33);
}

static size_t read_whole(const char *path, char *data, size_t room)
{
    FILE *in = fopen(path, "rb");
    size_t length = 0;

    if (in != NULL) {
        length = fread(data, 1, room, in);
        fclose(in);
    }
    return length;
}

static size_t damage(char *data, size_t length, size_t room)
{
    static const char odd[] = "\"'{}[]<>&*:;#\\/%\t\n\x80\xff@!|-=(),";
    unsigned changes = 1 + next_random() % 8;

    for (unsigned i = 0; i < changes && length > 4; i++) {
        size_t at = next_random() % length;

        switch (next_random() % 4) {
        case 0:
            data[at] = (char)next_random();
            break;
        case 1:
            data[at] = odd[next_random() % (sizeof(odd) - 1)];
            break;
        case 2:
            length = at + 1;
            break;
        default:
            if (length * 2 < room) {
                memmove(data + at + at / 2, data + at, length - at);
                length += at / 2;
            }
            break;
        }
    }
    return length;
}

/* Everything that reads and everything that prints, on a damaged project. */
static void survive(const struct project *project)
{
    struct output_options options = {false, true, false};
    struct doctor doctor;
    FILE *nowhere = fopen("/dev/null", "w");

    assert_non_null(nowhere);
    if (project_check(project, &doctor, NULL)) {
        output_text(nowhere, &doctor, &options);
        json_decref(output_json(&doctor, true));
        json_decref(output_sarif(&doctor, true, "0"));
        output_patch(nowhere, &doctor);
        for (size_t i = 0; i < doctor.case_count; i++) {
            output_map(nowhere, doctor.cases[i]);
            output_map_svg(nowhere, doctor.cases[i]);
        }
    }
    ferry_doctor_close(&doctor);
    fclose(nowhere);
}

static const char *const targets[][2] = {
    {"sb_feather_lwm2m", "pm_static.yml"},
    {"sb_feather_lwm2m", "boards/circuitdojo_feather_nrf9160_ns.overlay"},
    {"sb_feather_lwm2m", "prj.conf"},
    {"sb_feather_lwm2m", "west.yml"},
    {"sb_nrf7002dk_smp", "sysbuild/mcuboot.overlay"},
    {"sb_nrf7002dk_smp", "CMakeLists.txt"},
    {"dt_nrf5340dk_ble", "sysbuild/mcuboot.overlay"},
    {"build_nrf7002dk", "out/mcuboot/zephyr/zephyr.dts"},
    {"build_nrf7002dk", "out/mcuboot/zephyr/.config"},
    {"build_nrf7002dk", "out/partitions.yml"},
    {"build_nrf7002dk", "out/regions.yml"},
    {"build_nrf7002dk", "out/CMakeCache.txt"},
    {"sb_nrf5340dk_both", "given/dfu_application.zip"},
    {"sb_nrf52840dk_ble", "given/update.bin"},
    {"sb_nrf52840dk_ble", "given/boot.log"}};

static void damaged_files_are_survived(void **state)
{
    const char *seed = getenv("FERRY_SEED");
    static char data[TEXT_BYTES * 8];

    (void)state;
    random_state = seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)time(NULL);
    print_message("FERRY_SEED=%llu replays this\n", (unsigned long long)random_state);
    for (unsigned round = 0; round < ROUNDS; round++) {
        const char *const *target = targets[next_random() % (sizeof(targets) / sizeof(targets[0]))];
        struct project project;
        char path[600];
        size_t length;

        assert_true(project_copy(&project, target[0]));
        assert_true(project_give(&project));
        snprintf(path, sizeof(path), "%s/%s", project.root, target[1]);
        length = damage(data, read_whole(path, data, sizeof(data) / 2), sizeof(data));
        write_file(&project, target[1], data, length);
        survive(&project);
        project_remove(&project);
    }
}

static void damaged_logs_are_survived(void **state)
{
    static char text[TEXT_BYTES];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t length = 1 + next_random() % 2000;
        struct explanation explanation;
        json_t *json;

        for (size_t i = 0; i < length; i++) {
            static const char letters[] =
                "CONFIG_=y\n&/{};:  address region mcuboot --- A, E: rc 1";

            text[i] = letters[next_random() % (sizeof(letters) - 1)];
        }
        text[length] = '\0';
        if (round % 4 == 0)
            strcpy(text + length, "\nmcuboot:\n  address: 0x0\n&spi3 {\n\tx = <");
        ferry_explain_text(&explanation, "-", text, NULL);
        json = ferry_explain_json(&explanation);
        assert_non_null(json);
        json_decref(json);
        ferry_explain_free(&explanation);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(broken_yaml_is_a_sentence),
                                       cmocka_unit_test(deep_and_large_yaml_ends),
                                       cmocka_unit_test(a_bottomless_overlay_is_named),
                                       cmocka_unit_test(unreadable_things_are_named),
                                       cmocka_unit_test(a_missing_folder_is_a_sentence),
                                       cmocka_unit_test(damaged_files_are_survived),
                                       cmocka_unit_test(damaged_logs_are_survived)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
