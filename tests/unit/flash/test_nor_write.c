// SPDX-License-Identifier: Apache-2.0
/* Programming and erasing: the right commands, in time, and every failure by its name. */
#include "bench.h"

#define KIB 0x400u
#define MIB 0x100000u

static int erase(struct bench *bench, uint32_t offset, uint32_t size)
{
    return bench->flash.api->erase(bench->flash.context, offset, size);
}

static int finish(struct bench *bench)
{
    return bench->flash.api->finish(bench->flash.context);
}

static int program(struct bench *bench, uint32_t offset, const void *data, uint32_t length)
{
    return bench->flash.api->program(bench->flash.context, offset, data, length);
}

static void fill_random(uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        data[i] = (uint8_t)rand();
}

/* Any offset and length: the bytes land where they belong, page by page. */
static void test_page_split(void **state)
{
    uint8_t data[2000];

    (void)state;
    bench_seed();
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        uint32_t at = 0;
        for (int round = 0; round < 20; round++) {
            uint32_t length = 1 + (uint32_t)rand() % sizeof data;
            uint32_t pages = (at + length - 1) / 256 - at / 256 + 1;
            fill_random(data, length);
            bench->chip->counts.programs = 0;
            assert_status(FERRY_OK, program(bench, at, data, length));
            assert_status(FERRY_OK, finish(bench));
            assert_in_range(bench->chip->counts.programs, pages - 1, pages); /* a rest of FF */
            assert_memory_equal(data, bench->chip->bytes + at, length);
            at += length + (uint32_t)rand() % 600;
        }
        assert_int_equal(0xFF, bench->chip->bytes[at + 2000]);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

static void test_erased_pages_are_skipped(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);
    uint8_t data[1024];

    (void)state;
    memset(data, 0xFF, sizeof data);
    data[0] = 0;
    data[700] = 1;
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_status(FERRY_OK, finish(bench));
    assert_int_equal(2, bench->chip->counts.programs);
    assert_memory_equal(data, bench->chip->bytes, sizeof data);
    bench_close(bench);
}

/* Each erase type erases exactly its block, also where only a 4-byte opcode reaches. */
static void test_erase_types(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        const struct ferry_geometry *g = bench->flash.geometry;

        for (uint32_t k = 0; k < g->erase_types; k++) {
            uint32_t size = g->erase[k].size;
            uint32_t at = g->size - 2 * size;
            memset(bench->chip->bytes + at - size, 0x11, 3 * size);
            bench->chip->counts.erases = 0;
            assert_status(FERRY_OK, erase(bench, at, size));
            assert_status(FERRY_OK, finish(bench));
            assert_int_equal(1, bench->chip->counts.erases);
            assert_int_equal(0x11, bench->chip->bytes[at - 1]);
            assert_int_equal(0xFF, bench->chip->bytes[at]);
            assert_int_equal(0xFF, bench->chip->bytes[at + size - 1]);
            assert_int_equal(0x11, bench->chip->bytes[at + size]);
            assert_status(FERRY_E_ARGUMENT, erase(bench, at + 256, size));
        }
        assert_status(FERRY_E_ARGUMENT, erase(bench, 0, 2 * KIB));
        assert_status(FERRY_E_ARGUMENT, erase(bench, 0, 0));
        bench_check_manners(bench);
        bench_close(bench);
    }
}

/* The slot that is staged: 64 KiB blocks in the middle, small ones at the ends. */
static void test_erase_selection(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);

    (void)state;
    memset(bench->chip->bytes, 0, 0x50000);
    assert_status(FERRY_OK, ferry_region_erase(&bench->all, 0xF000, 0x3A000));
    assert_int_equal(0, bench->chip->bytes[0xEFFF]);
    assert_status(FERRY_OK, ferry_region_compare(&bench->all, 0xF000, NULL, 0x3A000 - 0xF000));
    assert_int_equal(0, bench->chip->bytes[0x3A000]);
    assert_int_equal(1 + 2 + 1 + 2, bench->chip->counts.erases); /* 4, 2 x 64, 32, 2 x 4 KiB */
    bench_close(bench);

    bench = bench_started(&nor_s25sl12801);
    assert_status(FERRY_E_ARGUMENT, ferry_region_erase(&bench->all, 0x1000, 0x2000));
    assert_status(FERRY_OK, ferry_region_erase(&bench->all, 0x10000, 0x30000));
    assert_int_equal(2, bench->chip->counts.erases);
    bench_close(bench);
}

