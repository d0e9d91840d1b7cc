// SPDX-License-Identifier: Apache-2.0
/* A device behind an SMP server: two flash chips in memory, a session over them, images. */
#ifndef FERRY_TEST_SMP_DEVICE_H
#define FERRY_TEST_SMP_DEVICE_H

#include "ferry/smp.h"
#include "sim/memflash.h"

#define DEVICE_BLOCK   4096u
#define DEVICE_SLOT    (32u * DEVICE_BLOCK)
#define DEVICE_SLOTS   3u
#define DEVICE_MESSAGE 1024u

struct device {
    uint8_t internal_bytes[DEVICE_SLOT + 2 * DEVICE_BLOCK];
    uint8_t external_bytes[DEVICE_SLOTS * DEVICE_SLOT + 2 * DEVICE_BLOCK];
    struct memflash internal_chip;
    struct memflash external_chip;
    struct ferry_flash internal;
    struct ferry_flash external;
    struct ferry_layout layout;
    struct ferry_retained retained;
    struct ferry_update_config update_config;
    struct ferry_update update;
    struct ferry_smp_config config;
    struct ferry_smp smp;

    int reset_status;  /* what the gate before a reset says */
    bool reset_forced; /* what it was asked */
    unsigned resets;
    uint8_t boot_mode;

    uint8_t reply[DEVICE_MESSAGE];
    size_t used;
};

/* What an image is made of; the rest is 0. */
struct image_plan {
    struct ferry_version version;
    uint32_t payload; /* bytes */
    uint32_t flags;
};

/* Writes an image with header, payload and hash TLV. Returns its size. */
uint32_t make_image(const struct image_plan *plan, uint8_t *image);

/* Starts a blank device that runs the image of `plan`; NULL: an empty primary. */
void device_start(struct device *device, const struct image_plan *plan);

/* What a reset does to the session: it is opened again over the same flash. */
void device_reset(struct device *device);

/* Runs the bootloader's part of a request: the target is in the primary, on trial or for good. */
void device_install(struct device *device);

/* Handles one packet. The reply is in `device->reply`, checked against what clients allow. */
void device_handle(struct device *device, const uint8_t *request, size_t length);

/*
 * The messages of a packet, request and reply side by side: each reply has the header its request
 * calls for and a body of known keys. NULL, or what is wrong.
 */
const char *check_replies(const uint8_t *request, size_t length, const uint8_t *reply, size_t used);

#endif
