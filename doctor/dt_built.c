// SPDX-License-Identifier: Apache-2.0
/*
 * A built zephyr.dts: dtc compiles it, libfdt walks the blob. Both know the grammar better than we
 * do; our own reader only adds the line numbers.
 */
#include <errno.h>
#include <fcntl.h>
#include <libfdt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor/dt.h"

enum { BLOB_MAX = 1 << 20, DTC_TIMEOUT_MS = 10000, DEPTH_MAX = 32 };

static int text_to_file(const char *text)
{
    char name[] = "/tmp/ferry-dts-XXXXXX";
    int file = mkstemp(name);
    size_t left = strlen(text);

    if (file < 0)
        return -1;
    unlink(name);
    while (left > 0) {
        ssize_t written = write(file, text, left);

        if (written <= 0) {
            close(file);
            return -1;
        }
        text += written;
        left -= (size_t)written;
    }
    if (lseek(file, 0, SEEK_SET) != 0) {
        close(file);
        return -1;
    }
    return file;
}

static void run_dtc(int input, int output)
{
    static char *const arguments[] = {"dtc", "-q",  "-q", "-f", "-@", "-I", "dts",
                                      "-O",  "dtb", "-o", "-",  "-",  NULL};
    int quiet = open("/dev/null", O_WRONLY);

    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    if (quiet >= 0)
        dup2(quiet, STDERR_FILENO);
    execvp(arguments[0], arguments);
    _exit(127);
}

static size_t read_blob(int from, uint8_t *blob)
{
    size_t length = 0;
    struct pollfd ready = {.fd = from, .events = POLLIN};

    while (length < BLOB_MAX && poll(&ready, 1, DTC_TIMEOUT_MS) > 0) {
        ssize_t got = read(from, blob + length, BLOB_MAX - length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? length : 0;
        length += (size_t)got;
    }
    return 0;
}

static bool compile(const char *text, uint8_t *blob, size_t *length)
{
    int pipes[2];
    int input = text_to_file(text);
    int status = 0;
    pid_t child;

    if (input < 0)
        return false;
    if (pipe(pipes) != 0) {
        close(input);
        return false;
    }
    child = fork();
    if (child == 0)
        run_dtc(input, pipes[1]);
    close(input);
    close(pipes[1]);
    *length = child < 0 ? 0 : read_blob(pipes[0], blob);
    close(pipes[0]);
    if (child < 0)
        return false;
    if (*length == 0)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return *length > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
           fdt_check_full(blob, *length) == 0;
}

struct walker {
    struct dt *dt;         /* being filled */
    const struct dt *text; /* the same file by the tolerant reader: lines and labels */
    const char *file;
    const void *blob;
};

static void add_strings(struct walker *in, struct dt_prop *prop, const char *data, size_t size)
{
    char *joined = ferry_arena_copy(in->dt->arena, data, size);

    prop->text = ferry_arena_copy(in->dt->arena, data, strnlen(data, size));
    for (size_t i = 0; i + 1 < size; i++) {
        if (joined[i] == '\0')
            joined[i] = '\n';
    }
    prop->strings = joined;
}

static bool is_strings(const char *data, size_t size)
{
    bool character = false;

    if (size < 2 || data[size - 1] != '\0')
        return false;
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\0' && !character)
            return false;
        if (data[i] != '\0' && (data[i] < ' ' || data[i] > '~'))
            return false;
        character = data[i] != '\0';
    }
    return true;
}

static bool is_bytes(const char *name)
{
    return strcmp(name, "jedec-id") == 0 || strcmp(name, "sfdp-bfp") == 0;
}

static void fill_value(struct walker *in, struct dt_prop *prop, const uint8_t *data, size_t size)
{
    size_t step = is_bytes(prop->name) || size % 4 != 0 ? 1 : 4;

    if (!is_bytes(prop->name) && is_strings((const char *)data, size)) {
        add_strings(in, prop, (const char *)data, size);
        return;
    }
    for (size_t i = 0; i + step <= size && prop->count < DT_CELLS_MAX; i += step) {
        uint64_t cell = 0;

        for (size_t k = 0; k < step; k++)
            cell = cell << 8 | data[i + k];
        prop->cells[prop->count++] = cell;
    }
}

static void copy_properties(struct walker *in, int offset, struct dt_node *node,
                            const struct dt_node *source)
{
    int at;

    fdt_for_each_property_offset(at, in->blob, offset)
    {
        const struct fdt_property *raw;
        const struct dt_prop *line;
        struct dt_prop *prop;
        const char *name;
        int size = 0;

        raw = fdt_get_property_by_offset(in->blob, at, &size);
        name = raw == NULL ? NULL : fdt_string(in->blob, (int)fdt32_to_cpu(raw->nameoff));
        if (name == NULL || size < 0)
            continue;
        line = source == NULL ? NULL : dt_get(source, name);
        prop = dt_set(in->dt, node, ferry_arena_string(in->dt->arena, name),
                      line == NULL ? "" : line->raw, in->file, line == NULL ? 0 : line->line);
        fill_value(in, prop, (const uint8_t *)raw->data, (size_t)size);
        if (line != NULL) {
            prop->reference = line->reference;
            prop->references = line->references;
        }
    }
}

static void copy_labels(struct dt_node *node, const struct dt_node *source)
{
    for (size_t i = 0; source != NULL && i < DT_LABELS_MAX && source->labels[i] != NULL; i++)
        dt_add_label(node, source->labels[i]);
}

static void copy_node(struct walker *in, int offset, struct dt_node *node,
                      const struct dt_node *source, unsigned depth)
{
    int inner;

    copy_properties(in, offset, node, source);
    copy_labels(node, source);
    if (depth >= DEPTH_MAX)
        return;
    fdt_for_each_subnode(inner, in->blob, offset)
    {
        const char *name = fdt_get_name(in->blob, inner, NULL);
        const struct dt_node *from;
        struct dt_node *child;

        if (name == NULL || strcmp(name, "__symbols__") == 0)
            continue;
        name = ferry_arena_string(in->dt->arena, name);
        from = source == NULL ? NULL : dt_child(source, name);
        child = dt_make_child(in->dt, node, name, in->file, from == NULL ? 0 : from->line);
        copy_node(in, inner, child, from, depth + 1);
    }
}

bool dt_read_built(struct dt *dt, const char *file, const char *text)
{
    struct dt lines;
    struct walker in = {dt, &lines, file, NULL};
    uint8_t *blob = ferry_arena_take(dt->arena, BLOB_MAX);
    size_t length = 0;

    dt_init(&lines, dt->arena);
    dt_read(&lines, file, text, NULL, NULL);
    if (!compile(text, blob, &length)) {
        dt_read(dt, file, text, NULL, NULL);
        return false;
    }
    in.blob = blob;
    copy_node(&in, 0, dt->root, lines.root, 0);
    return true;
}
