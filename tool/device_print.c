// SPDX-License-Identifier: Apache-2.0
/* What a device told, for people and as JSON. */
#include <stdio.h>
#include <string.h>

#include "ferry/status.h"
#include "tool/device.h"

static const struct {
    const char *name;
    size_t offset;
} flags[] = {
    {"active", offsetof(struct ferry_device_image, active)},
    {"confirmed", offsetof(struct ferry_device_image, confirmed)},
    {"pending", offsetof(struct ferry_device_image, pending)},
    {"permanent", offsetof(struct ferry_device_image, permanent)},
    {"bootable", offsetof(struct ferry_device_image, bootable)},
};

static bool flag_of(const struct ferry_device_image *image, size_t i)
{
    return *(const bool *)((const char *)image + flags[i].offset);
}

const char *device_image_flags(const struct ferry_device_image *image, char *text, size_t room)
{
    size_t used = 0;

    text[0] = 0;
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && used < room; i++) {
        /* That it could boot is said only of the other image, where it is news. */
        if (flag_of(image, i) && (strcmp(flags[i].name, "bootable") != 0 || !image->active))
            used += (size_t)snprintf(text + used, room - used, "%s%s", used > 0 ? " " : "",
                                     flags[i].name);
    }
    return text;
}

static json_t *hash_json(const uint8_t *hash, size_t length)
{
    char text[HASH_TEXT];

    return length > 0 ? json_string(device_hex(hash, length, text)) : json_null();
}

json_t *device_image_json(const struct ferry_device_image *image)
{
    json_t *object =
        json_pack("{s:i, s:i, s:s, s:o}", "image", (int)image->image, "slot", (int)image->slot,
                  "version", image->version, "hash", hash_json(image->hash, image->hash_length));

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        json_object_set_new(object, flags[i].name, json_boolean(flag_of(image, i)));
    return object;
}

json_t *device_images_json(const struct ferry_device_images *images)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < images->count; i++)
        json_array_append_new(list, device_image_json(&images->image[i]));
    return list;
}

void device_images_print(const struct ferry_args *args, const struct ferry_device_images *images)
{
    bool several = false;

    for (uint32_t i = 0; i < images->count; i++)
        several = several || images->image[i].image != 0;
    if (images->count == 0)
        ferry_say(args, "no images");
    else
        ferry_say(args, "%sslot  %-12s  %-22s  hash", several ? "image  " : "", "version", "state");
    for (uint32_t i = 0; i < images->count; i++) {
        const struct ferry_device_image *image = &images->image[i];
        char number[16] = "";
        char state[64];
        char hash[HASH_TEXT];

        if (several)
            snprintf(number, sizeof(number), "%5u  ", image->image);
        ferry_say(args, "%s%4u  %-12s  %-22s  %s", number, image->slot, image->version,
                  device_image_flags(image, state, sizeof(state)),
                  device_hex(image->hash, image->hash_length, hash));
    }
}

int device_reason(const struct ferry_device_status *status)
{
    if (status->reason != 0)
        return -(int)status->reason;
    if (status->boot_reason != 0)
        return -(int)status->boot_reason;
    return -(int)status->journal_reason;
}

json_t *device_reason_json(uint32_t reason)
{
    if (reason == 0)
        return json_null();
    return json_pack("{s:i, s:s, s:s}", "code", (int)reason, "name",
                     ferry_status_name(-(int)reason), "text", ferry_status_text(-(int)reason));
}
