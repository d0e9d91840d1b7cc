// SPDX-License-Identifier: Apache-2.0
/*
 * The image store in the external chip: a journal of whole-state records and N slots.
 *
 * A record is the complete state, 128 bytes with a sequence number and a CRC. The newest readable
 * record is the state; everything else is history. Appending never overwrites, so a power cut
 * leaves either the old state or the new one. SPEC.md gives every byte, DESIGN.md the reasons.
 */
#ifndef FERRY_STORE_H
#define FERRY_STORE_H

#include "ferry/image.h"
#include "ferry/layout.h"

#define FERRY_RECORD_SIZE       128u
#define FERRY_ID_SIZE           16u      /* an image in a record: the first bytes of its hash */
#define FERRY_WINDOW            0x10000u /* progress is recorded per 64 KiB */
#define FERRY_ATTEMPTS_GIVEN_UP 0xFFu    /* of a trial: asked to go back */
#define FERRY_NO_SLOT           0xFFu
#define FERRY_SEQUENCE_MAX      0x7FFFFFFFu /* sequence numbers do not wrap */

/* What is known of a slot. */
enum ferry_slot_state {
    FERRY_SLOT_UNKNOWN = 0,   /* anything; erase before use */
    FERRY_SLOT_ERASED = 1,    /* an erase of all of it was completed, nothing written since */
    FERRY_SLOT_RECEIVING = 2, /* an upload is under way; id = its identity, size = announced */
    FERRY_SLOT_COMPLETE = 3,  /* a whole image; id = its hash, size = its total size */
    FERRY_SLOT_COPYING = 4,   /* the running image is being copied here; id = its hash */
};

/* What is under way. */
enum ferry_phase {
    FERRY_PHASE_IDLE = 0,       /* nothing: `running` is the confirmed image */
    FERRY_PHASE_REQUESTED = 1,  /* `target` is to be installed at the next boot */
    FERRY_PHASE_INSTALLING = 2, /* the primary is being overwritten: `running` -> `target` */
    FERRY_PHASE_TRIAL = 3,      /* `target` is in the primary, not confirmed; `running` is its id */
};

/* Flags of the state. */
#define FERRY_STATE_PERMANENT 0x01u /* request/install without a trial */
#define FERRY_STATE_REVERT    0x02u /* this install goes back: `reason` says why */
#define FERRY_STATE_SKIP      0x04u /* the install began on a valid primary: equal pages count */
#define FERRY_STATE_CONFIRMED 0x08u /* `running` was confirmed (or installed permanently) */

#define FERRY_SLOT_SIZE_MAX 0x0FFFFFFFu
struct ferry_slot_entry {
    uint8_t id[FERRY_ID_SIZE];
    uint32_t size : 28; /* bytes */
    uint32_t state : 4; /* enum ferry_slot_state */
};

/*
 * The whole state, laid out as a record carries it: little endian, no padding. SPEC.md, "Journal
 * record". The first five fields are the journal's own.
 */
struct ferry_state {
    uint16_t magic;
    uint8_t version;
    uint8_t slots;     /* entries used */
    uint32_t sequence; /* set by append; below 2^31 */
    uint32_t crc;
    uint8_t phase;    /* enum ferry_phase */
    uint8_t flags;    /* FERRY_STATE_... */
    uint8_t target;   /* slot of the request, install or trial; FERRY_NO_SLOT otherwise */
    uint8_t fallback; /* slot with the way back, FERRY_NO_SLOT = none */
    uint8_t reason;   /* last refusal or rollback: a status without its sign, 0 = none */
    uint8_t attempts; /* of the trial: boots that ended in a watchdog, lock-up, software reset */
    uint8_t power_attempts;         /* of the trial: boots that ended in a power loss or wake-up */
    uint8_t next_erased;            /* the journal's: 1 = the next block was erased to its end */
    uint16_t installed;             /* whole windows certain in the primary */
    uint16_t received;              /* whole windows certain in the receiving slot */
    uint32_t generation;            /* counts trailer requests taken from MCUboot applications */
    uint32_t reserved;              /* 0 */
    uint8_t running[FERRY_ID_SIZE]; /* image in the primary; while installing: before it began */
    struct ferry_slot_entry slot[FERRY_SLOTS_MAX];
};
_Static_assert(sizeof(struct ferry_state) == FERRY_RECORD_SIZE, "a record is the state");

