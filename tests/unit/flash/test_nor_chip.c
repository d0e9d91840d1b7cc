// SPDX-License-Identifier: Apache-2.0
/* The chip model itself: as strict and as nasty as the data sheets allow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/nor_chip.h"
#include "sim/nor_models.h"

#define PAGE  256u
#define BLOCK 0x1000u

struct rig {
    struct sim_clock time;
    struct ferry_clock clock;
    struct nor_chip *chip;
    struct ferry_spi spi;
};

static struct rig *open_rig(const struct nor_model *model, uint64_t seed)
{
    struct rig *rig = calloc(1, sizeof *rig);

    assert_non_null(rig);
    sim_clock_start(&rig->time, &rig->clock);
    rig->chip = nor_chip_new(model, &rig->time, seed);
    rig->spi = nor_chip_spi(rig->chip);
    return rig;
}

static void close_rig(struct rig *rig)
{
    nor_chip_free(rig->chip);
    free(rig);
}

static void transfer(struct rig *rig, uint8_t opcode, uint8_t address_bytes, uint32_t address,
                     const void *tx, void *rx, uint32_t length)
{
    struct ferry_spi_transfer t = {.opcode = opcode,
                                   .address_bytes = address_bytes,
                                   .data_lines = 1,
                                   .address = address,
                                   .length = length,
                                   .tx = tx,
                                   .rx = rx};

    assert_int_equal(FERRY_OK, rig->spi.transfer(rig->spi.context, &t));
}

static void send(struct rig *rig, uint8_t opcode)
{
    transfer(rig, opcode, 0, 0, NULL, NULL, 0);
}

static uint8_t status_of(struct rig *rig)
{
    uint8_t value = 0;

    transfer(rig, 0x05, 0, 0, NULL, &value, 1);
    return value;
}

static void pass_ms(struct rig *rig, uint64_t ms)
{
    sim_clock_advance_ns(&rig->time, ms * 1000000);
    nor_chip_busy(rig->chip); /* ends what has had its time */
}

static void begin_program(struct rig *rig, uint32_t at, const void *data, uint32_t length)
{
    send(rig, 0x06);
    transfer(rig, 0x02, 3, at, data, NULL, length);
}

static void begin_erase(struct rig *rig, uint8_t opcode, uint32_t at)
{
    send(rig, 0x06);
    transfer(rig, opcode, 3, at, NULL, NULL, 0);
}

static void test_busy(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 1);
    uint8_t data[4] = {0x12, 0x34, 0x56, 0x78};
    uint8_t back[4];

    (void)state;
    assert_int_equal(0, status_of(rig));
    send(rig, 0x06);
    assert_int_equal(2, status_of(rig));
    transfer(rig, 0x02, 3, 0, data, NULL, 4);
    assert_int_equal(3, status_of(rig));
    transfer(rig, 0x03, 3, 0, NULL, back, 4); /* ignored */
    assert_memory_equal("\xff\xff\xff\xff", back, 4);
    assert_int_equal(1, rig->chip->violations.while_busy);
    assert_int_equal(0xFF, rig->chip->bytes[0]);
    pass_ms(rig, 1);
    assert_int_equal(0, status_of(rig)); /* write enable is gone, too */
    transfer(rig, 0x03, 3, 0, NULL, back, 4);
    assert_memory_equal(data, back, 4);
    transfer(rig, 0x02, 3, 4, data, NULL, 4);
    assert_int_equal(1, rig->chip->violations.without_write_enable);
    assert_int_equal(0xFF, rig->chip->bytes[4]);
    close_rig(rig);
}

static void test_timing(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 1);
    const enum nor_timing timings[] = {NOR_TYPICAL, NOR_LONGEST, NOR_RANDOM};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        rig->chip->timing = timings[i];
        begin_erase(rig, 0x20, 0);
        uint64_t us = (rig->chip->operation.ends_ns - rig->chip->operation.started_ns) / 1000;
        assert_in_range(us, timings[i] == NOR_LONGEST ? 896000 : 64000,
                        timings[i] == NOR_TYPICAL ? 64000 : 896000);
        assert_int_equal(0, nor_chip_progress(rig->chip));
        pass_ms(rig, 32);
        assert_in_range(nor_chip_progress(rig->chip), 35, 500);
        pass_ms(rig, 1000);
        assert_int_equal(1000, nor_chip_progress(rig->chip));
    }
    close_rig(rig);
}

