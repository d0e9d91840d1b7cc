// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/smp/samples.h"

#include <stdlib.h>

static const struct {
    uint8_t op;
    uint8_t group;
    uint8_t command;
} headers[SAMPLES] = {
    {0, 0, 0},  {2, 0, 0},  {2, 0, 5},  {2, 0, 5}, {0, 0, 6},  {0, 0, 7},  {0, 0, 8},
    {0, 0, 8},  {0, 1, 0},  {2, 1, 0},  {2, 1, 0}, {2, 1, 0},  {2, 1, 1},  {2, 1, 1},
    {2, 1, 1},  {2, 1, 5},  {2, 1, 5},  {0, 1, 6}, {0, 64, 0}, {0, 64, 1}, {0, 64, 2},
    {2, 64, 3}, {0, 64, 4}, {2, 64, 5}, {0, 2, 1}, {2, 1, 1},
};

static void add_first_chunk(const uint8_t *file, uint32_t size, struct message *request)
{
    message_uint(request, "image", 0);
    message_uint(request, "off", 0);
    message_uint(request, "len", size);
    message_bytes(request, "data", file, 200);
}

void make_sample(unsigned index, bool version2, const uint8_t *file, uint32_t size,
                 struct message *request)
{
    message_start(request, headers[index].op | (version2 ? 8 : 0), headers[index].group,
                  headers[index].command);
    switch (index) {
    case 1:
        message_text(request, "d", "hello");
        break;
    case 3:
        message_bool(request, "force", true);
        message_uint(request, "boot_mode", 1);
        break;
    case 5:
        message_text(request, "format", "snvi");
        break;
    case 7:
        message_text(request, "query", "mode");
        break;
    case 9:
        message_null(request, "hash");
        message_bool(request, "confirm", true);
        break;
    case 10:
    case 11:
        message_bytes(request, "hash", file + size - 32, 32);
        message_bool(request, "confirm", index == 11);
        break;
    case 12:
        add_first_chunk(file, size, request);
        message_bytes(request, "sha", file, 32);
        message_bool(request, "upgrade", true);
        break;
    case 13:
        message_uint(request, "off", 200);
        message_bytes(request, "data", file + 200, size - 200);
        break;
    case 14:
        add_first_chunk(file, size, request);
        break;
    case 16:
        message_uint(request, "slot", 1);
        break;
    case 20:
        message_uint(request, "off", 0);
        break;
    case 22:
        message_uint(request, "size", size);
        break;
    case 25:
        message_uint(request, "off", 300);
        message_bytes(request, "data", file, 0);
        break;
    default:
        break;
    }
}
