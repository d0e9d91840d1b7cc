// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "host/device.h"

enum {
    OS_ECHO = 0,
    OS_RESET = 5,
    OS_INFO = 7,
    OS_BOOTLOADER = 8,
    IMAGE_STATE = 0,
    IMAGE_ERASE = 5,
    IMAGE_SLOTS = 6,
};

static void get_hash(const struct ferry_cbor *map, uint8_t *hash, size_t *length)
{
    const struct ferry_cbor *bytes = ferry_cbor_get(map, "hash");

    *length = 0;
    if (bytes == NULL || bytes->type != FERRY_CBOR_BYTES || bytes->length > FERRY_DEVICE_HASH_MAX)
        return;
    memcpy(hash, bytes->data, bytes->length);
    *length = bytes->length;
}

static void parse_image(const struct ferry_cbor *map, struct ferry_device_image *image)
{
    memset(image, 0, sizeof(*image));
    ferry_cbor_get_uint(map, "image", &image->image);
    ferry_cbor_get_uint(map, "slot", &image->slot);
    ferry_cbor_get_text(map, "version", image->version, sizeof(image->version), false);
    get_hash(map, image->hash, &image->hash_length);
    ferry_cbor_get_bool(map, "bootable", &image->bootable);
    ferry_cbor_get_bool(map, "pending", &image->pending);
    ferry_cbor_get_bool(map, "confirmed", &image->confirmed);
    ferry_cbor_get_bool(map, "active", &image->active);
    ferry_cbor_get_bool(map, "permanent", &image->permanent);
}

static enum ferry_session_result parse_images(struct ferry_session *session,
                                              struct ferry_device_images *images)
{
    const struct ferry_cbor *list = ferry_cbor_get(session->reply.body, "images");

    images->count = 0;
    if (list == NULL || list->type != FERRY_CBOR_LIST)
        return FERRY_SESSION_BROKEN;
    for (const struct ferry_cbor *at = list->first; at != NULL; at = at->next) {
        if (images->count < FERRY_DEVICE_IMAGES)
            parse_image(at, &images->image[images->count++]);
    }
    return FERRY_SESSION_OK;
}

enum ferry_session_result ferry_device_list(struct ferry_session *session,
                                            struct ferry_device_images *images)
{
    enum ferry_session_result result;

    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_IMAGE, IMAGE_STATE);
    result = ferry_session_call(session, true);
    return result == FERRY_SESSION_OK ? parse_images(session, images) : result;
}

enum ferry_session_result ferry_device_set_state(struct ferry_session *session, const uint8_t *hash,
                                                 size_t hash_length, bool confirm,
                                                 struct ferry_device_images *images)
{
    struct ferry_client_request *request =
        ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_IMAGE, IMAGE_STATE);
    enum ferry_session_result result;

    if (hash_length > 0)
        ferry_client_request_bytes(request, "hash", hash, hash_length);
    ferry_client_request_bool(request, "confirm", confirm);
    /* Safe to repeat: a second time finds what the first has done. */
    result = ferry_session_call(session, true);
    return result == FERRY_SESSION_OK ? parse_images(session, images) : result;
}

const struct ferry_device_image *ferry_device_find(const struct ferry_device_images *images,
                                                   const uint8_t *hash, size_t length)
{
    for (uint32_t i = 0; i < images->count; i++) {
        const struct ferry_device_image *image = &images->image[i];

        if (length > 0 && image->hash_length == length && memcmp(image->hash, hash, length) == 0)
            return image;
    }
    return NULL;
}

const struct ferry_device_image *ferry_device_active(const struct ferry_device_images *images,
                                                     uint32_t number)
{
    const struct ferry_device_image *slot0 = NULL;

    for (uint32_t i = 0; i < images->count; i++) {
        const struct ferry_device_image *image = &images->image[i];

        if (image->image == number && image->active)
            return image;
        if (image->image == number && image->slot == 0)
            slot0 = image;
    }
    /* Recovery modes list without flags: then slot 0 is what would run. */
    return slot0;
}

