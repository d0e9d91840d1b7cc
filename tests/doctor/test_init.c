// SPDX-License-Identifier: Apache-2.0
/* Whatever `ferry init` writes, the doctor finds clean; what cannot work is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
// cmocka needs the headers above first
#include <cmocka.h>

#include "doctor/doctor.h"
#include "doctor/init.h"
#include "host/layout.h"

static const char *const transports[] = {"smp-ble", "smp-serial", "smp-udp", "http", "lwm2m"};
static const char *const versions[] = {"2.3", "2.5", "2.6", "2.7", "2.8", "2.9",
                                       "3.0", "3.1", "3.2", "3.3", "3.4"};
static const char *const modes[] = {NULL, "swap", "overwrite"};
static const char *const chips[] = {NULL, "IS25LP032D"};

static size_t planned;
static size_t refused;

static void print_all(const struct init_options *o, const struct doctor *doctor)
{
    fprintf(stderr, "%s %s %s mode %s%s%s chip %s:\n", o->board, o->transport, o->sdk,
            o->mode == NULL ? "-" : o->mode, o->both_cores ? " both cores" : "",
            o->wifi ? " wifi" : "", o->chip == NULL ? "-" : o->chip);
    for (const struct doctor_problem *one = doctor->problems; one != NULL; one = one->next)
        fprintf(stderr, "    problem: %s\n", one->text);
    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next)
        fprintf(stderr, "    %s %s: %s\n", severity_name(one->severity), one->rule->id,
                one->message);
}

/* The doctor over the files of a plan. true: external slot seen, nothing found. */
static bool is_clean(const struct init_options *options, const struct init_plan *plan)
{
    struct doctor_options none = {NULL, NULL, NULL};
    struct doctor doctor;
    bool clean;

    memset(&doctor, 0, sizeof(doctor));
    doctor.tree.arena = &doctor.arena;
    ferry_doctor_open_tree(&doctor, &none);
    for (const struct init_file *file = plan->files; file != NULL; file = file->next)
        tree_add_text(&doctor.tree, file->path, file->text);
    tree_sort(&doctor.tree);
    doctor_resolve(&doctor);
    ferry_doctor_check(&doctor);
    clean = doctor.problems == NULL && doctor.findings.count == 0 && doctor.case_count == 1 &&
            doctor.cases[0]->external && doctor.cases[0]->bootloader;
    if (!clean)
        print_all(options, &doctor);
    ferry_doctor_close(&doctor);
    return clean;
}

static const char *file_of(const struct init_plan *plan, const char *path)
{
    const struct init_file *file = plan->files;

    while (file != NULL && strcmp(file->path, path) != 0)
        file = file->next;
    return file == NULL ? "" : file->text;
}

/* What `ferry layout check` says of Ferry's own layout, and whether the header has its numbers. */
static bool layout_holds(const struct init_options *options, const struct init_plan *plan)
{
    const char *text = file_of(plan, "ferry/layout.yml");
    const char *header = file_of(plan, "ferry/ferry_layout.h");
    struct ferry_problem problem = {""};
    struct ferry_layout_file file;
    char numbers[200];
    bool good =
        ferry_layout_parse(&file, "layout.yml", text, strlen(text), NULL, &problem) == FERRY_OK &&
        file.findings == 0 && file.layout.slots == 3;

    snprintf(numbers, sizeof(numbers), ".internal_size = 0x%x,\n    .external_size = 0x%x,",
             file.layout.internal_size, file.layout.external_size);
    good = good && strstr(header, numbers) != NULL;
    snprintf(numbers, sizeof(numbers), ".primary = {0x%x, 0x%x},\n    .floor = {0x%x, 0x%x}",
             file.layout.primary.offset, file.layout.primary.length, file.layout.floor.offset,
             file.layout.floor.length);
    good = good && strstr(header, numbers) != NULL;
    if (!good)
        fprintf(stderr, "%s %s %s: %s%s\n%s", options->board, options->transport, options->sdk,
                problem.text, file.findings == 0 ? "" : file.finding[0].text, header);
    ferry_layout_free(&file);
    return good;
}

static size_t try_one(const struct init_options *options)
{
    struct ferry_arena arena = {NULL};
    struct init_plan plan;
    const char *refusal = NULL;
    size_t failed = 0;

    if (ferry_init_plan(&plan, &arena, options, &refusal)) {
        planned++;
        failed = !is_clean(options, &plan) || !layout_holds(options, &plan);
    } else {
        refused++;
        failed = refusal == NULL || strlen(refusal) < 20;
    }
    ferry_arena_free(&arena);
    return failed;
}

static size_t try_flags(struct init_options options)
{
    size_t failed = 0;

    for (size_t mode = 0; mode < 3; mode++) {
        for (unsigned flags = 0; flags < 4; flags++) {
            for (size_t chip = 0; chip < 2; chip++) {
                options.mode = modes[mode];
                options.both_cores = (flags & 1) != 0;
                options.wifi = (flags & 2) != 0;
                options.chip = chips[chip];
                failed += try_one(&options);
            }
        }
    }
    return failed;
}

static void every_product_is_clean(void **state)
{
    struct ferry_arena arena = {NULL};
    struct boards boards;
    size_t failed = 0;

    (void)state;
    boards_load(&boards, &arena);
    for (size_t b = 0; b < boards.count; b++) {
        for (size_t t = 0; t < sizeof(transports) / sizeof(transports[0]); t++) {
            for (size_t v = 0; v < sizeof(versions) / sizeof(versions[0]); v++) {
                struct init_options options = {
                    .board = boards.list[b].name, .transport = transports[t], .sdk = versions[v]};

                failed += try_flags(options);
            }
        }
    }
    printf("doctor.init_products %zu, refused %zu\n", planned, refused);
    ferry_arena_free(&arena);
    assert_true(planned > 400);
    assert_int_equal(failed, 0);
}

static void refuses(struct init_options options, const char *word)
{
    struct ferry_arena arena = {NULL};
    struct init_plan plan;
    const char *refusal = NULL;

    assert_false(ferry_init_plan(&plan, &arena, &options, &refusal));
    if (strstr(refusal, word) == NULL)
        fail_msg("\"%s\" does not say %s", refusal, word);
    ferry_arena_free(&arena);
}

static void what_cannot_work_is_refused(void **state)
{
    (void)state;
    refuses((struct init_options){.board = "thingy91", .transport = "http", .sdk = "2.9"},
            "no external flash");
    refuses(
        (struct init_options){
            .board = "nrf7002dk", .bus = "qspi", .transport = "smp-ble", .sdk = "2.9"},
        "Wi-Fi");
    refuses((struct init_options){.board = "nrf5340dk",
                                  .transport = "smp-ble",
                                  .sdk = "2.9",
                                  .mode = "swap",
                                  .both_cores = true},
            "cannot be swapped");
    refuses((struct init_options){.board = "nrf52840dk", .transport = "http", .sdk = "2.9"},
            "no network");
    refuses((struct init_options){.board = "nrf9160dk", .transport = "smp-ble", .sdk = "2.9"},
            "Bluetooth");
    refuses((struct init_options){.board = "nowhere", .transport = "http", .sdk = "2.9"},
            "known are");
    refuses(
        (struct init_options){
            .board = "nrf9160dk", .transport = "http", .sdk = "2.9", .chip = "W25Q64"},
        "carries");
    refuses((struct init_options){.board = "nrf9160dk", .transport = "http", .sdk = "2.1"}, "2.1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_product_is_clean),
                                       cmocka_unit_test(what_cannot_work_is_refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
