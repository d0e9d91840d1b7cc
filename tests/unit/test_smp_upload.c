// SPDX-License-Identifier: Apache-2.0
/* The windowed upload against a peer with the quirks of real servers, on a virtual clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/smp_client.h"
#include "tests/unit/smp_peer.h"

struct run {
    struct ferry_upload_config config;
    struct ferry_upload upload;
    struct peer peer;
    uint64_t now;
    uint8_t data[40000];
};

static struct run *new_run(uint32_t size)
{
    struct run *run = calloc(1, sizeof(*run));

    assert_non_null(run);
    for (uint32_t i = 0; i < sizeof(run->data); i++)
        run->data[i] = (uint8_t)(i * 31 + (i >> 8));
    memset(run->config.sha, 0x5A, sizeof(run->config.sha));
    run->config.data = run->data;
    run->config.size = size;
    run->config.message_max = 512;
    run->config.window = 3;
    run->config.first_ms = 40000;
    run->config.silence_ms = 10000;
    run->peer.seed = 1;
    run->peer.delay = 5;
    run->peer.handle_ms = 2;
    return run;
}

static void end_run(struct run *run)
{
    free(run->peer.content);
    free(run);
}

/* Runs the upload to its end; ten virtual hours are a failure of the test. */
static void drive(struct run *run)
{
    static struct ferry_client_reply reply;
    uint8_t message[PEER_MESSAGE];
    size_t length;

    peer_start(&run->peer);
    ferry_upload_start(&run->upload, &run->config, 1, 200, run->now);
    for (;;) {
        while ((length = ferry_upload_send(&run->upload, run->now, message, sizeof(message))) > 0)
            peer_send(&run->peer, run->now, message, length);
        /* The first chunk travels alone. */
        assert_true(run->upload.begun || run->upload.flights <= 1);
        assert_true(run->upload.flights <= 1 || run->upload.flight[0].offset > 0);
        while ((length = peer_receive(&run->peer, run->now, message)) > 0)
            ferry_upload_receive(&run->upload, run->now, message, length, &reply);
        if (run->upload.state != FERRY_CLIENT_BUSY)
            return;
        uint64_t next = ferry_upload_deadline(&run->upload);
        if (peer_deadline(&run->peer) < next)
            next = peer_deadline(&run->peer);
        run->now = next > run->now ? next : run->now + 1;
        assert_true(run->now < 36000000);
    }
}

static void assert_arrived(const struct run *run)
{
    assert_int_equal(run->upload.state, FERRY_CLIENT_DONE);
    assert_true(run->peer.complete);
    assert_int_equal(run->peer.size, run->config.size);
    assert_memory_equal(run->peer.content, run->data, run->config.size);
}

static void test_clean(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->upload.losses, 0);
    assert_int_equal(run->peer.firsts, 1);
    assert_in_range(run->peer.most_in_flight, 1, 3);
    /* Every message is full: 512 bytes carry at least 480 of data. */
    assert_in_range(run->upload.messages, 40000 / 500, 40000 / 480 + 1);
    end_run(run);
}

static void test_window_saves_time(void **state)
{
    uint64_t time[2];

    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        struct run *run = new_run(40000);

        run->config.window = i == 0 ? 1 : 3;
        run->peer.delay = 20;
        drive(run);
        assert_arrived(run);
        time[i] = run->now;
        end_run(run);
    }
    assert_true(time[1] * 2 < time[0]);
}

static void test_sizes(void **state)
{
    static const uint32_t sizes[] = {32, 33, 100, 420, 430, 431, 432, 433, 450, 900, 932};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct run *run = new_run(sizes[i]);

        drive(run);
        assert_arrived(run);
        end_run(run);
    }
}

/* Loss, doubling and reordering in both directions: every seed ends right. */
static void test_bad_links(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 200; seed++) {
        struct run *run = new_run(20000);

        run->peer.seed = seed;
        run->peer.loss = seed % 21;
        run->peer.doubled = seed % 7;
        run->peer.jitter = seed % 3 == 0 ? 40 : 0;
        run->config.window = 1 + seed % 8;
        drive(run);
        if (run->upload.state != FERRY_CLIENT_DONE)
            print_message("seed %u: state %d at %u of %u\n", seed, run->upload.state,
                          run->upload.acked, run->config.size);
        assert_arrived(run);
        end_run(run);
    }
}

/* A queue of two drops what a window of eight sends: the window shrinks, the upload ends. */
static void test_small_queue(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.queue = 2;
    run->peer.handle_ms = 20;
    run->config.window = 8;
    drive(run);
    assert_arrived(run);
    assert_in_range(run->upload.losses, 1, 4);
    assert_true(run->upload.window < 8);
    end_run(run);
}

