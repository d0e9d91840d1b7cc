// SPDX-License-Identifier: Apache-2.0
/* The policy, row by row: DESIGN.md has the same rows. */
#include "cmocka_all.h"
#include "ferry/boot.h"

#define R(status) ((uint8_t) - (status))
#define ANY       0xEE

static const uint8_t old_hash[32] = {0x01, 0x01}, new_hash[32] = {0x02, 0x02}, alien[32] = {0x0F};

static struct ferry_boot_facts f;

static void put_slot(uint8_t slot, const uint8_t *hash, uint8_t known)
{
    f.state.slot[slot].state = FERRY_SLOT_COMPLETE;
    f.state.slot[slot].size = 5000;
    ferry_id_set(f.state.slot[slot].id, hash);
    f.slot[slot].known = known;
    f.slot[slot].size = 5000;
    ferry_id_set(f.slot[slot].id, hash);
}

/* Slot 0: the running image's own; slot 1: the new image; slot 2: unknown. */
static void start(uint8_t phase, const uint8_t *primary)
{
    memset(&f, 0, sizeof f);
    f.slots = 3;
    f.store_ready = f.journal_ready = f.journal_writable = true;
    f.attempts_max = 3;
    f.power_max = 16;
    f.installed = FERRY_NO_SLOT;
    f.cause = FERRY_RESET_SOFTWARE;
    ferry_state_init(&f.state, 3, old_hash);
    f.state.phase = phase;
    put_slot(0, old_hash, FERRY_GOOD);
    put_slot(1, new_hash, FERRY_GOOD);
    if (phase != FERRY_PHASE_IDLE) {
        f.state.target = 1;
        f.state.fallback = phase == FERRY_PHASE_REQUESTED ? FERRY_NO_SLOT : 0;
    }
    if (phase == FERRY_PHASE_TRIAL) {
        ferry_id_set(f.state.running, new_hash);
        f.state.flags = 0;
    }
    if (phase == FERRY_PHASE_INSTALLING)
        f.state.flags = FERRY_STATE_SKIP;
    f.primary_valid = primary != NULL;
    f.primary_size = 5000;
    if (primary)
        memcpy(f.primary, primary, 32);
}

static struct ferry_boot_decision expect(uint8_t action, uint8_t slot, uint8_t reason)
{
    struct ferry_boot_decision d;

    ferry_boot_decide(&f, &d);
    assert_int_equal(d.action, action);
    if (slot != ANY)
        assert_int_equal(d.slot, slot);
    if (reason != ANY)
        assert_int_equal(d.reason, reason);
    return d;
}

static struct ferry_state expect_record(void)
{
    return expect(FERRY_DO_RECORD, ANY, ANY).state;
}

/* The same facts after the record was appended. */
static void take_record(void)
{
    f.state = expect_record();
}

static void valid_primary_boots_without_the_chip(void **unused)
{
    (void)unused;
    for (uint8_t phase = FERRY_PHASE_IDLE; phase <= FERRY_PHASE_TRIAL; phase++) {
        start(phase, phase == FERRY_PHASE_TRIAL ? new_hash : old_hash);
        f.store_ready = f.journal_ready = false;
        expect(FERRY_DO_BOOT, ANY, 0);
        f.store_ready = true; /* the chip is there, the journal is not */
        expect(FERRY_DO_BOOT, ANY, 0);
    }
}

static void foreign_journal_starts_nothing(void **unused)
{
    (void)unused;
    for (uint8_t phase = FERRY_PHASE_IDLE; phase <= FERRY_PHASE_TRIAL; phase++) {
        start(phase, alien);
        expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_FOREIGN));
    }
    start(FERRY_PHASE_TRIAL, old_hash); /* a trial of another image than the one that is here */
    f.state.attempts = 3;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_FOREIGN));
}

static void recovery_is_obeyed(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_TRIAL, new_hash);
    f.recovery_asked = true;
    expect(FERRY_DO_RECOVERY, ANY, R(FERRY_R_RECOVERY_ASKED));
}

