// SPDX-License-Identifier: Apache-2.0
/* Receiving an image into a slot: preflight, begin or resume, write, finish. */
#include <string.h>

#include "session.h"

#define ERASE_WHILE_OPEN 4096u

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

struct ferry_region update_destination(const struct ferry_update *u)
{
    return u->to_primary ? u->primary : u->store.slot[u->slot];
}

/* How little is lost when a new upload takes the slot; 0 = it may not. */
static uint32_t slot_preference(const struct ferry_update *u, uint8_t slot)
{
    const struct ferry_state *s = &u->store.journal.state;

    if (update_is_protected(u, slot) || u->store.slot[slot].length < u->size)
        return 0;
    switch (s->slot[slot].state) {
    case FERRY_SLOT_ERASED:
        return 6;
    case FERRY_SLOT_UNKNOWN:
        return 5;
    case FERRY_SLOT_RECEIVING:
        return 4;
    case FERRY_SLOT_COPYING:
        return 1; /* the running image's copy is being made there */
    default:
        return slot == s->fallback ? 2 : 3;
    }
}

static bool is_same_upload(const struct ferry_update *u, const struct ferry_slot_entry *entry)
{
    return u->identity_length > 0 && entry->state == FERRY_SLOT_RECEIVING &&
           entry->size == u->size && ferry_id_equal(entry->id, u->identity);
}

uint8_t update_choose_slot(const struct ferry_update *u)
{
    uint8_t best = FERRY_NO_SLOT;
    uint32_t preference = 0;

    for (uint8_t i = 0; i < u->store.slots; i++) {
        uint32_t p = slot_preference(u, i);
        if (p && is_same_upload(u, &u->store.journal.state.slot[i]))
            return i;
        if (p > preference) {
            preference = p;
            best = i;
        }
    }
    return best;
}

/* Recovery with neither a store nor an image: the primary itself, with nothing to lose. */
static bool goes_to_primary(const struct ferry_update *u)
{
    return u->config->recovery && !u->store_ready && !u->primary_valid;
}

static int check_size(const struct ferry_update *u, uint32_t size)
{
    if (size < FERRY_IMAGE_HEADER_SIZE)
        return FERRY_E_SIZE;
    return size > u->primary.length ? FERRY_E_IMAGE_TOO_LARGE : FERRY_OK;
}

/* Why no slot can be had, as precisely as possible. */
static int why_no_slot(const struct ferry_update *u)
{
    uint8_t phase = u->store.journal.state.phase;

    if (phase == FERRY_PHASE_TRIAL || phase == FERRY_PHASE_INSTALLING)
        return FERRY_E_ON_TRIAL;
    for (uint32_t i = 0; i < u->store.slots; i++)
        if (u->store.slot[i].length >= u->size)
            return FERRY_E_SLOT_NONE;
    return FERRY_E_IMAGE_TOO_LARGE;
}

/* Erases the first block of the destination and looks whether it took. */
static int probe_erase(struct ferry_update *u)
{
    struct ferry_region region = update_destination(u);
    uint32_t block = ferry_region_block(&region);

    int status = FERRY_OK;
    if (u->erased_to < block) {
        status = ferry_region_erase(&region, 0, block);
        u->erased_to = block;
    }
    if (status == FERRY_OK)
        status = ferry_region_compare(&region, 0, NULL, block);
    return status == FERRY_E_READBACK ? FERRY_E_ERASE : status;
}

/* A slot that is free is tried. One that is called erased and is not was changed from outside. */
static int probe_slot(struct ferry_update *u, uint8_t slot)
{
    struct ferry_state s = *update_state(u);
    const struct ferry_region *region = &u->store.slot[slot];
    int status = FERRY_OK;

    if (s.slot[slot].state == FERRY_SLOT_ERASED &&
        ferry_region_compare(region, 0, NULL, ferry_region_block(region)) == FERRY_E_READBACK) {
        memset(&s.slot[slot], 0, sizeof s.slot[slot]);
        status = update_record(u, &s);
    }
    if (status != FERRY_OK || s.slot[slot].state != FERRY_SLOT_UNKNOWN)
        return status;
    u->slot = slot;
    u->erased_to = 0;
    status = probe_erase(u);
    u->slot = FERRY_NO_SLOT;
    return status;
}

