// SPDX-License-Identifier: Apache-2.0
/* What an earlier life leaves in a chip that has no reset line, and what Ferry leaves in it. */
#include "bench.h"

#define MIB 0x100000u

static void send(struct bench *bench, uint8_t opcode)
{
    struct ferry_spi_transfer transfer = {.opcode = opcode, .data_lines = 1};

    assert_status(FERRY_OK, bench->spi.transfer(bench->spi.context, &transfer));
}

static void send_address(struct bench *bench, uint8_t opcode, uint32_t address)
{
    struct ferry_spi_transfer transfer = {
        .opcode = opcode, .data_lines = 1, .address_bytes = 3, .address = address};

    assert_status(FERRY_OK, bench->spi.transfer(bench->spi.context, &transfer));
}

static void check_reads(struct bench *bench, uint32_t at)
{
    uint8_t byte = 0;

    bench->chip->bytes[at] = 0xA7;
    assert_status(FERRY_OK, ferry_region_read(&bench->all, at, &byte, 1));
    assert_int_equal(0xA7, byte);
}

/* The core was reset during an erase: the start waits for its end and nothing is torn. */
static void test_busy_erase(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_open(nor_models[i]);
        const struct nor_erase_model *erase = nor_models[i]->erase;

        while (erase[1].size)
            erase++;
        memset(bench->chip->bytes, 0, erase->size);
        bench->chip->timing = NOR_LONGEST;
        send(bench, 0x06);
        send_address(bench, erase->opcode, 0);
        assert_true(nor_chip_busy(bench->chip));
        sim_clock_advance_ns(&bench->time, 1000000);
        bench->time.hunger_ns = 0;
        assert_status(FERRY_OK, bench_start(bench));
        assert_in_range(bench_us(bench), erase->max_us, erase->max_us + 10000);
        assert_in_range(bench->time.hunger_ns, 1, 50000000);
        assert_status(FERRY_OK, ferry_region_compare(&bench->all, 0, NULL, erase->size));
        bench_close(bench);
    }
}

/* Longer than any block erase: somebody else's chip erase. It is broken off, and the chip works. */
static void test_busy_for_minutes(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    send(bench, 0x06);
    send_address(bench, 0xd8, 0);
    bench->chip->operation.ends_ns += UINT64_C(100000000000);
    assert_status(FERRY_OK, bench_start(bench));
    assert_in_range(bench_us(bench), 5000000, 7000000);
    check_reads(bench, 0x123456);
    bench_close(bench);

    /* On a shared chip it is not ours to break off. */
    bench = bench_open(&nor_w25q64jv);
    bench->options.no_reset = true;
    send(bench, 0x06);
    send_address(bench, 0xd8, 0);
    bench->chip->operation.ends_ns += UINT64_C(100000000000);
    assert_status(FERRY_E_TIMEOUT, bench_start(bench));
    assert_true(nor_chip_busy(bench->chip));
    bench_close(bench);
}

static void test_power_down(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_open(nor_models[i]);

        send(bench, 0xB9);
        sim_clock_advance_ns(&bench->time, 1000000);
        assert_status(FERRY_OK, bench_start(bench));
        assert_false(bench->chip->asleep);
        assert_int_equal(0, bench->chip->violations.while_asleep);
        check_reads(bench, 77);
        bench_close(bench);
    }
}

static void test_4byte_mode(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_open(nor_models[i]);

        if (nor_models[i]->traits & NOR_HAS_4BYTE_MODE) {
            bench->chip->in_4byte_mode = true;
            assert_status(FERRY_OK, bench_start(bench));
            check_reads(bench, 77);
            check_reads(bench, nor_models[i]->size - 1);
            bench_check_manners(bench);
        }
        bench_close(bench);
    }
}

static void test_suspended_erase(void **state)
{
    struct bench *bench = bench_open(&nor_w25q64jv);

    (void)state;
    send(bench, 0x06);
    send_address(bench, 0xd8, 0);
    sim_clock_advance_ns(&bench->time, 1000000);
    send(bench, 0x75);
    assert_int_equal(NOR_ERASE, bench->chip->suspended.kind);
    assert_status(FERRY_OK, bench_start(bench));
    assert_int_equal(NOR_IDLE, bench->chip->suspended.kind);
    assert_status(FERRY_OK, ferry_region_erase(&bench->all, 0, 0x10000));
    assert_status(FERRY_OK, ferry_region_compare(&bench->all, 0, NULL, 0x10000));
    bench_close(bench);
}