/* Erase returns at once; the next call waits. Two chips erase in the time of one. */
static void test_late_completion(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);
    struct ferry_nor other_nor;
    struct ferry_flash other_flash;
    struct nor_chip *other = nor_chip_new(&nor_mx25r6435f, &bench->time, 2);
    struct ferry_spi other_spi = nor_chip_spi(other);
    uint8_t byte = 0;

    (void)state;
    assert_status(FERRY_OK, ferry_nor_start(&other_nor, &other_spi, &bench->clock, &bench->options,
                                            &other_flash));
    uint64_t before = bench_us(bench);
    assert_status(FERRY_OK, erase(bench, 0, 64 * KIB));
    assert_in_range(bench_us(bench) - before, 1, 100);
    assert_status(FERRY_OK, other_flash.api->erase(other_flash.context, 0, 64 * KIB));
    assert_true(nor_chip_busy(bench->chip) && nor_chip_busy(other));
    assert_status(FERRY_OK, ferry_region_read(&bench->all, 0, &byte, 1));
    assert_int_equal(0xFF, byte);
    assert_in_range(bench_us(bench) - before, 160000, 210000);
    assert_status(FERRY_OK, other_flash.api->finish(other_flash.context));
    assert_in_range(bench_us(bench) - before, 480000, 560000); /* not 160 + 480 ms */
    bench_check_manners(bench);
    nor_chip_free(other);
    bench_close(bench);
}

/* At the longest times that the chip may take nothing times out, and the watchdog is fed. */
static void test_longest_times(void **state)
{
    uint8_t data[256] = {0};

    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        const struct ferry_geometry *g = bench->flash.geometry;

        bench->chip->timing = NOR_LONGEST;
        bench->time.hunger_ns = 0;
        for (uint32_t k = 0; k < g->erase_types; k++)
            assert_status(FERRY_OK, erase(bench, 0, g->erase[k].size));
        assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
        assert_status(FERRY_OK, finish(bench));
        assert_in_range(bench->time.hunger_ns, 1, 50000000);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

/* Programming keeps up with the chip: polls cost little. */
static void test_program_rate(void **state)
{
    static uint8_t data[64 * KIB];

    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        uint64_t pages = sizeof data / 256;
        uint64_t bound = pages * (bench->flash.geometry->program_typ_us + 256);

        assert_status(FERRY_OK, program(bench, 0, data, 256)); /* settles modes */
        assert_status(FERRY_OK, finish(bench));
        uint64_t before = bench_us(bench);
        assert_status(FERRY_OK, program(bench, 0x10000, data, sizeof data));
        assert_status(FERRY_OK, finish(bench));
        assert_in_range(bench_us(bench) - before, pages * nor_models[i]->program_typ_us,
                        bound + bound / 6);
        bench_close(bench);
    }
}

static void test_timeouts(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);
    uint8_t byte = 0;

    (void)state;
    assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
    bench->chip->faults.stuck_busy = true;
    uint64_t before = bench_us(bench);
    bench->time.hunger_ns = 0;
    assert_status(FERRY_E_TIMEOUT, finish(bench));
    assert_in_range(bench_us(bench) - before, 896000, 896000 * 5 / 4 + 30000);
    assert_in_range(bench->time.hunger_ns, 1, 50000000);
    /* Asked again it looks once more, and goes on where the chip does. */
    before = bench_us(bench);
    assert_status(FERRY_E_TIMEOUT, ferry_region_read(&bench->all, 0, &byte, 1));
    assert_in_range(bench_us(bench) - before, 1, 100);
    bench->chip->faults.stuck_busy = false;
    assert_status(FERRY_OK, ferry_region_read(&bench->all, 0, &byte, 1));
    bench_close(bench);
}

