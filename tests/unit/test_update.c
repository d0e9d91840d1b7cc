// SPDX-License-Identifier: Apache-2.0
/* The update session on a device in memory, without power cuts: what it takes and what it refuses.
 */
#include <stdlib.h>

#include "cmocka_all.h"
#include "host/sign.h"
#include "sim/machine.h"

#define R(status) ((uint8_t) - (status))

static struct ferry_key_file key, other_key;
static struct ferry_keys keys;
static struct machine m;
static struct ferry_bytes v1, v2, v3;

static struct ferry_bytes image(uint8_t major, uint32_t size, const struct ferry_key_file *with)
{
    struct ferry_sign_options options = {
        .version = {.major = major}, .header_size = 32, .pad_header = true};
    struct ferry_bytes input = {malloc(size), size}, out;
    struct ferry_problem problem;

    for (uint32_t i = 0; i < size; i++)
        input.data[i] = (uint8_t)(i * major + (i >> 8));
    assert_int_equal(ferry_sign_image(&options, with, "test", &input, &out, &problem), FERRY_OK);
    free(input.data);
    return out;
}

static int make_images(void **unused)
{
    struct ferry_problem problem;

    (void)unused;
    assert_int_equal(ferry_keys_generate(&key, &problem), FERRY_OK);
    assert_int_equal(ferry_keys_generate(&other_key, &problem), FERRY_OK);
    keys = (struct ferry_keys){&key.public_key, 1};
    v1 = image(1, 100000, &key);
    v2 = image(2, 150000, &key);
    v3 = image(3, 90000, &key);
    return 0;
}

static int drop_images(void **unused)
{
    (void)unused;
    ferry_bytes_free(&v1);
    ferry_bytes_free(&v2);
    ferry_bytes_free(&v3);
    return 0;
}

static void start(uint8_t slots)
{
    struct machine_config config = {
        .internal_block = 4096, .external_block = 4096, .slot_size = 0x30000, .slots = slots};

    machine_init(&m, &config, &keys);
    machine_flash_primary(&m, v1.data, (uint32_t)v1.size);
    assert_int_equal(machine_start(&m), MACHINE_RUNS);
    assert_int_equal(machine_open_update(&m), FERRY_OK);
    assert_true(m.update.store_ready);
}

static void restart(enum ferry_reset_cause cause)
{
    m.cause = cause;
    assert_int_equal(machine_start(&m), MACHINE_RUNS);
    assert_int_equal(machine_open_update(&m), FERRY_OK);
}

static void idle(void)
{
    int steps = 0;

    while (ferry_update_poll(&m.update))
        assert_true(++steps < 20000);
}

static int begin(const struct ferry_bytes *file, uint32_t *offset)
{
    uint8_t identity[32];

    ferry_sha256(file->data, file->size, identity);
    return ferry_update_begin(&m.update, identity, 32, (uint32_t)file->size, offset);
}

static int send(const struct ferry_bytes *file, uint32_t offset, uint32_t end, uint32_t chunk)
{
    int status = FERRY_OK;

    while (offset < end && status == FERRY_OK) {
        uint32_t part = end - offset < chunk ? end - offset : chunk;
        status = ferry_update_write(&m.update, offset, file->data + offset, part, &offset);
    }
    return status;
}

static int upload(const struct ferry_bytes *file)
{
    uint32_t offset;

    int status = begin(file, &offset);
    return status == FERRY_OK ? send(file, offset, (uint32_t)file->size, 777) : status;
}

static uint8_t candidate(void)
{
    uint8_t slot = ferry_update_other(&m.update);

    assert_int_not_equal(slot, FERRY_NO_SLOT);
    return slot;
}

static bool runs(const struct ferry_bytes *file)
{
    return memcmp(m.internal.bytes + m.layout.primary.offset, file->data, file->size) == 0;
}

static struct ferry_state state(void)
{
    return m.update.store.journal.state;
}

static void update_is_tried_and_confirmed(void **unused)
{
    struct ferry_update_status s;

    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    ferry_update_status(&m.update, &s);
    assert_int_equal(s.phase, FERRY_UPDATE_COMPLETE);
    assert_int_equal(s.percent, 100);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), true), FERRY_E_PENDING);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v2));
    assert_int_equal(state().phase, FERRY_PHASE_TRIAL);
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_OK);
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_OK);
    restart(FERRY_RESET_WATCHDOG);
    assert_true(runs(&v2));
    assert_int_equal(state().phase, FERRY_PHASE_IDLE);
    machine_free(&m);
}