static void test_misuse(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 1);
    uint8_t data[20];

    (void)state;
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)i;
    begin_program(rig, 250, data, sizeof data); /* wraps inside the page */
    pass_ms(rig, 1);
    assert_int_equal(1, rig->chip->violations.page_wrap);
    assert_memory_equal(data, rig->chip->bytes + 250, 6);
    assert_memory_equal(data + 6, rig->chip->bytes, 14);
    assert_int_equal(0xFF, rig->chip->bytes[256]);

    memset(rig->chip->bytes, 0, 3 * BLOCK);
    begin_erase(rig, 0x20, BLOCK + 7); /* the address is rounded down */
    pass_ms(rig, 100);
    assert_int_equal(1, rig->chip->violations.misaligned_erase);
    assert_int_equal(0, rig->chip->bytes[BLOCK - 1]);
    assert_int_equal(0xFF, rig->chip->bytes[BLOCK]);
    assert_int_equal(0, rig->chip->bytes[2 * BLOCK]);

    begin_program(rig, 0, "\x80", 1); /* 0 to 1 */
    pass_ms(rig, 1);
    assert_int_equal(1, rig->chip->violations.overprogram);
    assert_int_equal(0, rig->chip->bytes[0]);
    send(rig, 0x38);
    assert_int_equal(1, rig->chip->violations.unknown_opcode);
    begin_erase(rig, 0x20, 0x800000);
    assert_int_equal(1, rig->chip->violations.past_end);
    assert_int_equal(5, nor_chip_violations(rig->chip));
    close_rig(rig);
}

/* Three address bytes to a chip that expects four, and the other way round. */
static void test_framing(void **state)
{
    struct rig *rig = open_rig(&nor_w25q256fv, 1);
    uint8_t back[3];

    (void)state;
    memcpy(rig->chip->bytes, "abcdefgh", 8);
    transfer(rig, 0x03, 4, 2, NULL, back, 3); /* 0 0 0, then a byte that is clocked away */
    assert_memory_equal("bcd", back, 3);
    send(rig, 0xB7);
    transfer(rig, 0x03, 4, 2, NULL, back, 3);
    assert_memory_equal("cde", back, 3);
    assert_int_equal(1, rig->chip->violations.framing);
    transfer(rig, 0x03, 3, 0, NULL, back, 3);
    assert_memory_equal("\xff"
                        "ab",
                        back, 3);
    assert_int_equal(2, rig->chip->violations.framing);
    send(rig, 0xE9);
    assert_false(rig->chip->in_4byte_mode);
    close_rig(rig);
}

static void test_power_down(void **state)
{
    struct rig *rig = open_rig(&nor_mx25r6435f, 1);
    uint8_t id[3];

    (void)state;
    send(rig, 0xB9);
    pass_ms(rig, 1);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3);
    assert_memory_equal("\xff\xff\xff", id, 3);
    send(rig, 0xAB);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3); /* too early */
    assert_int_equal(2, rig->chip->violations.while_asleep);
    pass_ms(rig, 1);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3);
    assert_memory_equal("\xc2\x28\x17", id, 3);
    close_rig(rig);
}

static void test_protection(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 1);
    uint8_t zero = 0;
    uint8_t value = 0x04; /* the last 128 KiB */

    (void)state;
    send(rig, 0x06);
    transfer(rig, 0x01, 0, 0, &value, NULL, 1);
    assert_int_equal(1, rig->chip->counts.status_writes);
    pass_ms(rig, 20);
    assert_int_equal(0x04, status_of(rig));
    begin_program(rig, 0x7E0000, &zero, 1);
    assert_false(nor_chip_busy(rig->chip));
    assert_int_equal(0xFF, rig->chip->bytes[0x7E0000]);
    begin_program(rig, 0x7DFFFF, &zero, 1);
    assert_true(nor_chip_busy(rig->chip));
    pass_ms(rig, 20);
    value = 0x24; /* the first 128 KiB, until the next reset */
    send(rig, 0x50);
    transfer(rig, 0x01, 0, 0, &value, NULL, 1);
    assert_int_equal(1, rig->chip->counts.status_writes);
    begin_erase(rig, 0x20, 0x1F000);
    assert_false(nor_chip_busy(rig->chip));
    begin_erase(rig, 0x20, 0x20000);
    assert_true(nor_chip_busy(rig->chip));
    pass_ms(rig, 100);
    send(rig, 0x66);
    send(rig, 0x99);
    pass_ms(rig, 1);
    assert_int_equal(0x04, status_of(rig));
    close_rig(rig);
}