static void test_read_back(void **state)
{
    uint8_t data[300];

    (void)state;
    memset(data, 0x5A, sizeof data);
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        uint32_t block = bench->flash.geometry->erase[0].size;

        bench->chip->faults.deaf_program = true;
        assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
        assert_status(FERRY_OK, finish(bench)); /* nobody looked */
        bench->nor.options.read_back = true;
        assert_status(FERRY_E_READBACK, program(bench, 0, data, sizeof data));
        bench->chip->faults.deaf_program = false;
        assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
        bench->chip->faults.deaf_erase = true;
        assert_status(FERRY_OK, erase(bench, 0, block));
        assert_status(FERRY_E_READBACK, finish(bench));
        assert_status(FERRY_OK, finish(bench)); /* reported once */
        bench->chip->faults.deaf_erase = false;
        assert_status(FERRY_OK, erase(bench, 0, block));
        assert_status(FERRY_OK, finish(bench));
        bench_check_manners(bench);
        bench_close(bench);
    }
}

static void test_bad_cell(void **state)
{
    struct bench *bench = bench_open(&nor_is25wp256);
    uint8_t data[256];

    (void)state;
    bench->options.read_back = true;
    assert_status(FERRY_OK, bench_start(bench));
    memset(data, 0x81, sizeof data);
    bench->chip->faults.stuck_address = 0x2FF;
    bench->chip->faults.stuck_high = 0x02;
    assert_status(FERRY_OK, program(bench, 0x100, data, sizeof data));
    assert_status(FERRY_E_READBACK, program(bench, 0x200, data, sizeof data));
    bench->chip->faults.stuck_high = 0;
    bench->chip->faults.stuck_low = 0x01;
    assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
    assert_status(FERRY_E_READBACK, finish(bench));
    bench_close(bench);
}

/* Parts that report failures: the status says which, late, and once. */
static void test_failure_bits(void **state)
{
    static const struct nor_model *const models[] = {&nor_n25q256a, &nor_mx25r6435f,
                                                     &nor_mx25l25635e};
    uint8_t data[16] = {0};
    uint8_t byte = 0;

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        struct bench *bench = bench_started(models[i]);

        bench->chip->faults.fail_program = true;
        assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
        assert_status(FERRY_E_PROGRAM, ferry_region_read(&bench->all, 0, &byte, 1));
        assert_status(FERRY_OK, ferry_region_read(&bench->all, 0, &byte, 1));
        bench->chip->faults.fail_program = false;
        bench->chip->faults.fail_erase = true;
        assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
        assert_status(FERRY_E_ERASE, program(bench, 0, data, sizeof data));
        bench->chip->faults.fail_erase = false;
        assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
        assert_status(FERRY_OK, finish(bench));
        bench_check_manners(bench);
        bench_close(bench);
    }
}

/* Protection kept in the chip: only the blocks it covers are refused, and nothing is rewritten. */
static void test_protected_blocks(void **state)
{
    uint8_t data[100] = {0};

    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        const struct nor_model *model = nor_models[i];
        uint32_t block = model->erase[0].size;
        uint32_t top = model->size - block;

        if (!(model->traits & NOR_HAS_VOLATILE_STATUS)) {
            bench->chip->status = bench->chip->status_kept = 0x04; /* the topmost part */
            bench->chip->bytes[top + 9] = 0x77;
            assert_status(FERRY_E_PROTECTED, program(bench, top, data, sizeof data));
            assert_status(FERRY_OK, erase(bench, top, block));
            assert_status(FERRY_E_PROTECTED, finish(bench));
            assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
            assert_status(FERRY_OK, erase(bench, block, block));
            assert_status(FERRY_OK, finish(bench));
            assert_int_equal(0x04, bench->chip->status);
        }
        assert_in_range(bench->chip->counts.status_writes, 0,
                        model->traits & NOR_HAS_POWER_MODES ? 1 : 0);
        bench_close(bench);
    }
}