static void request_verifies_both_then_installs(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_REQUESTED, old_hash);
    f.slot[0].known = f.slot[1].known = FERRY_UNKNOWN;
    expect(FERRY_DO_VERIFY, 1, 0);
    f.slot[1].known = FERRY_GOOD;
    expect(FERRY_DO_VERIFY, 0, 0);
    f.slot[0].known = FERRY_GOOD;
    struct ferry_state s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_INSTALLING);
    assert_int_equal(s.target, 1);
    assert_int_equal(s.fallback, 0);
    assert_int_equal(s.installed, 0);
    assert_int_equal(s.flags, FERRY_STATE_SKIP);
}

static void bad_requests_are_refused(void **unused)
{
    struct ferry_state s;

    (void)unused;
    start(FERRY_PHASE_REQUESTED, old_hash);
    f.slot[1].known = FERRY_BAD;
    f.slot[1].reason = R(FERRY_E_IMAGE_SIGNATURE);
    s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_IDLE);
    assert_int_equal(s.target, FERRY_NO_SLOT);
    assert_int_equal(s.reason, R(FERRY_E_IMAGE_SIGNATURE));
    assert_int_equal(s.flags, FERRY_STATE_CONFIRMED);
    f.state = s;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_IMAGE_SIGNATURE));

    start(FERRY_PHASE_REQUESTED, old_hash); /* signed, but not the image that was asked for */
    ferry_id_set(f.slot[1].id, alien);
    assert_int_equal(expect_record().reason, R(FERRY_E_SLOT_EMPTY));

    start(FERRY_PHASE_REQUESTED, old_hash);
    f.state.slot[1].state = FERRY_SLOT_RECEIVING;
    assert_int_equal(expect_record().reason, R(FERRY_E_SLOT_EMPTY));

    start(FERRY_PHASE_REQUESTED, old_hash);
    put_slot(1, old_hash, FERRY_GOOD);
    assert_int_equal(expect_record().reason, R(FERRY_E_SAME_IMAGE));

    start(FERRY_PHASE_REQUESTED, old_hash); /* refused, and that cannot be written either */
    f.journal_writable = false;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_WRITE));
}

static void running_image_is_copied_first(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_REQUESTED, old_hash);
    memset(&f.state.slot[0], 0, sizeof f.state.slot[0]);
    memset(&f.slot[0], 0, sizeof f.slot[0]);
    f.state.slot[2].state = FERRY_SLOT_ERASED; /* better than an unknown one */
    struct ferry_state s = expect_record();
    assert_int_equal(s.slot[2].state, FERRY_SLOT_COPYING);
    assert_true(ferry_id_equal(s.slot[2].id, old_hash));
    f.state = s;
    expect(FERRY_DO_COPY, 2, 0);
    f.slot[2].known = FERRY_GOOD;
    ferry_id_set(f.slot[2].id, old_hash);
    take_record();
    assert_int_equal(f.state.slot[2].state, FERRY_SLOT_COMPLETE);
    s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_INSTALLING);
    assert_int_equal(s.fallback, 2);
}

/* A slot that was found to hold another good image than its record says is copied over, too. */
static void copy_goes_over_a_good_stranger(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_REQUESTED, old_hash);
    f.slots = f.state.slots = 2;
    ferry_id_set(f.slot[0].id, alien);
    take_record();
    assert_int_equal(f.state.slot[0].state, FERRY_SLOT_COPYING);
    expect(FERRY_DO_COPY, 0, 0);
    ferry_id_set(f.slot[0].id, old_hash);
    take_record();
    assert_int_equal(f.state.slot[0].state, FERRY_SLOT_COMPLETE);
    assert_int_equal(expect_record().phase, FERRY_PHASE_INSTALLING);
}