static void test_reset_needs_both_commands(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 1);

    (void)state;
    send(rig, 0x06);
    send(rig, 0x99);
    assert_int_equal(2, status_of(rig));
    send(rig, 0x66);
    assert_int_equal(2, status_of(rig)); /* in between: cancels */
    send(rig, 0x99);
    assert_int_equal(2, status_of(rig));
    send(rig, 0x66);
    send(rig, 0x99);
    assert_int_equal(0xFF, status_of(rig)); /* recovering */
    pass_ms(rig, 1);
    assert_int_equal(0, status_of(rig));
    assert_int_equal(1, rig->chip->counts.resets);
    close_rig(rig);
}

static uint32_t count_bytes(const uint8_t *bytes, uint32_t length, uint8_t value)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < length; i++)
        count += bytes[i] == value;
    return count;
}

static void torn_program(struct rig *rig, enum nor_tear tear, uint32_t permille)
{
    uint8_t data[PAGE] = {0};

    memset(rig->chip->bytes, 0xFF, PAGE);
    rig->chip->weak_bits = false;
    begin_program(rig, 0, data, sizeof data);
    nor_chip_power_off(rig->chip, tear, permille);
    nor_chip_power_on(rig->chip);
}

static void test_torn_pages(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 7);
    const uint8_t *page = rig->chip->bytes;

    (void)state;
    for (int tear = 0; tear < NOR_TEAR_STYLES; tear++) {
        torn_program(rig, (enum nor_tear)tear, 0);
        assert_int_equal(PAGE, count_bytes(page, PAGE, 0xFF));
        torn_program(rig, (enum nor_tear)tear, 1000);
        assert_int_equal(PAGE, count_bytes(page, PAGE, 0));
    }
    torn_program(rig, NOR_TEAR_PREFIX, 500);
    assert_int_equal(128, count_bytes(page, 128, 0));
    assert_int_equal(127, count_bytes(page + 129, 127, 0xFF));
    torn_program(rig, NOR_TEAR_SUBSET, 500);
    uint32_t written = count_bytes(page, PAGE, 0);
    assert_in_range(written, 80, 176);
    assert_int_equal(PAGE, written + count_bytes(page, PAGE, 0xFF));
    torn_program(rig, NOR_TEAR_BITS, 500);
    assert_in_range(count_bytes(page, PAGE, 0) + count_bytes(page, PAGE, 0xFF), 0, 20);
    close_rig(rig);
}

/* Bytes that were there stay there, whatever is torn next to them. */
static void test_torn_page_spares_the_rest(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 7);

    (void)state;
    memset(rig->chip->bytes, 0x5A, PAGE);
    for (int tear = 0; tear < NOR_TEAR_STYLES; tear++) {
        begin_program(rig, 0x40, "\x00\x00\x00\x00", 4);
        nor_chip_power_off(rig->chip, (enum nor_tear)tear, 500);
        nor_chip_power_on(rig->chip);
        assert_int_equal(0x40, count_bytes(rig->chip->bytes, 0x40, 0x5A));
        assert_int_equal(PAGE - 0x44, count_bytes(rig->chip->bytes + 0x44, PAGE - 0x44, 0x5A));
    }
    close_rig(rig);
}

static void torn_erase(struct rig *rig, uint32_t permille)
{
    memset(rig->chip->bytes, 0x5A, 3 * BLOCK);
    begin_erase(rig, 0x20, BLOCK);
    nor_chip_power_off(rig->chip, NOR_TEAR_PREFIX, permille);
    nor_chip_power_on(rig->chip);
    assert_int_equal(BLOCK, count_bytes(rig->chip->bytes, BLOCK, 0x5A));
    assert_int_equal(BLOCK, count_bytes(rig->chip->bytes + 2 * BLOCK, BLOCK, 0x5A));
}

static void test_torn_erase(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 3);
    const uint8_t *block = rig->chip->bytes + BLOCK;

    (void)state;
    torn_erase(rig, 0);
    assert_int_equal(BLOCK, count_bytes(block, BLOCK, 0x5A));
    assert_null(rig->chip->weak);
    torn_erase(rig, 200); /* being programmed to 0 */
    assert_in_range(count_bytes(block, BLOCK, 0), BLOCK / 3, BLOCK);
    assert_int_equal(BLOCK, count_bytes(block, BLOCK, 0) + count_bytes(block, BLOCK, 0x5A));
    torn_erase(rig, 600); /* being pulled to 1 */
    assert_in_range(count_bytes(block, BLOCK, 0x5A), 0, BLOCK / 50);
    torn_erase(rig, 950); /* looks erased and is not */
    assert_int_equal(BLOCK, count_bytes(block, BLOCK, 0xFF));
    assert_true(count_bytes(rig->chip->weak + BLOCK, BLOCK, 0) < BLOCK);
    close_rig(rig);
}

