// SPDX-License-Identifier: Apache-2.0
/*
 * Group 1, image: the state of the two images a client sees. Slot 0 is the internal primary, slot
 * 1 the other image of the store: the candidate, else the previous one.
 */
#include <string.h>

#include "smp_commands.h"
#include "smp_image_error.h"

/* A bit each, in the order of the reply. */
static const char *const flag_names[] = {"bootable", "pending", "confirmed", "active", "permanent"};
enum {
    BOOTABLE = 1 << 0,
    PENDING = 1 << 1,
    CONFIRMED = 1 << 2,
    ACTIVE = 1 << 3,
    PERMANENT = 1 << 4,
};

/* What is under way. Without a store nothing can be. */
static uint8_t phase_of(const struct ferry_update *update)
{
    return update->store_ready ? update->store.journal.state.phase : FERRY_PHASE_IDLE;
}

static unsigned flags_bootable(const struct ferry_update *update, const struct ferry_image *image)
{
    bool refused =
        (image->flags & FERRY_IMAGE_NON_BOOTABLE) != 0 || image->security_counter < update->floor;

    return refused ? 0 : BOOTABLE;
}

static unsigned flags_of_running(const struct ferry_update *update)
{
    unsigned flags = ACTIVE | flags_bootable(update, &update->image);

    return phase_of(update) == FERRY_PHASE_TRIAL ? flags : flags | CONFIRMED;
}

static unsigned flags_of_other(const struct ferry_update *update, const struct ferry_image *image,
                               uint8_t slot)
{
    const struct ferry_state *state = &update->store.journal.state;
    unsigned flags = flags_bootable(update, image);

    switch (phase_of(update)) {
    case FERRY_PHASE_REQUESTED:
    case FERRY_PHASE_INSTALLING:
        if (slot == state->target) {
            flags |= PENDING | ((state->flags & FERRY_STATE_PERMANENT) != 0 ? PERMANENT : 0);
        }
        break;
    case FERRY_PHASE_TRIAL:
        flags |= slot == state->fallback ? CONFIRMED : 0;
        break;
    default:
        break;
    }
    return flags;
}

static void put_image(struct ferry_smp_request *request, uint8_t slot,
                      const struct ferry_image *image, unsigned flags)
{
    ferry_smp_map_open(request, NULL);
    ferry_smp_put_uint(request, "slot", slot);
    ferry_smp_put_version(request, &image->version);
    ferry_smp_put_bytes(request, "hash", image->hash, sizeof(image->hash));
    for (uint32_t i = 0; i < COUNT(flag_names); i++) {
        ferry_smp_put_bool(request, flag_names[i], (flags & (1u << i)) != 0);
    }
    ferry_smp_map_close(request);
}

int ferry_smp_image_state(struct ferry_smp_request *request)
{
    struct ferry_update *update = request->config->update;
    uint8_t other = ferry_update_other(update);
    struct ferry_image image;

    ferry_smp_list_open(request, "images");
    if (update->primary_valid) {
        put_image(request, 0, &update->image, flags_of_running(update));
    }
    /* What cannot be read is left out: a dead chip must not hide the image that runs. */
    if (other < update->store.slots &&
        ferry_image_parse(&update->store.slot[other], &image) == FERRY_OK) {
        put_image(request, 1, &image, flags_of_other(update, &image, other));
    }
    ferry_smp_list_close(request);
    ferry_smp_put_uint(request, "splitStatus", 0);
    return FERRY_SMP_OK;
}

#define RUNNING FERRY_NO_SLOT

/* The image with this hash: RUNNING or a slot of the store. False where there is none. */
static bool find_image(const struct ferry_update *update, const uint8_t *hash, uint8_t *slot)
{
    struct ferry_image image;

    *slot = RUNNING;
    if (update->primary_valid && memcmp(update->image.hash, hash, FERRY_SHA256_SIZE) == 0) {
        return true;
    }
    if (!update->store_ready) {
        return false;
    }
    *slot = ferry_state_find(&update->store.journal.state, hash);
    return *slot < update->store.slots &&
           ferry_image_parse(&update->store.slot[*slot], &image) == FERRY_OK &&
           memcmp(image.hash, hash, FERRY_SHA256_SIZE) == 0;
}

/*
 * Carries out a state write for the running image or a slot of the store, as clients know it from
 * the swapping bootloaders. What is not said here the session refuses.
 */
static int set_state(struct ferry_update *update, uint8_t slot, bool confirm)
{
    uint8_t phase = phase_of(update);

    if (slot == RUNNING) {
        if (!confirm) {
            return FERRY_E_SAME_IMAGE;
        }
        return phase == FERRY_PHASE_REQUESTED ? FERRY_E_PENDING : ferry_update_confirm(update);
    }
    /* On trial the way back is confirmed already. */
    if (phase == FERRY_PHASE_TRIAL && confirm && slot == update->store.journal.state.fallback) {
        return FERRY_OK;
    }
    return ferry_update_request(update, slot, confirm);
}

int ferry_smp_image_set_state(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field fields[] = {
        {"hash", FERRY_SMP_BYTES},
        {"confirm", FERRY_SMP_BOOL},
    };
    enum { HASH, CONFIRM };
    struct ferry_update *update = request->config->update;
    struct ferry_smp_value value[COUNT(fields)];
    bool confirm;
    uint8_t slot = RUNNING;
    int result = ferry_smp_read(request, fields, COUNT(fields), value);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    confirm = value[CONFIRM].number != 0;
    /* Without a hash the running image is meant, and that can only be confirmed. */
    if (value[HASH].length == 0 ? !confirm : value[HASH].length != FERRY_SHA256_SIZE) {
        return ferry_smp_image_refuse_as(request, FERRY_E_ARGUMENT, IMAGE_INVALID_HASH);
    }
    if (value[HASH].length != 0 && !find_image(update, value[HASH].data, &slot)) {
        return ferry_smp_image_refuse_as(request, FERRY_E_SLOT_EMPTY, IMAGE_HASH_NOT_FOUND);
    }
    result = ferry_smp_image_refuse(request, set_state(update, slot, confirm));
    return result == FERRY_SMP_OK ? ferry_smp_image_state(request) : result;
}
