// SPDX-License-Identifier: Apache-2.0
/*
 * Reads a layout file (partition manager's pm_static.yml) and checks it. Ferry's own entries become
 * a struct ferry_layout; all others are kept, because they are somebody's flash.
 */
#ifndef FERRY_HOST_LAYOUT_H
#define FERRY_HOST_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "ferry/layout.h"
#include "host/arena.h"
#include "host/problem.h"

#define FERRY_LAYOUT_INTERNAL "flash_primary"
#define FERRY_LAYOUT_EXTERNAL "external_flash"

/* One entry of the file. Strings live in the arena. */
struct ferry_layout_entry {
    const char *name;
    const char *region;
    uint32_t address; /* from the start of its region */
    uint32_t size;
    unsigned line;
    bool container; /* it is said to span others, so they may lie inside it */
};

/* One thing that is wrong (`error`) or worth knowing. A sentence without a full stop. */
struct ferry_layout_finding {
    bool error;
    unsigned line; /* 0 where no line is to blame */
    const char *text;
};

struct ferry_layout_file {
    struct ferry_arena arena;
    const char *name; /* of the file, for sentences */
    struct ferry_layout layout;
    struct ferry_layout_entry *entry; /* sorted by region, then address */
    size_t entries;
    struct ferry_layout_finding *finding;
    size_t findings;
    bool stock; /* MCUboot's slots and no store of Ferry's: `layout` is empty */
};

/* What the flash is, as far as it is known. Zero fields are not checked. */
struct ferry_layout_device {
    uint32_t flash_base; /* CPU address of the internal flash */
    uint32_t internal_size;
    uint32_t external_size;
    bool stock; /* a layout of MCUboot's, without Ferry's store, will do as well */
};

/*
 * Reads the file, or parses `text` under the name `name`. `device` may be NULL. Every error and
 * warning becomes a finding; the first error is the problem, too. FERRY_OK, FERRY_E_IO (cannot be
 * read) or FERRY_E_LAYOUT. In every case ferry_layout_free gives the memory back.
 */
int ferry_layout_load(struct ferry_layout_file *file, const char *path,
                      const struct ferry_layout_device *device, struct ferry_problem *problem);
int ferry_layout_parse(struct ferry_layout_file *file, const char *name, const char *text,
                       size_t length, const struct ferry_layout_device *device,
                       struct ferry_problem *problem);
/* The same from entries that were read elsewhere. They and their strings are copied. */
int ferry_layout_make(struct ferry_layout_file *file, const char *name,
                      const struct ferry_layout_entry *entry, size_t entries,
                      const struct ferry_layout_device *device, struct ferry_problem *problem);
void ferry_layout_free(struct ferry_layout_file *file);

/* The entry of this name, NULL where there is none. */
const struct ferry_layout_entry *ferry_layout_find(const struct ferry_layout_file *file,
                                                   const char *name);

/* Checks the entries against each other and makes `layout` of them. For ferry_layout_parse. */
void ferry_layout_check(struct ferry_layout_file *file, const struct ferry_layout_device *device);

/* Adds a finding. */
void ferry_layout_note(struct ferry_layout_file *file, bool error, unsigned line,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));

#endif