/* After a bad time the window opens again. */
static void test_window_grows(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.loss = 30;
    run->peer.loss_until = 3000;
    drive(run);
    assert_arrived(run);
    assert_true(run->upload.losses > 2);
    assert_int_equal(run->upload.window, 3);
    end_run(run);
}

/* The answers to a whole window are lost: the device is ahead, and nothing is sent twice but one.
 */
static void test_device_is_ahead(void **state)
{
    struct run *run = new_run(20000);
    uint32_t messages = 20000 / 487 + 2;

    (void)state;
    run->peer.mute = 3;
    drive(run);
    assert_arrived(run);
    assert_in_range(run->peer.handled, messages, messages + 1);
    end_run(run);
}

static void test_slow_erase_before_first_answer(void **state)
{
    struct run *run = new_run(5000);

    (void)state;
    run->peer.first_ms = 30000;
    drive(run);
    assert_arrived(run);
    end_run(run);
}

static void test_resume(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.dead_at = 16000;
    drive(run);
    assert_int_equal(run->upload.state, FERRY_CLIENT_SILENT);
    assert_in_range(run->upload.acked, 15000, 17000);
    run->peer.dead_at = 0;
    drive(run);
    assert_arrived(run);
    assert_in_range(run->upload.resumed, 15000, 17500);
    end_run(run);
}

static void test_device_forgets(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.reset_at = 20000;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->peer.firsts, 2);
    end_run(run);
}

/* MCUboot recovery: 8-byte units, no resume, silence on long messages. */
static void test_recovery_quirks(void **state)
{
    struct run *run = new_run(20000);

    (void)state;
    run->peer.unit = 8;
    run->peer.no_resume = true;
    run->peer.buffer = 256;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->upload.message, 256);
    /* It learns the unit: only a few chunks are sent twice. */
    assert_int_equal(run->upload.chunk % 8, 0);
    assert_in_range(run->upload.messages, 20000 / 240, 20000 / 220 + 12);
    end_run(run);
}

static void test_too_long_is_damaged(void **state)
{
    struct run *run = new_run(20000);

    (void)state;
    run->peer.buffer = 300;
    run->peer.corrupt_if_long = true;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->upload.message, 256);
    end_run(run);
}

static void test_loss_does_not_shrink_for_good(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.loss = 20;
    run->peer.seed = 7;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->upload.message, 512);
    end_run(run);
}

static void test_busy(void **state)
{
    struct run *run = new_run(5000);

    (void)state;
    run->peer.busy = 5;
    drive(run);
    assert_arrived(run);
    assert_true(run->now >= 1000);
    end_run(run);
}

static void test_busy_for_ever(void **state)
{
    struct run *run = new_run(5000);

    (void)state;
    run->peer.busy = 100000;
    drive(run);
    assert_int_equal(run->upload.state, FERRY_CLIENT_ERROR);
    assert_int_equal(run->upload.error.code, 10);
    end_run(run);
}

static void test_error(void **state)
{
    struct run *run = new_run(20000);

    (void)state;
    run->peer.error_at = 9000;
    drive(run);
    assert_int_equal(run->upload.state, FERRY_CLIENT_ERROR);
    assert_int_equal(run->upload.error.code, 1);
    assert_true(run->upload.acked >= 9000);
    end_run(run);
}

static void test_version_1(void **state)
{
    struct run *run = new_run(20000);

    (void)state;
    run->peer.version1 = true;
    drive(run);
    assert_arrived(run);
    assert_int_equal(run->upload.version, 0);
    end_run(run);
}

static void test_match(void **state)
{
    (void)state;
    for (int good = 0; good < 2; good++) {
        struct run *run = new_run(20000);

        run->peer.match = true;
        run->peer.match_value = good;
        drive(run);
        assert_int_equal(run->upload.state, good ? FERRY_CLIENT_DONE : FERRY_CLIENT_BROKEN);
        assert_int_equal(run->upload.mismatch, !good);
        assert_int_equal(run->upload.match, good);
        end_run(run);
    }
}

static void test_dead_from_the_start(void **state)
{
    struct run *run = new_run(20000);

    (void)state;
    run->peer.loss = 100;
    drive(run);
    assert_int_equal(run->upload.state, FERRY_CLIENT_SILENT);
    assert_int_equal(run->now, 40000);
    assert_int_equal(run->upload.acked, 0);
    /* Patient: the device may be erasing, and each repetition waits in its queue. */
    assert_in_range(run->upload.messages, 5, 10);
    end_run(run);
}

