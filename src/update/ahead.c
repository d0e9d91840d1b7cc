// SPDX-License-Identifier: Apache-2.0
/* The background work of an upload: what the next bytes need is done before they come. */
#include "session.h"

#define AHEAD    0x10000u /* bytes kept erased before an open upload */
#define CATCH_UP 1024u    /* bytes hashed per step */

/* Erase ahead of the upload, then digest what a resume found in flash. */
static bool serve_upload(struct ferry_update *u)
{
    uint32_t most = u->config->erase_limit ? u->config->erase_limit : 4096u;
    uint32_t wanted = u->received + AHEAD < u->size ? u->received + AHEAD : u->size;

    if (u->erased_to < wanted && !u->idle_failed) {
        struct ferry_region region = update_destination(u);
        uint32_t erased = 0;
        if (ferry_region_erase_step(&region, u->erased_to, region.length, most, &erased) ==
            FERRY_OK)
            u->erased_to += erased;
        else
            u->idle_failed = true; /* the write that needs it says so */
        return u->erased_to < wanted;
    }
    if (u->hashed < u->received - u->page_fill)
        return update_catch_up(u, CATCH_UP) == FERRY_OK;
    return false;
}

bool ferry_update_poll_upload(struct ferry_update *update)
{
    struct ferry_update *u = update;
    bool did = false;

    if (u->open && serve_upload(u))
        return true;
    /* Nothing is tried again and again: a chip that fails would do nothing else. */
    if (!u->store_ready || u->idle_failed)
        return false;
    u->idle_failed = ferry_journal_erase_ahead(&u->store.journal, &did) != FERRY_OK;
    return did;
}
