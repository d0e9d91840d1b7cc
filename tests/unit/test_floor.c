// SPDX-License-Identifier: Apache-2.0
#include "cmocka_all.h"
#include "ferry/floor.h"
#include "sim/memflash.h"

#define BLOCK 1024u

static uint8_t bytes[2 * BLOCK];
static struct memflash chip;
static struct ferry_flash flash;
static struct ferry_region region;
static uint32_t operations_left;
static jmp_buf power;

/* Cuts the power before an operation, with half of a program done. */
static int cut(void *context, struct memflash *m, enum memflash_op op, uint32_t offset,
               const uint8_t *data, uint32_t length)
{
    (void)context;
    if (op == MEMFLASH_READ || operations_left-- > 0)
        return FERRY_OK;
    for (uint32_t i = 0; op == MEMFLASH_PROGRAM && i < length / 2; i++)
        m->bytes[offset + i] &= data[i];
    if (op == MEMFLASH_ERASE)
        memset(m->bytes + offset, 0, length / 2);
    longjmp(power, 1);
}

static int setup(void **unused)
{
    (void)unused;
    memset(&chip, 0, sizeof chip);
    memset(bytes, 0xFF, sizeof bytes);
    chip.geometry = memflash_nvmc(sizeof bytes, BLOCK);
    chip.bytes = bytes;
    memflash_start(&chip, &flash);
    region = (struct ferry_region){&flash, 0, sizeof bytes};
    return 0;
}

static uint32_t read_floor(void)
{
    uint32_t floor = 77;

    assert_int_equal(ferry_floor_read(&region, &floor, NULL), FERRY_OK);
    return floor;
}

static void blank_is_zero(void **unused)
{
    (void)unused;
    assert_int_equal(read_floor(), 0);
    region.length = 0;
    assert_int_equal(read_floor(), 0);
    region.length = BLOCK;
    uint32_t floor;
    assert_int_equal(ferry_floor_read(&region, &floor, NULL), FERRY_E_LAYOUT);
}

static void rises_and_stays(void **unused)
{
    (void)unused;
    for (uint32_t floor = 1; floor < 400; floor++) {
        assert_int_equal(ferry_floor_raise(&region, floor), FERRY_OK);
        assert_int_equal(read_floor(), floor);
    }
    assert_int_equal(ferry_floor_raise(&region, 5), FERRY_OK);
    assert_int_equal(read_floor(), 399);
    assert_int_equal(chip.overprograms, 0);
}

static void one_copy_is_enough(void **unused)
{
    bool redundant;
    uint32_t floor;

    (void)unused;
    for (uint32_t lost = 0; lost < 2; lost++) {
        setup(NULL);
        assert_int_equal(ferry_floor_raise(&region, 9), FERRY_OK);
        memset(bytes + lost * BLOCK, 0x00, BLOCK);
        assert_int_equal(ferry_floor_read(&region, &floor, &redundant), FERRY_OK);
        assert_int_equal(floor, 9);
        assert_false(redundant);
        assert_int_equal(ferry_floor_raise(&region, 9), FERRY_OK);
        assert_int_equal(ferry_floor_read(&region, &floor, &redundant), FERRY_OK);
        assert_true(redundant);
    }
}

/* Whatever operation is cut, the floor is the old one or the new one. */
static void survives_a_cut_anywhere(void **unused)
{
    (void)unused;
    for (uint32_t start = 1; start < 80; start++)
        for (volatile uint32_t at = 0; at < 6; at++) {
            setup(NULL);
            for (uint32_t floor = 1; floor <= start; floor++)
                assert_int_equal(ferry_floor_raise(&region, floor), FERRY_OK);
            chip.hook = cut;
            operations_left = at;
            if (!setjmp(power))
                (void)ferry_floor_raise(&region, start + 1);
            chip.hook = NULL;
            uint32_t floor = read_floor();
            assert_true(floor == start || floor == start + 1);
            assert_int_equal(ferry_floor_raise(&region, start + 1), FERRY_OK);
            assert_int_equal(read_floor(), start + 1);
        }
}

static void every_flipped_bit_is_seen(void **unused)
{
    (void)unused;
    assert_int_equal(ferry_floor_raise(&region, 0x01020304), FERRY_OK);
    memset(bytes + BLOCK, 0xFF, BLOCK);
    for (uint32_t bit = 0; bit < 128; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(read_floor(), 0);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(blank_is_zero, setup),
        cmocka_unit_test_setup(rises_and_stays, setup),
        cmocka_unit_test_setup(one_copy_is_enough, setup),
        cmocka_unit_test_setup(survives_a_cut_anywhere, setup),
        cmocka_unit_test_setup(every_flipped_bit_is_seen, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
