// SPDX-License-Identifier: Apache-2.0
/* The update session where something is wrong with the chips, or somebody asks for odd things. */
#include <stdlib.h>

#include "cmocka_all.h"
#include "host/sign.h"
#include "sim/machine.h"

static struct ferry_key_file key;
static struct ferry_keys keys;
static struct machine m;
static struct ferry_bytes v1, v2;

static struct ferry_bytes image(uint8_t major, uint32_t size)
{
    struct ferry_sign_options options = {
        .version = {.major = major}, .header_size = 32, .pad_header = true};
    struct ferry_bytes input = {malloc(size), size}, out;
    struct ferry_problem problem;

    for (uint32_t i = 0; i < size; i++)
        input.data[i] = (uint8_t)(i * major + (i >> 8));
    assert_int_equal(ferry_sign_image(&options, &key, "test", &input, &out, &problem), FERRY_OK);
    free(input.data);
    return out;
}

static int make_images(void **unused)
{
    struct ferry_problem problem;

    (void)unused;
    assert_int_equal(ferry_keys_generate(&key, &problem), FERRY_OK);
    keys = (struct ferry_keys){&key.public_key, 1};
    v1 = image(1, 100000);
    v2 = image(2, 150000);
    return 0;
}

static int drop_images(void **unused)
{
    (void)unused;
    ferry_bytes_free(&v1);
    ferry_bytes_free(&v2);
    return 0;
}

/*
 * Chips with a mistake: what is not 0 counts down with each call that qualifies, and the call that
 * makes it 0 fails; with `for_good` each one from there on.
 */
static struct trouble {
    const struct ferry_flash_api *api; /* of the chip behind it */
    uint32_t read, program, erase;
    bool for_good;
    bool flips;      /* a read that fails says nothing, and its first bit is wrong */
    uint32_t erases; /* asked for */
} internal, external;

static bool fails(const struct trouble *t, uint32_t *countdown)
{
    if (*countdown == 0)
        return false;
    if (*countdown > 1) {
        (*countdown)--;
        return false;
    }
    *countdown = t->for_good;
    return true;
}

static struct trouble *trouble_of(void *context)
{
    return context == &m.internal ? &internal : &external;
}

static int bad_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct trouble *t = trouble_of(context);

    int status = t->api->read(context, offset, data, length);
    if ((t == &internal && offset < m.layout.primary.offset) || !fails(t, &t->read))
        return status;
    *(uint8_t *)data ^= t->flips;
    return t->flips ? status : FERRY_E_IO;
}

static int bad_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct trouble *t = trouble_of(context);

    return fails(t, &t->program) ? FERRY_E_PROGRAM : t->api->program(context, offset, data, length);
}

static int bad_erase(void *context, uint32_t offset, uint32_t size)
{
    struct trouble *t = trouble_of(context);

    t->erases++;
    return fails(t, &t->erase) ? FERRY_E_ERASE : t->api->erase(context, offset, size);
}

static void make_trouble(struct trouble *t, struct ferry_flash *flash)
{
    static struct ferry_flash_api api;

    *t = (struct trouble){.api = flash->api};
    api = (struct ferry_flash_api){bad_read, bad_program, bad_erase, flash->api->finish};
    flash->api = &api;
}

static void start_with(uint8_t slots, uint32_t block)
{
    struct machine_config config = {
        .internal_block = 4096, .external_block = block, .slot_size = 0x30000, .slots = slots};

    machine_init(&m, &config, &keys);
    machine_flash_primary(&m, v1.data, (uint32_t)v1.size);
    assert_int_equal(machine_start(&m), MACHINE_RUNS);
    assert_int_equal(machine_open_update(&m), FERRY_OK);
    assert_true(m.update.store_ready);
    make_trouble(&internal, &m.internal_flash);
    make_trouble(&external, &m.external_flash);
}