static void back_to_previous_and_again(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(ferry_update_back(&m.update, NULL), FERRY_E_SLOT_EMPTY);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), true), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v2));
    assert_int_equal(ferry_update_back(&m.update, NULL), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    assert_int_equal(ferry_update_back(&m.update, NULL), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v2));
    machine_free(&m);
}

static void asked_back_from_a_trial(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_int_equal(ferry_update_back(&m.update, NULL), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    assert_int_equal(m.retained.reason, R(FERRY_R_WENT_BACK));
    machine_free(&m);
}

static void three_attempts_then_back_with_the_reason(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    for (int attempt = 0; attempt < 3; attempt++) {
        restart(FERRY_RESET_WATCHDOG);
        assert_true(runs(&v2));
    }
    restart(FERRY_RESET_WATCHDOG);
    assert_true(runs(&v1));
    assert_int_equal(m.retained.reason, R(FERRY_R_TRIAL_FAILED));
    assert_int_equal(m.update.reason, R(FERRY_R_TRIAL_FAILED));
    machine_free(&m);
}

/* After a rollback the next upload is "the other image", not the one that failed. */
static void failed_image_does_not_hide_the_next(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    for (int attempt = 0; attempt < 4; attempt++)
        restart(FERRY_RESET_WATCHDOG);
    assert_true(runs(&v1));
    assert_int_equal(upload(&v3), FERRY_OK);
    assert_true(memcmp(m.external.bytes + m.layout.slot[candidate()].offset, v3.data, v3.size) ==
                0);
    machine_free(&m);
}

/* ... and the image before the one that runs is still the previous one. */
static void previous_image_survives_a_failed_trial(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), true), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_int_equal(upload(&v3), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    for (int attempt = 0; attempt < 4; attempt++)
        restart(FERRY_RESET_WATCHDOG);
    assert_true(runs(&v2));
    assert_int_equal(ferry_update_back(&m.update, NULL), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    machine_free(&m);
}

static void sixteen_power_losses_then_back(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    for (int attempt = 0; attempt < 16; attempt++) {
        restart(FERRY_RESET_POWER);
        assert_true(runs(&v2));
    }
    restart(FERRY_RESET_POWER);
    assert_true(runs(&v1));
    assert_int_equal(m.retained.reason, R(FERRY_R_TRIAL_POWER));
    machine_free(&m);
}

static void upload_goes_on_after_a_reset(void **unused)
{
    uint32_t offset;

    (void)unused;
    for (uint32_t stop = 60000; stop < v2.size; stop += 30011) {
        start(3);
        assert_int_equal(begin(&v2, &offset), FERRY_OK);
        assert_int_equal(send(&v2, 0, stop, 500), FERRY_OK);
        assert_int_equal(begin(&v2, &offset), FERRY_OK);
        assert_true(offset >= stop - 500 && offset <= stop); /* the same life: nothing is lost */
        restart(FERRY_RESET_POWER);
        assert_int_equal(begin(&v2, &offset), FERRY_OK);
        assert_int_equal(offset, stop / 0x10000 * 0x10000);
        assert_int_equal(send(&v2, offset, (uint32_t)v2.size, 500), FERRY_OK);
        assert_int_equal(state().slot[candidate()].state, FERRY_SLOT_COMPLETE);
        machine_free(&m);
    }
}

static void another_file_starts_anew(void **unused)
{
    uint32_t offset;

    (void)unused;
    start(3);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(send(&v2, 0, 100000, 500), FERRY_OK);
    assert_int_equal(begin(&v3, &offset), FERRY_OK);
    assert_int_equal(offset, 0);
    assert_int_equal(send(&v3, 0, (uint32_t)v3.size, 500), FERRY_OK);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(offset, 0);
    machine_free(&m);
}

static void wrong_offsets_are_answered_with_the_right_one(void **unused)
{
    uint32_t offset, next;

    (void)unused;
    start(3);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(send(&v2, 0, 1000, 1000), FERRY_OK);
    assert_int_equal(ferry_update_write(&m.update, 500, v2.data, 10, &next), FERRY_E_OFFSET);
    assert_int_equal(next, 1000);
    assert_int_equal(ferry_update_write(&m.update, 2000, v2.data, 10, &next), FERRY_E_OFFSET);
    assert_int_equal(next, 1000);
    assert_int_equal(ferry_update_write(&m.update, 1000, v2.data, (uint32_t)v2.size, &next),
                     FERRY_E_SIZE);
    assert_int_equal(next, 1000);
    assert_int_equal(send(&v2, 1000, (uint32_t)v2.size, 1000), FERRY_OK);
    machine_free(&m);
}

/* Each bad file, the reason it is refused with, and that the running image and store survive. */
static void bad_images_are_refused(void **unused)
{
    static const struct {
        uint32_t flip; /* byte of the file that is changed; 0 = none */
        int expected;
    } cases[] = {
        {1, FERRY_E_IMAGE_MAGIC},
        {8, FERRY_E_IMAGE_TOO_LARGE}, /* a larger header: the image would end after the file */
        {16, FERRY_E_IMAGE_HEADER},   /* flags that exclude each other */
        {50000, FERRY_E_DIGEST},
    };

    (void)unused;
    start(3);
    for (uint32_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t offset;
        struct ferry_bytes bad = {malloc(v2.size), v2.size};
        memcpy(bad.data, v2.data, v2.size);
        assert_int_equal(begin(&v2, &offset), FERRY_OK); /* announced as the good one */
        bad.data[cases[i].flip] ^= 0xFF;
        int status = send(&bad, 0, (uint32_t)bad.size, 640);
        assert_int_equal(status, cases[i].expected);
        assert_int_equal(m.update.reason, R(cases[i].expected));
        assert_int_equal(ferry_update_other(&m.update), FERRY_NO_SLOT);
        free(bad.data);
    }
    assert_int_equal(upload(&v2), FERRY_OK);
    machine_free(&m);
}

static void content_is_checked_without_an_identity(void **unused)
{
    struct ferry_bytes bad = {malloc(v2.size), v2.size};
    uint32_t offset;

    (void)unused;
    start(3);
    memcpy(bad.data, v2.data, v2.size);
    bad.data[50000] ^= 1;
    assert_int_equal(ferry_update_begin(&m.update, NULL, 0, (uint32_t)bad.size, &offset), FERRY_OK);
    assert_int_equal(send(&bad, 0, (uint32_t)bad.size, 640), FERRY_E_IMAGE_HASH);
    free(bad.data);

    struct ferry_bytes alien = image(2, 5000, &other_key);
    assert_int_equal(upload(&alien), FERRY_E_IMAGE_KEY);
    ferry_bytes_free(&alien);
    machine_free(&m);
}

/* Every refusal survives a power loss, once: the same one again costs nothing. */
static void refusals_are_recorded(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(ferry_update_preflight(&m.update, 0x30001), FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(state().reason, R(FERRY_E_IMAGE_TOO_LARGE));
    uint32_t programs = m.external.programs;
    assert_int_equal(ferry_update_preflight(&m.update, 0x30001), FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(m.external.programs, programs);
    memset(&m.retained, 0xA5, sizeof m.retained);
    restart(FERRY_RESET_POWER);
    assert_int_equal(m.update.reason, R(FERRY_E_IMAGE_TOO_LARGE));
    machine_free(&m);
}

static void sizes_that_cannot_fit(void **unused)
{
    uint32_t offset;

    (void)unused;
    start(3);
    assert_int_equal(ferry_update_preflight(&m.update, 0x30001), FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(ferry_update_begin(&m.update, NULL, 0, 0x30001, &offset),
                     FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(ferry_update_begin(&m.update, NULL, 0, 31, &offset), FERRY_E_SIZE);
    assert_int_equal(ferry_update_preflight(&m.update, 0x30000), FERRY_OK);
    machine_free(&m);
}

static void way_back_is_protected_on_trial(void **unused)
{
    uint32_t offset;

    (void)unused;
    for (uint8_t slots = 2; slots <= 3; slots++) {
        start(slots);
        assert_int_equal(upload(&v2), FERRY_OK);
        assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
        restart(FERRY_RESET_SOFTWARE);
        uint8_t fallback = state().fallback;
        assert_int_equal(ferry_update_erase(&m.update, fallback), FERRY_E_SLOT_IN_USE);
        assert_int_equal(ferry_update_request(&m.update, fallback, true), FERRY_E_ON_TRIAL);
        int status = begin(&v3, &offset);
        assert_int_equal(status, slots == 2 ? FERRY_E_ON_TRIAL : FERRY_OK);
        if (slots == 3)
            assert_true(m.update.slot != fallback && m.update.slot != state().target);
        machine_free(&m);
    }
}

static void running_image_is_protected(void **unused)
{
    (void)unused;
    start(3);
    idle(); /* the copy of the running image is made */
    uint8_t own = ferry_state_find(&m.update.store.journal.state, m.update.image.hash);
    assert_int_not_equal(own, FERRY_NO_SLOT);
    assert_int_equal(ferry_update_erase(&m.update, own), FERRY_E_SLOT_IN_USE);
    assert_int_equal(ferry_update_request(&m.update, own, false), FERRY_E_SAME_IMAGE);
    assert_int_equal(ferry_update_erase(&m.update, 9), FERRY_E_SLOT_NONE);
    machine_free(&m);
}

/* With the copy made in idle time and a slot erased ahead, nothing is left for the boot but
 * copying. */
static void idle_time_prepares_the_update(void **unused)
{
    (void)unused;
    start(3);
    idle();
    struct ferry_state s = state();
    int erased = 0;
    for (uint32_t i = 0; i < 3; i++)
        erased += s.slot[i].state == FERRY_SLOT_ERASED;
    assert_int_equal(erased, 2);
    uint32_t before = m.external.erases;
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(m.external.erases, before);
    assert_int_equal(ferry_update_request(&m.update, candidate(), false), FERRY_OK);
    before = m.external.programmed;
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v2));
    assert_true(m.external.programmed - before < 20 * FERRY_RECORD_SIZE); /* records alone */
    machine_free(&m);
}

static void poll_works_in_small_steps(void **unused)
{
    (void)unused;
    start(3);
    bool more = true;
    while (more) {
        uint32_t erases = m.external.erases, programs = m.external.programs;
        more = ferry_update_poll(&m.update);
        assert_true(m.external.erases - erases <= 1);
        assert_true(m.external.programs - programs <= 4);
    }
    machine_free(&m);
}

static void dead_chip_is_said_so(void **unused)
{
    uint32_t offset;

    (void)unused;
    start(3);
    m.fault = FAULT_ABSENT;
    restart(FERRY_RESET_POWER);
    assert_false(m.update.store_ready);
    assert_int_equal(ferry_update_preflight(&m.update, 1000), FERRY_E_NO_CHIP);
    assert_int_equal(begin(&v2, &offset), FERRY_E_NO_CHIP);
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_E_NO_CHIP);
    assert_int_equal(ferry_update_other(&m.update), FERRY_NO_SLOT);
    assert_false(ferry_update_poll(&m.update));
    assert_int_equal(m.retained.chip_status, R(FERRY_E_NO_CHIP));
    machine_free(&m);
}

static void chip_that_does_not_program_is_found_at_begin(void **unused)
{
    uint32_t offset;

    (void)unused;
    start(3);
    m.fault = FAULT_NO_PROGRAM;
    assert_int_equal(begin(&v2, &offset), FERRY_E_JOURNAL_WRITE);
    machine_free(&m);
}

static void withdrawn_request_is_forgotten(void **unused)
{
    (void)unused;
    start(3);
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, candidate(), true), FERRY_OK);
    assert_int_equal(ferry_update_withdraw(&m.update), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    assert_int_equal(state().flags, FERRY_STATE_CONFIRMED);
    machine_free(&m);
}

static void aborted_upload_frees_its_slot(void **unused)
{
    uint32_t offset;

    (void)unused;
    start(3);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(send(&v2, 0, 70000, 700), FERRY_OK);
    assert_int_equal(ferry_update_abort(&m.update), FERRY_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_not_equal(state().slot[i].state, FERRY_SLOT_RECEIVING);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(offset, 0);
    machine_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(update_is_tried_and_confirmed),
        cmocka_unit_test(back_to_previous_and_again),
        cmocka_unit_test(asked_back_from_a_trial),
        cmocka_unit_test(three_attempts_then_back_with_the_reason),
        cmocka_unit_test(failed_image_does_not_hide_the_next),
        cmocka_unit_test(previous_image_survives_a_failed_trial),
        cmocka_unit_test(sixteen_power_losses_then_back),
        cmocka_unit_test(upload_goes_on_after_a_reset),
        cmocka_unit_test(another_file_starts_anew),
        cmocka_unit_test(wrong_offsets_are_answered_with_the_right_one),
        cmocka_unit_test(bad_images_are_refused),
        cmocka_unit_test(content_is_checked_without_an_identity),
        cmocka_unit_test(refusals_are_recorded),
        cmocka_unit_test(sizes_that_cannot_fit),
        cmocka_unit_test(way_back_is_protected_on_trial),
        cmocka_unit_test(running_image_is_protected),
        cmocka_unit_test(idle_time_prepares_the_update),
        cmocka_unit_test(poll_works_in_small_steps),
        cmocka_unit_test(dead_chip_is_said_so),
        cmocka_unit_test(chip_that_does_not_program_is_found_at_begin),
        cmocka_unit_test(withdrawn_request_is_forgotten),
        cmocka_unit_test(aborted_upload_frees_its_slot),
    };

    return cmocka_run_group_tests(tests, make_images, drop_images);
}