int ferry_update_preflight(struct ferry_update *update, uint32_t size)
{
    struct ferry_update *u = update;

    int status = check_size(u, size);
    if (status != FERRY_OK)
        return ferry_update_refuse(u, status);
    if (u->open)
        return FERRY_OK;
    if (goes_to_primary(u) || (u->config->recovery && u->store_status == FERRY_E_JOURNAL_NONE))
        return FERRY_OK;
    if (!u->store_ready)
        return ferry_update_refuse(u, u->store_status);
    u->size = size;
    u->received = 0;
    u->identity_length = 0;
    uint8_t slot = update_choose_slot(u);
    if (slot == FERRY_NO_SLOT)
        return ferry_update_refuse(u, why_no_slot(u));
    /* The write path is proven by a record, which is read back; the erase path where nothing is
     * lost by it. */
    status = ferry_journal_settle(&u->store.journal);
    if (status == FERRY_OK)
        status = probe_slot(u, slot);
    u->size = 0;
    return ferry_update_refuse(u, status);
}

static void start_digest(struct ferry_update *u)
{
    ferry_sha256_start(&u->sha);
    u->hashed = 0;
    u->hash_end = 0;
}

/* The begin record, which precedes the first program of the slot. */
static int record_begin(struct ferry_update *u)
{
    struct ferry_state s = *update_state(u);
    struct ferry_slot_entry *entry = &s.slot[u->slot];

    u->erased_to = entry->state == FERRY_SLOT_ERASED ? u->store.slot[u->slot].length : 0;
    if (s.phase == FERRY_PHASE_REQUESTED) {
        /* As in other SMP servers, a new upload takes the place of a pending image. */
        ferry_state_drop_request(&s);
    }
    if (s.phase == FERRY_PHASE_IDLE && s.fallback == u->slot)
        s.fallback = FERRY_NO_SLOT;
    ferry_slot_set(entry, FERRY_SLOT_RECEIVING, u->identity, u->size);
    s.received = 0;
    for (uint8_t i = 0; i < s.slots; i++)
        if (i != u->slot && s.slot[i].state == FERRY_SLOT_RECEIVING)
            memset(&s.slot[i], 0, sizeof s.slot[i]); /* one progress, one upload */
    return update_record(u, &s);
}

static int begin_in_slot(struct ferry_update *u)
{
    u->slot = update_choose_slot(u);
    if (u->slot == FERRY_NO_SLOT)
        return why_no_slot(u);
    if (u->slot == u->idle_slot)
        u->idle_slot = FERRY_NO_SLOT;
    if (u->slot == u->copy_slot)
        u->copy_slot = FERRY_NO_SLOT;
    const struct ferry_state *s = update_state(u);
    if (is_same_upload(u, &s->slot[u->slot]) && s->received > 0) {
        /* Interrupted by a reset: everything up to the checkpoint is certain, nothing after it. */
        u->received = smaller((uint32_t)s->received * FERRY_WINDOW, u->size);
        u->received -= u->received % ferry_region_block(&u->store.slot[u->slot]);
        u->erased_to = u->received;
        return ferry_journal_settle(&u->store.journal);
    }
    int status = record_begin(u);
    return status == FERRY_OK ? probe_erase(u) : status;
}

int ferry_update_begin(struct ferry_update *update, const uint8_t *identity,
                       uint32_t identity_length, uint32_t size, uint32_t *offset)
{
    struct ferry_update *u = update;

    *offset = 0;
    if (identity_length > FERRY_SHA256_SIZE)
        return FERRY_E_ARGUMENT;
    if (u->open && identity_length > 0 && identity_length == u->identity_length &&
        size == u->size && memcmp(identity, u->identity, identity_length) == 0) {
        *offset = u->received;
        return FERRY_OK;
    }
    int status = check_size(u, size);
    if (status != FERRY_OK)
        return ferry_update_refuse(u, status);
    if (u->config->recovery && u->store_status == FERRY_E_JOURNAL_NONE) {
        u->store_status = update_adopt_journal(u);
        u->store_ready = u->store_status == FERRY_OK;
    }
    u->to_primary = goes_to_primary(u);
    if (!u->to_primary && !u->store_ready)
        return ferry_update_refuse(u, u->store_status);

    u->open = false;
    u->size = size;
    u->received = 0;
    u->page_fill = 0;
    u->erased_to = 0;
    u->identity_length = (uint8_t)identity_length;
    memset(u->identity, 0, sizeof u->identity);
    if (identity_length > 0)
        memcpy(u->identity, identity, identity_length);
    start_digest(u);
    status = u->to_primary ? FERRY_OK : begin_in_slot(u);
    if (status != FERRY_OK && update_is_rescue(u))
        u->to_primary = true; /* the store takes nothing any more, and the primary is no loss */
    if (u->to_primary) {
        u->erased_to = 0;
        status = probe_erase(u);
    }
    if (status != FERRY_OK)
        return ferry_update_refuse(u, status);
    u->open = true;
    u->reason = 0;
    *offset = u->received;
    return FERRY_OK;
}

