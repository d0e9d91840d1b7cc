// SPDX-License-Identifier: Apache-2.0
#include "cmocka_all.h"
#include "ferry/store.h"
#include "sim/memflash.h"

#define BLOCK     4096u
#define SIZE      (2 * BLOCK)
#define PER_BLOCK (BLOCK / FERRY_RECORD_SIZE)

static uint8_t bytes[SIZE];
static struct memflash chip;
static struct ferry_flash flash;
static struct ferry_region region;
static struct ferry_journal journal;
static const uint8_t image_a[32] = {0xA1, 0xA2, 0xA3};

static int setup(void **unused)
{
    (void)unused;
    memset(&chip, 0, sizeof chip);
    memset(bytes, 0xFF, sizeof bytes);
    chip.geometry = memflash_nor(SIZE, BLOCK);
    chip.bytes = bytes;
    memflash_start(&chip, &flash);
    region = (struct ferry_region){&flash, 0, SIZE};
    return 0;
}

static void format(void)
{
    struct ferry_state s;

    assert_int_equal(ferry_journal_open(&journal, &region, 3), FERRY_E_JOURNAL_NONE);
    ferry_state_init(&s, 3, image_a);
    assert_int_equal(ferry_journal_format(&journal, &s), FERRY_OK);
}

static void reopen(void)
{
    assert_int_equal(ferry_journal_open(&journal, &region, 3), FERRY_OK);
}

static void append(uint32_t generation)
{
    struct ferry_state s = journal.state;

    s.generation = generation;
    assert_int_equal(ferry_journal_append(&journal, &s), FERRY_OK);
}

/* The bytes SPEC.md gives as an example. */
static void record_is_as_specified(void **unused)
{
    struct ferry_state s = {.sequence = 5,
                            .phase = FERRY_PHASE_INSTALLING,
                            .flags = FERRY_STATE_SKIP,
                            .target = 1,
                            .fallback = 0,
                            .reason = 0,
                            .attempts = 2,
                            .power_attempts = 3,
                            .installed = 4,
                            .received = 0x0102,
                            .generation = 0x0A0B0C0D,
                            .slots = 3,
                            .next_erased = 1};
    const uint8_t *record = (const uint8_t *)&s;
    static const uint8_t head[] = {0x46, 0x72, 1, 3, 5, 0, 0, 0};
    static const uint8_t middle[] = {2, 4, 1, 0, 0, 2, 3, 1, 4, 0, 2, 1, 0x0D, 0x0C, 0x0B, 0x0A};

    (void)unused;
    memset(s.running, 0x11, sizeof s.running);
    memset(s.slot[1].id, 0x22, FERRY_ID_SIZE);
    s.slot[1].state = FERRY_SLOT_COMPLETE;
    s.slot[1].size = 0x12345;
    ferry_record_seal(&s);
    assert_memory_equal(record, head, sizeof head);
    assert_memory_equal(record + 12, middle, sizeof middle);
    assert_int_equal(record[32], 0x11);
    assert_int_equal(record[48 + 20], 0x22);
    static const uint8_t size_and_state[] = {0x45, 0x23, 0x01, 0x30};
    assert_memory_equal(record + 48 + 20 + 16, size_and_state, 4);

    assert_true(ferry_record_is_good(&s));
}

