// SPDX-License-Identifier: Apache-2.0
/* Dumps: the journal's history, and a next boot that is the bootloader's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/buffer_flash.h"
#include "host/dump.h"
#include "tests/unit/image/image_kit.h"

#define BLOCK 0x1000u

static const struct ferry_layout layout = {
    .primary = {.offset = 2 * BLOCK, .length = 2 * BLOCK},
    .floor = {.offset = 0, .length = 2 * BLOCK},
    .journal = {.offset = 0, .length = 2 * BLOCK},
    .slot = {{.offset = 2 * BLOCK, .length = 2 * BLOCK},
             {.offset = 4 * BLOCK, .length = 2 * BLOCK}},
    .slots = 2,
    .internal_size = 4 * BLOCK,
    .external_size = 6 * BLOCK,
};

/* Both chips of a device. */
struct device {
    uint8_t inside[4 * BLOCK];
    uint8_t outside[6 * BLOCK];
    struct ferry_bytes internal;
    struct ferry_bytes external;
    struct ferry_key_file key;
    struct kit old;
    struct kit fresh;
    uint8_t old_hash[FERRY_SHA256_SIZE];
    uint8_t fresh_hash[FERRY_SHA256_SIZE];
};

static void hash_of(const struct kit *kit, uint8_t hash[FERRY_SHA256_SIZE])
{
    struct ferry_image image;

    assert_int_equal(kit_parse(kit, &image), FERRY_OK);
    memcpy(hash, image.hash, FERRY_SHA256_SIZE);
}

/* The old image runs and is in slot 0, the new one is in slot 1. */
static void make(struct device *device)
{
    memset(device, 0, sizeof(*device));
    memset(device->inside, 0xFF, sizeof(device->inside));
    memset(device->outside, 0xFF, sizeof(device->outside));
    device->internal = (struct ferry_bytes){device->inside, sizeof(device->inside)};
    device->external = (struct ferry_bytes){device->outside, sizeof(device->outside)};
    kit_key(&device->key);
    kit_image(&device->old, &device->key, 1);
    kit_image(&device->fresh, &device->key, 2);
    hash_of(&device->old, device->old_hash);
    hash_of(&device->fresh, device->fresh_hash);
    memcpy(device->inside + layout.primary.offset, device->old.bytes, device->old.size);
    memcpy(device->outside + layout.slot[0].offset, device->old.bytes, device->old.size);
    memcpy(device->outside + layout.slot[1].offset, device->fresh.bytes, device->fresh.size);
}

static struct ferry_state state_of(const struct device *device, uint32_t sequence, uint8_t phase)
{
    struct ferry_state state;

    ferry_state_init(&state, 2, device->old_hash);
    state.sequence = sequence;
    state.phase = phase;
    state.flags = FERRY_STATE_CONFIRMED;
    state.target = phase == FERRY_PHASE_IDLE ? FERRY_NO_SLOT : 1;
    for (int i = 0; i < 2; i++) {
        state.slot[i].state = FERRY_SLOT_COMPLETE;
        state.slot[i].size = (i == 0 ? device->old.size : device->fresh.size) & 0x0FFFFFFFu;
        ferry_id_set(state.slot[i].id, i == 0 ? device->old_hash : device->fresh_hash);
    }
    return state;
}

static void put_record(struct device *device, uint32_t position, const struct ferry_state *state)
{
    ferry_record_encode(state, false, device->outside + position * FERRY_RECORD_SIZE);
}

static int forecast_of(const struct device *device, enum ferry_reset_cause cause,
                       struct ferry_forecast *forecast)
{
    struct ferry_keys keys = {.key = &device->key.public_key, .count = 1};

    return ferry_forecast(&layout, &device->internal, &device->external, &keys, cause, forecast);
}

static void the_history_is_newest_first(void **state)
{
    struct ferry_buffer_flash flash;
    struct ferry_seen_journal journal;
    struct ferry_region region;
    struct ferry_state record;
    struct device device;

    (void)state;
    make(&device);
    for (uint32_t i = 0; i < 3; i++) {
        record = state_of(&device, 10 + i, FERRY_PHASE_IDLE);
        put_record(&device, i * 2, &record);
    }
    memset(device.outside + FERRY_RECORD_SIZE, 0, FERRY_RECORD_SIZE);
    device.outside[3 * FERRY_RECORD_SIZE] = 0x12;
    ferry_buffer_flash_open(&flash, device.outside, sizeof(device.outside));
    region = (struct ferry_region){&flash.flash, layout.journal.offset, layout.journal.length};
    assert_int_equal(ferry_dump_journal(&region, &journal), FERRY_OK);
    assert_int_equal(journal.records, 3);
    assert_int_equal(journal.record[0].state.sequence, 12);
    assert_int_equal(journal.record[0].position, 4);
    assert_int_equal(journal.record[2].state.sequence, 10);
    assert_int_equal(journal.used, 1);
    assert_int_equal(journal.torn, 1);
    assert_int_equal(journal.erased, 2 * BLOCK / FERRY_RECORD_SIZE - 5);
    free(journal.record);
}

