// SPDX-License-Identifier: Apache-2.0
/* Inside the update session: what its files share. */
#ifndef FERRY_UPDATE_SESSION_H
#define FERRY_UPDATE_SESSION_H

#include "ferry/update.h"

/* Appends a state with the reason, and remembers the reason. */
int update_record(struct ferry_update *u, const struct ferry_state *state);

/* The state of the journal. */
static inline struct ferry_state *update_state(struct ferry_update *u)
{
    return &u->store.journal.state;
}

/* Formats the journal unless a second look finds a record of this device. */
int update_adopt_journal(struct ferry_update *u);

/* In recovery, and nothing boots: then nothing in the store is worth keeping. */
bool update_is_rescue(const struct ferry_update *u);

/* Whether the slot holds what must stay: the running image, or on trial the way back. */
bool update_is_protected(const struct ferry_update *u, uint8_t slot);

/* The slot a new upload of this identity goes to, or FERRY_NO_SLOT. */
uint8_t update_choose_slot(const struct ferry_update *u);

/* Where this upload's bytes go. */
struct ferry_region update_destination(const struct ferry_update *u);

/* Erases the destination up to `end` at least. `most` bounds one erase. */
int update_erase_to(struct ferry_update *u, uint32_t end, uint32_t most);

/* Feeds bytes that are already in flash into the digest, up to `most` of them. */
int update_catch_up(struct ferry_update *u, uint32_t most);

/* Takes `length` bytes at the position u->hashed into the digest. */
void update_hash(struct ferry_update *u, const uint8_t *data, uint32_t length);

#endif
