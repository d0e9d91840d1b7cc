// SPDX-License-Identifier: Apache-2.0
/* Decodes the tables of real chips, then feeds the parser bytes no chip would send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ferry/sfdp.h"

/* JEDEC tables published in device trees and kernel logs, and what they decode to. */
struct vector {
    const char *name;
    const char *basic;
    const char *table_4byte; /* NULL = none */
    uint32_t size;
    uint32_t page;
    uint32_t program_typ_us;
    uint32_t program_max_us;
    struct ferry_erase_type erase[FERRY_FLASH_ERASE_TYPES];
    uint8_t opcode[FERRY_FLASH_ERASE_TYPES];
    uint8_t address_bytes;
    uint8_t quad_enable;
    uint8_t enter_4byte;
    uint16_t wakeup_us;
    bool opcodes_4byte;
    bool unprotect_by_50h;
    bool has_times;
};

#define KIB 1024u
#define MIB (1024u * 1024u)

static const struct vector vectors[] = {
    {"MX25R6435F",
     "e520f1ffffffff0344eb086b083b04bbeeffffffffff00ffffff00ff0c200f52"
     "10d800ff2372f50082ed04cc4483684430b030b0f7c4d55c00be29fff0d0ffff",
     NULL,
     8 * MIB,
     256,
     896,
     5376,
     {{4 * KIB, 48000, 384000}, {32 * KIB, 240000, 1920000}, {64 * KIB, 480000, 3840000}},
     {0x20, 0x52, 0xd8},
     3,
     2,
     0,
     40,
     false,
     false,
     true},
    {"W25Q64JV",
     "e520f9ffffffff0344eb086b083b42bbfeffffffffff0000ffff40eb0c200f52"
     "10d800003602a60082ea14c4e96376337a757a75f7a2d55c19f74dffe930f880",
     NULL,
     8 * MIB,
     256,
     704,
     4224,
     {{4 * KIB, 64000, 896000}, {32 * KIB, 128000, 1792000}, {64 * KIB, 160000, 2240000}},
     {0x20, 0x52, 0xd8},
     3,
     4,
     0x80,
     3,
     false,
     true,
     true},
    {"W25Q128JV",
     "e520f9ffffffff0744eb086b083b42bbfeffffffffff0000ffff40eb0c200f52"
     "10d800003602a60082ea14c9e96376337a757a75f7a2d55c19f74dffe930f880",
     NULL,
     16 * MIB,
     256,
     704,
     4224,
     {{4 * KIB, 64000, 896000}, {32 * KIB, 128000, 1792000}, {64 * KIB, 160000, 2240000}},
     {0x20, 0x52, 0xd8},
     3,
     4,
     0x80,
     3,
     false,
     true,
     true},
    {"W25Q512JV",
     "e520fbffffffff1f44eb086b083b42bbfeffffffffff0000ffff40eb0c200f52"
     "10d800003602a60082ea14e2e96376337a757a75f7a2d55c19f74dffe970f9a5",
     "ff0af0ff21ffdcff",
     64 * MIB,
     256,
     704,
     4224,
     {{4 * KIB, 64000, 896000}, {64 * KIB, 160000, 2240000}},
     {0x21, 0xdc},
     7,
     4,
     0xa5,
     3,
     true,
     true,
     true},
    {"IS25WP256",
     "e520f9ffffffff0f44eb086b083b80bbfeffffffffff00ffffff44eb0c200f52"
     "10d800ff234ac90082d811cecccd68467a757a75f7aed55c4a422cfff030faa9",
     NULL,
     32 * MIB,
     256,
     200,
     1200,
     {{4 * KIB, 48000, 384000}, {32 * KIB, 160000, 1280000}, {64 * KIB, 304000, 2432000}},
     {0x20, 0x52, 0xd8},
     3,
     2,
     0xa9,
     15,
     false,
     false,
     true},
    {"MX66L1G45G",
     "e520fbffffffff3f44eb086b083b04bbfeffffffffff00ffffff44eb0c200f52"
     "10d800ffd649c50085df04e34403673830b030b0f7bdd55c4a9e29fff050f985",
     "7fefffff215cdcff",
     128 * MIB,
     256,
     256,
     3072,
     {{4 * KIB, 30000, 420000}, {32 * KIB, 160000, 2240000}, {64 * KIB, 288000, 4032000}},
     {0x21, 0x5c, 0xdc},
     7,
     2,
     0x85,
     30,
     true,
     false,
     true},
    /* Emulated W25Q256: the first edition, 9 double words, no times. */
    {"W25Q256, JESD216",
     "e520f3ffffffff0f44eb086b083b42bbfeffffffffff0000ffff21eb0c200f5210d80000",
     NULL,
     32 * MIB,
     256,
     0,
     20000,
     {{4 * KIB, 0, 2249856}, {32 * KIB, 0, 3998848}, {64 * KIB, 0, 5997696}},
     {0x20, 0x52, 0xd8},
     7,
     0xff,
     0,
     0,
     false,
     false,
     false},
    /* Emulated N25Q256A: no 32 KiB erase. */
    {"N25Q256A, JESD216",
     "e520fbffffffff0f29eb276b083b27bbffffffffffff27bbffff29eb0c2010d800000000",
     NULL,
     32 * MIB,
     256,
     0,
     20000,
     {{4 * KIB, 0, 2249856}, {64 * KIB, 0, 5997696}},
     {0x20, 0xd8},
     7,
     0xff,
     0,
     0,
     false,
     false,
     false},
};

