// SPDX-License-Identifier: Apache-2.0
/* Questions about a state. Pure. */
#include <string.h>

#include "ferry/store.h"

bool ferry_id_equal(const uint8_t id[FERRY_ID_SIZE], const uint8_t *hash)
{
    return memcmp(id, hash, FERRY_ID_SIZE) == 0;
}

void ferry_id_set(uint8_t id[FERRY_ID_SIZE], const uint8_t *hash)
{
    memcpy(id, hash, FERRY_ID_SIZE);
}

void ferry_slot_set(struct ferry_slot_entry *entry, enum ferry_slot_state state,
                    const uint8_t *hash, uint32_t size)
{
    ferry_id_set(entry->id, hash);
    entry->size = size & FERRY_SLOT_SIZE_MAX;
    entry->state = state;
}

void ferry_state_drop_request(struct ferry_state *state)
{
    state->phase = FERRY_PHASE_IDLE;
    state->flags &= FERRY_STATE_CONFIRMED;
    state->target = FERRY_NO_SLOT;
}

bool ferry_state_is_ours(const struct ferry_state *state, const uint8_t *primary)
{
    if (!primary)
        return state->phase == FERRY_PHASE_INSTALLING;
    if (ferry_id_equal(state->running, primary))
        return true;
    return state->phase == FERRY_PHASE_INSTALLING &&
           ferry_id_equal(state->slot[state->target].id, primary);
}

uint8_t ferry_state_find(const struct ferry_state *state, const uint8_t *hash)
{
    for (uint8_t i = 0; i < state->slots; i++)
        if (state->slot[i].state == FERRY_SLOT_COMPLETE && ferry_id_equal(state->slot[i].id, hash))
            return i;
    return FERRY_NO_SLOT;
}

void ferry_state_init(struct ferry_state *state, uint8_t slots, const uint8_t *primary)
{
    memset(state, 0, sizeof *state);
    state->slots = slots;
    state->phase = FERRY_PHASE_IDLE;
    state->target = FERRY_NO_SLOT;
    state->fallback = FERRY_NO_SLOT;
    if (primary) {
        /* The image a device leaves the factory with is confirmed: there is nothing to go back to.
         */
        ferry_id_set(state->running, primary);
        state->flags = FERRY_STATE_CONFIRMED;
    }
}
