// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ferry/flash.h"
#include "sim/memflash.h"

#define SIZE  0x40000u
#define BLOCK 0x1000u

struct device {
    struct memflash memory;
    struct ferry_flash flash;
    uint8_t bytes[SIZE];
    int calls;
    int fail_at; /* the call that fails, 0 = none */
};

static int count_call(void *context, struct memflash *flash, enum memflash_op op, uint32_t offset,
                      const uint8_t *data, uint32_t length)
{
    struct device *device = context;

    (void)flash;
    (void)op;
    (void)offset;
    (void)data;
    (void)length;
    return ++device->calls == device->fail_at ? FERRY_E_IO : FERRY_OK;
}

static int setup(void **state)
{
    struct device *device = calloc(1, sizeof *device);

    if (!device)
        return -1;
    device->memory = (struct memflash){.geometry = memflash_nor(SIZE, BLOCK),
                                       .bytes = device->bytes,
                                       .hook = count_call,
                                       .context = device};
    memset(device->bytes, 0, SIZE);
    memflash_start(&device->memory, &device->flash);
    *state = device;
    return 0;
}

static int teardown(void **state)
{
    free(*state);
    return 0;
}

static void test_check(void **state)
{
    struct device *device = *state;
    static const struct {
        uint32_t offset;
        uint32_t length;
        int status;
    } cases[] = {
        {0, SIZE, FERRY_OK},
        {BLOCK, BLOCK, FERRY_OK},
        {SIZE - BLOCK, BLOCK, FERRY_OK},
        {0, 0, FERRY_E_LAYOUT},
        {0, BLOCK - 1, FERRY_E_LAYOUT},
        {1, BLOCK, FERRY_E_LAYOUT},
        {SIZE, BLOCK, FERRY_E_CHIP_SIZE},
        {0, SIZE + BLOCK, FERRY_E_CHIP_SIZE},
        {0xFFFFF000, 0x2000, FERRY_E_CHIP_SIZE}, /* wraps */
        {BLOCK, 0xFFFFF000, FERRY_E_CHIP_SIZE},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ferry_region region = {&device->flash, cases[i].offset, cases[i].length};
        assert_int_equal(cases[i].status, ferry_region_check(&region));
    }
    assert_int_equal(0, device->calls);
}

static void test_bounds(void **state)
{
    struct device *device = *state;
    struct ferry_region region = {&device->flash, 2 * BLOCK, BLOCK};
    struct ferry_region outside = {&device->flash, SIZE, BLOCK};
    static const uint32_t bad[][2] = {
        {BLOCK, 1}, {0, BLOCK + 1}, {BLOCK + 1, 0}, {0xFFFFFFFF, 1}, {1, 0xFFFFFFFF}};
    uint8_t byte = 0;
    uint32_t erased;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(FERRY_E_RANGE, ferry_region_read(&region, bad[i][0], &byte, bad[i][1]));
        assert_int_equal(FERRY_E_RANGE, ferry_region_program(&region, bad[i][0], &byte, bad[i][1]));
    }
    assert_int_equal(FERRY_E_RANGE, ferry_region_read(&outside, 0, &byte, 1));
    assert_int_equal(FERRY_E_RANGE, ferry_region_erase_step(&region, 0, 2 * BLOCK, 0, &erased));
    assert_int_equal(FERRY_E_RANGE, ferry_region_erase_step(&region, BLOCK, BLOCK, 0, &erased));
    assert_int_equal(FERRY_E_RANGE, ferry_region_erase_step(&region, BLOCK, 0, 0, &erased));
    assert_int_equal(FERRY_E_RANGE, ferry_region_erase(&outside, 0, BLOCK));
    assert_int_equal(0, device->calls);

    device->bytes[3 * BLOCK - 1] = 0x5A;
    assert_int_equal(FERRY_OK, ferry_region_read(&region, BLOCK - 1, &byte, 1));
    assert_int_equal(0x5A, byte);
    byte = 0x50;
    assert_int_equal(FERRY_OK, ferry_region_program(&region, BLOCK - 1, &byte, 1));
    assert_int_equal(0x50, device->bytes[3 * BLOCK - 1]);
}

