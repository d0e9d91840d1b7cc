// SPDX-License-Identifier: Apache-2.0
#include "bench.h"

#include <time.h>

struct bench *bench_open(const struct nor_model *model)
{
    struct bench *bench = calloc(1, sizeof *bench);

    assert_non_null(bench);
    sim_clock_start(&bench->time, &bench->clock);
    bench->chip = nor_chip_new(model, &bench->time, 1);
    bench->spi = nor_chip_spi(bench->chip);
    bench->options.table = &ferry_nor_table;
    return bench;
}

void bench_close(struct bench *bench)
{
    nor_chip_free(bench->chip);
    free(bench);
}

void bench_renew(struct bench *bench)
{
    const struct nor_model *model = bench->chip->model;

    nor_chip_free(bench->chip);
    bench->chip = nor_chip_new(model, &bench->time, 1);
    bench->spi.context = bench->chip;
}

int bench_start(struct bench *bench)
{
    int status =
        ferry_nor_start(&bench->nor, &bench->spi, &bench->clock, &bench->options, &bench->flash);

    bench->all = (struct ferry_region){&bench->flash, 0, bench->nor.chip.geometry.size};
    return status;
}

struct bench *bench_started(const struct nor_model *model)
{
    struct bench *bench = bench_open(model);

    assert_status(FERRY_OK, bench_start(bench));
    return bench;
}

uint64_t bench_us(const struct bench *bench)
{
    return sim_clock_us(&bench->time);
}

unsigned bench_seed(void)
{
    const char *given = getenv("FERRY_SEED");
    unsigned seed = given ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);

    print_message("FERRY_SEED=%u\n", seed);
    srand(seed);
    return seed;
}

void bench_check_manners(const struct bench *bench)
{
    const struct nor_violations *v = &bench->chip->violations;

    assert_int_equal(0, v->while_busy);
    assert_int_equal(0, v->while_asleep);
    assert_int_equal(0, v->without_write_enable);
    assert_int_equal(0, v->page_wrap);
    assert_int_equal(0, v->misaligned_erase);
    assert_int_equal(0, v->overprogram);
    assert_int_equal(0, v->past_end);
    assert_int_equal(0, v->framing);
    assert_int_equal(0, v->unknown_opcode);
}