/* The journal of one device. Owned by the caller; about 200 bytes. */
struct ferry_journal {
    struct ferry_region region;
    uint32_t block;  /* bytes of one erase block of the ring */
    uint32_t newest; /* position of the newest readable record, or FERRY_POSITION_NONE */
    uint32_t next;   /* position of the next append */
    uint32_t end;    /* first position after the block in use, which `next` is in */
    bool settled;    /* this life has appended: the newest record is strong */
    uint8_t slots;   /* of the layout; records with another number are not ours */
    struct ferry_state state;
};
#define FERRY_POSITION_NONE 0xFFFFFFFFu

/* Makes a record of the state: sets magic, version and CRC. Pure. */
void ferry_record_seal(struct ferry_state *record);

/* The bytes of the record of a state, for tools. Pure. */
void ferry_record_encode(const struct ferry_state *state, bool next_erased,
                         uint8_t record[FERRY_RECORD_SIZE]);

/* Whether bytes read as a record are one, with nothing in them that is out of bounds. Pure. */
bool ferry_record_is_good(const struct ferry_state *record);

/*
 * Finds the newest readable record. Reads 8 bytes per position, then the candidates. Writes
 * nothing. FERRY_OK, FERRY_E_JOURNAL_NONE (none readable: `state` is cleared) or FERRY_E_LAYOUT. A
 * position that cannot be read counts as one without a record.
 */
int ferry_journal_open(struct ferry_journal *journal, const struct ferry_region *region,
                       uint8_t slots);

/*
 * Appends `state` as the newest record, reads it back, and takes it as the current state. The
 * first append of a life first makes sure that nothing weak of an earlier life can come back: it
 * overwrites the torn positions and the one after them with zeros, and appends the old state again.
 * Erases the next block first where that was not done ahead and room runs out (one erase's time).
 * Otherwise one page program and a read. FERRY_OK, FERRY_E_JOURNAL_WRITE (nothing changed: the
 * old state stands) or FERRY_E_JOURNAL_NONE (never opened or formatted).
 */
int ferry_journal_append(struct ferry_journal *journal, const struct ferry_state *state);

/* Appends the current state again if this life has not appended yet. See ferry_journal_append. */
int ferry_journal_settle(struct ferry_journal *journal);

/*
 * Erases the next block if the one in use is more than half full and it was not done. At most one
 * erase. `*did` tells whether there was anything to do. For idle time in the application.
 */
int ferry_journal_erase_ahead(struct ferry_journal *journal, bool *did);

/* Erases the whole ring and appends `state` as the first record. Only the application formats. */
int ferry_journal_format(struct ferry_journal *journal, const struct ferry_state *state);

/* Whether a record's id names this hash. */
bool ferry_id_equal(const uint8_t id[FERRY_ID_SIZE], const uint8_t *hash);

/* Takes the id of a hash. */
void ferry_id_set(uint8_t id[FERRY_ID_SIZE], const uint8_t *hash);

/* Fills in an entry: `hash` is the image's, or the identity of an upload, 16 bytes at least. */
void ferry_slot_set(struct ferry_slot_entry *entry, enum ferry_slot_state state,
                    const uint8_t *hash, uint32_t size);

/* Back to idle: nothing is to be installed. */
void ferry_state_drop_request(struct ferry_state *state);

/*
 * Pure: whether the state speaks of this device. `primary` is the hash of the valid image in the
 * primary, NULL if there is none. While installing both `running` and the target's id are ours.
 */
bool ferry_state_is_ours(const struct ferry_state *state, const uint8_t *primary);

/* The slot that is COMPLETE with this id, or FERRY_NO_SLOT. */
uint8_t ferry_state_find(const struct ferry_state *state, const uint8_t *hash);

/* A new state for a device whose image in the primary has this hash (NULL: none). */
void ferry_state_init(struct ferry_state *state, uint8_t slots, const uint8_t *primary);

/* The store: journal and slot regions together. */
struct ferry_store {
    struct ferry_journal journal;
    struct ferry_region slot[FERRY_SLOTS_MAX];
    uint8_t slots;
};

/*
 * Binds the layout to the external device and opens the journal. FERRY_OK, FERRY_E_JOURNAL_NONE,
 * FERRY_E_LAYOUT (a region is not aligned to the chip's erase blocks, regions overlap, too few
 * slots), FERRY_E_CHIP_SIZE.
 */
int ferry_store_open(struct ferry_store *store, const struct ferry_layout *layout,
                     const struct ferry_flash *external);

/* CRC-32 (IEEE 802.3, reflected, as in zip). `crc` is 0 to start, the last result to continue. */
uint32_t ferry_crc32(uint32_t crc, const void *data, uint32_t length);

#endif