/* Where 50h works the protection is lifted for as long as the chip is not reset. */
static void test_protection_lifted(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);
    uint8_t data[100] = {0};

    (void)state;
    bench->chip->status = bench->chip->status_kept = 0x1C;
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_status(FERRY_OK, finish(bench));
    assert_memory_equal(data, bench->chip->bytes, sizeof data);
    assert_int_equal(0x1C, bench->chip->status_kept);
    assert_int_equal(0, bench->chip->counts.status_writes);
    bench_close(bench);

    /* The SFDP says that it can, so no table is needed. */
    bench = bench_open(&nor_w25q64jv);
    bench->options.table = NULL;
    bench->chip->status = bench->chip->status_kept = 0x1C;
    assert_status(FERRY_OK, bench_start(bench));
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_int_equal(0, bench->chip->status);
    bench_close(bench);

    /* Not on a chip that somebody else owns. */
    bench = bench_open(&nor_w25q64jv);
    bench->options.no_reset = true;
    bench->chip->status = bench->chip->status_kept = 0x1C;
    assert_status(FERRY_OK, bench_start(bench));
    assert_status(FERRY_E_PROTECTED, program(bench, 0, data, sizeof data));
    assert_int_equal(0x1C, bench->chip->status);
    bench_close(bench);
}

/* Write enable that does not latch is protection; a chip that is gone is not. */
static void test_write_enable(void **state)
{
    struct bench *bench = bench_started(&nor_w25q64jv);
    uint8_t data[4] = {0};

    (void)state;
    bench->chip->faults.no_write_enable = true;
    assert_status(FERRY_E_PROTECTED, program(bench, 0, data, sizeof data));
    assert_status(FERRY_E_PROTECTED, erase(bench, 0, 4 * KIB));
    bench->chip->faults.no_write_enable = false;
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_status(FERRY_OK, finish(bench));
    bench->chip->faults.presence = NOR_ABSENT_HIGH;
    assert_status(FERRY_E_NO_CHIP, program(bench, 16, data, sizeof data));
    bench->chip->faults.presence = NOR_ABSENT_LOW;
    assert_status(FERRY_E_NO_CHIP, program(bench, 16, data, sizeof data));
    bench->chip->faults.presence = NOR_PRESENT;
    assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
    bench->chip->faults.presence = NOR_ABSENT_HIGH; /* unplugged while it erases */
    uint64_t before = bench_us(bench);
    assert_status(FERRY_E_NO_CHIP, finish(bench));
    assert_in_range(bench_us(bench) - before, 1, 1000);
    bench_close(bench);
}

/* Above 16 MiB the bytes land above 16 MiB. */
static void test_big_addresses(void **state)
{
    static const struct nor_model *const models[] = {&nor_w25q256fv,   &nor_w25q512jv,
                                                     &nor_is25wp256,   &nor_mx66l1g45g,
                                                     &nor_mx25l25635e, &nor_n25q256a};
    uint8_t data[512];

    (void)state;
    for (int quirks = 0; quirks < 2; quirks++)
        for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
            struct bench *bench = bench_open(models[i]);
            bench->options.table = quirks ? &ferry_nor_table : NULL;
            assert_status(FERRY_OK, bench_start(bench));
            bench->chip->bytes[0x3000] = 0x3C;
            memset(data, (int)i + 1, sizeof data);
            memset(bench->chip->bytes + 0x1003000, 0, 0x1000);
            assert_status(FERRY_OK, ferry_region_erase(&bench->all, 0x1003000, 0x1004000));
            assert_status(FERRY_OK, program(bench, 0x1003080, data, sizeof data));
            assert_status(FERRY_OK, ferry_region_compare(&bench->all, 0x1003080, data, 512));
            assert_memory_equal(data, bench->chip->bytes + 0x1003080, sizeof data);
            assert_int_equal(0xFF, bench->chip->bytes[0x100307F]);
            assert_int_equal(0x3C, bench->chip->bytes[0x3000]); /* the same without the top byte */
            assert_int_equal(0xFF, bench->chip->bytes[0x3080]);
            bench_check_manners(bench);
            bench_close(bench);
        }
}

