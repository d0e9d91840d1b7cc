// SPDX-License-Identifier: Apache-2.0
/* The key file a project signs with, where it lies in the project: its hash, as images carry it. */
#include <string.h>

#include "doctor/rules.h"
#include "host/keys.h"

/* "${APP_DIR}/keys/a.pem", "../keys/a.pem", "keys/a.pem": what can be looked for in the project. */
static const char *without_folder(const char *value)
{
    const char *variable = strrchr(value, '}');

    if (variable != NULL)
        value = variable + 1;
    while (*value == '/' || text_starts(value, "../") || text_starts(value, "./"))
        value += strcspn(value, "/") + 1;
    return value;
}

/* An absolute path of another machine is none of the project's. */
static struct tree_file *find_key(const struct doctor_case *c, const char *value)
{
    const char *rest = without_folder(value);
    struct tree_file *file;

    if (value[0] == '/' || rest[0] == '\0')
        return NULL;
    file = tree_findf(c->tree, "%s%s", c->app, rest);
    return file != NULL ? file : tree_find(c->tree, rest);
}

const struct kconf_line *signature_key(const struct doctor_case *c, uint8_t hash[32])
{
    const struct image *image = is_sysbuild(c) ? &c->sysbuild : &c->mcuboot;
    const struct kconf_line *line = written(c, image, "BOOT_SIGNATURE_KEY_FILE");
    struct tree_file *file = line == NULL ? NULL : find_key(c, line->value);
    const char *ignored = NULL;
    const char *content = file == NULL ? NULL : tree_read(c->tree, file, &ignored);
    struct ferry_problem problem;
    struct ferry_key_file key;
    bool known;

    if (content == NULL)
        return NULL;
    known = ferry_keys_parse(file->shown, content, file->length, &key, &problem) == FERRY_OK;
    memcpy(hash, key.public_key.hash, 32);
    ferry_keys_forget(&key);
    return known ? line : NULL;
}