enum ferry_session_result ferry_device_echo(struct ferry_session *session, const char *text,
                                            char *answer, size_t room)
{
    enum ferry_session_result result;

    ferry_client_request_text(
        ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_OS, OS_ECHO), "d", text);
    result = ferry_session_call(session, true);
    if (result == FERRY_SESSION_OK &&
        !ferry_cbor_get_text(session->reply.body, "r", answer, room, true))
        result = FERRY_SESSION_BROKEN;
    return result;
}

enum ferry_session_result ferry_device_reset(struct ferry_session *session, bool force,
                                             bool recovery)
{
    struct ferry_client_request *request =
        ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_OS, OS_RESET);

    if (force)
        ferry_client_request_bool(request, "force", true);
    if (recovery)
        ferry_client_request_uint(request, "boot_mode", 1);
    /* Once: a repetition could arrive after the reset and cause another. */
    return ferry_session_call(session, false);
}

enum ferry_session_result ferry_device_erase(struct ferry_session *session, int slot)
{
    struct ferry_client_request *request =
        ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_IMAGE, IMAGE_ERASE);

    if (slot >= 0)
        ferry_client_request_uint(request, "slot", (uint32_t)slot);
    return ferry_session_call(session, false);
}

/* Slots of image `number`: what it says of the whole, else the room of the slot to upload to. */
static uint32_t max_size_of(const struct ferry_cbor *image)
{
    const struct ferry_cbor *slots = ferry_cbor_get(image, "slots");
    uint32_t size = 0;

    if (ferry_cbor_get_uint(image, "max_image_size", &size) || slots == NULL ||
        slots->type != FERRY_CBOR_LIST)
        return size;
    for (const struct ferry_cbor *at = slots->first; at != NULL; at = at->next) {
        uint32_t slot = 0;

        ferry_cbor_get_uint(at, "slot", &slot);
        if (slot == 1)
            ferry_cbor_get_uint(at, "size", &size);
    }
    return size;
}

enum ferry_session_result ferry_device_max_size(struct ferry_session *session, uint32_t number,
                                                uint32_t *size)
{
    const struct ferry_cbor *list;
    enum ferry_session_result result;

    *size = 0;
    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_IMAGE, IMAGE_SLOTS);
    result = ferry_session_call(session, true);
    if (result != FERRY_SESSION_OK)
        return result;
    list = ferry_cbor_get(session->reply.body, "images");
    if (list == NULL || list->type != FERRY_CBOR_LIST)
        return FERRY_SESSION_BROKEN;
    for (const struct ferry_cbor *at = list->first; at != NULL; at = at->next) {
        uint32_t image = 0;

        ferry_cbor_get_uint(at, "image", &image);
        if (image == number)
            *size = max_size_of(at);
    }
    return FERRY_SESSION_OK;
}

enum ferry_session_result ferry_device_info(struct ferry_session *session, const char *format,
                                            char *text, size_t room)
{
    struct ferry_client_request *request =
        ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_OS, OS_INFO);
    enum ferry_session_result result;

    if (format != NULL)
        ferry_client_request_text(request, "format", format);
    result = ferry_session_call(session, true);
    if (result == FERRY_SESSION_OK &&
        !ferry_cbor_get_text(session->reply.body, "output", text, room, false))
        result = FERRY_SESSION_BROKEN;
    return result;
}

enum ferry_session_result ferry_device_bootloader(struct ferry_session *session, char *name,
                                                  size_t room, int64_t *mode)
{
    enum ferry_session_result result;

    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_OS, OS_BOOTLOADER);
    result = ferry_session_call(session, true);
    if (result != FERRY_SESSION_OK)
        return result;
    if (!ferry_cbor_get_text(session->reply.body, "bootloader", name, room, false))
        return FERRY_SESSION_BROKEN;
    *mode = -1;
    ferry_client_request_text(
        ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_OS, OS_BOOTLOADER), "query",
        "mode");
    if (ferry_session_call(session, true) == FERRY_SESSION_OK)
        ferry_cbor_get_int(session->reply.body, "mode", mode);
    return FERRY_SESSION_OK;
}
