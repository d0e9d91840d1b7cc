// SPDX-License-Identifier: Apache-2.0
/*
 * Packets for a whole device: be16 length and that many bytes, again and again. Bit 15 of the
 * length runs the device's idle work first, bit 14 resets it. The rig aborts at a reply that a
 * strict client would not take; here the images are looked at, too.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/smp/device.h"

static struct device device;

static void check_images(void)
{
    const struct ferry_state *state = &device.update.store.journal.state;
    uint8_t work[256];

    for (uint8_t i = 0; i < state->slots; i++) {
        const struct ferry_region *slot = &device.update.store.slot[i];
        struct ferry_image image;

        if (state->slot[i].state == FERRY_SLOT_COMPLETE &&
            (ferry_image_parse(slot, &image) != FERRY_OK ||
             ferry_image_hash(slot, &image, work, sizeof(work)) != FERRY_OK ||
             !ferry_id_equal(state->slot[i].id, image.hash))) {
            abort();
        }
    }
    if (device.internal_chip.programs != 0 || !device.update.primary_valid) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct image_plan running = {{1, 2, 3, 0}, 100, 0};

    device_start(&device, &running);
    while (size >= 2) {
        unsigned word = (unsigned)data[0] << 8 | data[1];
        size_t length = word & 0x3FFFu;

        data += 2;
        size -= 2;
        if (length > size) {
            length = size;
        }
        for (unsigned i = 0; (word & 0x8000u) != 0 && i < 4; i++) {
            (void)ferry_update_poll(&device.update);
        }
        if ((word & 0x4000u) != 0) {
            device_reset(&device);
        }
        device_handle(&device, data, length);
        data += length;
        size -= length;
    }
    check_images();
    return 0;
}
