// SPDX-License-Identifier: Apache-2.0
/* Which SDK a project is for: its generation decides which files are read at all. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/doctor.h"

/* "2.9", "v2.9.1", "v2.9-branch": SDK_VERSION, 0 when it is no version. */
unsigned doctor_parse_version(const char *version)
{
    unsigned part[3] = {0, 0, 0};
    char *end;

    if (version == NULL)
        return 0;
    if (*version == 'v')
        version++;
    for (size_t i = 0; i < 3 && isdigit((unsigned char)*version); i++) {
        unsigned long value = strtoul(version, &end, 10);

        part[i] = value > 99 ? 99 : (unsigned)value;
        version = *end == '.' ? end + 1 : end;
        if (*end != '.')
            break;
    }
    return part[0] < 1 || part[0] > 9 ? 0 : SDK_VERSION(part[0], part[1], part[2]);
}

static bool set_version(struct doctor_case *c, const char *version, const char *why)
{
    unsigned number = doctor_parse_version(version);

    if (number == 0)
        return false;
    c->sdk.version = number;
    c->sdk.why = why;
    return true;
}

/* manifest: projects: - name: sdk-nrf (or nrf), revision: v2.9.0 */
static bool version_from_west(struct doctor *doctor, struct doctor_case *c, struct tree_file *file)
{
    struct ferry_yaml_error error;
    const char *content = doctor_text(doctor, file);
    const struct ferry_yaml *root =
        content == NULL ? NULL : ferry_yaml_parse(c->arena, content, file->length, &error);
    const struct ferry_yaml *list = ferry_yaml_get(ferry_yaml_get(root, "manifest"), "projects");

    if (list == NULL || list->kind != FERRY_YAML_LIST)
        return false;
    for (const struct ferry_yaml_item *item = list->items; item != NULL; item = item->next) {
        const char *name = ferry_yaml_text(item->value, "name");
        const char *path = ferry_yaml_text(item->value, "repo-path");

        if (name == NULL || (strcmp(name, "sdk-nrf") != 0 && strcmp(name, "nrf") != 0 &&
                             (path == NULL || strcmp(path, "sdk-nrf") != 0)))
            continue;
        return set_version(c, ferry_yaml_text(item->value, "revision"), file->shown);
    }
    return false;
}

/* `NAME "value"` or `NAME:TYPE=value` in a text: the value up to the end of its line. */
static const char *value_after(struct ferry_arena *arena, const char *content, const char *name)
{
    const char *at = content == NULL ? NULL : strstr(content, name);

    if (at == NULL)
        return NULL;
    at += strlen(name);
    at += strspn(at, " \t\"=");
    return ferry_arena_copy(arena, at, strcspn(at, "\"\r\n"));
}

/* A path like /opt/ncs/v2.9.0/zephyr. */
static const char *version_in_path(const char *path)
{
    const char *at = path;

    while (at != NULL && (at = strpbrk(at, "/\\")) != NULL) {
        at++;
        if (*at == 'v' && isdigit((unsigned char)at[1]) && at[2] == '.')
            return at;
        if (isdigit((unsigned char)at[0]) && at[1] == '.' && isdigit((unsigned char)at[2]))
            return at;
    }
    return NULL;
}

static bool version_from_build(struct doctor *doctor, struct doctor_case *c)
{
    static const char *const keys[] = {
        "NRF_DIR:PATH=", "ZEPHYR_NRF_MODULE_DIR:PATH=", "ZEPHYR_BASE:PATH=", "Zephyr_DIR:PATH="};
    size_t length = c->build == NULL ? 0 : strlen(c->build);
    struct tree_file *cache;
    const char *content;

    if (c->build == NULL)
        return false;
    for (size_t i = tree_lower(c->tree, c->build);
         i < c->tree->count && strncmp(c->tree->files[i].path, c->build, length) == 0; i++) {
        struct tree_file *file = &c->tree->files[i];

        if (strcmp(path_name(file->path), "ncs_version.h") == 0)
            return set_version(
                c, value_after(c->arena, doctor_text(doctor, file), "NCS_VERSION_STRING"),
                file->shown);
    }
    cache = tree_findf(c->tree, "%sCMakeCache.txt", c->build);
    content = cache == NULL ? NULL : doctor_text(doctor, cache);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *path = value_after(c->arena, content, keys[i]);

        if (path != NULL && set_version(c, version_in_path(path), cache->shown))
            return true;
    }
    return false;
}