/* A device that never moves on is not waited for for ever. */
static void test_stuck(void **state)
{
    struct run *run = new_run(40000);

    (void)state;
    run->peer.unit = 4096; /* takes nothing of a short chunk */
    drive(run);
    assert_int_equal(run->upload.state, FERRY_CLIENT_BROKEN);
    end_run(run);
}

/* The answer to the last chunk is lost, and the device has closed the upload. */
static void test_last_answer_lost(void **state)
{
    struct run *run = new_run(1000);
    static struct ferry_client_reply reply;
    uint8_t message[PEER_MESSAGE];
    size_t length;

    (void)state;
    peer_start(&run->peer);
    ferry_upload_start(&run->upload, &run->config, 1, 0, 0);
    while (run->upload.state == FERRY_CLIENT_BUSY && run->now < 60000) {
        while ((length = ferry_upload_send(&run->upload, run->now, message, sizeof(message))) > 0)
            peer_send(&run->peer, run->now, message, length);
        run->now++;
        while ((length = peer_receive(&run->peer, run->now, message)) > 0) {
            bool last = run->peer.complete && run->upload.losses == 0;

            if (!last)
                ferry_upload_receive(&run->upload, run->now, message, length, &reply);
        }
    }
    assert_arrived(run);
    assert_true(run->upload.unsure);
    assert_int_equal(run->peer.firsts, 1);
    end_run(run);
}

/* An offset past the end is believed by nobody. */
static void test_offset_past_the_end(void **state)
{
    struct run *run = new_run(1000);
    static struct ferry_client_reply reply;
    static const uint8_t answer[] = "\x0b\x00\x00\x08\x00\x01\x09\x01\xa1\x63off\x19\x03\xe9";
    uint8_t message[PEER_MESSAGE];

    (void)state;
    ferry_upload_start(&run->upload, &run->config, 1, 9, 0);
    assert_true(ferry_upload_send(&run->upload, 0, message, sizeof(message)) > 0);
    ferry_upload_receive(&run->upload, 1, answer, sizeof(answer) - 1, &reply);
    assert_int_equal(run->upload.state, FERRY_CLIENT_BROKEN);
    end_run(run);
}

static void test_garbage_is_ignored(void **state)
{
    struct run *run = new_run(1000);
    static struct ferry_client_reply reply;
    uint8_t message[PEER_MESSAGE];
    uint8_t junk[64];

    (void)state;
    ferry_upload_start(&run->upload, &run->config, 1, 9, 0);
    assert_true(ferry_upload_send(&run->upload, 0, message, sizeof(message)) > 0);
    for (uint32_t i = 0; i < 100000; i++) {
        struct ferry_client_header header = {
            .version = 1, .op = 3, .length = 56, .group = 1, .sequence = 9, .command = 1};

        for (uint32_t k = 0; k < sizeof(junk); k++)
            junk[k] = (uint8_t)(rand() >> 7);
        ferry_client_header_put(junk, &header);
        ferry_upload_receive(&run->upload, 1, junk, sizeof(junk), &reply);
        if (run->upload.state != FERRY_CLIENT_BUSY || run->upload.flights == 0)
            ferry_upload_start(&run->upload, &run->config, 1, 9, 0);
        ferry_upload_send(&run->upload, 0, message, sizeof(message));
        assert_true(run->upload.acked <= run->config.size);
    }
    end_run(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean),
        cmocka_unit_test(test_window_saves_time),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_bad_links),
        cmocka_unit_test(test_small_queue),
        cmocka_unit_test(test_slow_erase_before_first_answer),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_device_forgets),
        cmocka_unit_test(test_recovery_quirks),
        cmocka_unit_test(test_too_long_is_damaged),
        cmocka_unit_test(test_loss_does_not_shrink_for_good),
        cmocka_unit_test(test_busy),
        cmocka_unit_test(test_busy_for_ever),
        cmocka_unit_test(test_error),
        cmocka_unit_test(test_version_1),
        cmocka_unit_test(test_match),
        cmocka_unit_test(test_dead_from_the_start),
        cmocka_unit_test(test_stuck),
        cmocka_unit_test(test_last_answer_lost),
        cmocka_unit_test(test_garbage_is_ignored),
        cmocka_unit_test(test_window_grows),
        cmocka_unit_test(test_device_is_ahead),
        cmocka_unit_test(test_offset_past_the_end),
    };

    return cmocka_run_group_tests_name("smp_upload", tests, NULL, NULL);
}
