// SPDX-License-Identifier: Apache-2.0
/*
 * What the next boot does is found by booting: the bootloader itself runs on a copy of the dumps,
 * so that the answer cannot differ from what it would really do.
 */
#include <stdlib.h>
#include <string.h>

#include "host/buffer_flash.h"
#include "host/dump.h"

/* A copy of a dump that behaves like NOR flash, and counts. */
struct copy_flash {
    struct ferry_buffer_flash buffer;
    struct ferry_flash flash;
    uint8_t *data;
    uint32_t erased;
    uint32_t programmed;
};

static int copy_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    const struct copy_flash *copy = context;

    memcpy(data, copy->data + offset, length);
    return FERRY_OK;
}

static int copy_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct copy_flash *copy = context;
    const uint8_t *bytes = data;

    for (uint32_t i = 0; i < length; i++)
        copy->data[offset + i] &= bytes[i];
    copy->programmed += length;
    return FERRY_OK;
}

static int copy_erase(void *context, uint32_t offset, uint32_t size)
{
    struct copy_flash *copy = context;

    memset(copy->data + offset, 0xFF, size);
    copy->erased += size;
    return FERRY_OK;
}

static int copy_finish(void *context)
{
    (void)context;
    return FERRY_OK;
}

static const struct ferry_flash_api copy_api = {
    .read = copy_read,
    .program = copy_program,
    .erase = copy_erase,
    .finish = copy_finish,
};

static int copy_open(struct copy_flash *copy, const struct ferry_bytes *dump, uint32_t needed)
{
    uint8_t *data;

    memset(copy, 0, sizeof(*copy));
    if (dump->size < needed || dump->size > UINT32_MAX)
        return FERRY_E_CHIP_SIZE;
    data = malloc(dump->size);
    if (data == NULL)
        return FERRY_E_NO_MEMORY;
    memcpy(data, dump->data, dump->size);
    ferry_buffer_flash_open(&copy->buffer, data, (uint32_t)dump->size);
    copy->flash.api = &copy_api;
    copy->flash.context = copy;
    copy->flash.geometry = &copy->buffer.geometry;
    copy->data = data;
    return FERRY_OK;
}

static enum ferry_reset_cause port_cause(void *context)
{
    return *(const enum ferry_reset_cause *)context;
}

static bool port_recovery(void *context)
{
    (void)context;
    return false;
}

static int port_lock(void *context)
{
    (void)context;
    return FERRY_OK;
}

/* The records with higher numbers than `newest`, oldest first. */
static int take_appended(const struct ferry_region *region, uint32_t newest,
                         struct ferry_forecast *forecast)
{
    struct ferry_seen_journal journal;
    int status = ferry_dump_journal(region, &journal);

    for (uint32_t i = journal.records; status == FERRY_OK && i-- > 0;) {
        if (journal.record[i].state.sequence > newest && forecast->appends < FERRY_FORECAST_MAX)
            forecast->appended[forecast->appends++] = journal.record[i].state;
    }
    free(journal.record);
    return status;
}

static int boot_copies(const struct ferry_layout *layout, struct copy_flash *internal,
                       struct copy_flash *external, const struct ferry_keys *keys,
                       enum ferry_reset_cause cause, struct ferry_forecast *forecast)
{
    static struct ferry_retained retained; /* large, and fresh for every boot */
    struct ferry_boot_port port = {port_cause, port_recovery, port_lock, &cause};
    uint8_t work[4096];
    struct ferry_boot boot = {
        .layout = layout,
        .internal = &internal->flash,
        .external = external != NULL ? &external->flash : NULL,
        .external_status = external != NULL ? FERRY_OK : FERRY_E_NO_CHIP,
        .keys = keys,
        .retained = &retained,
        .port = &port,
        .work = work,
        .work_size = sizeof(work),
    };
    struct ferry_journal journal;
    struct ferry_region region = {NULL, layout->journal.offset, layout->journal.length};
    uint32_t newest = 0;

    memset(&retained, 0, sizeof(retained));
    memset(&journal, 0, sizeof(journal));
    if (external != NULL) {
        region.flash = &external->flash;
        if (ferry_journal_open(&journal, &region, (uint8_t)layout->slots) == FERRY_OK)
            newest = journal.state.sequence;
    }
    forecast->before = journal.state;
    forecast->status = ferry_boot_run(&boot);
    forecast->reason = retained.reason;
    forecast->image = boot.image;
    if (external == NULL)
        return FERRY_OK;
    return take_appended(&region, newest, forecast);
}

int ferry_forecast(const struct ferry_layout *layout, const struct ferry_bytes *internal,
                   const struct ferry_bytes *external, const struct ferry_keys *keys,
                   enum ferry_reset_cause cause, struct ferry_forecast *forecast)
{
    struct copy_flash inside;
    struct copy_flash outside = {.data = NULL};
    bool present = external->size > 0;
    int status = copy_open(&inside, internal, layout->internal_size);

    memset(forecast, 0, sizeof(*forecast));
    if (status == FERRY_OK && present)
        status = copy_open(&outside, external, layout->external_size);
    if (status == FERRY_OK)
        status = boot_copies(layout, &inside, present ? &outside : NULL, keys, cause, forecast);
    forecast->internal_erased = inside.erased;
    forecast->internal_programmed = inside.programmed;
    forecast->external_erased = outside.erased;
    forecast->external_programmed = outside.programmed;
    free(inside.data);
    free(outside.data);
    return status;
}
