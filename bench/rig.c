// SPDX-License-Identifier: Apache-2.0
/*
 * What an install costs in virtual time: the real bootloader over two chips that work at once.
 * Rig 1: internal pages of 4 KiB, 85 ms an erase, 41 us a word, reads free; external 45 ms per
 * 4 KiB, 150 ms per 64 KiB, 0.4 ms a page, 4 MB/s. No CPU time. Prints lines of "name number".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/boot.h"
#include "ferry/update.h"
#include "sim/memflash.h"
#include "tests/powercut/images.h"

#define FRAME 183u /* header and TLVs of images_make */

/* One chip: what it holds, and until when it works. */
struct chip {
    struct memflash memory;
    struct ferry_flash inner, flash;
    bool external;
    double busy_until_us;
    uint32_t erases, slot_programmed, slot_erases;
    uint32_t slots_from; /* offset */
};

static double now_us;

static void wait_for(const struct chip *c)
{
    if (now_us < c->busy_until_us)
        now_us = c->busy_until_us;
}

static int chip_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct chip *c = context;

    wait_for(c);
    if (c->external)
        now_us += length / 4.0;
    return c->inner.api->read(c->inner.context, offset, data, length);
}

static int chip_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct chip *c = context;

    for (uint32_t at = 0, part; at < length; at += part) {
        part = 256 - (offset + at) % 256;
        part = part < length - at ? part : length - at;
        wait_for(c);
        if (c->external)
            now_us += part / 4.0;
        uint32_t words = (part + 3) / 4;
        c->busy_until_us = now_us + (c->external ? 400.0 : words * 41.0);
        if (offset >= c->slots_from)
            c->slot_programmed += part;
    }
    return c->inner.api->program(c->inner.context, offset, data, length);
}

static int chip_erase(void *context, uint32_t offset, uint32_t size)
{
    struct chip *c = context;

    wait_for(c);
    c->busy_until_us = now_us + (!c->external ? 85000.0 : size == 4096 ? 45000.0 : 150000.0);
    c->erases++;
    if (offset >= c->slots_from)
        c->slot_erases += size / 4096;
    return c->inner.api->erase(c->inner.context, offset, size);
}

static int chip_finish(void *context)
{
    wait_for(context);
    return FERRY_OK;
}

static const struct ferry_flash_api chip_api = {chip_read, chip_program, chip_erase, chip_finish};

struct rig {
    struct chip internal, external;
    struct ferry_layout layout;
    struct ferry_retained retained;
    struct ferry_update update;
    struct ferry_update_config config;
    enum ferry_reset_cause cause;
    _Alignas(4) uint8_t work[4096];
};

static void must(bool well, const char *what)
{
    if (well)
        return;
    fprintf(stderr, "rig: %s\n", what);
    exit(1);
}

static void start_chip(struct chip *c, struct ferry_geometry geometry, bool external)
{
    memset(c, 0, sizeof *c);
    c->memory.geometry = geometry;
    c->memory.bytes = malloc(geometry.size);
    must(c->memory.bytes != NULL, "no memory");
    memset(c->memory.bytes, 0xFF, geometry.size);
    memflash_start(&c->memory, &c->inner);
    c->external = external;
    c->flash = (struct ferry_flash){&chip_api, c, &c->memory.geometry};
}

static void start_rig(struct rig *r, uint32_t slot)
{
    memset(r, 0, sizeof *r);
    r->layout = (struct ferry_layout){.primary = {0x2000, slot},
                                      .floor = {0, 0x2000},
                                      .journal = {0, 0x2000},
                                      .slots = 3,
                                      .internal_size = 0x2000 + slot,
                                      .external_size = 0x10000 + 3 * slot};
    for (uint32_t i = 0; i < 3; i++)
        r->layout.slot[i] = (struct ferry_span){0x10000 + i * slot, slot};
    start_chip(&r->internal, memflash_nvmc(r->layout.internal_size, 4096), false);
    start_chip(&r->external, memflash_nor(r->layout.external_size, 4096), true);
    r->external.slots_from = 0x10000;
    now_us = 0;
}

static enum ferry_reset_cause cause_of(void *context)
{
    return ((struct rig *)context)->cause;
}

