// SPDX-License-Identifier: Apache-2.0
/* From what the user names to the hash of an image. */
#include <ctype.h>
#include <string.h>
#include <unistd.h>

#include "tool/device.h"
#include "tool/image_file.h"

#define PREFIX_MIN 4u

static bool is_hex(const char *text)
{
    size_t length = strlen(text);

    return length >= PREFIX_MIN && length < HASH_TEXT &&
           strspn(text, "0123456789abcdefABCDEF") == length;
}

static bool begins_with(const struct ferry_device_image *image, const char *prefix)
{
    char text[HASH_TEXT];

    device_hex(image->hash, image->hash_length, text);
    for (size_t i = 0; prefix[i] != 0; i++) {
        if (tolower((unsigned char)prefix[i]) != text[i])
            return false;
    }
    return true;
}

static int find_hash(struct ferry_args *args, const char *prefix,
                     const struct ferry_device_images *images, uint8_t *hash, size_t *length)
{
    const struct ferry_device_image *found = NULL;

    for (uint32_t i = 0; i < images->count; i++) {
        const struct ferry_device_image *image = &images->image[i];

        if (!begins_with(image, prefix))
            continue;
        if (found != NULL && (found->hash_length != image->hash_length ||
                              memcmp(found->hash, image->hash, image->hash_length) != 0))
            return ferry_fail(args, FERRY_EXIT_USAGE,
                              "more than one image on the device begins with %s; give more of it",
                              prefix);
        found = image;
    }
    if (found == NULL)
        return ferry_fail(args, FERRY_EXIT_FAILED,
                          "no image on the device has the hash %s; see 'ferry list'", prefix);
    memcpy(hash, found->hash, found->hash_length);
    *length = found->hash_length;
    return FERRY_EXIT_OK;
}

int device_find_operand(struct ferry_args *args, const char *operand,
                        const struct ferry_device_images *images, uint8_t *hash, size_t *length)
{
    struct image_file file;
    int status;

    if (is_hex(operand) && access(operand, F_OK) != 0)
        return find_hash(args, operand, images, hash, length);
    status = image_file_open(args, operand, false, &file);
    if (status == FERRY_EXIT_OK) {
        memcpy(hash, file.image.hash, sizeof(file.image.hash));
        *length = sizeof(file.image.hash);
    }
    image_file_close(&file);
    return status;
}