static void test_mx25r_power_mode(void **state)
{
    struct bench *bench = bench_started(&nor_mx25r6435f);
    uint8_t data[256] = {0};

    (void)state;
    assert_status(FERRY_OK, ferry_region_read(&bench->all, 0, data, sizeof data));
    assert_int_equal(0, bench->chip->configuration[1]); /* a boot changes nothing */
    memset(data, 0, sizeof data);
    bench->chip->status = bench->chip->status_kept = 0x40; /* quad enable stays */
    bench->chip->configuration[0] = 0x08;
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_int_equal(0x02, bench->chip->configuration[1]);
    assert_int_equal(0x08, bench->chip->configuration[0]);
    assert_int_equal(0x40, bench->chip->status_kept);
    assert_int_equal(1, bench->chip->counts.status_writes);
    assert_status(FERRY_OK, finish(bench));
    uint32_t before = bench->chip->counts.transactions;
    assert_status(FERRY_OK, program(bench, 256, data, sizeof data));
    assert_int_equal(3, bench->chip->counts.transactions - before); /* the mode is known now */
    assert_int_equal(1, bench->chip->counts.status_writes);
    bench_check_manners(bench);
    bench_close(bench);

    /* A shared chip keeps its mode; its slowest page is still in time. */
    bench = bench_open(&nor_mx25r6435f);
    bench->options.no_reset = true;
    bench->chip->timing = NOR_LONGEST;
    assert_status(FERRY_OK, bench_start(bench));
    assert_status(FERRY_OK, program(bench, 0, data, sizeof data));
    assert_status(FERRY_OK, finish(bench));
    assert_int_equal(0, bench->chip->configuration[1]);
    assert_int_equal(0, bench->chip->counts.status_writes);
    bench_close(bench);
}

/* An error of the bus at every transaction of a write; afterwards everything works again. */
static void test_bus_errors(void **state)
{
    uint8_t data[600];

    (void)state;
    memset(data, 0x33, sizeof data);
    for (uint32_t i = 1; i <= 40; i++) {
        struct bench *bench = bench_open(&nor_n25q256a);
        bench->options.read_back = true;
        assert_status(FERRY_OK, bench_start(bench));
        bench->chip->counts.transactions = 0;
        bench->chip->faults.bus_error_every = i;
        int status = program(bench, 100, data, sizeof data);
        if (status == FERRY_OK)
            status = erase(bench, 0x1000, 4 * KIB);
        if (status == FERRY_OK)
            status = finish(bench);
        assert_status(FERRY_E_IO, status);
        bench->chip->faults.bus_error_every = 0;
        finish(bench); /* may report what was under way */
        assert_status(FERRY_OK, erase(bench, 0, 4 * KIB));
        assert_status(FERRY_OK, program(bench, 100, data, sizeof data));
        assert_memory_equal(data, bench->chip->bytes + 100, sizeof data);
        bench_close(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_page_split),        cmocka_unit_test(test_erased_pages_are_skipped),
        cmocka_unit_test(test_erase_types),       cmocka_unit_test(test_erase_selection),
        cmocka_unit_test(test_late_completion),   cmocka_unit_test(test_longest_times),
        cmocka_unit_test(test_program_rate),      cmocka_unit_test(test_timeouts),
        cmocka_unit_test(test_read_back),         cmocka_unit_test(test_bad_cell),
        cmocka_unit_test(test_failure_bits),      cmocka_unit_test(test_protected_blocks),
        cmocka_unit_test(test_protection_lifted), cmocka_unit_test(test_write_enable),
        cmocka_unit_test(test_big_addresses),     cmocka_unit_test(test_mx25r_power_mode),
        cmocka_unit_test(test_bus_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
