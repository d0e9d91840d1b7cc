// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/factory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/status.h"
#include "ports/posix/flash.h"

/* The whole file, at most `most` bytes; NULL with a sentence. */
static uint8_t *read_image(const char *path, uint32_t most, uint32_t *length)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        fprintf(stderr, "ferry-device: cannot read the image %s: %s\n", path, strerror(errno));
        return NULL;
    }
    uint8_t *bytes = malloc((size_t)most + 1u);
    size_t count = bytes ? fread(bytes, 1, (size_t)most + 1u, file) : 0;
    fclose(file);
    if (count == 0 || count > most) {
        fprintf(stderr, "ferry-device: %s %s: give a signed image\n", path,
                count == 0 ? "is empty" : "is larger than the primary slot");
        free(bytes);
        return NULL;
    }
    *length = (uint32_t)count;
    return bytes;
}

static int write_region(const struct ferry_region *primary, const uint8_t *bytes, uint32_t length)
{
    int status = ferry_region_erase(primary, 0, primary->length);

    if (status == FERRY_OK)
        status = ferry_region_program(primary, 0, bytes, length);
    if (status == FERRY_OK)
        status = ferry_region_finish(primary);
    if (status == FERRY_OK)
        status = ferry_region_compare(primary, 0, bytes, length);
    return status;
}

int factory_write(struct machine *machine, const char *path)
{
    static struct posix_flash chip;
    struct ferry_flash internal;
    struct ferry_image image;
    uint32_t length;

    if (posix_flash_start(&chip, &internal, machine, true) != FERRY_OK) {
        fprintf(stderr, "ferry-device: cannot map the internal flash\n");
        return -1;
    }
    const struct ferry_region primary = {&internal, machine->layout.primary.offset,
                                         machine->layout.primary.length};
    uint8_t *bytes = read_image(path, primary.length, &length);
    if (!bytes)
        return -1;
    int status = write_region(&primary, bytes, length);
    free(bytes);
    if (status != FERRY_OK) {
        fprintf(stderr, "ferry-device: writing %s failed: %s\n", path, ferry_status_text(status));
        return -1;
    }
    status = ferry_image_parse(&primary, &image);
    if (status != FERRY_OK)
        fprintf(stderr, "ferry-device: %s is written, but will not boot: %s\n", path,
                ferry_status_text(status));
    return 0;
}
