// SPDX-License-Identifier: Apache-2.0
/*
 * How far something has come: a bar that redraws itself on a terminal, a line every ten percent
 * anywhere else. The time is given from outside.
 */
#ifndef FERRY_HOST_PROGRESS_H
#define FERRY_HOST_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define FERRY_PROGRESS_SAMPLES 8

struct ferry_progress {
    FILE *out;         /* NULL = silent */
    bool terminal;     /* redraw one line */
    unsigned columns;  /* of the terminal */
    const char *label; /* "uploading" */
    uint64_t total;    /* bytes */
    uint64_t first;    /* where it began: a resumed upload does not count as fast */
    uint64_t started;  /* ms */
    uint64_t drawn;    /* ms of the last redraw */
    int tenth;         /* last line printed, in 10 %; -1 = none */
    bool begun;
    struct {
        uint64_t time, done;
    } sample[FERRY_PROGRESS_SAMPLES]; /* one every half second: the rate of the last seconds */
    unsigned samples;
};

/* `terminal` and `columns` are found out from `out`. */
void ferry_progress_start(struct ferry_progress *progress, FILE *out, const char *label,
                          uint64_t total, uint64_t now);

/* The first call sets where it began. Draws when there is something new to show. */
void ferry_progress_update(struct ferry_progress *progress, uint64_t done, uint64_t now);

/* Ends the bar's line, with its last state. */
void ferry_progress_end(struct ferry_progress *progress, uint64_t done, uint64_t now);

/* Bytes per second over the last seconds, 0 where that is not known yet. */
uint64_t ferry_progress_rate(const struct ferry_progress *progress, uint64_t done, uint64_t now);

/* The bar as text of at most `room` - 1 characters. Pure. */
void ferry_progress_text(const struct ferry_progress *progress, uint64_t done, uint64_t now,
                         char *text, size_t room);

#endif