/* Reads of a weak block differ until it is erased again, whole. */
static void test_weak_bits(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 3);
    static uint8_t first[BLOCK];
    static uint8_t second[BLOCK];

    (void)state;
    torn_erase(rig, 950);
    transfer(rig, 0x03, 3, BLOCK, NULL, first, BLOCK);
    transfer(rig, 0x03, 3, BLOCK, NULL, second, BLOCK);
    assert_memory_not_equal(first, second, BLOCK);
    begin_erase(rig, 0x20, BLOCK);
    pass_ms(rig, 100);
    transfer(rig, 0x03, 3, BLOCK, NULL, first, BLOCK);
    assert_int_equal(BLOCK, count_bytes(first, BLOCK, 0xFF));
    close_rig(rig);
}

static void test_power_cycle(void **state)
{
    struct rig *rig = open_rig(&nor_w25q256fv, 3);
    uint8_t id[3];

    (void)state;
    send(rig, 0xB7);
    send(rig, 0x06);
    rig->chip->status = 0x3C;
    rig->chip->power_up_us = 500;
    nor_chip_power_off(rig->chip, NOR_TEAR_PREFIX, 0);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3);
    assert_memory_equal("\xff\xff\xff", id, 3);
    nor_chip_power_on(rig->chip);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3);
    assert_memory_equal("\xff\xff\xff", id, 3);
    pass_ms(rig, 1);
    transfer(rig, 0x9F, 0, 0, NULL, id, 3);
    assert_memory_equal("\xef\x40\x19", id, 3);
    assert_int_equal(0, status_of(rig));
    assert_false(rig->chip->in_4byte_mode);
    close_rig(rig);
}

static void test_wear(void **state)
{
    struct rig *rig = open_rig(&nor_w25q64jv, 3);

    (void)state;
    begin_erase(rig, 0x20, 0x2000);
    pass_ms(rig, 100);
    begin_erase(rig, 0xd8, 0);
    pass_ms(rig, 200);
    assert_int_equal(1, rig->chip->wear[0]);
    assert_int_equal(2, rig->chip->wear[2]);
    assert_int_equal(1, rig->chip->wear[15]);
    assert_int_equal(0, rig->chip->wear[16]);
    close_rig(rig);
}

struct cut {
    jmp_buf away;
    uint32_t at; /* operations until the cut */
};

static void cut_power(void *context, struct nor_chip *chip)
{
    struct cut *cut = context;

    if (cut->at-- > 0)
        return;
    nor_chip_power_off(chip, (enum nor_tear)(chip->random % NOR_TEAR_STYLES),
                       (uint32_t)(chip->random >> 8) % 1001);
    longjmp(cut->away, 1);
}

/* Programs and erases until the power goes. */
static void run_until_cut(struct rig *rig, struct cut *cut)
{
    uint8_t data[PAGE];

    memset(data, 0xA5, sizeof data);
    if (setjmp(cut->away) != 0)
        return;
    for (uint32_t at = 0;; at += PAGE) {
        begin_program(rig, at, data, PAGE);
        pass_ms(rig, 20);
        begin_erase(rig, 0xd8, 0x10000);
        pass_ms(rig, 5000);
    }
}

/* The same seed and the same commands, cut at the same operation, leave the same cells. */
static void test_replay(void **state)
{
    static uint8_t cells[2][0x20000];

    (void)state;
    for (uint32_t seed = 0; seed < 20; seed++) {
        for (int run = 0; run < 2; run++) {
            struct rig *rig = open_rig(&nor_mx25r6435f, seed);
            struct cut cut = {.at = seed % 7};
            rig->chip->timing = NOR_RANDOM;
            rig->chip->on_operation = cut_power;
            rig->chip->context = &cut;
            run_until_cut(rig, &cut);
            assert_false(rig->chip->on);
            memcpy(cells[run], rig->chip->bytes, sizeof cells[run]);
            close_rig(rig);
        }
        assert_memory_equal(cells[0], cells[1], sizeof cells[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_timing),
        cmocka_unit_test(test_misuse),
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_power_down),
        cmocka_unit_test(test_protection),
        cmocka_unit_test(test_reset_needs_both_commands),
        cmocka_unit_test(test_torn_pages),
        cmocka_unit_test(test_torn_page_spares_the_rest),
        cmocka_unit_test(test_torn_erase),
        cmocka_unit_test(test_weak_bits),
        cmocka_unit_test(test_power_cycle),
        cmocka_unit_test(test_wear),
        cmocka_unit_test(test_replay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