static size_t unhex(const char *text, uint8_t *bytes)
{
    size_t length = text ? strlen(text) / 2 : 0;

    for (size_t i = 0; i < length; i++) {
        char digits[3] = {text[2 * i], text[2 * i + 1], 0};
        bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return length;
}

static void check_vector(const struct vector *v)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    uint8_t table_4byte[FERRY_SFDP_4BYTE_MAX];
    struct ferry_sfdp sfdp;
    size_t length = unhex(v->basic, basic);
    size_t length_4byte = unhex(v->table_4byte, table_4byte);

    assert_int_equal(FERRY_OK, ferry_sfdp_decode(basic, length, length_4byte ? table_4byte : NULL,
                                                 length_4byte, &sfdp));
    assert_int_equal(v->size, sfdp.geometry.size);
    assert_int_equal(1, sfdp.geometry.write_unit);
    assert_int_equal(0xFF, sfdp.geometry.erased);
    assert_int_equal(v->page, sfdp.geometry.page);
    assert_int_equal(v->program_typ_us, sfdp.geometry.program_typ_us);
    assert_int_equal(v->program_max_us, sfdp.geometry.program_max_us);
    assert_memory_equal(v->erase, sfdp.geometry.erase, sizeof v->erase);
    assert_memory_equal(v->opcode, sfdp.erase_opcode, sizeof v->opcode);
    assert_int_equal(v->erase[2].size ? 3 : 2, sfdp.geometry.erase_types);
    assert_int_equal(v->address_bytes, sfdp.address_bytes);
    assert_int_equal(v->quad_enable, sfdp.quad_enable);
    assert_int_equal(v->enter_4byte, sfdp.enter_4byte);
    assert_int_equal(v->wakeup_us, ferry_sfdp_wakeup_us(basic, length));
    assert_int_equal(v->opcodes_4byte, sfdp.opcodes_4byte);
    assert_int_equal(v->unprotect_by_50h, sfdp.unprotect_by_50h);
    assert_int_equal(v->has_times, sfdp.has_times);
    assert_true(!v->has_times || (ferry_sfdp_soft_reset(basic, length) & FERRY_SFDP_RESET_66_99));
}

static void test_real_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        print_message("%s\n", vectors[i].name);
        check_vector(&vectors[i]);
    }
}

/* A table to change: W25Q64JV. */
static size_t good_table(uint8_t basic[FERRY_SFDP_BASIC_MAX])
{
    return unhex(vectors[1].basic, basic);
}

static int decode(const uint8_t *basic, size_t length, struct ferry_sfdp *sfdp)
{
    return ferry_sfdp_decode(basic, length, NULL, 0, sfdp);
}

static void put_density(uint8_t *basic, uint32_t density)
{
    for (int i = 0; i < 4; i++)
        basic[4 + i] = (uint8_t)(density >> (8 * i));
}

static void test_sizes(void **state)
{
    static const struct {
        uint32_t density;
        uint32_t size; /* 0 = refused */
    } cases[] = {
        {0x03FFFFFF, 8 * MIB},
        {0x80000000 | 32, 512 * MIB},
        {0x80000000 | 33, 1024 * MIB},
        {0x80000000 | 34, 0x80000000},
        {0x80000000 | 35, 0},
        {0x80000000 | 63, 0},
        {0xFFFFFFFF, 0},
        {0, 0},
        {0x03FFFFFE, 0},
        {0x7FFFFFFF, 256 * MIB},
        {0x80000000 | 15, 0},
        {0x017FFFFF, 3 * MIB},
        {0x017FFF07, 0},
        {0x80000000, 0},
    };
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    struct ferry_sfdp sfdp;
    size_t length = good_table(basic);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_density(basic, cases[i].density);
        int status = decode(basic, length, &sfdp);
        assert_int_equal(cases[i].size ? FERRY_OK : FERRY_E_CHIP_UNKNOWN, status);
        if (cases[i].size)
            assert_int_equal(cases[i].size, sfdp.geometry.size);
    }
}