static void test_part(void **state)
{
    struct device *device = *state;
    struct ferry_region whole = {&device->flash, BLOCK, 4 * BLOCK};
    struct ferry_region part = ferry_region_part(&whole, BLOCK, BLOCK);
    uint8_t byte = 0;

    device->bytes[2 * BLOCK] = 0x77;
    assert_int_equal(FERRY_OK, ferry_region_read(&part, 0, &byte, 1));
    assert_int_equal(0x77, byte);
    assert_int_equal(FERRY_E_RANGE, ferry_region_read(&part, BLOCK, &byte, 1));
    /* A part that leaves its parent refuses everything. */
    part = ferry_region_part(&whole, 3 * BLOCK, 2 * BLOCK);
    assert_int_equal(FERRY_E_RANGE, ferry_region_read(&part, 0, &byte, 1));
    part = ferry_region_part(&whole, 0xFFFFF000, 0x2000);
    assert_int_equal(FERRY_E_RANGE, ferry_region_read(&part, 0, &byte, 1));
    assert_int_equal(FERRY_E_LAYOUT, ferry_region_check(&part));
}

/* The region starts in the middle of a 64 KiB block: alignment counts from the device. */
static void test_erase_steps(void **state)
{
    struct device *device = *state;
    struct ferry_region region = {&device->flash, 0xF000, 0x22000};
    static const uint32_t sizes[] = {0x1000, 0x10000, 0x10000, 0x1000};
    uint32_t at = 0;
    uint32_t erased;

    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(FERRY_OK, ferry_region_erase_step(&region, at, 0x22000, 0, &erased));
        assert_int_equal(sizes[i], erased);
        at += erased;
    }
    assert_int_equal(0x22000, at);
    assert_int_equal(FERRY_OK, ferry_region_erase_step(&region, 0x1000, 0x22000, 0xFFFF, &erased));
    assert_int_equal(0x1000, erased);
    assert_int_equal(FERRY_OK, ferry_region_erase_step(&region, 0x1000, 0x22000, 0x10000, &erased));
    assert_int_equal(0x10000, erased);
    /* The smallest block is always allowed, but never past the end. */
    assert_int_equal(FERRY_OK, ferry_region_erase_step(&region, 0x1000, 0x22000, 1, &erased));
    assert_int_equal(0x1000, erased);
    assert_int_equal(FERRY_E_ARGUMENT, ferry_region_erase_step(&region, 0, 0x800, 0x400, &erased));
    assert_int_equal(FERRY_E_ARGUMENT, ferry_region_erase_step(&region, 1, 0x22000, 0, &erased));
    assert_int_equal(FERRY_E_ARGUMENT, ferry_region_erase_step(&region, 0, 0x800, 0, &erased));
}

static void test_erase_and_compare(void **state)
{
    struct device *device = *state;
    struct ferry_region region = {&device->flash, BLOCK, 0x20000};
    uint8_t data[300];

    assert_int_equal(FERRY_E_READBACK, ferry_region_compare(&region, 0, NULL, region.length));
    assert_int_equal(FERRY_OK, ferry_region_erase(&region, 0, region.length));
    assert_int_equal(FERRY_OK, ferry_region_compare(&region, 0, NULL, region.length));
    assert_int_equal(0, device->bytes[BLOCK - 1]);
    assert_int_equal(0, device->bytes[BLOCK + 0x20000]);

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 7);
    assert_int_equal(FERRY_OK, ferry_region_program(&region, 201, data, sizeof data));
    assert_int_equal(FERRY_OK, ferry_region_compare(&region, 201, data, sizeof data));
    data[299] ^= 1;
    assert_int_equal(FERRY_E_READBACK, ferry_region_compare(&region, 201, data, sizeof data));
    assert_int_equal(FERRY_OK, ferry_region_compare(&region, 201, data, sizeof data - 1));
    assert_int_equal(FERRY_E_READBACK, ferry_region_compare(&region, 200, NULL, 301));
    assert_int_equal(FERRY_E_RANGE, ferry_region_compare(&region, region.length - 1, NULL, 2));
}

/* A device's status travels up unchanged, from every step. */
static void test_errors_travel(void **state)
{
    struct device *device = *state;
    struct ferry_region region = {&device->flash, 0, SIZE};
    uint8_t data[200] = {0};

    device->fail_at = 3;
    assert_int_equal(FERRY_E_IO, ferry_region_erase(&region, 0, SIZE));
    assert_int_equal(3, device->calls);
    device->calls = 0;
    assert_int_equal(FERRY_E_IO, ferry_region_compare(&region, 0, NULL, SIZE));
    device->calls = 2;
    assert_int_equal(FERRY_E_IO, ferry_region_program(&region, 0, data, sizeof data));
    device->calls = 2;
    assert_int_equal(FERRY_E_IO, ferry_region_read(&region, 0, data, sizeof data));
    assert_int_equal(FERRY_OK, ferry_region_finish(&region));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_check, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_part, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erase_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_erase_and_compare, setup, teardown),
        cmocka_unit_test_setup_teardown(test_errors_travel, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