/* Forgets the upload: its slot is free again. */
static int drop(struct ferry_update *u, int status)
{
    bool in_store = u->open && !u->to_primary;

    u->open = false;
    u->received = 0;
    u->page_fill = 0;
    if (in_store) {
        struct ferry_state s = *update_state(u);
        memset(&s.slot[u->slot], 0, sizeof s.slot[u->slot]);
        s.received = 0;
        s.reason = (uint8_t)-status;
        (void)update_record(u, &s);
    }
    return ferry_update_refuse(u, status);
}

int ferry_update_abort(struct ferry_update *update)
{
    if (!update->open)
        return FERRY_OK;
    return drop(update, FERRY_OK);
}

int update_erase_to(struct ferry_update *u, uint32_t end, uint32_t most)
{
    struct ferry_region region = update_destination(u);
    int status = FERRY_OK;

    while (u->erased_to < end && status == FERRY_OK) {
        uint32_t erased = 0;
        status = ferry_region_erase_step(&region, u->erased_to, region.length, most, &erased);
        u->erased_to += erased;
    }
    return status;
}

static uint32_t erase_limit(const struct ferry_update *u)
{
    return u->config->erase_limit ? u->config->erase_limit : ERASE_WHILE_OPEN;
}

void update_hash(struct ferry_update *u, const uint8_t *data, uint32_t length)
{
    /* The image hash is that of a prefix of the file: fork the computation where it ends. */
    if (u->hash_end > u->hashed && u->hash_end - u->hashed <= length) {
        uint32_t head = u->hash_end - u->hashed;
        ferry_sha256_update(&u->sha, data, head);
        struct ferry_sha256 fork = u->sha;
        ferry_sha256_finish(&fork, u->image_digest);
        u->hashed += head;
        data += head;
        length -= head;
    }
    ferry_sha256_update(&u->sha, data, length);
    u->hashed += length;
}

int update_catch_up(struct ferry_update *u, uint32_t most)
{
    struct ferry_region region = update_destination(u);
    uint32_t in_flash = u->received - u->page_fill;
    uint8_t piece[128];

    while (u->hashed < in_flash && most > 0) {
        uint32_t part = smaller(smaller(sizeof piece, in_flash - u->hashed), most);
        int status = ferry_region_read(&region, u->hashed, piece, part);
        if (status != FERRY_OK)
            return status;
        if (u->hashed == 0) {
            struct ferry_image image;
            status = ferry_image_parse_header(piece, region.length, &image);
            if (status != FERRY_OK)
                return status;
            u->hash_end = image.hashed_size;
        }
        update_hash(u, piece, part);
        most -= part;
    }
    return FERRY_OK;
}

/* Programs the page buffer; a window that is full with it becomes certain. */
static int flush_page(struct ferry_update *u)
{
    struct ferry_region region = update_destination(u);
    uint32_t start = u->received - u->page_fill;

    int status = update_erase_to(u, u->received, erase_limit(u));
    if (status == FERRY_OK)
        status = ferry_region_program(&region, start, u->page, u->page_fill);
    if (status != FERRY_OK)
        return status;
    if (u->hashed == start)
        update_hash(u, u->page, u->page_fill);
    u->page_fill = 0;
    if (u->to_primary || u->received % FERRY_WINDOW != 0 || u->received == u->size)
        return FERRY_OK;
    status = ferry_region_finish(&region);
    if (status != FERRY_OK)
        return status;
    struct ferry_state s = *update_state(u);
    s.received = (uint16_t)(u->received / FERRY_WINDOW);
    return update_record(u, &s);
}

