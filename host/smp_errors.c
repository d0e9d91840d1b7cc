// SPDX-License-Identifier: Apache-2.0
/* What the error codes of SMP servers mean, in words. */
#include <stdio.h>

#include "ferry/status.h"
#include "host/smp_message.h"

static const char *const smp_codes[] = {
    [1] = "it failed without saying why",
    [2] = "the device has no memory for it",
    [3] = "the device takes this for an invalid request",
    [4] = "it timed out inside the device",
    [5] = "the device has no such entry",
    [6] = "the device is in no state to do this now",
    [7] = "the answer does not fit the device's buffer",
    [8] = "the device does not support this command",
    [9] = "the request arrived damaged or cut off",
    [10] = "the device is busy",
    [11] = "the device denies access",
    [12] = "the device speaks a newer SMP only",
    [13] = "the device speaks an older SMP only",
};

static const char *const image_codes[] = {
    [1] = "it failed without saying why",
    [2] = "the flash layout cannot be read",
    [3] = "there is no image",
    [4] = "the image has no TLV area",
    [5] = "the image has an invalid TLV",
    [6] = "the image has more than one hash",
    [7] = "a TLV has an invalid size",
    [8] = "no image with this hash is on the device",
    [9] = "no slot is free: confirm or take back what is on trial or pending first",
    [10] = "the flash cannot be opened",
    [11] = "the flash cannot be read",
    [12] = "the flash cannot be written",
    [13] = "the flash cannot be erased",
    [14] = "there is no such slot",
    [15] = "the device has no memory for it",
    [16] = "the flash is already in use",
    [17] = "the flash is not open",
    [18] = "the flash device is missing",
    [19] = "invalid page offset",
    [20] = "the offset is missing or invalid",
    [21] = "the length is missing or invalid",
    [22] = "the image header is invalid",
    [23] = "this is no MCUboot image: its magic is wrong",
    [24] = "the hash is missing or invalid",
    [25] = "the image is linked for another address",
    [26] = "the version of the running image cannot be read",
    [27] = "the running image is newer",
    [28] = "another image is pending already",
    [29] = "the vector table of the image is invalid",
    [30] = "the image does not fit the slot",
    [31] = "more data than announced",
    [32] = "this image must not be confirmed",
    [33] = "the running image cannot be tested",
    [34] = "the device does not know which slot runs",
};

static const char *const os_codes[] = {
    [1] = "it failed without saying why",
    [2] = "invalid format letter",
    [3] = "there is no answer to this query",
    [4] = "the clock is not set",
    [5] = "the clock failed",
    [6] = "the value is not valid",
};

static const char *lookup(const char *const *table, size_t count, uint32_t code)
{
    return code < count && table[code] != NULL ? table[code] : "an unknown error";
}
#define LOOKUP(table, code) lookup(table, sizeof(table) / sizeof((table)[0]), code)

void ferry_client_error_text(const struct ferry_client_error *error, char *text, size_t room)
{
    const char *dash = error->reason[0] != 0 ? ": " : "";

    if (!error->group_known)
        snprintf(text, room, "%s (SMP error %u%s%s)", LOOKUP(smp_codes, error->code), error->code,
                 dash, error->reason);
    else if (error->group == FERRY_CLIENT_IMAGE)
        snprintf(text, room, "%s (image error %u)", LOOKUP(image_codes, error->code), error->code);
    else if (error->group == FERRY_CLIENT_OS)
        snprintf(text, room, "%s (os error %u)", LOOKUP(os_codes, error->code), error->code);
    else if (error->group == FERRY_CLIENT_FERRY && error->code < 256)
        snprintf(text, room, "%s (%s)", ferry_status_text(-(int)error->code),
                 ferry_status_name(-(int)error->code));
    else
        snprintf(text, room, "error %u of group %u", error->code, error->group);
}