static void test_erase_types_are_sorted_and_sane(void **state)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    struct ferry_sfdp sfdp;
    size_t length = good_table(basic);
    /* 64K, 256 bytes (too small), 4K, 64K again */
    static const uint8_t types[8] = {16, 0xd8, 8, 0x81, 12, 0x20, 16, 0xdc};

    (void)state;
    memcpy(basic + 28, types, 8);
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_int_equal(2, sfdp.geometry.erase_types);
    assert_int_equal(4 * KIB, sfdp.geometry.erase[0].size);
    assert_int_equal(0x20, sfdp.erase_opcode[0]);
    assert_int_equal(160000, sfdp.geometry.erase[0].typ_us); /* of type 3 */
    assert_int_equal(64 * KIB, sfdp.geometry.erase[1].size);
    assert_int_equal(0xd8, sfdp.erase_opcode[1]);
    assert_int_equal(64000, sfdp.geometry.erase[1].typ_us); /* of type 1 */

    basic[0] |= 3; /* 4 KiB not throughout the device */
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_int_equal(1, sfdp.geometry.erase_types);
    assert_int_equal(64 * KIB, sfdp.geometry.erase[0].size);

    memset(basic + 28, 0, 8);
    assert_int_equal(FERRY_E_CHIP_UNKNOWN, decode(basic, length, &sfdp));
    memset(basic + 28, 0xFF, 8);
    assert_int_equal(FERRY_E_CHIP_UNKNOWN, decode(basic, length, &sfdp));
}

static void test_times_are_bounded(void **state)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    struct ferry_sfdp sfdp;
    size_t length = good_table(basic);

    (void)state;
    memset(basic + 36, 0xFF, 8);
    basic[36] = 0xFE; /* given, and absurd: 32 s, times 30 */
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    for (int i = 0; i < 3; i++)
        assert_int_equal(30000000, sfdp.geometry.erase[i].max_us);
    assert_false(sfdp.has_times);
    memset(basic + 36, 0, 8);
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_false(sfdp.has_times);
    assert_int_equal(0, sfdp.geometry.erase[0].typ_us);
    assert_in_range(sfdp.geometry.erase[0].max_us, 1000000, 3000000);
    assert_int_equal(256, sfdp.geometry.page);
    basic[0] &= (uint8_t)~4; /* byte programming */
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_int_equal(1, sfdp.geometry.page);
}

/* The 4-byte table counts above 16 MiB, where it is whole and lists what is needed. */
static void test_4byte_table(void **state)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    uint8_t table[FERRY_SFDP_4BYTE_MAX];
    struct ferry_sfdp sfdp;
    size_t length = good_table(basic);

    (void)state;
    assert_int_equal(8, unhex("7fefffff215cdcff", table));
    assert_int_equal(FERRY_OK, ferry_sfdp_decode(basic, length, table, 8, &sfdp));
    assert_false(sfdp.opcodes_4byte); /* 8 MiB */
    assert_int_equal(0x20, sfdp.erase_opcode[0]);
    put_density(basic, 0x0FFFFFFF);
    assert_int_equal(FERRY_OK, ferry_sfdp_decode(basic, length, table, 8, &sfdp));
    assert_true(sfdp.opcodes_4byte);
    assert_int_equal(0x21, sfdp.erase_opcode[0]);
    assert_int_equal(FERRY_OK, ferry_sfdp_decode(basic, length, table, 7, &sfdp));
    assert_false(sfdp.opcodes_4byte);
    table[0] = 0x3F; /* no page program 12h */
    assert_int_equal(FERRY_OK, ferry_sfdp_decode(basic, length, table, 8, &sfdp));
    assert_false(sfdp.opcodes_4byte);
    assert_int_equal(0x20, sfdp.erase_opcode[0]);
    table[0] = 0x7F;
    table[1] = 0xE1; /* no erase type at all */
    assert_int_equal(FERRY_E_CHIP_UNKNOWN, ferry_sfdp_decode(basic, length, table, 8, &sfdp));
}

/* Where a status write of one byte clears the quad enable bit, protection stays. */
static void test_unprotect_and_quad_enable(void **state)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    struct ferry_sfdp sfdp;
    size_t length = good_table(basic);

    (void)state;
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_true(sfdp.unprotect_by_50h);
    basic[58] = (uint8_t)((basic[58] & 0x8F) | 0x10); /* QER 1 */
    assert_int_equal(FERRY_OK, decode(basic, length, &sfdp));
    assert_int_equal(1, sfdp.quad_enable);
    assert_false(sfdp.unprotect_by_50h);
}

/* Every length from nothing to the whole table: short ones refused, the others without surprises.
 */