static bool no_button(void *context)
{
    (void)context;
    return false;
}

static int lock_nothing(void *context)
{
    (void)context;
    return FERRY_OK;
}

/* Seconds of one boot. */
static double boot(struct rig *r)
{
    struct ferry_boot_port port = {cause_of, no_button, lock_nothing, r};
    struct ferry_boot b = {.layout = &r->layout,
                           .internal = &r->internal.flash,
                           .external = &r->external.flash,
                           .keys = images_keys(),
                           .retained = &r->retained,
                           .port = &port,
                           .work = r->work,
                           .work_size = sizeof r->work};
    double start = now_us;

    r->internal.erases = r->external.slot_programmed = r->external.slot_erases = 0;
    must(ferry_boot_run(&b) == FERRY_OK, "nothing boots");
    return (now_us - start) / 1e6;
}

static void open_update(struct rig *r)
{
    r->config = (struct ferry_update_config){.layout = &r->layout,
                                             .internal = &r->internal.flash,
                                             .external = &r->external.flash,
                                             .keys = images_keys(),
                                             .retained = &r->retained};
    must(ferry_update_open(&r->update, &r->config) == FERRY_OK, "the store cannot be opened");
}

static void upload_and_request(struct rig *r, const struct ferry_bytes *image)
{
    uint32_t offset;

    must(ferry_update_begin(&r->update, NULL, 0, (uint32_t)image->size, &offset) == FERRY_OK,
         "begin");
    uint8_t slot = r->update.slot;
    while (offset < image->size) {
        uint32_t left = (uint32_t)image->size - offset;
        must(ferry_update_write(&r->update, offset, image->data + offset, left < 1024 ? left : 1024,
                                &offset) == FERRY_OK,
             "write");
    }
    must(ferry_update_request(&r->update, slot, false) == FERRY_OK, "request");
    r->cause = FERRY_RESET_SOFTWARE;
}

static void factory(struct rig *r, const struct ferry_bytes *image, uint32_t slot, bool copy)
{
    start_rig(r, slot);
    memcpy(r->internal.memory.bytes + 0x2000, image->data, image->size);
    (void)boot(r);
    open_update(r);
    while (copy && ferry_update_poll(&r->update))
        continue;
}

static void measure_update(const char *size, uint32_t old_size, uint32_t new_size, uint32_t slot)
{
    struct rig *r = malloc(sizeof *r);
    struct ferry_bytes a = images_make(1, old_size - FRAME, 1, 0);
    struct ferry_bytes b = images_make(2, new_size - FRAME, 2, 0);
    double seconds = 0;

    must(r != NULL, "no memory");
    factory(r, &a, slot, true);
    upload_and_request(r, &b);
    printf("rig1.upgrade_%s_s %.3f\n", size, boot(r));
    printf("rig1.int_erases_%s %u\n", size, r->internal.erases);
    if (strcmp(size, "401k") == 0) {
        printf("rig1.ext_bytes_programmed %u\n", r->external.slot_programmed);
        printf("rig1.ext_blocks_erased %u\n", r->external.slot_erases);
    }
    r->cause = FERRY_RESET_WATCHDOG;
    for (int i = 0; i < 3; i++)
        seconds = boot(r);
    printf("rig1.rollback_%s_s %.3f\n", size, seconds);
    factory(r, &a, slot, false);
    upload_and_request(r, &b);
    printf("rig1.first_%s_s %.3f\n", size, boot(r));
    free(r);
}

/* The same image but for 10 of its pages, and what is signed over them. */
static void measure_difference(void)
{
    struct rig *r = malloc(sizeof *r);
    struct ferry_bytes a = images_make(1, 412848 - FRAME, 1, 0), b = {0};

    must(r != NULL, "no memory");
    b = images_change(&a, 9, 4096 * 10);
    factory(r, &a, 448 * 1024, true);
    upload_and_request(r, &b);
    printf("rig1.diff10_s %.3f\n", boot(r));
    free(r);
}

int main(void)
{
    measure_update("401k", 409750, 412848, 448 * 1024);
    measure_update("902k", 921750, 924847, 960 * 1024);
    measure_difference();
    return 0;
}
