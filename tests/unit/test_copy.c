// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>

#include "cmocka_all.h"
#include "ferry/boot.h"
#include "sim/memflash.h"

#define SIZE 0x40000u

static uint8_t source_bytes[SIZE], bytes[SIZE];
static struct memflash source_chip, chip;
static struct ferry_flash source_flash, flash;
static struct ferry_region source, destination;
static uint8_t work[2048];
static uint32_t windows[16], window_count;

static void note_window(void *context, uint32_t count)
{
    (void)context;
    windows[window_count++] = count;
}

static void start(uint32_t block)
{
    memset(&chip, 0, sizeof chip);
    memset(&source_chip, 0, sizeof source_chip);
    memset(bytes, 0x55, sizeof bytes);
    for (uint32_t i = 0; i < SIZE; i++)
        source_bytes[i] = (uint8_t)(i * 31 + (i >> 8));
    chip.geometry = memflash_nvmc(SIZE, block);
    chip.bytes = bytes;
    source_chip.geometry = memflash_nor(SIZE, 4096);
    source_chip.bytes = source_bytes;
    memflash_start(&chip, &flash);
    memflash_start(&source_chip, &source_flash);
    source = (struct ferry_region){&source_flash, 0, SIZE};
    destination = (struct ferry_region){&flash, 0, SIZE};
    window_count = 0;
}

static struct ferry_copy copy_of(uint32_t size)
{
    return (struct ferry_copy){.source = &source,
                               .destination = &destination,
                               .size = size,
                               .work = work,
                               .work_size = sizeof work,
                               .window_done = note_window};
}

static void copies_any_size_over_any_block(void **unused)
{
    static const uint32_t blocks[] = {2048, 4096, 8192, 0x20000};
    static const uint32_t sizes[] = {1, 255, 4096, 4097, 0x10000, 0x10001, 150001, SIZE};

    (void)unused;
    for (uint32_t b = 0; b < 4; b++)
        for (uint32_t s = 0; s < 8; s++) {
            start(blocks[b]);
            struct ferry_copy c = copy_of(sizes[s]);
            assert_int_equal(ferry_copy_run(&c), FERRY_OK);
            assert_memory_equal(bytes, source_bytes, sizes[s]);
            assert_int_equal(windows[window_count - 1], (sizes[s] + 0xFFFF) / 0x10000);
            assert_int_equal(chip.erases, (sizes[s] + blocks[b] - 1) / blocks[b]);
            assert_int_equal(chip.overprograms, 0);
        }
}

static void goes_on_at_a_window(void **unused)
{
    (void)unused;
    start(4096);
    struct ferry_copy c = copy_of(150000);
    c.from_window = 1;
    assert_int_equal(ferry_copy_run(&c), FERRY_OK);
    assert_int_equal(bytes[0xFFFF], 0x55);
    assert_memory_equal(bytes + 0x10000, source_bytes + 0x10000, 150000 - 0x10000);
    assert_int_equal(window_count, 2);
    start(0x20000); /* a block of two windows is done again from its start */
    c = copy_of(150000);
    c.from_window = 1;
    assert_int_equal(ferry_copy_run(&c), FERRY_OK);
    assert_memory_equal(bytes, source_bytes, 150000);
}

static void equal_blocks_stay(void **unused)
{
    (void)unused;
    start(4096);
    memcpy(bytes, source_bytes, SIZE);
    bytes[5 * 4096 + 7] ^= 1;
    struct ferry_copy c = copy_of(150000);
    c.skip_equal = true;
    assert_int_equal(ferry_copy_run(&c), FERRY_OK);
    assert_int_equal(chip.erases, 1);
    assert_memory_equal(bytes, source_bytes, 150000);
    assert_int_equal(windows[window_count - 1], 3);
}

static void without_skipping_all_is_erased(void **unused)
{
    (void)unused;
    start(4096);
    memcpy(bytes, source_bytes, SIZE);
    struct ferry_copy c = copy_of(150000);
    assert_int_equal(ferry_copy_run(&c), FERRY_OK);
    assert_int_equal(chip.erases, 37);
}

static void erased_destination_is_not_erased_again(void **unused)
{
    (void)unused;
    start(4096);
    memset(bytes, 0xFF, SIZE);
    struct ferry_copy c = copy_of(150000);
    c.erased = true;
    assert_int_equal(ferry_copy_run(&c), FERRY_OK);
    assert_int_equal(chip.erases, 0);
    assert_memory_equal(bytes, source_bytes, 150000);
}

/* Programs that do nothing and say nothing. */
static int lose_programs(void *context, struct memflash *m, enum memflash_op op, uint32_t offset,
                         const uint8_t *data, uint32_t length)
{
    (void)context;
    (void)data;
    if (op == MEMFLASH_PROGRAM && offset >= 0x8000)
        memset(m->bytes + offset, 0xFE, length);
    return FERRY_OK;
}

static void silent_failure_is_read_back(void **unused)
{
    (void)unused;
    start(4096);
    chip.hook = lose_programs;
    struct ferry_copy c = copy_of(150000);
    assert_int_equal(ferry_copy_run(&c), FERRY_E_READBACK);
    assert_int_equal(window_count, 0);
}

static void what_cannot_fit_is_refused(void **unused)
{
    (void)unused;
    start(4096);
    struct ferry_copy c = copy_of(SIZE + 1);
    assert_int_equal(ferry_copy_run(&c), FERRY_E_RANGE);
    assert_int_equal(chip.erases, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_any_size_over_any_block),
        cmocka_unit_test(goes_on_at_a_window),
        cmocka_unit_test(equal_blocks_stay),
        cmocka_unit_test(without_skipping_all_is_erased),
        cmocka_unit_test(erased_destination_is_not_erased_again),
        cmocka_unit_test(silent_failure_is_read_back),
        cmocka_unit_test(what_cannot_fit_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
