// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/smp/device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_le(uint8_t *at, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(value >> (8 * i));
    }
}

uint32_t make_image(const struct image_plan *plan, uint8_t *image)
{
    uint32_t hashed = FERRY_IMAGE_HEADER_SIZE + plan->payload;

    memset(image, 0, FERRY_IMAGE_HEADER_SIZE);
    put_le(image, FERRY_IMAGE_MAGIC, 4);
    put_le(image + 8, FERRY_IMAGE_HEADER_SIZE, 2);
    put_le(image + 12, plan->payload, 4);
    put_le(image + 16, plan->flags, 4);
    image[20] = plan->version.major;
    image[21] = plan->version.minor;
    put_le(image + 22, plan->version.revision, 2);
    put_le(image + 24, plan->version.build, 4);
    for (uint32_t i = 0; i < plan->payload; i++) {
        image[FERRY_IMAGE_HEADER_SIZE + i] = (uint8_t)(i * 31 + plan->version.major);
    }
    put_le(image + hashed, 0x6907, 2);
    put_le(image + hashed + 2, 4 + 4 + FERRY_SHA256_SIZE, 2);
    put_le(image + hashed + 4, 0x10, 2);
    put_le(image + hashed + 6, FERRY_SHA256_SIZE, 2);
    ferry_sha256(image, hashed, image + hashed + 8);
    return hashed + 8 + FERRY_SHA256_SIZE;
}

static int allow_reset(void *context, bool force)
{
    struct device *device = context;

    device->reset_forced = force;
    return force ? FERRY_OK : device->reset_status;
}

static void reset(void *context, uint8_t boot_mode)
{
    struct device *device = context;

    device->resets++;
    device->boot_mode = boot_mode;
}

static void must(int status)
{
    if (status != FERRY_OK) {
        fprintf(stderr, "the rig does not start: status %d\n", status);
        abort();
    }
}

void device_reset(struct device *device)
{
    must(ferry_update_open(&device->update, &device->update_config));
    ferry_smp_start(&device->smp, &device->config);
}

static void start_chips(struct device *device)
{
    memset(device->internal_bytes, 0xFF, sizeof(device->internal_bytes));
    memset(device->external_bytes, 0xFF, sizeof(device->external_bytes));
    device->internal_chip = (struct memflash){
        .geometry = memflash_nvmc(sizeof(device->internal_bytes), DEVICE_BLOCK),
        .bytes = device->internal_bytes,
    };
    device->external_chip = (struct memflash){
        .geometry = memflash_nor(sizeof(device->external_bytes), DEVICE_BLOCK),
        .bytes = device->external_bytes,
    };
    memflash_start(&device->internal_chip, &device->internal);
    memflash_start(&device->external_chip, &device->external);
}

void device_start(struct device *device, const struct image_plan *plan)
{
    memset(device, 0, sizeof(*device));
    start_chips(device);
    device->layout = (struct ferry_layout){
        .primary = {0, DEVICE_SLOT},
        .floor = {DEVICE_SLOT, 2 * DEVICE_BLOCK},
        .journal = {0, 2 * DEVICE_BLOCK},
        .slots = DEVICE_SLOTS,
        .internal_size = sizeof(device->internal_bytes),
        .external_size = sizeof(device->external_bytes),
    };
    for (uint32_t i = 0; i < DEVICE_SLOTS; i++) {
        device->layout.slot[i] =
            (struct ferry_span){2 * DEVICE_BLOCK + i * DEVICE_SLOT, DEVICE_SLOT};
    }
    if (plan != NULL) {
        (void)make_image(plan, device->internal_bytes);
    }
    (void)ferry_retained_open(&device->retained);
    device->update_config = (struct ferry_update_config){
        .layout = &device->layout,
        .internal = &device->internal,
        .external = &device->external,
        .retained = &device->retained,
        .recovery = plan == NULL,
    };
    device->config = (struct ferry_smp_config){
        .groups = ferry_smp_groups_all,
        .update = &device->update,
        .buffer_size = 2048,
        .buffer_count = 4,
        .kernel = "Ferry",
        .hardware = "rig",
        .bootloader = "Ferry",
        .allow_reset = allow_reset,
        .reset = reset,
        .context = device,
    };
    device_reset(device);
}

void device_install(struct device *device)
{
    struct ferry_state state = device->update.store.journal.state;
    const struct ferry_region *slot = &device->update.store.slot[state.target];
    bool permanent = (state.flags & FERRY_STATE_PERMANENT) != 0;
    uint8_t running[FERRY_ID_SIZE];

    memcpy(running, state.running, sizeof(running));
    must(ferry_region_read(slot, 0, device->internal_bytes, DEVICE_SLOT));
    memcpy(state.running, state.slot[state.target].id, sizeof(state.running));
    state.phase = permanent ? FERRY_PHASE_IDLE : FERRY_PHASE_TRIAL;
    state.flags = permanent ? FERRY_STATE_CONFIRMED : 0;
    state.fallback = ferry_state_find(&state, running);
    state.target = permanent ? FERRY_NO_SLOT : state.target;
    must(ferry_journal_append(&device->update.store.journal, &state));
    device_reset(device);
}

void device_handle(struct device *device, const uint8_t *request, size_t length)
{
    const char *wrong;

    memset(device->reply, 0xA5, sizeof(device->reply));
    must(ferry_smp_handle(&device->smp, request, length, device->reply, sizeof(device->reply),
                          &device->used));
    wrong = check_replies(request, length, device->reply, device->used);
    if (wrong != NULL) {
        fprintf(stderr, "a reply that clients would not accept: %s\n", wrong);
        abort();
    }
}
