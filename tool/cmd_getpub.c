// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/keys.h"
#include "tool/image_common.h"

static const struct ferry_option options[] = {
    {"key", 'k', "FILE", "private or public key; give it several times for several keys"},
    {"format", 'f', "c|pem|hash", "C source of the key table (default), PEM, or the key's hash"},
    {"output", 'o', "FILE", "write there instead of to standard output"},
    FERRY_OPTIONS_END,
};

static void print_bytes(FILE *out, const char *name, const uint8_t *bytes, size_t length)
{
    fprintf(out, "        .%s =\n            {", name);
    for (size_t i = 0; i < length; i++)
        fprintf(out, "%s0x%02x,", i == 0 ? "" : i % 12 == 0 ? "\n             " : " ", bytes[i]);
    fprintf(out, "},\n");
}

static void print_c(FILE *out, const struct ferry_key_file *keys, size_t count)
{
    fprintf(out, "// SPDX-License-Identifier: Apache-2.0\n"
                 "/* Written by 'ferry getpub': the keys this device accepts images of. */\n"
                 "#include \"ferry/image.h\"\n\n"
                 "extern const struct ferry_keys ferry_keys;\n\n"
                 "static const struct ferry_key table[] = {\n");
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "    {\n");
        print_bytes(out, "hash", keys[i].public_key.hash, sizeof(keys[i].public_key.hash));
        print_bytes(out, "point", keys[i].public_key.point, sizeof(keys[i].public_key.point));
        fprintf(out, "    },\n");
    }
    fprintf(out, "};\n\nconst struct ferry_keys ferry_keys = {.key = table, .count = %zu};\n",
            count);
}

static void print_keys(FILE *out, const char *format, const struct ferry_key_file *keys,
                       size_t count)
{
    char hash[HEX_SIZE(FERRY_SHA256_SIZE)];
    char pem[FERRY_PEM_MAX];

    if (strcmp(format, "c") == 0) {
        print_c(out, keys, count);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(format, "hash") == 0)
            fprintf(out, "%s\n", hex_text(keys[i].public_key.hash, FERRY_SHA256_SIZE, hash));
        else if (ferry_keys_public_pem(&keys[i], pem) == FERRY_OK)
            fputs(pem, out);
    }
}

static int write_keys(struct ferry_args *args, const struct ferry_key_file *keys, size_t count)
{
    const char *path = ferry_args_value(args, "output", "-");
    struct ferry_problem problem;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int status;

    if (out == NULL)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "out of memory");
    print_keys(out, ferry_args_value(args, "format", "c"), keys, count);
    if (fclose(out) != 0) {
        free(text);
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "out of memory");
    }
    status = ferry_file_write(path, text, size, FERRY_FILE_PUBLIC, true, &problem);
    free(text);
    return status == FERRY_OK ? FERRY_EXIT_OK : fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
}

static int print_json(struct ferry_args *args, const struct ferry_key_file *keys, size_t count)
{
    char hash[HEX_SIZE(FERRY_SHA256_SIZE)];
    char point[HEX_SIZE(64)];
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s}", "file", ferry_args_nth(args, "key", (int)i),
                            "type", "ecdsa-p256", "hash",
                            hex_text(keys[i].public_key.hash, FERRY_SHA256_SIZE, hash), "point",
                            hex_text(keys[i].public_key.point, 64, point)));
    return ferry_print_json(args, json_pack("{s:o}", "keys", list));
}

static int run(struct ferry_args *args)
{
    struct ferry_key_file keys[FERRY_TOOL_VALUES];
    struct ferry_problem problem;
    const char *path;
    size_t count = 0;

    while ((path = ferry_args_nth(args, "key", (int)count)) != NULL) {
        if (ferry_keys_load(path, &keys[count], &problem) != FERRY_OK)
            return fail_problem(args, FERRY_EXIT_INPUT, &problem);
        ferry_keys_forget(&keys[count]); /* only the public part is needed from here on */
        count++;
    }
    if (count == 0)
        return ferry_fail(args, FERRY_EXIT_USAGE, "which key? Give '--key FILE'");
    if (args->json && !ferry_args_has(args, "output"))
        return print_json(args, keys, count);
    return write_keys(args, keys, count);
}

const struct ferry_command ferry_command_getpub = {
    .name = "getpub",
    .summary = "print the public part of a key",
    .details = "The C source defines 'ferry_keys', the table a bootloader is linked with: an image "
               "is accepted when any of its keys signed it. The hash is the one that images name "
               "their key by.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_IMAGE,
};