static void test_truncated(void **state)
{
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    struct ferry_sfdp sfdp;
    size_t full = good_table(basic);

    (void)state;
    for (size_t length = 0; length <= full; length++) {
        uint8_t *exact = malloc(length + 1); /* the sanitizers see reads past `length` */
        assert_non_null(exact);
        memcpy(exact, basic, length);
        int status = decode(exact, length, &sfdp);
        assert_int_equal(length < 36 ? FERRY_E_CHIP_UNKNOWN : FERRY_OK, status);
        if (status == FERRY_OK)
            assert_int_equal(length >= 44, sfdp.has_times);
        free(exact);
    }
}

static void test_header(void **state)
{
    uint8_t header[24] = {'S',  'F', 'D', 'P',  6,    1, 1, 0xFF, 0x00, 6,    1,    16,
                          0x30, 0,   0,   0xFF, 0x84, 0, 1, 2,    0xd0, 0x01, 0x02, 0xFF};
    uint32_t offset = 0;
    uint32_t length = 0;

    (void)state;
    assert_int_equal(FERRY_OK, ferry_sfdp_find(header, 24, FERRY_SFDP_BASIC, &offset, &length));
    assert_int_equal(0x30, offset);
    assert_int_equal(64, length);
    assert_int_equal(FERRY_OK, ferry_sfdp_find(header, 24, FERRY_SFDP_4BYTE, &offset, &length));
    assert_int_equal(0x0201d0, offset);
    assert_int_equal(8, length);
    /* listed, but not among the bytes that were read */
    assert_int_equal(FERRY_E_CHIP_UNKNOWN,
                     ferry_sfdp_find(header, 23, FERRY_SFDP_4BYTE, &offset, &length));
    header[6] = 0; /* one table only: what follows is not a header */
    assert_int_equal(FERRY_E_CHIP_UNKNOWN,
                     ferry_sfdp_find(header, 24, FERRY_SFDP_4BYTE, &offset, &length));
    header[6] = 255;
    assert_int_equal(FERRY_OK, ferry_sfdp_find(header, 24, FERRY_SFDP_4BYTE, &offset, &length));
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(FERRY_E_CHIP_UNKNOWN,
                         ferry_sfdp_find(header, i, FERRY_SFDP_BASIC, &offset, &length));
    header[0] = 's';
    assert_int_equal(FERRY_E_CHIP_UNKNOWN,
                     ferry_sfdp_find(header, 24, FERRY_SFDP_BASIC, &offset, &length));
}

static bool is_power_of_two(uint32_t value)
{
    return value != 0 && (value & (value - 1)) == 0;
}

/* What the driver builds on, whatever the chip says. */
static void check_invariants(const struct ferry_sfdp *sfdp)
{
    const struct ferry_geometry *g = &sfdp->geometry;

    assert_in_range(g->erase_types, 1, FERRY_FLASH_ERASE_TYPES);
    assert_true(is_power_of_two(g->page));
    assert_in_range(g->program_max_us, 1, 1000000);
    assert_int_equal(0, g->size % g->erase[0].size);
    for (uint32_t i = 0; i < g->erase_types; i++) {
        assert_true(is_power_of_two(g->erase[i].size));
        assert_in_range(g->erase[i].size, 4 * KIB, g->size);
        assert_in_range(g->erase[i].max_us, 1, 30000000);
        assert_true(i == 0 || g->erase[i].size > g->erase[i - 1].size);
    }
}

/* Random tables, and real ones with random bytes changed. FERRY_SEED replays a run. */
static void test_garbage(void **state)
{
    const char *given = getenv("FERRY_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);
    uint8_t basic[FERRY_SFDP_BASIC_MAX];
    uint8_t table_4byte[FERRY_SFDP_4BYTE_MAX];
    struct ferry_sfdp sfdp;
    uint32_t offset;
    uint32_t table_length;
    unsigned accepted = 0;

    (void)state;
    print_message("FERRY_SEED=%u\n", seed);
    srand(seed);
    for (int round = 0; round < 200000; round++) {
        size_t length = good_table(basic);
        int changes = rand() % 80;
        for (int i = 0; i < changes; i++)
            basic[(size_t)rand() % sizeof basic] = (uint8_t)rand();
        for (size_t i = 0; i < sizeof table_4byte; i++)
            table_4byte[i] = (uint8_t)rand();
        length = (size_t)rand() % (length + 1);
        if (ferry_sfdp_decode(basic, length, table_4byte, (size_t)rand() % 9, &sfdp) == FERRY_OK) {
            check_invariants(&sfdp);
            accepted++;
        }
        memcpy(basic, "SFDP", 4);
        ferry_sfdp_find(basic, length, FERRY_SFDP_4BYTE, &offset, &table_length);
    }
    assert_in_range(accepted, 1000, 199000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_tables),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_erase_types_are_sorted_and_sane),
        cmocka_unit_test(test_times_are_bounded),
        cmocka_unit_test(test_4byte_table),
        cmocka_unit_test(test_unprotect_and_quad_enable),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
