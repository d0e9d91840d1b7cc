// SPDX-License-Identifier: Apache-2.0
/* Binds a layout to the external chip. */
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
    struct ferry_region journal;

    if (layout->slots < FERRY_SLOTS_MIN || layout->slots > FERRY_SLOTS_MAX)
        return FERRY_E_LAYOUT;
    int status = bind(&journal, external, &layout->journal);
    if (status != FERRY_OK)
        return status;
    store->slots = (uint8_t)layout->slots;
    for (uint32_t i = 0; i < store->slots; i++) {
        status = bind(&store->slot[i], external, &layout->slot[i]);
        if (status != FERRY_OK)
            return status;
        if (overlap(&store->slot[i], &journal))
            return FERRY_E_LAYOUT;
        for (uint32_t k = 0; k < i; k++)
            if (overlap(&store->slot[i], &store->slot[k]))
                return FERRY_E_LAYOUT;
    }
    return ferry_journal_open(&store->journal, &journal, store->slots);
}
