// SPDX-License-Identifier: Apache-2.0
/* A chip on a bench: model, clock, bus and driver together. */
#ifndef TEST_FLASH_BENCH_H
#define TEST_FLASH_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/nor.h"
#include "sim/nor_chip.h"
#include "sim/nor_models.h"

struct bench {
    struct sim_clock time;
    struct ferry_clock clock;
    struct nor_chip *chip;
    struct ferry_spi spi;
    struct ferry_nor_options options; /* the whole part table at first */
    struct ferry_nor nor;
    struct ferry_flash flash;
    struct ferry_region all; /* set by bench_start */
};

/* A bench with a new chip of this model. Ended by bench_close. */
struct bench *bench_open(const struct nor_model *model);
void bench_close(struct bench *bench);

/* Puts another chip of the same model on the bench. */
void bench_renew(struct bench *bench);

/* Starts the driver anew, as after a reset of the CPU: the chip keeps its state. */
int bench_start(struct bench *bench);

/* bench_open and a start that must succeed. */
struct bench *bench_started(const struct nor_model *model);

/* Microseconds of virtual time. */
uint64_t bench_us(const struct bench *bench);

/* FERRY_SEED, or one from the time; printed, so that a run can be repeated. */
unsigned bench_seed(void);

/* Fails unless the chip was treated by the book. */
void bench_check_manners(const struct bench *bench);

#define assert_status(expected, actual) assert_int_equal((expected), (actual))

#endif