/* Editor settings name the SDK they build with: "nrf-connect.sdk": "2.6.0" and the like. */
static bool version_from_editor(struct doctor *doctor, struct doctor_case *c)
{
    struct tree_file *file = tree_findf(c->tree, "%s.vscode/settings.json", c->app);
    const char *at = file == NULL ? NULL : doctor_text(doctor, file);

    while (at != NULL && (at = strstr(at, "nrf-connect.")) != NULL) {
        size_t line = strcspn(at, "\r\n");

        for (size_t i = 0; i + 4 < line; i++) {
            if (isdigit((unsigned char)at[i]) && at[i + 1] == '.' &&
                isdigit((unsigned char)at[i + 2]) && at[i + 3] == '.' &&
                !isalnum((unsigned char)at[i - 1]) && set_version(c, at + i, file->shown))
                return true;
            if (at[i] == 'v' && isdigit((unsigned char)at[i + 1]) && at[i + 2] == '.' &&
                set_version(c, at + i, file->shown))
                return true;
        }
        at += line;
    }
    return false;
}

static void detect_version(struct doctor *doctor, struct doctor_case *c)
{
    if (set_version(c, doctor->options.sdk, "--sdk") || version_from_build(doctor, c))
        return;
    for (size_t i = 0; i < c->tree->count; i++) {
        struct tree_file *file = &c->tree->files[i];

        if (strcmp(path_name(file->path), "west.yml") == 0 && version_from_west(doctor, c, file))
            return;
    }
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        if (set_version(c, one->nrf_revision, one->file))
            return;
    }
    version_from_editor(doctor, c);
}

static bool has(const struct doctor_case *c, const char *name)
{
    return tree_findf(c->tree, "%s%s", c->app, name) != NULL;
}

static bool has_folder(const struct doctor_case *c, const char *name)
{
    return tree_has_folder(c->tree, ferry_arena_format(c->arena, "%s%s", c->app, name));
}

static enum generation from_build(struct doctor *doctor, struct doctor_case *c)
{
    struct tree_file *top = tree_findf(c->tree, "%szephyr/.config", c->build);
    const char *content = top == NULL ? NULL : doctor_text(doctor, top);

    if (content != NULL && strstr(content, "SB_CONFIG_") != NULL)
        return GENERATION_SYSBUILD;
    if (tree_findf(c->tree, "%s_sysbuild/CMakeCache.txt", c->build) != NULL ||
        tree_findf(c->tree, "%sdomains.yaml", c->build) != NULL)
        return GENERATION_SYSBUILD;
    return content == NULL ? GENERATION_UNKNOWN : GENERATION_CHILD_IMAGE;
}

static enum generation from_source(const struct doctor_case *c)
{
    bool sysbuild = has(c, "sysbuild.conf") || has(c, "Kconfig.sysbuild") ||
                    has_folder(c, "sysbuild") || has(c, "sysbuild.cmake");

    if (before(c, SDK_VERSION(2, 7, 0)))
        return GENERATION_CHILD_IMAGE;
    if (sysbuild || at_least(c, SDK_VERSION(2, 9, 0)))
        return GENERATION_SYSBUILD;
    if (has_folder(c, "child_image"))
        return GENERATION_CHILD_IMAGE;
    return GENERATION_UNKNOWN;
}

void doctor_detect_sdk(struct doctor *doctor, struct doctor_case *c)
{
    detect_version(doctor, c);
    if (c->build != NULL)
        c->sdk.generation = from_build(doctor, c);
    if (c->sdk.generation == GENERATION_UNKNOWN)
        c->sdk.generation = from_source(c);
}
