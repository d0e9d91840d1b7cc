// SPDX-License-Identifier: Apache-2.0
#include "tests/doctor/project.h"

#include <dirent.h>
#include <ftw.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

enum { FILE_MAX_BYTES = 1 << 20, PATH_BYTES = 1024 };

static bool read_whole(const char *path, char *data, size_t room, size_t *length)
{
    FILE *in = fopen(path, "rb");

    if (in == NULL)
        return false;
    *length = fread(data, 1, room - 1, in);
    data[*length] = '\0';
    fclose(in);
    return *length < room - 1;
}

static bool write_whole(const char *path, const void *data, size_t length)
{
    FILE *out = fopen(path, "wb");
    bool good;

    if (out == NULL)
        return false;
    good = fwrite(data, 1, length, out) == length;
    return fclose(out) == 0 && good;
}

static bool make_parents(const char *path)
{
    char copy[PATH_BYTES];

    snprintf(copy, sizeof(copy), "%s", path);
    for (char *at = strchr(copy + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        mkdir(copy, 0777);
        *at = '/';
    }
    return true;
}

static bool copy_tree(const char *from, const char *to)
{
    DIR *folder = opendir(from);
    struct dirent *entry;
    bool good = true;

    if (folder == NULL)
        return false;
    mkdir(to, 0777);
    while (good && (entry = readdir(folder)) != NULL) {
        char source[PATH_BYTES];
        char target[PATH_BYTES];
        struct stat status;
        static char data[FILE_MAX_BYTES];
        size_t length;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
        snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
        if (stat(source, &status) != 0)
            good = false;
        else if (S_ISDIR(status.st_mode))
            good = copy_tree(source, target);
        else
            good = read_whole(source, data, sizeof(data), &length) &&
                   write_whole(target, data, length);
    }
    closedir(folder);
    return good;
}

bool project_copy(struct project *project, const char *golden)
{
    char from[PATH_BYTES];

    memset(project, 0, sizeof(*project));
    strcpy(project->root, "/tmp/ferry-golden-XXXXXX");
    if (mkdtemp(project->root) == NULL)
        return false;
    snprintf(from, sizeof(from), "%s/%s", GOLDEN_DIR, golden);
    return copy_tree(from, project->root);
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

void project_remove(struct project *project)
{
    nftw(project->root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    for (size_t i = 0; i < project->given_count; i++)
        free(project->given[i]);
}

/* ---- changes ---- */

static void unescape(char *text)
{
    char *to = text;

    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && (text[1] == 'n' || text[1] == 't')) {
            *to++ = text[1] == 'n' ? '\n' : '\t';
            text++;
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static bool splice(char *data, size_t room, char *at, size_t old_length, const char *replacement)
{
    size_t new_length = strlen(replacement);
    size_t tail = strlen(at + old_length) + 1;

    if ((size_t)(at - data) + new_length + tail > room)
        return false;
    memmove(at + new_length, at + old_length, tail);
    memcpy(at, replacement, new_length);
    return true;
}

static bool delete_line(char *data, const char *text)
{
    char *at = strstr(data, text);
    char *end;

    if (at == NULL)
        return false;
    while (at > data && at[-1] != '\n')
        at--;
    end = at + strcspn(at, "\n");
    memmove(at, end + (*end == '\n'), strlen(end + (*end == '\n')) + 1);
    return true;
}

static bool change_text(char *data, size_t room, char kind, char *first, const char *second)
{
    char *at;

    switch (kind) {
    case 's':
        at = strstr(data, first);
        return at != NULL && splice(data, room, at, strlen(first), second);
    case 'd':
        return delete_line(data, first);
    case 'a':
        if (strlen(data) + strlen(first) + 2 > room)
            return false;
        strcat(data, first);
        strcat(data, "\n");
        return true;
    default:
        return false;
    }
}

bool project_edit(const struct project *project, const char *file, const char *edit)
{
    static char data[FILE_MAX_BYTES];
    char path[PATH_BYTES];
    char copy[PATH_BYTES];
    char *first = copy + 2;
    char *second;
    size_t length = 0;

    snprintf(path, sizeof(path), "%s/%s", project->root, file);
    snprintf(copy, sizeof(copy), "%s", edit);
    second = strchr(first, '|');
    if (second == NULL)
        return false;
    *second++ = '\0';
    if (strchr(second, '|') != NULL)
        *strchr(second, '|') = '\0';
    unescape(first);
    unescape(second);
    if (copy[0] == 'x')
        return remove(path) == 0;
    if (copy[0] == 'm') {
        char target[PATH_BYTES];

        snprintf(target, sizeof(target), "%s/%s", project->root, first);
        return make_parents(target) && rename(path, target) == 0;
    }
    data[0] = '\0';
    if (!read_whole(path, data, sizeof(data), &length) && copy[0] != 'a')
        return false;
    make_parents(path);
    return change_text(data, sizeof(data), copy[0], first, second) &&
           write_whole(path, data, strlen(data));
}

/* ---- images and packages ---- */

static void put16(uint8_t *to, unsigned long value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *to, unsigned long value)
{
    put16(to, value);
    put16(to + 2, value >> 16);
}

static unsigned long field(const char *spec, const char *name, unsigned long otherwise, int nth)
{
    const char *at = strstr(spec, name);
    char *end;
    unsigned long value = otherwise;

    if (at == NULL)
        return otherwise;
    at += strlen(name);
    for (int i = 0; i <= nth; i++) {
        value = strtoul(at, &end, 0);
        at = end;
    }
    return value;
}

/* `keyhash`: 64 hexadecimal digits. */
static size_t put_keyhash(uint8_t *at, const char *spec)
{
    const char *digits = strstr(spec, "keyhash ");

    if (digits == NULL)
        return 0;
    digits += strlen("keyhash ");
    put16(at, 0x01);
    put16(at + 2, 32);
    for (size_t i = 0; i < 32; i++) {
        unsigned byte = 0;

        sscanf(digits + 2 * i, "%2x", &byte);
        at[4 + i] = (uint8_t)byte;
    }
    return 4 + 32;
}

static size_t put_signature(uint8_t *at, const char *spec)
{
    static const uint16_t lengths[] = {256, 0, 70, 384, 64};
    unsigned long type = field(spec, "signature ", 0x20, 0);
    size_t length = type >= 0x20 && type <= 0x24 ? lengths[type - 0x20] : 0;
    size_t total = 4 + 4 + 32 + (type == 0 ? 0 : 4 + length);

    put16(at, 0x6907);
    put16(at + 4, 0x10);
    put16(at + 6, 32);
    if (type != 0) {
        put16(at + 40, type);
        put16(at + 42, length);
    }
    total += put_keyhash(at + total, spec);
    put16(at + 2, total);
    return total;
}

/* An image that has the right form; hash and signature are zeros. `dump N`: placed in N bytes. */
static bool make_image(const char *spec, uint8_t *data, size_t room, size_t *length)
{
    unsigned long header = field(spec, "header ", 0x200, 0);
    unsigned long body = field(spec, "body ", 0x1000, 0);
    unsigned long cut = field(spec, "cut ", 0, 0);
    size_t total;

    if (header + body + 1024 > room || header < 32)
        return false;
    memset(data, 0, header + body + 1024);
    put32(data, field(spec, "magic ", 0x96f3b83d, 0));
    put16(data + 8, header);
    put32(data + 12, body);
    data[20] = (uint8_t)field(spec, "version ", 0, 0);
    data[21] = (uint8_t)field(spec, "version ", 0, 1);
    put16(data + 22, field(spec, "version ", 0, 2));
    put32(data + 24, field(spec, "version ", 0, 3));
    put32(data + header + 4, field(spec, "reset ", 0, 0));
    total = header + body + put_signature(data + header + body, spec);
    *length = total - cut;
    return true;
}

/* A chip: erased but for an image and a request, unless the description says otherwise. */
static bool make_dump(const char *spec, uint8_t *data, size_t room, size_t *length)
{
    static const uint8_t magic[16] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                      0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};
    unsigned long size = field(spec, "dump ", 0, 0);
    unsigned long slot = field(spec, "slot ", 0, 0);
    size_t image = 0;

    if (size > room || slot + 16 > size)
        return false;
    memset(data, 0xff, size);
    if (strstr(spec, "version ") != NULL && !make_image(spec, data, slot, &image))
        return false;
    memset(data + image, 0xff, size - image);
    if (strstr(spec, "requested") != NULL)
        memcpy(data + slot - 16, magic, 16);
    *length = size;
    return true;
}

static bool make_from_spec(const char *path, uint8_t *data, size_t room, size_t *length)
{
    static char spec[4096];
    size_t size;

    if (!read_whole(path, spec, sizeof(spec), &size))
        return false;
    if (strncmp(spec, "dump ", 5) == 0)
        return make_dump(spec, data, room, length);
    if (strstr(spec, "image") == NULL) { /* anything else is its own content */
        memcpy(data, spec, size);
        *length = size;
        return true;
    }
    return make_image(spec, data, room, length);
}

static bool add_to_zip(zip_t *zip, const char *folder, const char *name)
{
    size_t room = 4 << 20;
    uint8_t *data = malloc(room);
    char path[PATH_BYTES];
    char entry[256];
    size_t length = 0;
    bool spec = strlen(name) > 5 && strcmp(name + strlen(name) - 5, ".spec") == 0;
    zip_source_t *source;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    snprintf(entry, sizeof(entry), "%.*s", (int)(strlen(name) - (spec ? 5 : 0)), name);
    if (data == NULL)
        return false;
    if (spec ? !make_from_spec(path, data, room, &length)
             : !read_whole(path, (char *)data, room, &length)) {
        free(data);
        return false;
    }
    source = zip_source_buffer(zip, data, length, 1);
    if (source == NULL)
        free(data);
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the source frees it */
    return source != NULL && zip_file_add(zip, entry, source, 0) >= 0;
}

static bool make_package(const char *folder, const char *target)
{
    zip_t *zip = zip_open(target, ZIP_CREATE | ZIP_TRUNCATE, NULL);
    DIR *stream = opendir(folder);
    struct dirent *entry;
    bool good = zip != NULL && stream != NULL;

    while (good && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.')
            good = add_to_zip(zip, folder, entry->d_name);
    }
    if (stream != NULL)
        closedir(stream);
    return zip != NULL && zip_close(zip) == 0 && good;
}

static bool ends(const char *text, const char *end)
{
    return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static bool give_one(struct project *project, const char *path)
{
    static uint8_t data[16 << 20];
    char target[PATH_BYTES];
    size_t length = 0;
    bool good = true;

    snprintf(target, sizeof(target), "%s", path);
    if (ends(path, ".spec")) {
        target[strlen(target) - 5] = '\0';
        good =
            make_from_spec(path, data, sizeof(data), &length) && write_whole(target, data, length);
    } else if (ends(path, ".d")) {
        target[strlen(target) - 2] = '\0';
        good = make_package(path, target);
    }
    project->given[project->given_count++] = strdup(target);
    return good;
}

bool project_give(struct project *project)
{
    char folder[PATH_BYTES];
    char paths[GIVEN_MAX][PATH_BYTES];
    size_t count = 0;
    struct dirent *entry;
    DIR *stream;
    bool good = true;

    snprintf(folder, sizeof(folder), "%s/given", project->root);
    stream = opendir(folder);
    if (stream == NULL)
        return true;
    while (count < GIVEN_MAX && (entry = readdir(stream)) != NULL) {
        if (entry->d_name[0] != '.')
            snprintf(paths[count++], PATH_BYTES, "%.600s/%.300s", folder, entry->d_name);
    }
    closedir(stream);
    for (size_t i = 0; i < count && good; i++)
        good = give_one(project, paths[i]);
    return good;
}

bool project_check(const struct project *project, struct doctor *doctor, const char *baseline)
{
    struct doctor_options options = {NULL, NULL, NULL};
    const char *paths[GIVEN_MAX + 1] = {project->root};
    char old[PATH_BYTES];

    if (baseline != NULL) {
        snprintf(old, sizeof(old), "%s/%s", project->root, baseline);
        options.baseline = old;
    }
    for (size_t i = 0; i < project->given_count; i++)
        paths[i + 1] = project->given[i];
    if (!ferry_doctor_open(doctor, &options, paths, project->given_count + 1))
        return false;
    ferry_doctor_check(doctor);
    doctor->options.baseline = NULL;
    return true;
}