static void without_a_fallback_nothing_is_erased(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_REQUESTED, old_hash);
    f.slot[0].known = FERRY_BAD;
    take_record(); /* a copy into the bad one or another */
    uint8_t slot = expect(FERRY_DO_COPY, ANY, 0).slot;
    assert_true(slot == 0 || slot == 2);
    f.slot[slot].copy_failed = true;
    take_record();
    slot = expect(FERRY_DO_COPY, ANY, 0).slot;
    f.slot[slot].copy_failed = true;
    struct ferry_state s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_IDLE);
    assert_int_equal(s.reason, R(FERRY_E_NO_FALLBACK));
}

static void install_skips_only_what_this_life_began(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, old_hash);
    f.install_is_fresh = true;
    assert_true(expect(FERRY_DO_INSTALL, 1, 0).skip_equal);
    f.install_is_fresh = false; /* resumed: a page may be weak */
    assert_false(expect(FERRY_DO_INSTALL, 1, 0).skip_equal);
    f.install_is_fresh = true;
    f.state.flags = 0;
    assert_false(expect(FERRY_DO_INSTALL, 1, 0).skip_equal);
}

static void interrupted_install_goes_on(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, NULL);
    f.slot[1].known = FERRY_UNKNOWN;
    expect(FERRY_DO_VERIFY, 1, 0);
    f.slot[1].known = FERRY_GOOD;
    assert_false(expect(FERRY_DO_INSTALL, 1, 0).unrecorded);
}

/* Cut after the last page: the new image is there, but its last window may be weak. */
static void arrived_image_is_completed_before_its_trial(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, new_hash);
    f.slot[0].known = FERRY_UNKNOWN;
    expect(FERRY_DO_VERIFY, 0, 0); /* a valid primary loses no page without a way back */
    f.slot[0].known = FERRY_GOOD;
    expect(FERRY_DO_INSTALL, 1, 0);
    f.installed = 1;
    struct ferry_state s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_TRIAL);
    assert_true(ferry_id_equal(s.running, new_hash));
    assert_int_equal(s.fallback, 0);
    assert_int_equal(s.attempts, 0);
}

static void way_back_lost_during_install(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, old_hash); /* nothing erased yet: a new copy is made first */
    f.slot[0].known = FERRY_BAD;
    struct ferry_state s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_REQUESTED);
    assert_int_equal(s.fallback, FERRY_NO_SLOT);

    start(FERRY_PHASE_INSTALLING, old_hash); /* a good image, but not the one that ran */
    ferry_id_set(f.slot[0].id, alien);
    assert_int_equal(expect_record().phase, FERRY_PHASE_REQUESTED);

    start(FERRY_PHASE_INSTALLING, new_hash); /* the new one is whole: it stays as it is */
    f.slot[0].known = FERRY_BAD;
    s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_TRIAL);
    assert_int_equal(s.fallback, FERRY_NO_SLOT);

    start(FERRY_PHASE_INSTALLING, NULL); /* neither: only the target is left */
    f.slot[0].known = FERRY_BAD;
    expect(FERRY_DO_INSTALL, 1, ANY);
}

static void permanent_install_is_confirmed(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, new_hash);
    f.state.flags = FERRY_STATE_PERMANENT;
    f.installed = 1;
    struct ferry_state s = expect_record();
    assert_int_equal(s.phase, FERRY_PHASE_IDLE);
    assert_int_equal(s.flags, FERRY_STATE_CONFIRMED);
    assert_int_equal(s.fallback, 0); /* the previous image */
}

