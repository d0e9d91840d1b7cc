// SPDX-License-Identifier: Apache-2.0
/*
 * Partition tables: pm_static.yml, partitions.yml, regions.yml, and the fixed partitions of a
 * devicetree brought into the same shape under the partition manager's names.
 */
#ifndef FERRY_DOCTOR_PM_H
#define FERRY_DOCTOR_PM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/dt.h"
#include "host/yaml.h"

#define PM_PARTS_MAX 4096 /* more is no partition file */

#define PM_INTERNAL "flash_primary"
#define PM_EXTERNAL "external_flash"

struct pm_part {
    const char *name;
    const char *region; /* what the partition manager takes it for; never NULL */
    const char *device; /* as written, or NULL */
    bool region_given;
    bool has_address;
    bool has_size;   /* `size` is known, written or from end_address */
    bool has_end;    /* end_address is written */
    bool size_given; /* size is written */
    bool is_span;    /* holds others: `span` or `orig_span` */
    bool from_dt;
    bool duplicate; /* the file has the name twice */
    uint64_t address;
    uint64_t size;
    uint64_t end; /* end_address as written */
    const char **span;
    size_t span_count;
    const struct ferry_yaml *yaml; /* the entry, NULL for devicetree */
    const char *file;
    unsigned line; /* of the name */
};

struct pm {
    bool present;
    bool whole; /* partitions.yml: everything is in it */
    const char *file;
    struct pm_part *parts;
    size_t count;
    const struct ferry_yaml *yaml;
};

struct pm_region {
    const char *name;
    const char *driver;   /* default_driver_kconfig, or NULL */
    const char *device;   /* or NULL */
    const char *strategy; /* or NULL */
    uint64_t base;
    uint64_t size;
    bool has_size;
    const char *file;
    unsigned line;
};

struct pm_regions {
    bool present;
    struct pm_region *list;
    size_t count;
};

/* Reads a partition table. false with `*problem`, a sentence with file and line. */
bool pm_read(struct pm *pm, struct ferry_arena *arena, const char *file, const char *text,
             size_t length, const char **problem);
bool pm_read_regions(struct pm_regions *regions, struct ferry_arena *arena, const char *file,
                     const char *text, size_t length, const char **problem);

/* The fixed partitions of a devicetree; `external` is the chip's node, or NULL if unknown. */
void pm_from_dt(struct pm *pm, struct ferry_arena *arena, const struct dt *dt);

const struct pm_part *pm_find(const struct pm *pm, const char *name);
const struct pm_region *pm_region(const struct pm_regions *regions, const char *name);
uint64_t pm_end(const struct pm_part *part);
/* The line of a key of an entry, or the entry's own. */
unsigned pm_line(const struct pm_part *part, const char *key);
bool pm_in(const struct pm_part *part, const char *region);
/* A partition that holds bytes itself: no span, no zero size, a known address. */
bool pm_is_leaf(const struct pm *pm, const struct pm_part *part);

#endif
