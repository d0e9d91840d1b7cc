// SPDX-License-Identifier: Apache-2.0
/* Layouts: what they compile to, and what is said of a wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/layout.h"

/* A small layout that is right, as lines that a test can replace. */
#define MCUBOOT "mcuboot: {address: 0x0, size: 0x10000, region: flash_primary}\n"
#define FLOOR   "ferry_floor: {address: 0x10000, size: 0x2000, region: flash_primary}\n"
#define PRIMARY "mcuboot_primary: {address: 0x20000, size: 0x20000, region: flash_primary}\n"
#define JOURNAL "ferry_journal: {address: 0x0, size: 0x2000, region: external_flash}\n"
#define SLOT_0  "ferry_slot_0: {address: 0x10000, size: 0x20000, region: external_flash}\n"
#define SLOT_1  "ferry_slot_1: {address: 0x30000, size: 0x20000, region: external_flash}\n"
#define SLOT_2  "ferry_slot_2: {address: 0x50000, size: 0x20000, region: external_flash}\n"
#define GOOD    MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0 SLOT_1 SLOT_2

static int parse(struct ferry_layout_file *file, const char *text,
                 const struct ferry_layout_device *device, struct ferry_problem *problem)
{
    memset(problem, 0, sizeof(*problem));
    return ferry_layout_parse(file, "test.yml", text, strlen(text), device, problem);
}

static void a_good_layout_compiles(void **state)
{
    static const struct ferry_layout_device device = {
        .flash_base = 0x08000000, .internal_size = 0x40000, .external_size = 0x70000};
    struct ferry_layout_file file;
    struct ferry_problem problem;

    (void)state;
    if (parse(&file, GOOD, &device, &problem) != FERRY_OK)
        fail_msg("%s", problem.text);
    assert_int_equal(file.findings, 0);
    assert_int_equal(file.entries, 7);
    assert_int_equal(file.layout.primary_address, 0x08020000);
    assert_int_equal(file.layout.primary.offset, 0x20000);
    assert_int_equal(file.layout.primary.length, 0x20000);
    assert_int_equal(file.layout.floor.offset, 0x10000);
    assert_int_equal(file.layout.floor.length, 0x2000);
    assert_int_equal(file.layout.journal.offset, 0);
    assert_int_equal(file.layout.journal.length, 0x2000);
    assert_int_equal(file.layout.slots, 3);
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(file.layout.slot[i].offset, 0x10000 + 0x20000 * i);
        assert_int_equal(file.layout.slot[i].length, 0x20000);
    }
    assert_int_equal(file.layout.internal_size, 0x40000);
    assert_int_equal(file.layout.external_size, 0x70000);
    ferry_layout_free(&file);
}

/* The grammar of the partition manager: anchors, end_address, decimals, containers, no region. */
static void the_partition_managers_own_files_are_read(void **state)
{
    static const char text[] = "mcuboot:\n"
                               "  address: 0\n"
                               "  end_address: 0x10000\n"
                               "  placement:\n"
                               "    before:\n"
                               "    - mcuboot_primary\n"
                               "  size: 65536\n"
                               "mcuboot_pad: {address: 0x20000, size: 0x200}\n"
                               "app:\n"
                               "  address: 0x20200\n"
                               "  end_address: 0x40000\n"
                               "mcuboot_primary:\n"
                               "  address: 0x20000\n"
                               "  orig_span: &id001\n"
                               "  - app\n"
                               "  - mcuboot_pad\n"
                               "  size: 0x20000\n"
                               "  span: *id001\n"
                               "  region: flash_primary\n"
                               "sram: {address: 0x20000000, size: 0x40000, region: sram_primary}\n"
                               "others: {address: 0x2000, size: 0x1000, region: external_flash,\n"
                               "  device: MX25R64}\n" JOURNAL SLOT_0 SLOT_1;
    struct ferry_layout_file file;
    struct ferry_problem problem;

    (void)state;
    if (parse(&file, text, NULL, &problem) != FERRY_OK)
        fail_msg("%s", problem.text);
    assert_int_equal(file.layout.primary.offset, 0x20000);
    assert_int_equal(file.layout.internal_size, 0x40000);
    assert_int_equal(file.layout.floor.length, 0);
    assert_int_equal(ferry_layout_find(&file, "app")->size, 0x1FE00);
    assert_string_equal(ferry_layout_find(&file, "sram")->region, "sram_primary");
    assert_null(ferry_layout_find(&file, "nobody"));
    ferry_layout_free(&file);
}

