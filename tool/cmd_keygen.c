// SPDX-License-Identifier: Apache-2.0
#include <string.h>

#include "host/file.h"
#include "host/keys.h"
#include "tool/image_common.h"

static const struct ferry_option options[] = {
    {"key", 'k', "FILE", "the file to write the private key to"},
    {"type", 't', "TYPE", "kind of key; ecdsa-p256 is the only one so far and the default"},
    {"force", 0, NULL, "replace a file that exists: the key in it is lost"},
    FERRY_OPTIONS_END,
};

static int write_key(struct ferry_args *args, const char *path, const struct ferry_key_file *key)
{
    struct ferry_problem problem;
    char pem[FERRY_PEM_MAX];
    int status;

    if (ferry_keys_secret_pem(key, pem) != FERRY_OK)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "the key cannot be written as PEM");
    status = ferry_file_write(path, pem, strlen(pem), FERRY_FILE_SECRET,
                              ferry_args_has(args, "force"), &problem);
    memset(pem, 0, sizeof(pem));
    if (status == FERRY_E_STATE)
        return ferry_fail(args, FERRY_EXIT_SYSTEM,
                          "%s exists already, and devices may depend on the key in it; choose "
                          "another name, or replace it for good with --force",
                          path);
    if (status != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    const char *path = ferry_args_value(args, "key", NULL);
    const char *type = ferry_args_value(args, "type", "ecdsa-p256");
    char hash[HEX_SIZE(FERRY_SHA256_SIZE)];
    struct ferry_problem problem;
    struct ferry_key_file key;
    int exit;

    if (path == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "where should the key go? Give '--key FILE', for example key.pem");
    if (strcmp(type, "ecdsa-p256") != 0)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "keys of the type '%s' are not supported; ecdsa-p256 is", type);
    if (ferry_keys_generate(&key, &problem) != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
    exit = write_key(args, path, &key);
    ferry_keys_forget(&key);
    if (exit != FERRY_EXIT_OK)
        return exit;
    hex_text(key.public_key.hash, FERRY_SHA256_SIZE, hash);
    ferry_say(args, "%s: new ECDSA P-256 key %.16s; keep it secret and keep a copy", path, hash);
    if (args->json)
        return ferry_print_json(
            args, json_pack("{s:s, s:s, s:s}", "file", path, "type", "ecdsa-p256", "hash", hash));
    return FERRY_EXIT_OK;
}

const struct ferry_command ferry_command_keygen = {
    .name = "keygen",
    .summary = "make a key to sign images with",
    .details = "Writes a new private key as PEM (PKCS#8), readable by its owner alone. imgtool and "
               "OpenSSL read the same file. Whoever has it can sign images that your devices run; "
               "without it no device can ever be updated again.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_IMAGE,
};