/* Random leftovers of all kinds, on all models. */
static void test_random_leftovers(void **state)
{
    (void)state;
    bench_seed();
    for (int round = 0; round < 120; round++) {
        const struct nor_model *model = nor_models[rand() % NOR_MODELS];
        struct bench *bench = bench_open(model);
        struct nor_chip *chip = bench->chip;

        assert_non_null(model);
        chip->random = (uint64_t)rand();
        chip->timing = NOR_RANDOM;
        chip->write_enabled = rand() % 2;
        chip->in_4byte_mode = (model->traits & NOR_HAS_4BYTE_MODE) && rand() % 2;
        chip->volatile_enabled = rand() % 2;
        chip->reset_enabled = rand() % 2;
        if (rand() % 3 == 0) {
            send(bench, 0x06);
            struct ferry_spi_transfer erase = {.opcode = model->erase[0].opcode,
                                               .data_lines = 1,
                                               .address_bytes = chip->in_4byte_mode ? 4 : 3};
            assert_status(FERRY_OK, bench->spi.transfer(bench->spi.context, &erase));
        } else {
            chip->asleep = rand() % 2;
        }
        assert_status(FERRY_OK, bench_start(bench));
        check_reads(bench, (uint32_t)rand() % model->size);
        assert_status(FERRY_OK, ferry_nor_stop(&bench->nor));
        assert_false(chip->in_4byte_mode);
        bench_close(bench);
    }
}

/* What stop leaves: idle, awake, three bytes, protection and power mode as they were. */
static void test_stop(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        struct nor_chip *chip = bench->chip;
        uint8_t data[4] = {1, 2, 3, 4};

        chip->status_kept = chip->status = 0x04;
        assert_status(FERRY_OK, ferry_region_program(&bench->all, 100, data, sizeof data));
        if (nor_models[i]->traits & NOR_HAS_VOLATILE_STATUS)
            assert_int_equal(0, chip->status);
        assert_status(FERRY_OK, ferry_nor_stop(&bench->nor));
        assert_false(nor_chip_busy(chip));
        assert_false(chip->in_4byte_mode);
        assert_false(chip->asleep);
        assert_false(chip->write_enabled);
        assert_int_equal(0x04, chip->status_kept);
        if (nor_models[i]->traits & NOR_HAS_RESET)
            assert_int_equal(0x04, chip->status);
        assert_int_equal(0, chip->configuration[1]);
        assert_memory_equal(data, chip->bytes + 100, sizeof data);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

static void test_stop_reports(void **state)
{
    struct bench *bench = bench_started(&nor_n25q256a);

    (void)state;
    bench->chip->faults.fail_erase = true;
    assert_status(FERRY_OK, bench->flash.api->erase(bench->flash.context, 0, 0x1000));
    assert_status(FERRY_E_ERASE, ferry_nor_stop(&bench->nor));
    assert_false(bench->chip->in_4byte_mode);
    bench_close(bench);
}

static void test_sleep(void **state)
{
    (void)state;
    for (int i = 0; nor_models[i]; i++) {
        struct bench *bench = bench_started(nor_models[i]);
        uint8_t data[2] = {9, 8};

        assert_status(FERRY_OK, ferry_region_program(&bench->all, 0, data, 2));
        assert_status(FERRY_OK, ferry_nor_sleep(&bench->nor));
        assert_true(bench->chip->asleep);
        assert_memory_equal(data, bench->chip->bytes, 2);
        assert_status(FERRY_OK, ferry_region_compare(&bench->all, 0, data, 2));
        assert_false(bench->chip->asleep);
        assert_status(FERRY_OK, ferry_nor_sleep(&bench->nor));
        assert_status(FERRY_OK, ferry_region_program(&bench->all, 2, data, 2));
        assert_status(FERRY_OK, ferry_nor_sleep(&bench->nor));
        assert_status(FERRY_OK, ferry_nor_stop(&bench->nor));
        assert_false(bench->chip->asleep);
        bench_check_manners(bench);
        bench_close(bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busy_erase),
        cmocka_unit_test(test_busy_for_minutes),
        cmocka_unit_test(test_power_down),
        cmocka_unit_test(test_4byte_mode),
        cmocka_unit_test(test_suspended_erase),
        cmocka_unit_test(test_random_leftovers),
        cmocka_unit_test(test_stop),
        cmocka_unit_test(test_stop_reports),
        cmocka_unit_test(test_sleep),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
