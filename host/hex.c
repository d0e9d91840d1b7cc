// SPDX-License-Identifier: Apache-2.0
#include "host/hex.h"

#include <stdlib.h>
#include <string.h>

enum record_type {
    RECORD_DATA = 0,
    RECORD_END = 1,
    RECORD_SEGMENT = 2, /* base = value << 4 */
    RECORD_START_SEGMENT = 3,
    RECORD_LINEAR = 4, /* base = value << 16 */
    RECORD_START_LINEAR = 5,
};

struct record {
    uint8_t length;
    uint16_t offset;
    uint8_t type;
    uint8_t data[255];
};

/* The text is read twice: once for the addresses, once for the data. */
struct hex {
    const char *path;
    const struct ferry_bytes *text;
    struct ferry_problem *problem;
    unsigned line;
    size_t at;
    uint32_t base;
    bool ended;
    bool any;
    uint32_t first; /* lowest address */
    uint32_t last;  /* highest address, inclusive */
    struct ferry_bytes *out;
    uint8_t *used; /* one byte per byte of `out`: written already */
};

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

static int fail(struct hex *hex, const char *what)
{
    return ferry_problem_set(hex->problem, FERRY_E_ARGUMENT, "%s line %u: %s", hex->path, hex->line,
                             what);
}

/* Two digits for each byte of [line, end), at most `room`; how many bytes, or -1. */
static int line_bytes(const char *line, const char *end, uint8_t *out, int room)
{
    int count = 0;

    while (end - line >= 2 && count < room) {
        int high = digit(line[0]);
        int low = digit(line[1]);

        if (high < 0 || low < 0)
            return -1;
        out[count++] = (uint8_t)(high << 4 | low);
        line += 2;
    }
    return line == end ? count : -1;
}

/* Checks one line, ":LLAAAATT<data>CC", and takes it apart. */
static int take_line(struct hex *hex, const char *line, const char *end, struct record *record)
{
    uint8_t bytes[4 + 255 + 1];
    uint8_t sum = 0;
    int count;

    if (*line != ':')
        return fail(hex, "not Intel HEX: a line begins with a colon");
    count = line_bytes(line + 1, end, bytes, (int)sizeof(bytes));
    if (count < 5)
        return fail(hex, "not Intel HEX: expected pairs of hexadecimal digits");
    if (count != bytes[0] + 5)
        return fail(hex, "the line is shorter or longer than its length field says");
    for (int i = 0; i < count; i++)
        sum = (uint8_t)(sum + bytes[i]);
    if (sum != 0)
        return fail(hex, "the checksum is wrong: the file is damaged");
    record->length = bytes[0];
    record->offset = (uint16_t)(bytes[1] << 8 | bytes[2]);
    record->type = bytes[3];
    memcpy(record->data, bytes + 4, record->length);
    return FERRY_OK;
}

static int take_data(struct hex *hex, const struct record *record)
{
    uint32_t address = hex->base + record->offset;
    uint32_t last = address + record->length - 1;

    if (record->length == 0)
        return FERRY_OK;
    if (last < address)
        return fail(hex, "data past the end of the address space");
    if (hex->out == NULL) {
        hex->first = !hex->any || address < hex->first ? address : hex->first;
        hex->last = !hex->any || last > hex->last ? last : hex->last;
        hex->any = true;
        return FERRY_OK;
    }
    for (uint32_t i = 0; i < record->length; i++) {
        if (hex->used[address - hex->first + i]++ != 0)
            return fail(hex, "two records give the same address; merge the files properly");
        hex->out->data[address - hex->first + i] = record->data[i];
    }
    return FERRY_OK;
}

static int take_record(struct hex *hex, const struct record *record)
{
    uint32_t value = (uint32_t)(record->data[0] << 8 | record->data[1]);

    if (hex->ended)
        return fail(hex, "data behind the end record");
    switch (record->type) {
    case RECORD_DATA:
        return take_data(hex, record);
    case RECORD_END:
        hex->ended = true;
        return FERRY_OK;
    case RECORD_SEGMENT:
    case RECORD_LINEAR:
        if (record->length != 2)
            return fail(hex, "an address record of the wrong length");
        hex->base = record->type == RECORD_LINEAR ? value << 16 : value << 4;
        return FERRY_OK;
    case RECORD_START_SEGMENT:
    case RECORD_START_LINEAR:
        return FERRY_OK; /* where a debugger would start: of no use here */
    default:
        return fail(hex, "a record of an unknown type");
    }
}

static int walk(struct hex *hex)
{
    const char *at = (const char *)hex->text->data;
    const char *stop = at + hex->text->size;

    hex->line = 0;
    hex->base = 0;
    hex->ended = false;
    while (at < stop) {
        const char *end = memchr(at, '\n', (size_t)(stop - at));
        const char *next = end != NULL ? end + 1 : stop;
        struct record record = {.length = 0};

        end = next;
        while (end > at && (end[-1] == '\n' || end[-1] == '\r' || end[-1] == ' '))
            end--;
        hex->line++;
        if (end > at) {
            int status = take_line(hex, at, end, &record);

            if (status == FERRY_OK)
                status = take_record(hex, &record);
            if (status != FERRY_OK)
                return status;
        }
        at = next;
    }
    return hex->ended ? FERRY_OK : fail(hex, "the file ends without an end record: it is cut off");
}

static int fill(struct hex *hex, struct ferry_bytes *bytes)
{
    size_t size = (size_t)(hex->last - hex->first) + 1;
    int status;

    bytes->data = malloc(size);
    hex->used = calloc(size, 1);
    if (bytes->data == NULL || hex->used == NULL) {
        free(hex->used);
        return ferry_problem_set(hex->problem, FERRY_E_NO_MEMORY, "%s: out of memory", hex->path);
    }
    bytes->size = size;
    memset(bytes->data, 0xFF, size);
    hex->out = bytes;
    status = walk(hex);
    free(hex->used);
    return status;
}

int ferry_hex_decode(const char *path, const struct ferry_bytes *text, struct ferry_bytes *bytes,
                     uint32_t *address, struct ferry_problem *problem)
{
    struct hex hex = {.path = path, .text = text, .problem = problem};
    int status = walk(&hex);

    memset(bytes, 0, sizeof(*bytes));
    if (status != FERRY_OK)
        return status;
    if (!hex.any)
        return ferry_problem_set(problem, FERRY_E_SIZE, "%s holds no data", path);
    if (hex.last - hex.first >= FERRY_HEX_SPAN_MAX)
        return ferry_problem_set(problem, FERRY_E_SIZE,
                                 "%s spans 0x%08x to 0x%08x, which is no single image; leave out "
                                 "what lies elsewhere ('objcopy --remove-section')",
                                 path, hex.first, hex.last);
    status = fill(&hex, bytes);
    if (status != FERRY_OK)
        ferry_bytes_free(bytes);
    *address = hex.first;
    return status;
}
