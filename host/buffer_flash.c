// SPDX-License-Identifier: Apache-2.0
#include "host/buffer_flash.h"

#include <string.h>

static int buffer_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    const struct ferry_buffer_flash *buffer = context;

    memcpy(data, buffer->data + offset, length);
    return FERRY_OK;
}

static int refuse_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    (void)context;
    (void)offset;
    (void)data;
    (void)length;
    return FERRY_E_PROTECTED;
}

static int refuse_erase(void *context, uint32_t offset, uint32_t size)
{
    (void)context;
    (void)offset;
    (void)size;
    return FERRY_E_PROTECTED;
}

static int finish(void *context)
{
    (void)context;
    return FERRY_OK;
}

static const struct ferry_flash_api buffer_api = {
    .read = buffer_read,
    .program = refuse_program,
    .erase = refuse_erase,
    .finish = finish,
};

void ferry_buffer_flash_open(struct ferry_buffer_flash *buffer, const uint8_t *data, uint32_t size)
{
    memset(buffer, 0, sizeof(*buffer));
    buffer->data = data;
    buffer->geometry.size = size;
    buffer->geometry.write_unit = 1;
    buffer->geometry.page = 256;
    buffer->geometry.erased = 0xFF;
    buffer->geometry.erase_types = 1;
    buffer->geometry.erase[0].size = 4096;
    buffer->flash.api = &buffer_api;
    buffer->flash.context = buffer;
    buffer->flash.geometry = &buffer->geometry;
}

struct ferry_region ferry_buffer_flash_region(const struct ferry_buffer_flash *buffer)
{
    struct ferry_region region = {.flash = &buffer->flash, .length = buffer->geometry.size};

    return region;
}
