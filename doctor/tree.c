// SPDX-License-Identifier: Apache-2.0
#include "doctor/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 24, FILES_MAX = 200000 };

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

const char *path_folder(struct ferry_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? "" : ferry_arena_copy(arena, path, (size_t)(slash - path));
}

static struct tree_file *append(struct tree *tree)
{
    if (tree->count == tree->room) {
        size_t room = tree->room == 0 ? 256 : tree->room * 2;
        struct tree_file *files = ferry_arena_take(tree->arena, room * sizeof(*files));

        if (tree->count > 0)
            memcpy(files, tree->files, tree->count * sizeof(*files));
        tree->files = files;
        tree->room = room;
    }
    return &tree->files[tree->count++];
}

static void set_times(struct tree_file *file, const struct stat *status)
{
    file->size = status->st_size < 0 ? 0 : (uint64_t)status->st_size;
    file->mtime_ns =
        (int64_t)status->st_mtim.tv_sec * 1000000000 + (int64_t)status->st_mtim.tv_nsec;
}

struct tree_file *tree_add(struct tree *tree, const char *path, const char *full)
{
    struct stat status;
    struct tree_file *file;

    if (stat(full, &status) != 0 || !S_ISREG(status.st_mode))
        return NULL;
    file = append(tree);
    file->path = ferry_arena_string(tree->arena, path);
    file->shown = file->path;
    file->full = ferry_arena_string(tree->arena, full);
    set_times(file, &status);
    return file;
}

struct tree_file *tree_add_text(struct tree *tree, const char *path, const char *text)
{
    struct tree_file *file = append(tree);

    file->path = ferry_arena_string(tree->arena, path);
    file->shown = file->path;
    file->full = file->path;
    file->text = text;
    file->length = strlen(text);
    file->size = file->length;
    file->tried = true;
    return file;
}

static bool skip_folder(const char *name)
{
    static const char *const skipped[] = {".git",       ".svn",         ".hg",  ".cache",
                                          "CMakeFiles", "node_modules", ".venv"};

    for (size_t i = 0; i < sizeof(skipped) / sizeof(skipped[0]); i++) {
        if (strcmp(name, skipped[i]) == 0)
            return true;
    }
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static void walk(struct tree *tree, int folder, const char *path, unsigned depth);

static void walk_into(struct tree *tree, int folder, const char *name, const char *path,
                      unsigned depth)
{
    int inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (inner >= 0)
        walk(tree, inner, path, depth + 1);
    else if (tree->closed == NULL)
        tree->closed = path;
}

static void visit(struct tree *tree, int folder, const char *name, const char *path, unsigned depth)
{
    struct stat status;
    struct tree_file *file;

    if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return;
    if (S_ISDIR(status.st_mode)) {
        if (depth >= DEPTH_MAX)
            tree->cut = true;
        else if (!skip_folder(name))
            walk_into(tree, folder, name, path, depth);
        return;
    }
    if (S_ISLNK(status.st_mode) && fstatat(folder, name, &status, 0) != 0)
        return;
    if (!S_ISREG(status.st_mode))
        return;
    file = append(tree);
    file->path = path;
    file->shown = path;
    file->full = ferry_arena_format(tree->arena, "%s/%s", tree->root, path);
    set_times(file, &status);
}

/* Takes over the descriptor. */
static void walk(struct tree *tree, int folder, const char *path, unsigned depth)
{
    DIR *stream = fdopendir(folder);
    struct dirent *entry;

    if (stream == NULL) {
        close(folder);
        return;
    }
    while ((entry = readdir(stream)) != NULL) {
        const char *inner;

        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (tree->count >= FILES_MAX) {
            tree->cut = true;
            break;
        }
        inner = path[0] == '\0' ? ferry_arena_string(tree->arena, entry->d_name)
                                : ferry_arena_format(tree->arena, "%s/%s", path, entry->d_name);
        visit(tree, folder, entry->d_name, inner, depth);
    }
    closedir(stream);
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct tree_file *)a)->path, ((const struct tree_file *)b)->path);
}

void tree_sort(struct tree *tree)
{
    if (tree->count > 1)
        qsort(tree->files, tree->count, sizeof(tree->files[0]), by_path);
}

bool tree_open(struct tree *tree, struct ferry_arena *arena, const char *root, const char **problem)
{
    int folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    memset(tree, 0, sizeof(*tree));
    tree->arena = arena;
    tree->root = ferry_arena_string(arena, root);
    if (folder < 0) {
        *problem =
            ferry_arena_format(arena, "%s: cannot open this folder: %s", root, strerror(errno));
        return false;
    }
    walk(tree, folder, "", 0);
    tree_sort(tree);
    return true;
}

size_t tree_lower(const struct tree *tree, const char *path)
{
    size_t low = 0;
    size_t high = tree->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(tree->files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct tree_file *tree_find(const struct tree *tree, const char *path)
{
    size_t at = tree_lower(tree, path);

    return at < tree->count && strcmp(tree->files[at].path, path) == 0 ? &tree->files[at] : NULL;
}

struct tree_file *tree_findf(const struct tree *tree, const char *format, ...)
{
    va_list args;
    const char *path;

    va_start(args, format);
    path = ferry_arena_vformat(tree->arena, format, args);
    va_end(args);
    return tree_find(tree, path);
}

bool tree_has_folder(const struct tree *tree, const char *path)
{
    const char *prefix = ferry_arena_format(tree->arena, "%s/", path);
    size_t at = tree_lower(tree, prefix);

    return at < tree->count && strncmp(tree->files[at].path, prefix, strlen(prefix)) == 0;
}

const uint8_t *tree_bytes(struct tree *tree, const struct tree_file *file, size_t max,
                          size_t *length, const char **problem)
{
    FILE *stream;
    uint8_t *data;

    if (file->size > max) {
        *problem = ferry_arena_format(tree->arena, "%s: %llu bytes is too large to read here",
                                      file->shown, (unsigned long long)file->size);
        return NULL;
    }
    stream = fopen(file->full, "rb");
    if (stream == NULL) {
        *problem =
            ferry_arena_format(tree->arena, "%s: cannot be read: %s", file->shown, strerror(errno));
        return NULL;
    }
    data = ferry_arena_take(tree->arena, (size_t)file->size + 1);
    *length = fread(data, 1, (size_t)file->size, stream);
    if (ferror(stream) != 0) {
        *problem = ferry_arena_format(tree->arena, "%s: cannot be read to its end", file->shown);
        data = NULL;
    }
    fclose(stream);
    return data;
}

const char *tree_read(struct tree *tree, struct tree_file *file, const char **problem)
{
    const uint8_t *data;

    *problem = NULL;
    if (file->tried)
        return file->text;
    file->tried = true;
    data = tree_bytes(tree, file, TREE_TEXT_MAX, &file->length, problem);
    if (data == NULL)
        return NULL;
    if (memchr(data, '\0', file->length) != NULL) {
        *problem = ferry_arena_format(tree->arena, "%s: is no text file (it holds zero bytes)",
                                      file->shown);
        return NULL;
    }
    file->text = (const char *)data;
    return file->text;
}
