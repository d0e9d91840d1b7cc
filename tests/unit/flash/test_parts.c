// SPDX-License-Identifier: Apache-2.0
/* The generated part table: what it must have, and that every row is a usable chip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/nor.h"

static const struct ferry_nor_part *find(const char *name)
{
    for (const struct ferry_nor_part *part = ferry_nor_parts; part->name; part++)
        if (strcmp(part->name, name) == 0)
            return part;
    fail_msg("%s is not in the table", name);
    return NULL;
}

static void test_parts_that_must_be_there(void **state)
{
    static const char *const names[] = {
        "MX25R6435F", "W25Q32",    "W25Q64",    "W25Q128",   "W25Q256",   "W25Q512JV",
        "IS25LP032",  "IS25LP064", "IS25LP128", "GD25Q16",   "GD25WB256", "MX25L25635",
        "N25Q256A",   "GD25Q64",   "EN25Q64",   "MT25QL512", "S25FL512S", "S25SL128-64K",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_non_null(find(names[i]));
    assert_memory_equal("\xc2\x28\x17", find("MX25R6435F")->id, 3);
    assert_true(find("MX25R6435F")->quirks & FERRY_NOR_MX25R);
    assert_int_equal(16, find("S25SL128-64K")->erase[0].size_log2);
    assert_int_equal(0, find("S25SL128-64K")->erase[1].size_log2);
    assert_int_equal(0x21, find("IS25WP256")->erase[0].opcode); /* takes four address bytes */
    assert_int_equal(0x20, find("W25Q512JV")->erase[0].opcode); /* in 4-byte mode */
}

static void check_row(const struct ferry_nor_part *part)
{
    uint8_t last = 11;

    assert_in_range(part->size_log2, 20, 31);
    assert_in_range(part->program_typ_us, 1, part->program_max_us);
    assert_in_range(part->program_max_us, 500, 20000);
    assert_int_equal(0, part->block_protect_mask & 0x83);
    assert_in_range(part->erase[0].size_log2, 12, 18);
    for (int i = 0; i < FERRY_FLASH_ERASE_TYPES && part->erase[i].size_log2; i++) {
        assert_in_range(part->erase[i].size_log2, last + 1, part->size_log2);
        last = part->erase[i].size_log2;
        assert_in_range(part->erase[i].typ_ms, 10, part->erase[i].max_ms);
        assert_in_range(part->erase[i].max_ms, 100, 6000);
    }
}

static void test_rows(void **state)
{
    (void)state;
    for (const struct ferry_nor_part *part = ferry_nor_parts; part->name; part++) {
        check_row(part);
        for (const struct ferry_nor_part *other = ferry_nor_parts; other != part; other++)
            assert_memory_not_equal(part->id, other->id, 3);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_that_must_be_there),
        cmocka_unit_test(test_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
