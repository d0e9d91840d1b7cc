// SPDX-License-Identifier: Apache-2.0
/* Binds a layout to the external chip. */
#include <string.h>

#include "ferry/store.h"

static bool overlap(const struct ferry_region *a, const struct ferry_region *b)
{
    return a->offset < b->offset + b->length && b->offset < a->offset + a->length;
}

static int bind(struct ferry_region *region, const struct ferry_flash *flash,
                const struct ferry_span *span)
{
    region->flash = flash;
    region->offset = span->offset;
    region->length = span->length;
    return ferry_region_check(region);
}

int ferry_store_open(struct ferry_store *store, const struct ferry_layout *layout,
                     const struct ferry_flash *external)
{
    struct ferry_region region[1 + FERRY_SLOTS_MAX]; /* the journal, then the slots */

    if (layout->slots < FERRY_SLOTS_MIN || layout->slots > FERRY_SLOTS_MAX)
        return FERRY_E_LAYOUT;
    for (uint32_t i = 0; i <= layout->slots; i++) {
        int status = bind(&region[i], external, i ? &layout->slot[i - 1] : &layout->journal);
        if (status != FERRY_OK)
            return status;
        for (uint32_t k = 0; k < i; k++)
            if (overlap(&region[i], &region[k]))
                return FERRY_E_LAYOUT;
    }
    store->slots = (uint8_t)layout->slots;
    memcpy(store->slot, region + 1, layout->slots * sizeof *store->slot);
    return ferry_journal_open(&store->journal, region, store->slots);
}
