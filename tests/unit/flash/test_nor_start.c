// SPDX-License-Identifier: Apache-2.0
/* Finding out which chip is there, and that none, or a broken one, is. */
#include "bench.h"

#define ABSENT_LIMIT_US 5000u
#define BUSY_LIMIT_US   6500000u
#define MIB             0x100000u

/* With times; and IS25WP256's lacks the 4-byte opcodes that the part has. */
static bool has_complete_sfdp(const struct nor_model *model)
{
    return model == &nor_mx25r6435f || model == &nor_w25q64jv || model == &nor_w25q128jv ||
           model == &nor_w25q512jv;
}

static void test_every_model(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        const struct nor_model *model = nor_models[i];
        struct bench *bench = bench_started(model);
        const struct ferry_nor *nor = &bench->nor;

        print_message("%s: %s, %llu us\n", model->name, nor->name,
                      (unsigned long long)bench_us(bench));
        assert_int_equal(model->size, nor->chip.geometry.size);
        assert_int_equal(256, nor->chip.geometry.page);
        assert_int_equal(has_complete_sfdp(model), nor->from_sfdp);
        assert_non_null(nor->name);
        assert_memory_equal(model->id, nor->id, 3);
        assert_int_equal(model->erase[0].size, nor->chip.geometry.erase[0].size);
        assert_ptr_equal(&nor->chip.geometry, bench->flash.geometry);
        assert_in_range(bench_us(bench), 1, 2000);
        assert_int_equal(0, bench->chip->counts.status_writes);
        assert_int_equal(0, bench->chip->counts.programs + bench->chip->counts.erases);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

/* SFDP parts need no table; the others are unknown without it. */
static void test_without_table(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_open(nor_models[i]);
        bool has_sfdp = nor_models[i]->sfdp != NULL;

        bench->options.table = NULL;
        assert_status(has_sfdp ? FERRY_OK : FERRY_E_CHIP_UNKNOWN, bench_start(bench));
        assert_null(bench->nor.name);
        if (has_sfdp)
            assert_int_equal(nor_models[i]->size, bench->nor.chip.geometry.size);
        bench_close(bench);
    }
}

static void test_part_in_no_table(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->chip->faults.wrong_id = true;
    memcpy(bench->chip->faults.id, "\x5e\x40\x17", 3);
    assert_status(FERRY_OK, bench_start(bench));
    assert_null(bench->nor.name);
    assert_true(bench->nor.from_sfdp);
    bench_close(bench);

    bench = bench_open(&nor_w25q64bv);
    bench->chip->faults.wrong_id = true;
    memcpy(bench->chip->faults.id, "\x5e\x40\x17", 3);
    assert_status(FERRY_E_CHIP_UNKNOWN, bench_start(bench));
    bench_close(bench);
}

static void test_absent(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->chip->faults.presence = NOR_ABSENT_HIGH;
    assert_status(FERRY_E_NO_CHIP, bench_start(bench));
    assert_in_range(bench_us(bench), 1, ABSENT_LIMIT_US);
    bench_close(bench);

    bench = bench_open(&nor_w25q64jv);
    bench->chip->faults.presence = NOR_ABSENT_LOW;
    assert_status(FERRY_E_NO_CHIP, bench_start(bench));
    assert_in_range(bench_us(bench), 1, ABSENT_LIMIT_US);
    bench_close(bench);
}

static void test_floating(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->chip->faults.presence = NOR_FLOATING;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        uint64_t before = bench_us(bench);
        bench->chip->random = seed;
        assert_status(FERRY_E_FLOATING, bench_start(bench));
        assert_in_range(bench_us(bench) - before, 1, ABSENT_LIMIT_US);
    }
    bench_close(bench);
}

static void test_stuck_busy(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->chip->faults.stuck_busy = true;
    assert_status(FERRY_E_TIMEOUT, bench_start(bench));
    assert_in_range(bench_us(bench), 1, BUSY_LIMIT_US);
    assert_in_range(bench->time.hunger_ns, 1, 50000000); /* watchdog */
    bench_close(bench);
}

/* An error of the bus at every transaction there is. */
static void test_bus_errors(void **state)
{
    uint32_t transactions;

    (void)state;
    struct bench *bench = bench_started(&nor_w25q256fv);
    transactions = bench->chip->counts.transactions;
    bench_close(bench);
    for (uint32_t i = 1; i <= transactions; i++) {
        bench = bench_open(&nor_w25q256fv);
        bench->chip->faults.bus_error_every = i;
        assert_status(FERRY_E_IO, bench_start(bench));
        assert_int_equal(i, bench->chip->counts.transactions);
        bench_close(bench);
    }
}

static void test_sizes(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->options.needed_size = 8 * MIB;
    assert_status(FERRY_OK, bench_start(bench));
    bench->options.needed_size = 8 * MIB + 1;
    assert_status(FERRY_E_CHIP_SIZE, bench_start(bench));
    bench_close(bench);
}

