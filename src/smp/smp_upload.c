// SPDX-License-Identifier: Apache-2.0
/* Group 1, image: upload, erase, and what there is room for. */
#include <string.h>

#include "smp_commands.h"
#include "smp_image_error.h"

/*
 * `image` is not looked at: there is one image, and several clients send the number of a slot
 * under that name.
 */
static const struct ferry_smp_field upload_fields[] = {
    {"off", FERRY_SMP_UINT},  {"len", FERRY_SMP_UINT},     {"data", FERRY_SMP_BYTES},
    {"sha", FERRY_SMP_BYTES}, {"upgrade", FERRY_SMP_BOOL},
};
enum { OFF, LEN, DATA, SHA, UPGRADE };

/* How an upload stands, for the reply. */
struct progress {
    uint32_t next;
    bool checked; /* the whole file was compared with its digest: `match` tells the outcome */
    bool match;
};

/* What the first bytes and the announcement tell before anything is touched. 0 or an error. */
static int check_first(struct ferry_smp_request *request, const struct ferry_smp_value *value)
{
    const struct ferry_update *update = request->config->update;
    struct ferry_image image;
    int status;

    if (value[DATA].length < FERRY_IMAGE_HEADER_SIZE) {
        return ferry_smp_image_refuse(request, FERRY_E_IMAGE_HEADER);
    }
    if (!value[LEN].present) {
        return ferry_smp_image_refuse_as(request, FERRY_E_SIZE, IMAGE_INVALID_LENGTH);
    }
    status = ferry_image_parse_header(value[DATA].data, value[LEN].number, &image);
    if (status == FERRY_E_IMAGE_TOO_LARGE) {
        status = FERRY_E_IMAGE_TRUNCATED; /* the image is larger than its file */
    }
    if (status != FERRY_OK) {
        return ferry_smp_image_refuse(request, status);
    }
    if (value[SHA].length > FERRY_SHA256_SIZE) {
        return ferry_smp_image_refuse_as(request, FERRY_E_ARGUMENT, IMAGE_INVALID_HASH);
    }
    if (value[UPGRADE].number != 0 && update->primary_valid &&
        ferry_version_rank(&image.version) <= ferry_version_rank(&update->image.version)) {
        return ferry_smp_image_refuse(request, FERRY_E_IMAGE_DOWNGRADE);
    }
    return FERRY_SMP_OK;
}

/* Begins or continues. `progress->next` is where to go on; data is wanted only where it is 0. */
static int begin(struct ferry_smp_request *request, const struct ferry_smp_value *value,
                 struct progress *progress)
{
    struct ferry_update *update = request->config->update;
    int result = check_first(request, value);
    int status;

    if (result != FERRY_SMP_OK) {
        return result;
    }
    status = ferry_update_begin(update, value[SHA].data, value[SHA].length, value[LEN].number,
                                &progress->next);
    if (status == FERRY_E_SIZE) {
        return ferry_smp_image_refuse_as(request, status, IMAGE_INVALID_LENGTH);
    }
    /* On trial the other slot holds the way back: for an upload that is "no free slot". */
    if (status == FERRY_E_ON_TRIAL) {
        return ferry_smp_image_refuse_as(request, status, IMAGE_NO_FREE_SLOT);
    }
    return ferry_smp_image_refuse(request, status);
}

static int write_chunk(struct ferry_smp_request *request, uint32_t offset,
                       const struct ferry_smp_value *data, struct progress *progress)
{
    struct ferry_update *update = request->config->update;
    bool whole = update->open && update->identity_length == FERRY_SHA256_SIZE;
    int status = ferry_update_write(update, offset, data->data, data->length, &progress->next);

    switch (status) {
    case FERRY_OK:
        progress->match = true;
        progress->checked = whole && !update->open;
        return FERRY_SMP_OK;
    case FERRY_E_OFFSET:
    case FERRY_E_STATE: /* no errors for a client: it goes on where we say */
        return FERRY_SMP_OK;
    case FERRY_E_DIGEST:
        (void)ferry_update_refuse(update, status);
        progress->next = offset + data->length;
        progress->checked = true;
        return FERRY_SMP_OK;
    default:
        return ferry_smp_image_refuse(request, status);
    }
}

static int take_chunk(struct ferry_smp_request *request, const struct ferry_smp_value *value,
                      struct progress *progress)
{
    if (value[OFF].number == 0) {
        int result = begin(request, value, progress);

        if (result != FERRY_SMP_OK || progress->next != 0) {
            return result;
        }
    }
    return write_chunk(request, value[OFF].number, &value[DATA], progress);
}

int ferry_smp_image_upload(struct ferry_smp_request *request)
{
    struct ferry_smp_value value[COUNT(upload_fields)];
    struct progress progress = {.next = 0};
    int result = ferry_smp_read(request, upload_fields, COUNT(upload_fields), value);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    if (!value[OFF].present) {
        return ferry_smp_image_refuse_as(request, FERRY_E_ARGUMENT, IMAGE_INVALID_OFFSET);
    }
    result = take_chunk(request, value, &progress);
    if (result != FERRY_SMP_OK) {
        return result;
    }
    ferry_smp_put_uint(request, "off", progress.next);
    if (progress.checked) {
        ferry_smp_put_bool(request, "match", progress.match);
    }
    return FERRY_SMP_OK;
}

int ferry_smp_image_erase(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"slot", FERRY_SMP_UINT};
    struct ferry_update *update = request->config->update;
    struct ferry_smp_value slot;
    uint8_t other;
    int result = ferry_smp_read(request, &field, 1, &slot);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    if (slot.present && slot.number == 0) {
        return ferry_smp_image_refuse(request, FERRY_E_SLOT_IN_USE);
    }
    if (slot.present && slot.number > 1) {
        return ferry_smp_image_refuse_as(request, FERRY_E_SLOT_NONE, IMAGE_INVALID_SLOT);
    }
    /* An upload under way ends here, or a later chunk would go on in an erased slot. */
    if (update->open) {
        return ferry_smp_image_refuse(request, ferry_update_abort(update));
    }
    other = ferry_update_other(update);
    if (other == FERRY_NO_SLOT) {
        return FERRY_SMP_OK;
    }
    return ferry_smp_image_refuse(request, ferry_update_erase(update, other));
}

static void put_slot(struct ferry_smp_request *request, uint32_t slot, const char *key,
                     uint32_t value)
{
    ferry_smp_map_open(request, NULL);
    ferry_smp_put_uint(request, "slot", slot);
    ferry_smp_put_uint(request, key, value);
    if (slot == 1 && key[0] == 's') {
        ferry_smp_put_uint(request, "upload_image_id", 0);
    }
    ferry_smp_map_close(request);
}

int ferry_smp_image_slots(struct ferry_smp_request *request)
{
    const struct ferry_update *update = request->config->update;
    uint32_t primary = update->primary.length;
    uint32_t most = primary;

    ferry_smp_list_open(request, "images");
    ferry_smp_map_open(request, NULL);
    ferry_smp_put_uint(request, "image", 0);
    ferry_smp_list_open(request, "slots");
    put_slot(request, 0, "size", primary);
    if (update->store_ready) {
        uint32_t store = update->store.slot[0].length;

        put_slot(request, 1, "size", store);
        most = store < primary ? store : primary;
    } else {
        put_slot(request, 1, "rc", IMAGE_FLASH_OPEN_FAILED);
    }
    ferry_smp_list_close(request);
    ferry_smp_put_uint(request, "max_image_size", most);
    ferry_smp_map_close(request);
    ferry_smp_list_close(request);
    return FERRY_SMP_OK;
}