/* The header, as soon as it is here: what can be refused now need not be transferred. */
static int check_header(struct ferry_update *u)
{
    struct ferry_image_rules rules = {u->config->layout->primary_address, u->primary.length, 0};
    struct ferry_image image;

    int status = ferry_image_parse_header(u->page, smaller(u->size, u->primary.length), &image);
    if (status != FERRY_OK)
        return status;
    u->hash_end = image.hashed_size;
    image.total_size = u->size;
    image.has_security_counter = false;
    return ferry_image_check(&image, &rules);
}

static int take(struct ferry_update *u, const uint8_t *data, uint32_t length)
{
    while (length > 0) {
        uint32_t part = smaller(length, FERRY_UPDATE_PAGE - u->page_fill);
        bool had_header = u->received >= FERRY_IMAGE_HEADER_SIZE;
        memcpy(u->page + u->page_fill, data, part);
        u->page_fill += part;
        u->received += part;
        data += part;
        length -= part;
        int status = FERRY_OK;
        if (!had_header && u->received >= FERRY_IMAGE_HEADER_SIZE)
            status = check_header(u);
        if (status == FERRY_OK && (u->page_fill == FERRY_UPDATE_PAGE || u->received == u->size))
            status = flush_page(u);
        if (status != FERRY_OK)
            return status;
    }
    return FERRY_OK;
}

/* Digests, structure, rules and signature of what is now in flash. */
static int verify_upload(struct ferry_update *u, struct ferry_image *image)
{
    struct ferry_region region = update_destination(u);
    struct ferry_region file = ferry_region_part(&region, 0, u->size);
    struct ferry_image_rules rules = {u->config->layout->primary_address, u->primary.length,
                                      u->floor};
    uint8_t digest[FERRY_SHA256_SIZE];

    int status = ferry_region_finish(&region);
    if (status == FERRY_OK)
        status = update_catch_up(u, u->size);
    if (status != FERRY_OK)
        return status;
    ferry_sha256_finish(&u->sha, digest);
    if (u->identity_length == FERRY_SHA256_SIZE && memcmp(digest, u->identity, sizeof digest) != 0)
        return FERRY_E_DIGEST;
    status = ferry_image_parse(&file, image);
    if (status == FERRY_OK && memcmp(u->image_digest, image->hash, sizeof digest) != 0)
        status = FERRY_E_IMAGE_HASH;
    if (status == FERRY_OK)
        status = ferry_image_check(image, &rules);
    if (status == FERRY_OK && u->config->keys)
        status = ferry_image_signature(&file, image, u->config->keys);
    return status;
}

/*
 * One candidate at a time: an older one, or one that failed its trial, must not stand before the
 * new one when a client asks for "the other image".
 */
static void forget_other_candidates(struct ferry_state *s, uint8_t candidate)
{
    if (ferry_id_equal(s->slot[candidate].id, s->running))
        return; /* a copy of the running image is no candidate */
    for (uint8_t i = 0; i < s->slots; i++) {
        struct ferry_slot_entry *entry = &s->slot[i];
        if (i != candidate && i != s->fallback && entry->state == FERRY_SLOT_COMPLETE &&
            !ferry_id_equal(entry->id, s->running))
            memset(entry, 0, sizeof *entry);
    }
}

static int finish(struct ferry_update *u)
{
    struct ferry_image image;

    int status = verify_upload(u, &image);
    if (status != FERRY_OK)
        return drop(u, status);
    u->open = false;
    if (u->to_primary) {
        u->image = image;
        u->primary_valid = true;
        return FERRY_OK;
    }
    struct ferry_state s = *update_state(u);
    ferry_slot_set(&s.slot[u->slot], FERRY_SLOT_COMPLETE, image.hash, image.total_size);
    forget_other_candidates(&s, u->slot);
    s.received = 0;
    s.reason = 0;
    return ferry_update_refuse(u, update_record(u, &s));
}

int ferry_update_write(struct ferry_update *update, uint32_t offset, const void *data,
                       uint32_t length, uint32_t *next)
{
    struct ferry_update *u = update;

    *next = u->received;
    if (!u->open)
        return offset == u->received ? FERRY_E_STATE : FERRY_E_OFFSET;
    if (offset != u->received)
        return FERRY_E_OFFSET;
    if (length > u->size - u->received)
        return ferry_update_refuse(u, FERRY_E_SIZE);
    int status = take(u, data, length);
    if (status != FERRY_OK)
        status = drop(u, status);
    else if (u->received == u->size)
        status = finish(u);
    *next = u->received;
    return status;
}