static void every_flipped_bit_is_seen(void **unused)
{
    struct ferry_state s;
    uint8_t *record = (uint8_t *)&s;

    (void)unused;
    ferry_state_init(&s, 3, image_a);
    s.sequence = 1;
    ferry_record_seal(&s);
    for (uint32_t bit = 0; bit < FERRY_RECORD_SIZE * 8; bit++) {
        record[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(ferry_record_is_good(&s));
        record[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

static void implausible_values_are_refused(void **unused)
{
    struct ferry_state s;

    (void)unused;
    for (int i = 0; i < 7; i++) {
        ferry_state_init(&s, 3, image_a);
        s.sequence = 1;
        if (i == 0)
            s.phase = FERRY_PHASE_TRIAL + 1;
        if (i == 1)
            s.target = 3;
        if (i == 2)
            s.fallback = 3;
        if (i == 3)
            s.phase = FERRY_PHASE_REQUESTED; /* without a target */
        if (i == 4)
            s.slot[2].state = FERRY_SLOT_COPYING + 1;
        if (i == 5)
            s.sequence = 0x80000000u;
        if (i == 6)
            s.slots = 5;
        ferry_record_seal(&s);
        assert_false(ferry_record_is_good(&s));
    }
}

static void newest_record_wins(void **unused)
{
    (void)unused;
    format();
    for (uint32_t i = 1; i <= 5 * PER_BLOCK; i++) {
        append(i);
        if (i % 7 == 0) {
            reopen();
            assert_int_equal(journal.state.generation, i);
        }
    }
    reopen();
    assert_int_equal(journal.state.generation, 5 * PER_BLOCK);
    assert_int_equal(chip.overprograms, 0);
}

static void idle_open_reads_little_and_writes_nothing(void **unused)
{
    (void)unused;
    format();
    append(1);
    uint32_t programs = chip.programs, erases = chip.erases;
    chip.read = 0;
    reopen();
    assert_int_equal(ferry_journal_open(&journal, &region, 3), FERRY_OK);
    assert_true(chip.read / 2 <= 1024);
    assert_int_equal(chip.programs, programs);
    assert_int_equal(chip.erases, erases);
}

static void torn_record_is_absent(void **unused)
{
    (void)unused;
    format();
    append(1);
    append(2);
    bytes[journal.newest * FERRY_RECORD_SIZE + 100] ^= 0x10;
    reopen();
    assert_int_equal(journal.state.generation, 1);
}

/* A record too weak to be seen must not come back once the state has gone on without it. */
static void weak_record_cannot_come_back(void **unused)
{
    uint8_t weak[FERRY_RECORD_SIZE];

    (void)unused;
    format();
    append(1);
    append(2);
    uint32_t at = journal.newest * FERRY_RECORD_SIZE;
    memcpy(weak, bytes + at, sizeof weak);
    memset(bytes + at, 0xFF, sizeof weak); /* this life does not see it */
    reopen();
    assert_int_equal(journal.state.generation, 1);
    append(7);
    for (uint32_t i = 0; i < sizeof weak; i++)
        bytes[at + i] &= weak[i]; /* it shows again: whatever cells are left of it */
    reopen();
    assert_int_equal(journal.state.generation, 7);
}

static void state_is_settled_before_it_changes(void **unused)
{
    (void)unused;
    format();
    append(1);
    uint32_t first = journal.newest;
    reopen();
    assert_int_equal(ferry_journal_settle(&journal), FERRY_OK);
    assert_int_equal(journal.newest, first + 2); /* one position killed, then the same state */
    assert_int_equal(journal.state.generation, 1);
    memset(bytes + first * FERRY_RECORD_SIZE, 0, FERRY_RECORD_SIZE); /* the weak one is gone */
    reopen();
    assert_int_equal(journal.state.generation, 1);
}

/* Fails the programs of one page, silently or with a status. */
static int fail_programs(void *context, struct memflash *m, enum memflash_op op, uint32_t offset,
                         const uint8_t *data, uint32_t length)
{
    int *left = context;

    (void)m;
    (void)offset;
    (void)data;
    (void)length;
    if (op != MEMFLASH_PROGRAM || *left <= 0)
        return FERRY_OK;
    (*left)--;
    return FERRY_E_PROGRAM;
}

static void failed_append_changes_nothing(void **unused)
{
    int failures = 100000;

    (void)unused;
    format();
    append(1);
    struct ferry_state s = journal.state;
    s.generation = 2;
    chip.hook = fail_programs;
    chip.context = &failures;
    assert_int_equal(ferry_journal_append(&journal, &s), FERRY_E_JOURNAL_WRITE);
    assert_int_equal(journal.state.generation, 1);
    for (int i = 0; i < 60; i++) /* it goes on failing, and never reaches the newest record */
        assert_int_equal(ferry_journal_append(&journal, &s), FERRY_E_JOURNAL_WRITE);
    chip.hook = NULL;
    reopen();
    assert_int_equal(journal.state.generation, 1);
}

/* The same where the newest record is in the last block, so that the next one is the first. */
static void failed_appends_spare_the_newest_record(void **unused)
{
    int failures = 100000;

    (void)unused;
    format();
    while (journal.newest < PER_BLOCK + 3)
        append(1);
    struct ferry_state s = journal.state;
    chip.hook = fail_programs;
    chip.context = &failures;
    for (uint32_t i = 0; i < 4 * PER_BLOCK; i++)
        assert_int_equal(ferry_journal_append(&journal, &s), FERRY_E_JOURNAL_WRITE);
    chip.hook = NULL;
    append(2);
    reopen();
    assert_int_equal(journal.state.generation, 2);
}

static void one_bad_position_is_left_behind(void **unused)
{
    int failures = 1;

    (void)unused;
    format();
    append(1);
    chip.hook = fail_programs;
    chip.context = &failures;
    append(2);
    chip.hook = NULL;
    reopen();
    assert_int_equal(journal.state.generation, 2);
}

static const struct ferry_flash_api *good_api;
static uint32_t bad_read_in; /* reads until one goes wrong */
static bool bad_read_fails;  /* with an error; otherwise with a wrong bit */

static int one_bad_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    int status = good_api->read(context, offset, data, length);

    if (bad_read_in == 0 || --bad_read_in > 0)
        return status;
    if (bad_read_fails)
        return FERRY_E_IO;
    if (length > 8) /* in the body: what the eight bytes of a header say is not checked */
        ((uint8_t *)data)[length - 1] ^= 1;
    return status;
}

/* An older state must not win, and then have the newest overwritten, because of one bad read. */
static void one_bad_read_costs_no_record(void **unused)
{
    static struct ferry_flash_api api;

    (void)unused;
    format();
    for (uint32_t generation = 1; generation < 40; generation++)
        append(generation);
    good_api = flash.api;
    api = *good_api;
    api.read = one_bad_read;
    flash.api = &api;
    for (uint32_t nth = 1; nth < 100; nth++) {
        bad_read_fails = nth % 2;
        bad_read_in = (nth + 1) / 2;
        reopen();
        bad_read_in = 0;
        assert_int_equal(journal.state.generation, 39);
    }
}

static void foreign_sequence_is_ignored(void **unused)
{
    struct ferry_state s;

    (void)unused;
    format();
    append(1);
    s = journal.state;
    s.sequence = 0x80000001u;
    s.generation = 99;
    ferry_record_seal(&s);
    memcpy(bytes + BLOCK, &s, sizeof s);
    reopen();
    assert_int_equal(journal.state.generation, 1);
}

static void another_layout_is_another_journal(void **unused)
{
    (void)unused;
    format();
    assert_int_equal(ferry_journal_open(&journal, &region, 2), FERRY_E_JOURNAL_NONE);
}

/* Room for request, attempt and confirm: with 8 positions left the next block is erased already. */
static void next_block_is_erased_in_time(void **unused)
{
    (void)unused;
    format();
    while (journal.newest % PER_BLOCK < PER_BLOCK - 8)
        append(1);
    assert_true(journal.state.next_erased);
    uint32_t erases = chip.erases;
    while (journal.newest < PER_BLOCK)
        append(2);
    assert_int_equal(chip.erases, erases);
}

static void erase_ahead_is_for_idle_time(void **unused)
{
    bool did;

    (void)unused;
    format();
    while (journal.newest < PER_BLOCK) /* into the second block: the first is not erased */
        append(1);
    assert_false(journal.state.next_erased);
    assert_int_equal(ferry_journal_erase_ahead(&journal, &did), FERRY_OK);
    assert_false(did);
    while (journal.newest % PER_BLOCK < PER_BLOCK / 2)
        append(2);
    assert_int_equal(ferry_journal_erase_ahead(&journal, &did), FERRY_OK);
    assert_true(did);
    assert_true(journal.state.next_erased);
    append(3);
    reopen();
    assert_int_equal(journal.state.generation, 3);
}

static void state_names_images(void **unused)
{
    uint8_t other[32] = {9};
    struct ferry_state s;

    (void)unused;
    ferry_state_init(&s, 3, image_a);
    assert_true(ferry_state_is_ours(&s, image_a));
    assert_false(ferry_state_is_ours(&s, other));
    assert_false(ferry_state_is_ours(&s, NULL));
    s.phase = FERRY_PHASE_INSTALLING;
    s.target = 1;
    ferry_id_set(s.slot[1].id, other);
    assert_true(ferry_state_is_ours(&s, other));
    assert_true(ferry_state_is_ours(&s, NULL));
    s.slot[1].state = FERRY_SLOT_RECEIVING;
    assert_int_equal(ferry_state_find(&s, other), FERRY_NO_SLOT);
    s.slot[1].state = FERRY_SLOT_COMPLETE;
    assert_int_equal(ferry_state_find(&s, other), 1);
}

static void crc_is_the_usual_one(void **unused)
{
    (void)unused;
    assert_int_equal(ferry_crc32(0, "123456789", 9), 0xCBF43926);
    assert_int_equal(ferry_crc32(ferry_crc32(0, "1234", 4), "56789", 5), 0xCBF43926);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(record_is_as_specified, setup),
        cmocka_unit_test_setup(every_flipped_bit_is_seen, setup),
        cmocka_unit_test_setup(implausible_values_are_refused, setup),
        cmocka_unit_test_setup(newest_record_wins, setup),
        cmocka_unit_test_setup(idle_open_reads_little_and_writes_nothing, setup),
        cmocka_unit_test_setup(torn_record_is_absent, setup),
        cmocka_unit_test_setup(weak_record_cannot_come_back, setup),
        cmocka_unit_test_setup(state_is_settled_before_it_changes, setup),
        cmocka_unit_test_setup(failed_append_changes_nothing, setup),
        cmocka_unit_test_setup(failed_appends_spare_the_newest_record, setup),
        cmocka_unit_test_setup(one_bad_position_is_left_behind, setup),
        cmocka_unit_test_setup(one_bad_read_costs_no_record, setup),
        cmocka_unit_test_setup(foreign_sequence_is_ignored, setup),
        cmocka_unit_test_setup(another_layout_is_another_journal, setup),
        cmocka_unit_test_setup(next_block_is_erased_in_time, setup),
        cmocka_unit_test_setup(erase_ahead_is_for_idle_time, setup),
        cmocka_unit_test_setup(state_names_images, setup),
        cmocka_unit_test_setup(crc_is_the_usual_one, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