static void target_lost_during_install(void **unused)
{
    (void)unused;
    for (int valid = 0; valid < 2; valid++) {
        start(FERRY_PHASE_INSTALLING, valid ? old_hash : NULL);
        f.slot[1].known = FERRY_BAD;
        f.slot[1].reason = R(FERRY_E_IMAGE_HASH);
        f.slot[0].known = FERRY_UNKNOWN;
        expect(FERRY_DO_VERIFY, 0, 0);
        f.slot[0].known = FERRY_GOOD;
        struct ferry_state s = expect_record();
        assert_int_equal(s.phase, FERRY_PHASE_INSTALLING);
        assert_int_equal(s.target, 0);
        assert_int_equal(s.reason, R(FERRY_E_IMAGE_HASH));
        assert_int_equal(s.flags, FERRY_STATE_REVERT | FERRY_STATE_CONFIRMED);
        f.state = s;
        assert_false(expect(FERRY_DO_INSTALL, 0, ANY).skip_equal);
    }
    start(FERRY_PHASE_INSTALLING, NULL);
    f.slot[1].install_failed = true; /* its copy does not verify in the primary */
    assert_int_equal(expect_record().reason, R(FERRY_R_INSTALL_FAILED));
    start(FERRY_PHASE_INSTALLING, NULL);
    f.slot[0].known = f.slot[1].known = f.slot[2].known = FERRY_BAD;
    expect(FERRY_DO_RECOVERY, ANY, R(FERRY_R_NOTHING_BOOTS));
}

static void journal_breaks_during_install(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_INSTALLING, NULL);
    f.journal_writable = false;
    expect(FERRY_DO_INSTALL, 1, ANY); /* idempotent: it goes on */
    start(FERRY_PHASE_INSTALLING, old_hash);
    f.journal_writable = false;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_WRITE)); /* nothing is begun */
    start(FERRY_PHASE_INSTALLING, new_hash);
    f.journal_writable = false;
    f.installed = 1;
    struct ferry_boot_decision d = expect(FERRY_DO_INSTALL, 0, R(FERRY_R_UNRECORDED));
    assert_true(d.unrecorded);
    f.went_back = true;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_WRITE));
}

static void attempts_count_by_cause(void **unused)
{
    static const uint8_t soft[] = {FERRY_RESET_SOFTWARE, FERRY_RESET_WATCHDOG, FERRY_RESET_LOCKUP};

    (void)unused;
    for (int i = 0; i < 3; i++) {
        start(FERRY_PHASE_TRIAL, new_hash);
        f.cause = soft[i];
        struct ferry_state s = expect_record();
        assert_int_equal(s.attempts, 1);
        assert_int_equal(s.power_attempts, 0);
        f.state = s;
        f.attempt_recorded = true;
        expect(FERRY_DO_BOOT, ANY, 0);
    }
    start(FERRY_PHASE_TRIAL, new_hash);
    f.cause = FERRY_RESET_POWER;
    assert_int_equal(expect_record().power_attempts, 1);
    assert_int_equal(expect_record().attempts, 0);
}

static void trial_ends_after_its_attempts(void **unused)
{
    (void)unused;
    for (int power = 0; power < 2; power++) {
        start(FERRY_PHASE_TRIAL, new_hash);
        f.state.attempts = power ? 0 : 3;
        f.state.power_attempts = power ? 16 : 0;
        f.slot[0].known = FERRY_UNKNOWN;
        expect(FERRY_DO_VERIFY, 0, 0);
        f.slot[0].known = FERRY_GOOD;
        struct ferry_state s = expect_record();
        assert_int_equal(s.phase, FERRY_PHASE_INSTALLING);
        assert_int_equal(s.target, 0);
        assert_int_equal(s.fallback, 1);
        assert_int_equal(s.reason, power ? R(FERRY_R_TRIAL_POWER) : R(FERRY_R_TRIAL_FAILED));
        assert_true(s.flags & FERRY_STATE_REVERT);
        f.state = s;
        memcpy(f.primary, old_hash, 32);
        f.installed = 0;
        s = expect_record();
        assert_int_equal(s.phase, FERRY_PHASE_IDLE);
        assert_int_equal(s.flags, FERRY_STATE_CONFIRMED);
        assert_int_equal(s.fallback, FERRY_NO_SLOT);
        assert_int_equal(s.reason, power ? R(FERRY_R_TRIAL_POWER) : R(FERRY_R_TRIAL_FAILED));
    }
}

