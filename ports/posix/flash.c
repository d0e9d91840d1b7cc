// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ports/posix/board.h"
#include "ports/posix/tear.h"

struct ferry_geometry posix_flash_internal(uint32_t size)
{
    return (struct ferry_geometry){.size = size,
                                   .write_unit = 4,
                                   .page = 512,
                                   .program_typ_us = 5200,
                                   .program_max_us = 7700,
                                   .erased = 0xFF,
                                   .erase_types = 1,
                                   .erase = {{4096, 85000, 90000}}};
}

struct ferry_geometry posix_flash_external(uint32_t size)
{
    return (struct ferry_geometry){.size = size,
                                   .write_unit = 1,
                                   .page = 256,
                                   .program_typ_us = 400,
                                   .program_max_us = 3000,
                                   .erased = 0xFF,
                                   .erase_types = 2,
                                   .erase = {{4096, 45000, 400000}, {65536, 150000, 2000000}}};
}

static int fill_erased(int fd, uint32_t size)
{
    uint8_t block[4096];

    memset(block, 0xFF, sizeof block);
    for (uint32_t at = 0; at < size; at += (uint32_t)sizeof block)
        if (write(fd, block, sizeof block) != (ssize_t)sizeof block)
            return -1;
    return 0;
}

/* Made under another name and renamed: a chip is whole or not there. */
static int make_erased(const char *path, uint32_t size)
{
    char unfinished[4200];

    snprintf(unfinished, sizeof unfinished, "%s.new", path);
    int fd = open(unfinished, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || fill_erased(fd, size) != 0 || rename(unfinished, path) != 0) {
        fprintf(stderr, "ferry-device: cannot make %s: %s\n", path, strerror(errno));
        return -1;
    }
    return fd;
}

