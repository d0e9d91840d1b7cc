// SPDX-License-Identifier: Apache-2.0
/* Looks at dumps of a device's flash chips: the journal's history, and what the next boot does. */
#ifndef FERRY_HOST_DUMP_H
#define FERRY_HOST_DUMP_H

#include "ferry/boot.h"
#include "host/file.h"

#define FERRY_RECORDS_MAX  4096u
#define FERRY_FORECAST_MAX 64u

/* One readable record. */
struct ferry_seen_record {
    uint32_t position; /* in records from the start of the journal */
    bool next_erased;
    struct ferry_state state;
};

/* All positions of a journal, sorted into what they hold. */
struct ferry_seen_journal {
    struct ferry_seen_record *record; /* newest first; from malloc, freed by the caller */
    uint32_t records;
    uint32_t erased; /* positions that can still be written */
    uint32_t used;   /* overwritten with zeros */
    uint32_t torn;   /* anything else */
};

/* Reads every position of the journal. FERRY_OK, FERRY_E_NO_MEMORY or a read error. */
int ferry_dump_journal(const struct ferry_region *region, struct ferry_seen_journal *journal);

/* What the bootloader did on a copy of the dumps. */
struct ferry_forecast {
    int status;               /* of ferry_boot_run: FERRY_OK = it starts `image` */
    uint8_t reason;           /* it reports this: a status without sign, 0 = nothing */
    struct ferry_image image; /* the image it starts */
    uint32_t internal_erased; /* bytes */
    uint32_t internal_programmed;
    uint32_t external_erased;
    uint32_t external_programmed;
    struct ferry_state before;                       /* the newest record before */
    struct ferry_state appended[FERRY_FORECAST_MAX]; /* records it wrote, oldest first */
    uint32_t appends;
};

/*
 * Runs ferry_boot_run on copies of both dumps, as after a reset for `cause`. The dumps are not
 * changed. `external` may be empty: the chip is absent then. FERRY_OK, FERRY_E_NO_MEMORY, or
 * FERRY_E_CHIP_SIZE where a dump is smaller than the layout needs.
 */
int ferry_forecast(const struct ferry_layout *layout, const struct ferry_bytes *internal,
                   const struct ferry_bytes *external, const struct ferry_keys *keys,
                   enum ferry_reset_cause cause, struct ferry_forecast *forecast);

#endif
