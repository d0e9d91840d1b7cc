// SPDX-License-Identifier: Apache-2.0
/*
 * Requests that are torn, changed, doubled, late or out of order. Each reply is one a strict
 * client takes (the rig checks that), and no image is ever called complete that is not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/smp/device.h"
#include "tests/unit/smp/random.h"
#include "tests/unit/smp/samples.h"

static const struct image_plan running = {{1, 2, 3, 0}, 1000, 0};
static const struct image_plan next = {{2, 0, 0, 0}, 600, 0};

static struct device device;
static uint8_t file[DEVICE_SLOT];
static uint32_t size;

static int start(void **state)
{
    (void)state;
    device_start(&device, &running);
    size = make_image(&next, file);
    return 0;
}

/* What the session calls complete has the hash it names; the running image is as it was. */
static void check_images(void)
{
    const struct ferry_state *state = &device.update.store.journal.state;
    uint8_t work[256];

    for (uint8_t i = 0; i < state->slots; i++) {
        const struct ferry_region *slot = &device.update.store.slot[i];
        struct ferry_image image;

        if (state->slot[i].state == FERRY_SLOT_COMPLETE) {
            assert_int_equal(ferry_image_parse(slot, &image), FERRY_OK);
            assert_int_equal(ferry_image_hash(slot, &image, work, sizeof(work)), FERRY_OK);
            assert_true(ferry_id_equal(state->slot[i].id, image.hash));
        }
    }
    assert_int_equal(device.internal_chip.programs, 0);
}

static void check_alive(void)
{
    device_handle(&device, (const uint8_t *)"\0\0\0\0\0\0\1\0", 8);
    assert_int_equal(device.used, 13);
}

static void torn_everywhere(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * SAMPLES; i++) {
        struct message request;

        make_sample(i / 2, i % 2 != 0, file, size, &request);
        for (size_t cut = 0; cut < request.length; cut++) {
            uint8_t *torn = malloc(cut + 1); /* its end is the sanitizer's */

            assert_non_null(torn);
            memcpy(torn, request.bytes, cut);
            device_handle(&device, torn, cut);
            /* The header says more than came. */
            assert_int_equal(device.used, cut < 8 ? 0 : 14);
            if (cut >= 8) {
                assert_int_equal(reply_error(device.reply), 9);
                torn[2] = (uint8_t)((cut - 8) >> 8);
                torn[3] = (uint8_t)(cut - 8);
                device_handle(&device, torn, cut);
                assert_true(device.used > 0);
            }
            free(torn);
        }
        check_images();
        check_alive();
    }
}

static void change(struct random *random, struct message *request)
{
    uint32_t changes = 1 + random_below(random, 4);

    while (changes-- > 0) {
        size_t at = random_below(random, (uint32_t)request->length);

        switch (random_below(random, 4)) {
        case 0:
            request->bytes[at] = (uint8_t)random_below(random, 256);
            break;
        case 1:
            request->bytes[at] ^= (uint8_t)(1u << random_below(random, 8));
            break;
        case 2: /* a byte lost */
            memmove(request->bytes + at, request->bytes + at + 1, request->length - at - 1);
            break;
        default: /* a piece copied elsewhere */
            memmove(request->bytes + at, request->bytes + request->length / 2,
                    (request->length - at) / 2);
            break;
        }
    }
    /* Half of them with a length that fits, so that the body is looked at. */
    if (random_below(random, 2) != 0) {
        request->bytes[2] = (uint8_t)((request->length - 8) >> 8);
        request->bytes[3] = (uint8_t)(request->length - 8);
    }
}

static void random_changes(void **state)
{
    struct random random;

    (void)state;
    random_start(&random, "random_changes");
    for (unsigned round = 0; round < 20000; round++) {
        struct message request;

        make_sample(random_below(&random, SAMPLES), random_below(&random, 2) != 0, file, size,
                    &request);
        if (random_below(&random, 4) != 0) {
            change(&random, &request);
        }
        device_handle(&device, request.bytes, request.length);
        if (round % 100 == 0) {
            check_images();
            check_alive();
            device_reset(&device);
        }
        (void)ferry_update_poll(&device.update);
    }
}

/* Old requests come again at any time, in any order, several in one packet. */
static void late_and_doubled(void **state)
{
    struct random random;

    (void)state;
    random_start(&random, "late_and_doubled");
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t packet[3 * MESSAGE_ROOM];
        size_t length = 0;
        unsigned messages = 1 + random_below(&random, 3);

        while (messages-- > 0) {
            struct message request;

            make_sample(random_below(&random, SAMPLES), random_below(&random, 2) != 0, file, size,
                        &request);
            memcpy(packet + length, request.bytes, request.length);
            length += request.length;
        }
        device_handle(&device, packet, length);
        assert_true(device.used > 0);
        check_images();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(torn_everywhere, start),
        cmocka_unit_test_setup(random_changes, start),
        cmocka_unit_test_setup(late_and_doubled, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