static void start(uint8_t slots)
{
    start_with(slots, 4096);
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

static int send(const struct ferry_bytes *file, uint32_t offset, uint32_t end)
{
    int status = FERRY_OK;

    while (offset < end && status == FERRY_OK) {
        uint32_t part = end - offset < 777 ? end - offset : 777;
        status = ferry_update_write(&m.update, offset, file->data + offset, part, &offset);
    }
    return status;
}

static int upload(const struct ferry_bytes *file)
{
    uint32_t offset;

    int status = begin(file, &offset);
    return status == FERRY_OK ? send(file, offset, (uint32_t)file->size) : status;
}

static bool runs(const struct ferry_bytes *file)
{
    return memcmp(m.internal.bytes + m.layout.primary.offset, file->data, file->size) == 0;
}

static struct ferry_state state(void)
{
    return m.update.store.journal.state;
}

static void put_on_trial(void)
{
    assert_int_equal(upload(&v2), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, ferry_update_other(&m.update), false),
                     FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_int_equal(state().phase, FERRY_PHASE_TRIAL);
}

/* One copy of the running image is protected, and not every slot somebody sends it to. */
static void sending_what_runs_does_not_fill_the_store(void **unused)
{
    (void)unused;
    for (uint8_t slots = 2; slots <= 3; slots++) {
        start(slots);
        idle();
        for (uint8_t i = 0; i < slots; i++)
            assert_int_equal(upload(&v1), FERRY_OK);
        assert_int_equal(upload(&v2), FERRY_OK);
        assert_int_not_equal(ferry_state_find(&m.update.store.journal.state, m.update.image.hash),
                             FERRY_NO_SLOT);
        machine_free(&m);
    }
}

/* The journal is not given up because the primary could not be read once, or at all. */
static void unreadable_primary_costs_no_journal(void **unused)
{
    (void)unused;
    for (int for_good = 0; for_good < 2; for_good++) {
        start(3);
        put_on_trial();
        struct ferry_state before = state();
        uint32_t nth = 1;
        do { /* each read of the internal chip fails once */
            internal.read = nth++;
            internal.for_good = for_good;
            (void)machine_open_update(&m);
        } while (internal.read == (uint32_t)for_good);
        assert_true(nth > 3);
        internal.read = 0;
        assert_int_equal(machine_open_update(&m), FERRY_OK);
        assert_int_equal(state().phase, FERRY_PHASE_TRIAL);
        assert_int_equal(state().fallback, before.fallback);
        machine_free(&m);
    }
}

/* The bootloader keeps a primary of which one read failed, or came with a wrong bit. */
static void primary_that_reads_badly_once_stays(void **unused)
{
    (void)unused;
    for (uint32_t kind = 0; kind < 2; kind++) {
        start(3);
        idle();
        internal.erases = 0;
        for (uint32_t nth = 1; nth < 60; nth++) {
            internal.flips = kind == 1;
            internal.read = nth;
            restart(FERRY_RESET_SOFTWARE);
        }
        assert_int_equal(internal.erases, 0);
        assert_true(runs(&v1));
        machine_free(&m);
    }
}

/* What cannot be erased in the background is not tried again and again. */
static void background_erases_give_up(void **unused)
{
    uint32_t offset;

    (void)unused;
    for (int upload_open = 0; upload_open < 2; upload_open++) {
        start(3);
        struct ferry_state s = state();
        if (upload_open)
            assert_int_equal(begin(&v2, &offset), FERRY_OK);
        while (m.update.store.journal.end - m.update.store.journal.next > 12 || s.next_erased) {
            assert_int_equal(ferry_journal_append(&m.update.store.journal, &s), FERRY_OK);
            s = state();
        }
        external.erase = 1;
        external.for_good = true;
        external.erases = 0;
        for (int i = 0; i < 1000; i++)
            (void)ferry_update_poll(&m.update);
        assert_in_range(external.erases, 1, 2);
        if (upload_open)
            assert_int_equal(send(&v2, offset, (uint32_t)v2.size), FERRY_E_ERASE);
        machine_free(&m);
    }
}

/* A copy that fails leaves the running image what it is. */
static void failed_copy_hides_nothing(void **unused)
{
    (void)unused;
    start(3);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(ferry_update_poll(&m.update));
    external.erase = 1;
    idle();
    assert_int_equal(external.erase, 0);
    assert_int_equal(m.update.reason, (uint8_t)-FERRY_E_ERASE);
    assert_true(m.update.primary_valid);
    machine_free(&m);
}

static void recover(void)
{
    m.update_config.recovery = true;
    assert_int_equal(ferry_update_open(&m.update, &m.update_config), FERRY_OK);
    assert_true(m.update.store_ready);
}

/* On trial, and no image is left anywhere. */
static void lose_all_images(void)
{
    start(2);
    put_on_trial();
    memset(m.internal.bytes + m.layout.primary.offset, 0, 4096);
    memset(m.external.bytes + m.layout.slot[0].offset, 0, 4096);
    memset(m.external.bytes + m.layout.slot[1].offset, 0, 4096);
    assert_int_equal(machine_start(&m), MACHINE_RECOVERY);
    recover();
}

/* Nothing boots: a file that is refused does not keep the next one out. */
static void rescue_goes_on_after_a_refusal(void **unused)
{
    (void)unused;
    lose_all_images();
    struct ferry_bytes bad = {malloc(v1.size), v1.size};
    memcpy(bad.data, v1.data, v1.size);
    bad.data[5000] ^= 1;
    assert_int_equal(upload(&bad), FERRY_E_IMAGE_HASH);
    free(bad.data);
    assert_int_equal(upload(&v1), FERRY_OK);
    assert_int_equal(ferry_update_request(&m.update, m.update.slot, true), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    machine_free(&m);
}

/* Nothing boots, and the store can be read but not written. */
static void rescue_needs_no_store(void **unused)
{
    (void)unused;
    lose_all_images();
    external.program = 1;
    external.for_good = true;
    assert_int_equal(upload(&v1), FERRY_OK);
    restart(FERRY_RESET_SOFTWARE);
    assert_true(runs(&v1));
    machine_free(&m);
}

/* An image that does not even run is not confirmed out of recovery. */
static void recovery_confirms_nothing(void **unused)
{
    (void)unused;
    start(3);
    put_on_trial();
    recover();
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_E_STATE);
    assert_int_equal(state().phase, FERRY_PHASE_TRIAL);
    restart(FERRY_RESET_SOFTWARE);
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_OK);
    recover();
    assert_int_equal(ferry_update_confirm(&m.update), FERRY_OK);
    machine_free(&m);
}

/* A resumed upload begins where an erase block does. */
static void upload_goes_on_in_large_blocks(void **unused)
{
    uint32_t offset;

    (void)unused;
    start_with(2, 0x20000);
    assert_int_equal(begin(&v2, &offset), FERRY_OK);
    assert_int_equal(send(&v2, 0, 70000), FERRY_OK);
    restart(FERRY_RESET_POWER);
    assert_int_equal(upload(&v2), FERRY_OK);
    machine_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sending_what_runs_does_not_fill_the_store),
        cmocka_unit_test(unreadable_primary_costs_no_journal),
        cmocka_unit_test(primary_that_reads_badly_once_stays),
        cmocka_unit_test(background_erases_give_up),
        cmocka_unit_test(failed_copy_hides_nothing),
        cmocka_unit_test(rescue_goes_on_after_a_refusal),
        cmocka_unit_test(rescue_needs_no_store),
        cmocka_unit_test(recovery_confirms_nothing),
        cmocka_unit_test(upload_goes_on_in_large_blocks),
    };

    return cmocka_run_group_tests(tests, make_images, drop_images);
}