/* A chip whose supply has just come up answers a little later. */
static void test_slow_power_up(void **state)
{
    struct bench *bench = bench_open(&nor_mx25r6435f);

    (void)state;
    nor_chip_power_off(bench->chip, NOR_TEAR_PREFIX, 0);
    bench->chip->power_up_us = 2000;
    nor_chip_power_on(bench->chip);
    assert_status(FERRY_OK, bench_start(bench));
    bench_close(bench);
}

static uint32_t erase_max_us(const struct bench *bench, uint32_t size)
{
    for (uint32_t i = 0; i < bench->nor.chip.geometry.erase_types; i++)
        if (bench->nor.chip.geometry.erase[i].size == size)
            return bench->nor.chip.geometry.erase[i].max_us;
    fail_msg("no erase of %u bytes", size);
    return 0;
}

/* An SFDP without times takes the times of the table, without table safe bounds. */
static void test_times(void **state)
{
    static const struct ferry_nor_part parts[] = {
        {.name = "mine", .id = {0xef, 0x40, 0x17}, .size_log2 = 23, .erase = {{16, 0xd8, 3, 4}}},
        {.name = NULL},
    };
    static const struct ferry_nor_table table = {&ferry_nor_table_api, parts};
    struct bench *bench = bench_started(&nor_w25q256fv);

    (void)state;
    assert_int_equal(4224, bench->nor.chip.geometry.program_max_us);
    assert_int_equal(704, bench->nor.chip.geometry.program_typ_us);
    assert_int_equal(896000, erase_max_us(bench, 0x1000));
    assert_int_equal(1792000, erase_max_us(bench, 0x8000));
    assert_int_equal(2240000, erase_max_us(bench, 0x10000));
    bench->options.table = NULL;
    assert_status(FERRY_OK, bench_start(bench));
    assert_int_equal(20000, bench->nor.chip.geometry.program_max_us);
    assert_in_range(erase_max_us(bench, 0x10000), 4000000, 8000000);
    bench_close(bench);

    /* The part's own times win over the row's. */
    bench = bench_open(&nor_w25q64jv);
    bench->options.table = &table;
    assert_status(FERRY_OK, bench_start(bench));
    assert_string_equal("mine", bench->nor.name);
    assert_int_equal(2240000, erase_max_us(bench, 0x10000));
    bench_close(bench);
}

static void test_table_instead_of_sfdp(void **state)
{
    static const struct ferry_nor_part parts[] = {
        {.name = "mine",
         .id = {0xef, 0x40, 0x17},
         .size_log2 = 20,
         .quirks = FERRY_NOR_NO_SFDP,
         .program_typ_us = 1,
         .program_max_us = 2,
         .erase = {{16, 0xd8, 3, 4}}},
        {.name = NULL},
    };
    static const struct ferry_nor_table table = {&ferry_nor_table_api, parts};
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    bench->options.table = &table;
    assert_status(FERRY_OK, bench_start(bench));
    assert_false(bench->nor.from_sfdp);
    assert_string_equal("mine", bench->nor.name);
    assert_int_equal(MIB, bench->nor.chip.geometry.size);
    assert_int_equal(1, bench->nor.chip.geometry.erase_types);
    assert_int_equal(4000, bench->nor.chip.geometry.erase[0].max_us);
    bench_close(bench);
}

/* A shared chip: no reset, no mode command, and no writes to any register. */
static void test_shared(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        const struct nor_model *model = nor_models[i];
        struct bench *bench = bench_open(model);
        bool mode_only = model->size > 16 * MIB && !(model->traits & NOR_HAS_4BYTE_OPCODES);

        bench->options.no_reset = true;
        assert_status(mode_only ? FERRY_E_UNSUPPORTED : FERRY_OK, bench_start(bench));
        assert_int_equal(0, bench->chip->counts.resets);
        assert_false(bench->chip->in_4byte_mode);
        assert_false(bench->chip->write_enabled);
        if (!mode_only)
            assert_status(FERRY_OK, ferry_nor_stop(&bench->nor));
        assert_int_equal(0, bench->chip->counts.resets);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

static void test_fast_read(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_open(nor_models[i]);
        uint32_t last = nor_models[i]->size - 1;
        uint8_t byte = 0;

        bench->spi.fast_read = true;
        bench->chip->bytes[last] = 0x42;
        assert_status(FERRY_OK, bench_start(bench));
        assert_status(FERRY_OK, ferry_region_read(&bench->all, last, &byte, 1));
        assert_int_equal(0x42, byte);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_model),
        cmocka_unit_test(test_without_table),
        cmocka_unit_test(test_part_in_no_table),
        cmocka_unit_test(test_absent),
        cmocka_unit_test(test_floating),
        cmocka_unit_test(test_stuck_busy),
        cmocka_unit_test(test_bus_errors),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_slow_power_up),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_table_instead_of_sfdp),
        cmocka_unit_test(test_shared),
        cmocka_unit_test(test_fast_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