struct mistake {
    const char *text;
    const char *sentence; /* in the first error, with its line */
};

static const struct mistake mistakes[] = {
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0 SLOT_1 "ferry_slot_0: {address: 0x50000, size: 0x1000}\n",
     "line 7: ferry_slot_0 is there twice"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0
     "ferry_slot_1: {address: 0x2f000, size: 0x21000, region: external_flash}\n",
     "line 6: ferry_slot_0 (0x10000 to 0x30000, line 5) and ferry_slot_1 (0x2f000 to 0x50000, line "
     "6) overlap in external_flash"},
    {GOOD "log: {address: 0x1000, size: 0x1000, region: external_flash}\n",
     "line 8: ferry_journal (0x0 to 0x2000, line 4) and log (0x1000 to 0x2000, line 8) overlap"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0
     "ferry_slot_1: {address: 0x30800, size: 0x20000, region: external_flash}\n",
     "line 6: ferry_slot_1 (0x30800, 0x20000 bytes) does not begin and end on an erase block"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0
     "ferry_slot_1: {address: 0x30000, size: 0x20100, region: external_flash}\n",
     "line 6: ferry_slot_1 (0x30000, 0x20100 bytes) does not begin and end on an erase block"},
    {MCUBOOT FLOOR PRIMARY SLOT_0 SLOT_1
     "ferry_journal: {address: 0x0, size: 0x1000, region: external_flash}\n",
     "line 6: ferry_journal has 0x1000 bytes; it needs at least 0x2000"},
    {MCUBOOT PRIMARY JOURNAL SLOT_0 SLOT_1
     "ferry_floor: {address: 0x10000, size: 0x1000, region: flash_primary}\n",
     "line 6: ferry_floor has 0x1000 bytes"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0 "ferry_slot_1: {address: 0x40000, size: 0x20000}\n",
     "line 6: ferry_slot_1 lies in flash_primary; it belongs into external_flash"},
    {MCUBOOT FLOOR JOURNAL SLOT_0 SLOT_1 "mcuboot_primary: {address: 0x80000, size: 0x20000, "
                                         "region: external_flash}\n",
     "line 6: mcuboot_primary lies in external_flash"},
    {MCUBOOT FLOOR JOURNAL SLOT_0 SLOT_1, "there is no 'mcuboot_primary'"},
    {MCUBOOT FLOOR PRIMARY SLOT_0 SLOT_1, "there is no 'ferry_journal'"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0, "there is one slot only"},
    {MCUBOOT FLOOR PRIMARY JOURNAL, "there are no slots"},
    {MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0 SLOT_2,
     "line 6: ferry_slot_2 is there, but no ferry_slot_1"},
    {GOOD "ferry_slot_3: {address: 0x70000, size: 0x20000, region: external_flash}\n"
          "ferry_slot_4: {address: 0x90000, size: 0x20000, region: external_flash}\n",
     "line 9: ferry_slot_4: slots are numbered 0 to 3"},
    {"mcuboot: {size: 0x1000}\n" GOOD, "line 1: mcuboot has no 'address'"},
    {"x: {address: 0x1000}\n" GOOD, "line 1: x has no 'size' and no 'end_address'"},
    {"x: {address: 0x2000, end_address: 0x1000}\n" GOOD, "line 1: x ends at 0x1000, before"},
    {"x: {address: 0x50000,\n size: 0x1000,\n end_address: 0x52000}\n" GOOD,
     "line 3: x: address 0x50000 and size 0x1000 end at 0x51000, but end_address says 0x52000"},
    {"x: {address: far, size: 1}\n" GOOD, "line 1: x: 'address' is no number"},
    {"x: {address: -1, size: 1}\n" GOOD, "line 1: x: 'address' is no number"},
    {"x: {address: 0, size: 0x100000000}\n" GOOD, "line 1: x: 'size' is no number"},
    {"x: {address: 0x50000, size: 1, size: 2}\n" GOOD, "line 1: x: 'size' is there twice"},
    {"x: {address: 0xfffff000, size: 0x2000}\n" GOOD, "line 1: x ends at 0x100001000"},
    {"x: 5\n" GOOD, "line 1: x is no entry"},
    {"- 1\n- 2\n", "this is no layout"},
    {"mcuboot: {address: 0\n", "line "},
    {"", "there is no 'mcuboot_primary'"},
};