static void a_request_is_foretold_and_the_dumps_stay(void **state)
{
    struct ferry_forecast forecast;
    struct ferry_state record;
    struct device device;
    struct device before;

    (void)state;
    make(&device);
    record = state_of(&device, 5, FERRY_PHASE_REQUESTED);
    put_record(&device, 0, &record);
    before = device;
    assert_int_equal(forecast_of(&device, FERRY_RESET_SOFTWARE, &forecast), FERRY_OK);
    assert_int_equal(forecast.status, FERRY_OK);
    assert_memory_equal(forecast.image.hash, device.fresh_hash, FERRY_SHA256_SIZE);
    assert_int_equal(forecast.before.phase, FERRY_PHASE_REQUESTED);
    assert_true(forecast.appends >= 3); /* installing, trial, the attempt */
    assert_int_equal(forecast.appended[0].sequence, 6);
    assert_int_equal(forecast.appended[forecast.appends - 1].phase, FERRY_PHASE_TRIAL);
    assert_int_equal(forecast.appended[forecast.appends - 1].attempts, 1);
    assert_true(forecast.internal_erased > 0);
    assert_memory_equal(device.inside, before.inside, sizeof(device.inside));
    assert_memory_equal(device.outside, before.outside, sizeof(device.outside));
}

static void the_cause_of_the_reset_matters(void **state)
{
    struct ferry_forecast forecast;
    struct ferry_state record;
    struct device device;

    (void)state;
    make(&device);
    record = state_of(&device, 5, FERRY_PHASE_TRIAL);
    record.attempts = FERRY_ATTEMPTS_DEFAULT;
    record.flags = 0;
    record.fallback = 0;
    ferry_id_set(record.running, device.fresh_hash);
    put_record(&device, 0, &record);
    memcpy(device.inside + layout.primary.offset, device.fresh.bytes, device.fresh.size);
    assert_int_equal(forecast_of(&device, FERRY_RESET_WATCHDOG, &forecast), FERRY_OK);
    assert_memory_equal(forecast.image.hash, device.old_hash, FERRY_SHA256_SIZE);
    assert_int_equal(forecast.reason, -FERRY_R_TRIAL_FAILED);
}

static void a_refused_candidate_has_its_reason(void **state)
{
    struct ferry_forecast forecast;
    struct ferry_state record;
    struct device device;

    (void)state;
    make(&device);
    record = state_of(&device, 5, FERRY_PHASE_REQUESTED);
    put_record(&device, 0, &record);
    device.outside[layout.slot[1].offset + 50] ^= 1;
    assert_int_equal(forecast_of(&device, FERRY_RESET_POWER, &forecast), FERRY_OK);
    assert_int_equal(forecast.status, FERRY_OK);
    assert_memory_equal(forecast.image.hash, device.old_hash, FERRY_SHA256_SIZE);
    assert_int_equal(forecast.reason, -FERRY_E_IMAGE_HASH);
    assert_int_equal(forecast.internal_erased, 0);
}

static void a_device_without_anything_stays_in_recovery(void **state)
{
    struct ferry_forecast forecast;
    struct device device;

    (void)state;
    make(&device);
    memset(device.inside, 0xFF, sizeof(device.inside));
    memset(device.outside, 0xFF, sizeof(device.outside));
    assert_int_equal(forecast_of(&device, FERRY_RESET_POWER, &forecast), FERRY_OK);
    assert_int_equal(forecast.status, FERRY_R_NOTHING_BOOTS);
}

static void an_absent_chip_and_a_short_dump(void **state)
{
    struct ferry_forecast forecast;
    struct device device;

    (void)state;
    make(&device);
    device.external.size = 0;
    assert_int_equal(forecast_of(&device, FERRY_RESET_POWER, &forecast), FERRY_OK);
    assert_int_equal(forecast.status, FERRY_OK);
    assert_int_equal(forecast.appends, 0);
    device.internal.size--;
    assert_int_equal(forecast_of(&device, FERRY_RESET_POWER, &forecast), FERRY_E_CHIP_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_history_is_newest_first),
        cmocka_unit_test(a_request_is_foretold_and_the_dumps_stay),
        cmocka_unit_test(the_cause_of_the_reset_matters),
        cmocka_unit_test(a_refused_candidate_has_its_reason),
        cmocka_unit_test(a_device_without_anything_stays_in_recovery),
        cmocka_unit_test(an_absent_chip_and_a_short_dump),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
