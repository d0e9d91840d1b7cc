// SPDX-License-Identifier: Apache-2.0
/*
 * The idempotent copy behind install, rollback and backup. While one chip erases or programs, the
 * other is read: the first piece of a block is fetched under its erase, each further piece under
 * the program of the one before.
 */
#include "ferry/boot.h"

#define PROBE 64u /* bytes compared before the rest of a block */

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Whether [at, at + length) of both regions is the same. */
static int is_equal(const struct ferry_copy *c, uint32_t at, uint32_t length, bool *equal)
{
    uint32_t part = smaller(PROBE, length); /* blocks that differ mostly do so at once */

    *equal = true;
    for (uint32_t done = 0; done < length && *equal;) {
        int status = ferry_region_read(c->source, at + done, c->work, part);
        if (status != FERRY_OK)
            return status;
        /* A page that cannot be read is not equal: it is erased and written. */
        *equal = ferry_region_compare(c->destination, at + done, c->work, part) == FERRY_OK;
        done += part;
        part = smaller(c->work_size, length - done);
    }
    return FERRY_OK;
}

/* Programs and reads back [at, end), reading ahead into the other half of the work buffer. */
static int copy_content(const struct ferry_copy *c, uint32_t at, uint32_t end)
{
    uint32_t piece = c->work_size / 2;
    uint8_t *now = c->work;
    uint8_t *ahead = now + piece;
    uint32_t part = smaller(piece, end - at);

    int status = ferry_region_read(c->source, at, now, part);
    while (status == FERRY_OK && at < end) {
        uint32_t next = at + part;
        uint32_t next_part = smaller(piece, end - next);
        if (!ferry_flash_is_filled(now, c->destination->flash->geometry->erased, part))
            status = ferry_region_program(c->destination, at, now, part);
        if (status == FERRY_OK)
            status = ferry_region_read(c->source, next, ahead, next_part);
        if (status == FERRY_OK)
            status = ferry_region_compare(c->destination, at, now, part);
        uint8_t *done = now;
        now = ahead;
        ahead = done;
        at = next;
        part = next_part;
    }
    return status;
}

/* One erase block: `*done` gets its length. */
static int copy_block(const struct ferry_copy *c, uint32_t at, uint32_t end, uint32_t *done)
{
    uint32_t block = ferry_region_block(c->destination);
    bool equal = false;
    int status = FERRY_OK;

    *done = block;
    if (c->skip_equal) {
        status = is_equal(c, at, smaller(block, c->size - at), &equal);
        if (status != FERRY_OK || equal)
            return status;
    }
    if (!c->erased)
        status = ferry_region_erase_step(c->destination, at, end,
                                         c->skip_equal ? block : FERRY_WINDOW, done);
    if (status != FERRY_OK)
        return status;
    return copy_content(c, at, smaller(at + *done, c->size));
}

int ferry_copy_run(const struct ferry_copy *copy)
{
    const struct ferry_copy *c = copy;
    uint32_t block = ferry_region_block(c->destination);
    uint32_t end = (c->size + block - 1) / block * block;
    uint32_t windows = c->from_window;

    if (c->size == 0 || c->work_size < 256 || end > c->destination->length)
        return FERRY_E_RANGE;
    /* A block larger than a window is done again from its start. */
    uint32_t at = c->from_window * FERRY_WINDOW / block * block;
    while (at < c->size) {
        uint32_t done;
        int status = copy_block(c, at, end, &done);
        if (status != FERRY_OK)
            return status;
        at += done;
        uint32_t reached = (at < c->size ? at : c->size + FERRY_WINDOW - 1) / FERRY_WINDOW;
        if (reached <= windows)
            continue;
        windows = reached;
        status = ferry_region_finish(c->destination);
        if (status != FERRY_OK)
            return status;
        if (c->window_done)
            c->window_done(c->context, windows);
    }
    return ferry_region_finish(c->destination);
}