static void each_mistake_has_its_sentence(void **state)
{
    struct ferry_layout_file file;
    struct ferry_problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        int status = parse(&file, mistakes[i].text, NULL, &problem);

        if (status != FERRY_E_LAYOUT || strstr(problem.text, mistakes[i].sentence) == NULL)
            fail_msg("%zu: %d '%s' does not say '%s'", i, status, problem.text,
                     mistakes[i].sentence);
        ferry_layout_free(&file);
    }
}

static void the_chips_bound_the_layout(void **state)
{
    struct ferry_layout_device device = {.external_size = 0x6FFFF};
    struct ferry_layout_file file;
    struct ferry_problem problem;

    (void)state;
    assert_int_equal(parse(&file, GOOD, &device, &problem), FERRY_E_LAYOUT);
    assert_non_null(strstr(problem.text, "line 7: ferry_slot_2 ends at 0x70000, past the end of "
                                         "the external flash"));
    ferry_layout_free(&file);
    device = (struct ferry_layout_device){.internal_size = 0x3F000};
    assert_int_equal(parse(&file, GOOD, &device, &problem), FERRY_E_LAYOUT);
    assert_non_null(strstr(problem.text, "line 3: mcuboot_primary ends at 0x40000"));
    ferry_layout_free(&file);
}

static void expect_warning(const char *text, const char *sentence)
{
    struct ferry_layout_file file;
    struct ferry_problem problem;
    bool found = false;

    if (parse(&file, text, NULL, &problem) != FERRY_OK)
        fail_msg("%s", problem.text);
    for (size_t i = 0; i < file.findings; i++) {
        assert_false(file.finding[i].error);
        found = found || strstr(file.finding[i].text, sentence) != NULL;
    }
    if (!found)
        fail_msg("no warning says '%s'", sentence);
    ferry_layout_free(&file);
}

static void what_is_legal_but_costs_is_said(void **state)
{
    (void)state;
    expect_warning(MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0 SLOT_1, "two slots: a new image takes");
    expect_warning(MCUBOOT PRIMARY JOURNAL SLOT_0 SLOT_1 SLOT_2, "no 'ferry_floor'");
    expect_warning(MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0
                   "ferry_slot_1: {address: 0x30000, size: 0x1f000, region: external_flash}\n",
                   "ferry_slot_1 (0x1f000 bytes) is smaller than mcuboot_primary");
    expect_warning(MCUBOOT FLOOR PRIMARY JOURNAL SLOT_0
                   "ferry_slot_1: {address: 0x31000, size: 0x20000, region: external_flash}\n",
                   "ferry_slot_1 does not begin on 64 KiB");
}

/* What every board of the project uses. */
static void the_projects_own_layouts_are_right(void **state)
{
    static const char *const names[] = {"posix", "ast1030"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct ferry_layout_file file;
        struct ferry_problem problem;
        char path[512];

        (void)snprintf(path, sizeof(path), "%s/data/layouts/%s.yml", FERRY_SOURCE_DIR, names[i]);
        if (ferry_layout_load(&file, path, NULL, &problem) != FERRY_OK)
            fail_msg("%s", problem.text);
        assert_int_equal(file.findings, 0);
        assert_int_equal(file.layout.slots, 3);
        ferry_layout_free(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_layout_compiles),
        cmocka_unit_test(the_partition_managers_own_files_are_read),
        cmocka_unit_test(each_mistake_has_its_sentence),
        cmocka_unit_test(the_chips_bound_the_layout),
        cmocka_unit_test(what_is_legal_but_costs_is_said),
        cmocka_unit_test(the_projects_own_layouts_are_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
