// SPDX-License-Identifier: Apache-2.0
/*
 * One case: one application, for one board and one build type, with everything that is read for
 * it. Rules look at a case and nothing else.
 */
#ifndef FERRY_DOCTOR_CASE_H
#define FERRY_DOCTOR_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/artifact.h"
#include "doctor/boards.h"
#include "doctor/dt.h"
#include "doctor/finding.h"
#include "doctor/kconf.h"
#include "doctor/pm.h"
#include "doctor/tree.h"

/* How the SDK brings images together. */
enum generation {
    GENERATION_UNKNOWN,
    GENERATION_CHILD_IMAGE, /* up to 2.6, optional to 2.8 */
    GENERATION_SYSBUILD,    /* sysbuild and partition manager, from 2.7 */
    GENERATION_DEVICETREE,  /* sysbuild and devicetree partitions, from 3.3 */
};

#define SDK_VERSION(major, minor, patch) ((major)*10000u + (minor)*100u + (patch))

struct sdk {
    enum generation generation;
    unsigned version; /* SDK_VERSION, 0 = unknown */
    const char *why;  /* where that comes from */
};

struct image {
    const char *title; /* "the application", "MCUboot", "sysbuild" */
    bool present;
    bool built;              /* `effective` is a .config */
    struct kconf requested;  /* fragments, in the order they are read */
    struct kconf effective;  /* .config */
    const char *config_file; /* that .config */
    struct dt dt;
    bool dt_built; /* zephyr.dts, else board facts plus overlays */
    bool has_overlay;
    bool own_prj;             /* MCUboot: a prj.conf of the project replaces MCUboot's own */
    const char *conf_home;    /* the file a new option goes to */
    const char *overlay_home; /* the file a new node goes to */
};

/* A file that looks like configuration and is read by nothing. */
struct orphan {
    const char *file;
    struct orphan *next;
};

struct doctor_case {
    struct ferry_arena *arena;
    struct tree *tree;
    struct findings *out;
    const struct rule *rule; /* the one that runs: set by the engine */
    const struct boards *boards;

    const char *app;   /* folder of the application, "" or with a trailing slash */
    const char *build; /* its build folder, the same way; NULL without one */
    bool has_source;
    const char *suffix;  /* FILE_SUFFIX or build type, NULL */
    const char *variant; /* for people; NULL where there is only one */

    struct sdk sdk;
    const struct board *board; /* NULL = not known here */
    const char *stem;          /* "nrf9160dk_nrf9160_ns": the application's board in file names */
    const char *secure;        /* "nrf9160dk_nrf9160": MCUboot's */
    const char *revision;      /* "0.14.0" or NULL */
    bool non_secure;           /* built with TF-M (or SPM) */
    bool cmake_overrides;      /* CMake code picks files in ways that are not followed here */

    struct image application;
    struct image mcuboot;
    struct image sysbuild;

    struct pm fixed;     /* pm_static */
    struct pm built;     /* partitions.yml */
    struct pm from_dt;   /* devicetree partitions of the application */
    struct pm boot_dt;   /* ... and of MCUboot */
    const struct pm *pm; /* the one that counts; never NULL, may be empty */
    struct pm_regions regions;
    struct pm baseline; /* --baseline */

    bool bootloader;           /* MCUboot is part of it */
    bool external;             /* the second slot is meant to lie in the external chip */
    const char *external_file; /* what says so */
    unsigned external_line;
    const char *external_why;
    const struct dt_node *chip;      /* the chip as the application's devicetree has it */
    const struct dt_node *boot_chip; /* ... and MCUboot's */

    struct artifacts *artifacts; /* images, packages, logs: never NULL */
};

/* Three values: a default may say what no file says. */
enum tri { NO, YES, UNKNOWN };

/* A Kconfig option of an image, by name without its prefix. */
const struct kconf_line *option(const struct doctor_case *c, const struct image *image,
                                const char *name);
enum tri option_is(const struct doctor_case *c, const struct image *image, const char *name);
bool option_yes(const struct doctor_case *c, const struct image *image, const char *name);
/* Asked for with =n, or built without it. */
bool option_no(const struct doctor_case *c, const struct image *image, const char *name);
bool option_number(const struct doctor_case *c, const struct image *image, const char *name,
                   unsigned long long *number);
/* The line somebody wrote, NULL where only .config or nothing has it. */
const struct kconf_line *written(const struct doctor_case *c, const struct image *image,
                                 const char *name);
/* Adds the option's line as evidence, or the file where it is missing. */
void seen_option(const struct doctor_case *c, struct finding *finding, const struct image *image,
                 const char *name, const char *required);

/* How MCUboot installs. */
enum boot_mode {
    MODE_UNKNOWN,
    MODE_SWAP_MOVE,
    MODE_SWAP_OFFSET,
    MODE_SWAP_SCRATCH,
    MODE_OVERWRITE,
    MODE_DIRECT_XIP,
    MODE_RAM_LOAD,
    MODE_SINGLE,
};
enum boot_mode boot_mode(const struct doctor_case *c);
const char *boot_mode_name(enum boot_mode mode);
bool is_swap(enum boot_mode mode);

bool is_sysbuild(const struct doctor_case *c);                /* either generation that uses it */
bool at_least(const struct doctor_case *c, unsigned version); /* false when unknown */
bool before(const struct doctor_case *c, unsigned version);   /* false when unknown */
bool uses_pm(const struct doctor_case *c);

/* Whether the external chip hangs on SPI (else QSPI), as far as that is known. */
enum tri chip_on_spi(const struct doctor_case *c);
/* Bytes of the external chip by devicetree, regions.yml or board; 0 = unknown. */
uint64_t external_size(const struct doctor_case *c);
/* Base and size of the internal flash; false = unknown. */
bool internal_flash(const struct doctor_case *c, uint64_t *base, uint64_t *size);
/* Images that are updated: 1, 2 ...; 0 = unknown. */
unsigned updateable_images(const struct doctor_case *c);
bool both_cores(const struct doctor_case *c);
bool uses_tfm(const struct doctor_case *c);

/* ERROR with a build's evidence, else a warning: a default could still satisfy it. */
enum severity by_evidence(const struct image *image);

/* Compares dotted versions: <0, 0, >0. */
int doctor_version_compare(const char *a, const char *b);

/* Text helpers. */
bool text_ends(const char *text, const char *end);
bool text_starts(const char *text, const char *start);
bool text_has_word(const char *list, const char *word); /* space-separated */

#endif
