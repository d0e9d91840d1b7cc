// SPDX-License-Identifier: Apache-2.0
/* An image file on this computer, checked before it is sent. */
#ifndef FERRY_TOOL_IMAGE_FILE_H
#define FERRY_TOOL_IMAGE_FILE_H

#include "ferry/image.h"
#include "host/file.h"
#include "tool/command.h"

struct image_file {
    const char *path;
    struct ferry_bytes bytes;
    struct ferry_image image; /* version, hash, sizes */
    char version[40];
    uint8_t sha[FERRY_SHA256_SIZE]; /* of the whole file */
    bool checked;                   /* image and version are known */
};

/*
 * Reads the file and checks that it is a whole MCUboot image whose content has the hash it names.
 * With `unchecked` what is no image is let through, with `checked` false.
 * FERRY_EXIT_OK, or the exit status after a message. The caller closes it in both cases.
 */
int image_file_open(struct ferry_args *args, const char *path, bool unchecked,
                    struct image_file *file);
void image_file_close(struct image_file *file);

#endif
