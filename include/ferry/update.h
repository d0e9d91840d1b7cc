// SPDX-License-Identifier: Apache-2.0
/*
 * The update session: the core of the agent in the application and of recovery in the bootloader.
 * One session under all transports. Bytes in, states out; it owns no transport and no thread.
 *
 * Calls come from one thread. Only `ferry_update_poll` erases (bounded steps, for idle time); a
 * write waits for an erase only where it would cross what has been erased.
 */
#ifndef FERRY_UPDATE_H
#define FERRY_UPDATE_H

#include "ferry/retained.h"
#include "ferry/spi.h"
#include "ferry/store.h"

#define FERRY_UPDATE_PAGE 256u

/* What the application provides. Read-only for the session; outlives it. */
struct ferry_update_config {
    const struct ferry_layout *layout;
    const struct ferry_flash *internal;
    const struct ferry_flash *external; /* NULL: see external_status */
    int external_status;                /* what starting the external chip came to */
    const struct ferry_keys *keys;      /* NULL: hash only, the bootloader verifies signatures */
    struct ferry_retained *retained;    /* NULL where the port has none */
    bool recovery;                      /* in the bootloader: may write an invalid primary */
    uint32_t erase_limit;               /* largest erase while a session is open, 0 = 4096 */
};

enum ferry_update_phase {
    FERRY_UPDATE_IDLE = 0,
    FERRY_UPDATE_RECEIVING = 1,
    FERRY_UPDATE_COMPLETE = 2,  /* a whole, verified image waits for a request */
    FERRY_UPDATE_REQUESTED = 3, /* it will be installed at the next reset */
    FERRY_UPDATE_TRIAL = 4,     /* the running image is on trial */
};

struct ferry_update_status {
    uint8_t phase;     /* enum ferry_update_phase */
    uint8_t percent;   /* of the upload */
    uint8_t reason;    /* last refusal: a status without sign, 0 = none */
    uint8_t slot;      /* receiving or candidate, FERRY_NO_SLOT = none */
    uint32_t received; /* bytes */
    uint32_t size;     /* bytes announced */
};

/*
 * The session. Owned by the caller, about 1 KiB; look, do not touch. Small fields come first, where
 * Thumb reaches them with short instructions.
 */
struct ferry_update {
    const struct ferry_update_config *config;
    bool primary_valid; /* structure and hash hold (and signature, with keys) */
    bool store_ready;
    bool open;        /* an upload is under way */
    bool to_primary;  /* recovery without a store */
    bool idle_failed; /* background work failed: no more of it in this life */
    uint8_t slot;
    uint8_t reason;
    uint8_t copy_slot;
    uint8_t idle_slot; /* being erased in idle time */
    uint8_t identity_length;
    bool nothing_boots; /* why recovery was entered */
    int store_status;   /* why the store is not ready */
    uint32_t floor;

    uint32_t size;      /* announced */
    uint32_t received;  /* bytes taken, page buffer included */
    uint32_t erased_to; /* the slot is erased up to here */
    uint32_t hashed;    /* bytes that went into `sha` */
    uint32_t hash_end;  /* where the image hash ends; 0 until the header is here */
    uint32_t copied;    /* of the running image, into copy_slot */
    uint32_t idle_erased;
    uint32_t page_fill;
    struct ferry_region primary;

    struct ferry_store store;
    struct ferry_image image; /* of the primary */
    struct ferry_sha256 sha;  /* of the file so far */
    uint8_t image_digest[FERRY_SHA256_SIZE];
    uint8_t identity[FERRY_SHA256_SIZE];
    uint8_t page[FERRY_UPDATE_PAGE];
};

/*
 * Opens the session: store, journal, what runs. An empty or foreign journal is formatted here
 * (only the application does that; recovery does where no valid primary exists).
 * FERRY_OK even where the store cannot be used: then every begin is refused with store_status.
 * FERRY_E_LAYOUT or FERRY_E_ARGUMENT for a configuration that can never work.
 */
int ferry_update_open(struct ferry_update *update, const struct ferry_update_config *config);

/*
 * Whether an upload of `size` bytes would be accepted now: chip, geometry, layout, a free slot, a
 * probe of a block. Before the first byte. FERRY_OK or the reason.
 */
int ferry_update_preflight(struct ferry_update *update, uint32_t size);

/*
 * Begins an upload, or continues one: with the identity of the upload under way, or of one that
 * a reset interrupted, `*offset` is where to go on; otherwise it is 0 and what was there is
 * dropped. `identity` is any name of the file (its SHA-256), up to 32 bytes; without one
 * (length 0) nothing can be continued. A 32-byte identity is checked as the file's SHA-256 at the
 * end. Writes the journal, does not erase.
 * FERRY_OK, FERRY_E_SIZE, FERRY_E_SLOT_NONE, FERRY_E_PENDING, FERRY_E_IMAGE_TOO_LARGE, or what
 * preflight says.
 */
int ferry_update_begin(struct ferry_update *update, const uint8_t *identity,
                       uint32_t identity_length, uint32_t size, uint32_t *offset);

/*
 * Takes bytes at `offset`, which must be the next expected. `*next` is where to go on, set in
 * every case. The last byte verifies the image and closes the session: see ferry_update_finish.
 * FERRY_OK, FERRY_E_OFFSET, FERRY_E_SIZE, FERRY_E_STATE, an image error (the upload is dropped),
 * or a flash error.
 */
int ferry_update_write(struct ferry_update *update, uint32_t offset, const void *data,
                       uint32_t length, uint32_t *next);

/* Drops the upload under way. The slot is free again. */
int ferry_update_abort(struct ferry_update *update);

/* Asks the bootloader to install the complete image in `slot`, on trial or for good. */
int ferry_update_request(struct ferry_update *update, uint8_t slot, bool permanent);

/* Takes a request back that was not carried out yet. */
int ferry_update_withdraw(struct ferry_update *update);

/* Confirms the running image. Success where it is confirmed already. */
int ferry_update_confirm(struct ferry_update *update);

/*
 * Asks for the way back: on trial the fallback, else the previous image, for good. `*slot` (may be
 * NULL) gets its slot. FERRY_E_SLOT_EMPTY where there is none.
 */
int ferry_update_back(struct ferry_update *update, uint8_t *slot);

/* Forgets a slot's content (it is erased later, by poll). FERRY_E_SLOT_IN_USE, FERRY_E_SLOT_NONE.
 */
int ferry_update_erase(struct ferry_update *update, uint8_t slot);

/*
 * One bounded step of background work: erase ahead of an open upload, erase the journal ahead,
 * copy a running image that is not in the store, erase a free slot, catch up hashing. At most one
 * erase or one page of work. True if there is more to do.
 */
bool ferry_update_poll(struct ferry_update *update);

/*
 * The part of it that an upload needs: erase ahead of it, erase the journal ahead, catch up
 * hashing. For a bootloader's recovery, which does not stay for the rest and need not link it.
 */
bool ferry_update_poll_upload(struct ferry_update *update);

/* Notes a refusal that a protocol decided by itself, so that everybody sees it in the status. */
int ferry_update_refuse(struct ferry_update *update, int status);

/* A snapshot for people and protocols. */
void ferry_update_status(const struct ferry_update *update, struct ferry_update_status *status);

/* The slot a client would call "the other one": candidate, else previous, else FERRY_NO_SLOT. */
uint8_t ferry_update_other(const struct ferry_update *update);

#endif
