// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "host/buffer_flash.h"
#include "host/keys.h"
#include "tool/image_common.h"
#include "tool/inspect.h"

#define DUMP_MAX (512u * 1024u * 1024u)

static const struct ferry_option options[] = {
    {"key", 'k', "FILE", "check signatures with this key (private or public); may be repeated"},
    {"layout", 'l', "LAYOUT", "FILE is a dump of the external flash with this layout"},
    {"internal", 'i', "FILE", "dump of the internal flash, to tell what the next boot does"},
    {"cause", 0, "power|software|watchdog|lockup", "why that boot happens (default: power)"},
    {"records", 'n', "N", "show the newest N records of the journal (default 8)"},
    FERRY_OPTIONS_END,
};

static int load_keys(struct ferry_args *args, struct inspect_keys *keys)
{
    struct ferry_problem problem;
    struct ferry_key_file file;
    const char *path;
    uint32_t count = 0;

    while ((path = ferry_args_nth(args, "key", (int)count)) != NULL) {
        if (ferry_keys_load(path, &file, &problem) != FERRY_OK)
            return fail_problem(args, FERRY_EXIT_INPUT, &problem);
        ferry_keys_forget(&file);
        keys->key[count] = file.public_key;
        keys->path[count++] = path;
    }
    keys->keys.key = keys->key;
    keys->keys.count = count;
    return FERRY_EXIT_OK;
}

static int inspect_image(struct ferry_args *args, const struct ferry_bytes *file,
                         const struct inspect_keys *keys)
{
    const char *path = args->operand[0];
    struct ferry_buffer_flash flash;
    struct ferry_seen_image seen;
    struct ferry_region region;
    int exit;

    ferry_buffer_flash_open(&flash, file->data, (uint32_t)file->size);
    region = ferry_buffer_flash_region(&flash);
    ferry_image_inspect(&region, true, &keys->keys, &seen);
    exit = seen.verdict == FERRY_OK ? FERRY_EXIT_OK : FERRY_EXIT_INPUT;
    if (args->json) {
        json_t *object = inspect_image_json(&seen, &region, keys);

        json_object_set_new(object, "file_size", json_integer((json_int_t)file->size));
        (void)ferry_print_json(args, object);
        return exit;
    }
    if (seen.structure == FERRY_E_IMAGE_MAGIC)
        return ferry_fail(args, FERRY_EXIT_INPUT,
                          "%s is no MCUboot image (it begins otherwise); sign a program with "
                          "'ferry sign', or add --layout to look at a flash dump",
                          path);
    if (!seen.has_header)
        return ferry_fail_reason(args, FERRY_EXIT_INPUT, seen.structure, "%s", path);
    if (args->quiet)
        return exit;
    printf("%s: MCUboot image in %zu bytes\n", path, file->size);
    inspect_print_image(&seen, &region, keys);
    if (seen.structure == FERRY_OK && file->size > seen.image.total_size)
        printf("  %zu bytes behind the image do not belong to it\n",
               file->size - seen.image.total_size);
    return exit;
}

static int run(struct ferry_args *args)
{
    struct inspect_keys keys;
    struct ferry_problem problem;
    struct ferry_bytes file;
    int exit = load_keys(args, &keys);

    if (exit != FERRY_EXIT_OK)
        return exit;
    if (ferry_args_has(args, "internal") && !ferry_args_has(args, "layout"))
        return ferry_fail(args, FERRY_EXIT_USAGE, "dumps need their layout: add '--layout LAYOUT'");
    if (ferry_file_read(args->operand[0], DUMP_MAX, &file, &problem) != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_INPUT, &problem);
    exit = ferry_args_has(args, "layout") ? inspect_dump(args, &file, &keys)
                                          : inspect_image(args, &file, &keys);
    ferry_bytes_free(&file);
    return exit;
}

const struct ferry_command ferry_command_inspect = {
    .name = "inspect",
    .summary = "look into an image or a flash dump",
    .positional = "FILE",
    .details = "An image: its header, its TLVs, whether the hash is right, who signed it, and what "
               "a bootloader would refuse it for. With --layout a dump of the external flash: the "
               "journal, newest record first, and the slots; with --internal and --key also what "
               "the bootloader does at the next boot, found by running it on a copy. The exit "
               "status is 4 for an image that is refused.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_IMAGE,
};