int posix_flash_open(const char *dir, const char *file, uint32_t new_size, uint32_t *size)
{
    char path[4096];
    struct stat info;

    if (snprintf(path, sizeof path, "%s/%s", dir, file) >= (int)sizeof path) {
        fprintf(stderr, "ferry-device: %s: the path is too long; use a shorter one\n", dir);
        return -1;
    }
    int fd = open(path, O_RDWR);
    if (fd < 0 && errno == ENOENT)
        fd = make_erased(path, new_size);
    else if (fd < 0)
        fprintf(stderr, "ferry-device: cannot open %s: %s\n", path, strerror(errno));
    if (fd < 0)
        return -1;
    if (fstat(fd, &info) != 0 || info.st_size > 0x40000000) {
        fprintf(stderr, "ferry-device: %s is no flash chip: it has more than 1 GiB\n", path);
        return -1;
    }
    *size = (uint32_t)info.st_size;
    return fd;
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void wait_ready(const struct posix_flash *chip)
{
    for (uint64_t now = now_ns(); chip->busy_until > now; now = now_ns()) {
        uint64_t left_us = (chip->busy_until - now) / 1000u + 1u;
        posix_clock.feed_watchdog(NULL);
        posix_clock.sleep_us(NULL, left_us < 20000u ? (uint32_t)left_us : 20000u);
    }
}

static void start_busy(struct posix_flash *chip, uint32_t typ_us)
{
    if (chip->machine->speed > 0)
        chip->busy_until = now_ns() + (uint64_t)typ_us * 1000u / chip->machine->speed;
}

static void trace(const struct posix_flash *chip, uint32_t number, const char *what,
                  uint32_t offset, uint32_t length)
{
    if (chip->machine->trace_fd >= 0)
        dprintf(chip->machine->trace_fd, "%u %s %s %s 0x%x %u\n", number,
                chip->machine->in_application ? "app" : "boot", chip->name, what, offset, length);
}

static bool in_bounds(const struct posix_flash *chip, uint32_t offset, uint32_t length)
{
    return offset <= chip->geometry.size && length <= chip->geometry.size - offset;
}

/* What the bootloader locked before it jumped: everything internal outside the primary slot. */
static bool is_locked(const struct posix_flash *chip, uint32_t offset, uint32_t length)
{
    const struct ferry_span *primary = &chip->machine->layout.primary;

    return chip->internal && chip->machine->locked &&
           (offset < primary->offset || offset + length > primary->offset + primary->length);
}

static bool is_erased(const uint8_t *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (bytes[i] != 0xFF)
            return false;
    return true;
}

/* Flash with a check code over each word: a word is written once, else it cannot be read again. */
static bool writes_twice(const struct posix_flash *chip, uint32_t offset, const uint8_t *data,
                         uint32_t length)
{
    uint32_t unit = chip->geometry.write_unit;

    if (unit == 1)
        return false;
    for (uint32_t at = offset / unit * unit; at < offset + length; at += unit) {
        uint32_t from = at < offset ? offset : at;
        uint32_t to = at + unit > offset + length ? offset + length : at + unit;
        if (!is_erased(data + (from - offset), to - from) && !is_erased(chip->bytes + at, unit))
            return true;
    }
    return false;
}

static void clear_bits(uint8_t *bytes, const uint8_t *data, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        bytes[i] &= data[i];
}

/* One operation of the chip: a page or a part of one. */
static int program_page(struct posix_flash *chip, uint32_t offset, const uint8_t *data,
                        uint32_t length)
{
    uint8_t *bytes = chip->bytes + offset;
    uint32_t number;

    if (writes_twice(chip, offset, data, length))
        return FERRY_E_PROGRAM;
    wait_ready(chip);
    enum machine_cut cut = machine_count(chip->machine, &number);
    trace(chip, number, "program", offset, length);
    if (cut == MACHINE_CUT_TORN)
        tear_program(bytes, data, length, chip->machine->cut_seed);
    else if (cut != MACHINE_CUT_BEFORE)
        clear_bits(bytes, data, length);
    if (cut != MACHINE_CUT_NONE)
        machine_cut_power(chip->machine);
    start_busy(chip, chip->geometry.program_typ_us * length / chip->geometry.page);
    return FERRY_OK;
}

static int file_program(void *context, uint32_t offset, const void *data, uint32_t length)
{
    struct posix_flash *chip = context;
    const uint8_t *bytes = data;

    if (!in_bounds(chip, offset, length))
        return FERRY_E_RANGE;
    if (is_locked(chip, offset, length))
        return FERRY_E_PROTECTED;
    while (length > 0) {
        uint32_t room = chip->geometry.page - offset % chip->geometry.page;
        uint32_t part = length < room ? length : room;
        int status = program_page(chip, offset, bytes, part);
        if (status != FERRY_OK)
            return status;
        offset += part;
        bytes += part;
        length -= part;
    }
    return FERRY_OK;
}

static const struct ferry_erase_type *find_erase(const struct ferry_geometry *geometry,
                                                 uint32_t size)
{
    for (uint32_t i = 0; i < geometry->erase_types; i++)
        if (geometry->erase[i].size == size)
            return &geometry->erase[i];
    return NULL;
}

static int file_erase(void *context, uint32_t offset, uint32_t size)
{
    struct posix_flash *chip = context;
    const struct ferry_erase_type *type = find_erase(&chip->geometry, size);
    uint32_t number;

    if (!type || offset % size != 0)
        return FERRY_E_ARGUMENT;
    if (!in_bounds(chip, offset, size))
        return FERRY_E_RANGE;
    if (is_locked(chip, offset, size))
        return FERRY_E_PROTECTED;
    wait_ready(chip);
    enum machine_cut cut = machine_count(chip->machine, &number);
    trace(chip, number, "erase", offset, size);
    if (cut == MACHINE_CUT_TORN)
        tear_erase(chip->bytes + offset, size, chip->machine->cut_seed);
    else if (cut != MACHINE_CUT_BEFORE)
        memset(chip->bytes + offset, 0xFF, size);
    if (cut != MACHINE_CUT_NONE)
        machine_cut_power(chip->machine);
    start_busy(chip, type->typ_us);
    return FERRY_OK;
}

static int file_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct posix_flash *chip = context;

    if (!in_bounds(chip, offset, length))
        return FERRY_E_RANGE;
    wait_ready(chip);
    memcpy(data, chip->bytes + offset, length);
    return FERRY_OK;
}

static int file_finish(void *context)
{
    wait_ready(context);
    return FERRY_OK;
}

static const struct ferry_flash_api file_api = {file_read, file_program, file_erase, file_finish};

int posix_flash_start(struct posix_flash *chip, struct ferry_flash *flash, struct machine *machine,
                      bool internal)
{
    int fd = internal ? machine->internal_fd : machine->external_fd;
    struct stat info;

    if (fd < 0 || fstat(fd, &info) != 0 || info.st_size == 0)
        return FERRY_E_NO_CHIP;
    uint32_t size = (uint32_t)info.st_size;
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return FERRY_E_NO_CHIP;
    *chip = (struct posix_flash){
        .machine = machine,
        .name = internal ? "internal" : "external",
        .bytes = bytes,
        .geometry = internal ? posix_flash_internal(size) : posix_flash_external(size),
        .internal = internal,
    };
    *flash = (struct ferry_flash){&file_api, chip, &chip->geometry};
    return FERRY_OK;
}
