// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "host/buffer_flash.h"
#include "tool/image_file.h"

#define FILE_MAX 0x0FFFFFFFu /* sizes in the journal have 28 bits */

static int check(struct image_file *file)
{
    struct ferry_buffer_flash buffer;
    struct ferry_region region;
    uint8_t work[256];
    int status;

    if (file->bytes.size < FERRY_IMAGE_HEADER_SIZE)
        return FERRY_E_IMAGE_TRUNCATED;
    ferry_buffer_flash_open(&buffer, file->bytes.data, (uint32_t)file->bytes.size);
    region = ferry_buffer_flash_region(&buffer);
    status = ferry_image_parse(&region, &file->image);
    if (status == FERRY_E_IMAGE_TOO_LARGE)
        return FERRY_E_IMAGE_TRUNCATED; /* longer than its own file */
    return status != FERRY_OK ? status
                              : ferry_image_hash(&region, &file->image, work, sizeof(work));
}

static void name_version(struct image_file *file)
{
    const struct ferry_version *version = &file->image.version;
    char build[16] = "";

    if (version->build != 0)
        snprintf(build, sizeof(build), ".%u", (unsigned)version->build);
    snprintf(file->version, sizeof(file->version), "%u.%u.%u%s", version->major, version->minor,
             version->revision, build);
}

int image_file_open(struct ferry_args *args, const char *path, bool unchecked,
                    struct image_file *file)
{
    struct ferry_problem problem;
    int status;

    memset(file, 0, sizeof(*file));
    file->path = path;
    if (ferry_file_read(path, FILE_MAX, &file->bytes, &problem) != FERRY_OK)
        return ferry_fail(args, FERRY_EXIT_INPUT, "%s", problem.text);
    if (file->bytes.size == 0)
        return ferry_fail(args, FERRY_EXIT_INPUT, "%s is empty; give a signed image", path);
    ferry_sha256(file->bytes.data, file->bytes.size, file->sha);
    status = check(file);
    file->checked = status == FERRY_OK;
    if (file->checked)
        name_version(file);
    if (!file->checked && !unchecked)
        return ferry_fail_reason(args, FERRY_EXIT_INPUT, status, "%s", path);
    if (!file->checked && file->bytes.size < FERRY_IMAGE_HEADER_SIZE)
        return ferry_fail(args, FERRY_EXIT_INPUT,
                          "%s is shorter than an image header; give a whole file", path);
    return FERRY_EXIT_OK;
}

void image_file_close(struct image_file *file)
{
    ferry_bytes_free(&file->bytes);
}