/* The way back could not be copied: what failed its trial runs again, and is not confirmed by it.
 */
static void failed_trial_is_never_confirmed(void **unused)
{
    struct ferry_state s;

    (void)unused;
    for (int lost = 0; lost < 2; lost++) {
        start(FERRY_PHASE_TRIAL, new_hash);
        f.state.attempts = 3;
        take_record();
        f.primary_valid = false;
        f.slot[0].install_failed = true;
        if (lost) /* found without the journal's help */
            f.state.slot[1].state = FERRY_SLOT_UNKNOWN;
        f.slot[2].known = FERRY_BAD;
        take_record();
        assert_int_equal(f.state.target, 1);
        memcpy(f.primary, new_hash, 32);
        f.primary_valid = true;
        f.installed = 1;
        s = expect_record();
        assert_int_equal(s.phase, FERRY_PHASE_IDLE);
        assert_false(s.flags & FERRY_STATE_CONFIRMED);
    }
}

static void trial_without_a_way_back_stays(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_TRIAL, new_hash);
    f.state.attempts = 3;
    f.slot[0].known = FERRY_BAD;
    expect(FERRY_DO_BOOT, ANY, R(FERRY_R_TRIAL_STUCK));
}

static void attempt_that_cannot_be_recorded(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_TRIAL, new_hash);
    f.journal_writable = false;
    struct ferry_boot_decision d = expect(FERRY_DO_INSTALL, 0, R(FERRY_R_UNRECORDED));
    assert_true(d.unrecorded);
    f.went_back = true; /* once per power-up */
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_WRITE));
    f.went_back = false;
    f.slot[0].known = FERRY_BAD; /* no verified fallback: uncounted */
    expect(FERRY_DO_BOOT, ANY, R(FERRY_E_JOURNAL_WRITE));
}

static void asked_back_goes_back_with_its_reason(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_TRIAL, new_hash);
    f.state.attempts = 0xFF;
    f.state.reason = R(FERRY_R_WENT_BACK);
    assert_int_equal(expect_record().reason, R(FERRY_R_WENT_BACK));
}

static void invalid_primary_is_restored(void **unused)
{
    struct ferry_state s;

    (void)unused;
    start(FERRY_PHASE_IDLE, NULL);
    s = expect_record(); /* the image that ran, not the newer one beside it */
    assert_int_equal(s.target, 0);
    assert_int_equal(s.reason, R(FERRY_R_RESTORED));
    assert_true(s.flags & FERRY_STATE_CONFIRMED);
    start(FERRY_PHASE_TRIAL, NULL);
    assert_int_equal(expect_record().target, 0); /* the way back, not what is being tried */
    start(FERRY_PHASE_TRIAL, NULL);
    f.slot[0].known = FERRY_BAD;
    s = expect_record();
    assert_int_equal(s.target, 1);
    assert_false(s.flags & FERRY_STATE_CONFIRMED); /* it never was */
    start(FERRY_PHASE_REQUESTED, NULL);
    f.state.flags |= FERRY_STATE_PERMANENT;
    assert_int_equal(expect_record().target, 1);
}

static void restored_without_a_journal(void **unused)
{
    (void)unused;
    start(FERRY_PHASE_IDLE, NULL);
    f.journal_ready = false;
    memset(&f.state, 0, sizeof f.state);
    f.slot[2].known = FERRY_BAD;
    f.slot[1].rank = 2;
    struct ferry_boot_decision d = expect(FERRY_DO_INSTALL, 1, R(FERRY_R_RESTORED)); /* newest */
    assert_true(d.unrecorded);
    f.slot[1].install_failed = true;
    expect(FERRY_DO_INSTALL, 0, R(FERRY_R_RESTORED));
    f.slot[0].known = FERRY_UNKNOWN;
    expect(FERRY_DO_VERIFY, 0, 0);
    f.slot[0].known = FERRY_BAD;
    expect(FERRY_DO_RECOVERY, ANY, R(FERRY_R_NOTHING_BOOTS));
    f.store_ready = false;
    expect(FERRY_DO_RECOVERY, ANY, R(FERRY_R_NOTHING_BOOTS));
}

