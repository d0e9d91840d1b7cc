// SPDX-License-Identifier: Apache-2.0
/* `ferry inspect`: one file for images, one for dumps. */
#ifndef FERRY_TOOL_INSPECT_H
#define FERRY_TOOL_INSPECT_H

#include "host/file.h"
#include "host/image_inspect.h"
#include "tool/command.h"

/* The keys of --key, with the files they come from. */
struct inspect_keys {
    struct ferry_key key[FERRY_TOOL_VALUES];
    const char *path[FERRY_TOOL_VALUES];
    struct ferry_keys keys;
};

/* "1.2.3+4" */
#define VERSION_TEXT_SIZE 32
const char *inspect_version(const struct ferry_version *version, char text[VERSION_TEXT_SIZE]);

/* {"name", "code", "text"} of a status; JSON null for FERRY_OK. */
json_t *inspect_reason(int status);

/* Prints what was seen of one image, or returns it as JSON. */
void inspect_print_image(const struct ferry_seen_image *seen, const struct ferry_region *region,
                         const struct inspect_keys *keys);
json_t *inspect_image_json(const struct ferry_seen_image *seen, const struct ferry_region *region,
                           const struct inspect_keys *keys);

/* A dump of the external flash. */
int inspect_dump(struct ferry_args *args, const struct ferry_bytes *external,
                 const struct inspect_keys *keys);

#endif