/* Whatever the facts: a decision that stays inside its slots, and the same one twice. */
static void any_facts_give_a_sane_decision(void **unused)
{
    uint32_t seed = 1;

    (void)unused;
    for (uint32_t round = 0; round < 200000; round++) {
        uint8_t *raw = (uint8_t *)&f;
        for (uint32_t i = 0; i < sizeof f; i++) {
            seed = seed * 1664525u + 1013904223u;
            raw[i] = (uint8_t)(seed >> 24) & ((seed >> 8) % 3 ? 0x01 : 0x03);
        }
        bool *const truths[] = {&f.primary_valid,    &f.store_ready,      &f.journal_ready,
                                &f.journal_writable, &f.install_is_fresh, &f.attempt_recorded,
                                &f.recovery_asked,   &f.went_back};
        for (uint32_t i = 0; i < sizeof truths / sizeof truths[0]; i++)
            *(uint8_t *)truths[i] &= 1;
        for (uint32_t i = 0; i < FERRY_SLOTS_MAX; i++) {
            *(uint8_t *)&f.slot[i].install_failed &= 1;
            *(uint8_t *)&f.slot[i].copy_failed &= 1;
        }
        f.slots = (uint8_t)(2 + f.slots % 3);
        f.state.slots = f.slots;
        f.state.target = f.state.target % 4 < f.slots ? f.state.target % 4 : FERRY_NO_SLOT;
        f.state.fallback = f.state.fallback % 4 < f.slots ? f.state.fallback % 4 : FERRY_NO_SLOT;
        f.state.phase %= 4;
        if (f.state.phase != FERRY_PHASE_IDLE && f.state.target == FERRY_NO_SLOT)
            f.state.target = 0;
        struct ferry_boot_decision d, again;
        ferry_boot_decide(&f, &d);
        ferry_boot_decide(&f, &again);
        assert_memory_equal(&d, &again, sizeof d);
        if (d.action >= FERRY_DO_VERIFY && d.action != FERRY_DO_RECORD)
            assert_true(d.slot < f.slots);
        if (d.action == FERRY_DO_INSTALL)
            assert_int_equal(f.slot[d.slot].known, FERRY_GOOD);
        if (d.action == FERRY_DO_BOOT)
            assert_true(f.primary_valid);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_primary_boots_without_the_chip),
        cmocka_unit_test(foreign_journal_starts_nothing),
        cmocka_unit_test(recovery_is_obeyed),
        cmocka_unit_test(request_verifies_both_then_installs),
        cmocka_unit_test(bad_requests_are_refused),
        cmocka_unit_test(running_image_is_copied_first),
        cmocka_unit_test(copy_goes_over_a_good_stranger),
        cmocka_unit_test(without_a_fallback_nothing_is_erased),
        cmocka_unit_test(install_skips_only_what_this_life_began),
        cmocka_unit_test(interrupted_install_goes_on),
        cmocka_unit_test(arrived_image_is_completed_before_its_trial),
        cmocka_unit_test(way_back_lost_during_install),
        cmocka_unit_test(permanent_install_is_confirmed),
        cmocka_unit_test(target_lost_during_install),
        cmocka_unit_test(journal_breaks_during_install),
        cmocka_unit_test(attempts_count_by_cause),
        cmocka_unit_test(trial_ends_after_its_attempts),
        cmocka_unit_test(failed_trial_is_never_confirmed),
        cmocka_unit_test(trial_without_a_way_back_stays),
        cmocka_unit_test(attempt_that_cannot_be_recorded),
        cmocka_unit_test(asked_back_goes_back_with_its_reason),
        cmocka_unit_test(invalid_primary_is_restored),
        cmocka_unit_test(restored_without_a_journal),
        cmocka_unit_test(any_facts_give_a_sane_decision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
