// SPDX-License-Identifier: Apache-2.0
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_STEP 65536u

void ferry_bytes_free(struct ferry_bytes *bytes)
{
    if (bytes->data != NULL)
        explicit_bzero(bytes->data, bytes->size);
    free(bytes->data);
    bytes->data = NULL;
    bytes->size = 0;
}

/* Room for another step and the zero behind it. Frees the old content where it has to move. */
static bool grow(struct ferry_bytes *bytes, size_t *room)
{
    size_t larger = *room + (*room < READ_STEP ? READ_STEP : *room);
    uint8_t *data = malloc(larger + 1);

    if (data == NULL)
        return false;
    if (bytes->data != NULL) {
        memcpy(data, bytes->data, bytes->size);
        explicit_bzero(bytes->data, bytes->size);
        free(bytes->data);
    }
    bytes->data = data;
    *room = larger;
    return true;
}

static int read_all(FILE *file, const char *path, size_t most, struct ferry_bytes *bytes,
                    struct ferry_problem *problem)
{
    size_t room = 0;
    size_t got;

    do {
        if (bytes->size == room && !grow(bytes, &room))
            return ferry_problem_set(problem, FERRY_E_NO_MEMORY, "%s: out of memory", path);
        got = fread(bytes->data + bytes->size, 1, room - bytes->size, file);
        bytes->size += got;
        if (bytes->size > most)
            return ferry_problem_set(problem, FERRY_E_SIZE, "%s: larger than %zu bytes", path,
                                     most);
    } while (got != 0);
    if (ferror(file) != 0)
        return ferry_problem_set(problem, FERRY_E_IO, "cannot read %s: %s", path, strerror(errno));
    bytes->data[bytes->size] = 0;
    return FERRY_OK;
}

int ferry_file_read(const char *path, size_t most, struct ferry_bytes *bytes,
                    struct ferry_problem *problem)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    int status;

    memset(bytes, 0, sizeof(*bytes));
    if (file == NULL)
        return ferry_problem_set(problem, FERRY_E_IO, "cannot read %s: %s", path, strerror(errno));
    status = read_all(file, path, most, bytes, problem);
    if (file != stdin)
        (void)fclose(file);
    if (status != FERRY_OK)
        ferry_bytes_free(bytes);
    return status;
}

static int write_all(int file, const uint8_t *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return FERRY_E_IO;
        data += done;
        size -= (size_t)done;
    }
    return FERRY_OK;
}

/* Puts the finished file into its place. Without `replace` an existing one wins, without a race. */
static int put(const char *from, const char *path, bool replace)
{
    if (replace)
        return rename(from, path) == 0 ? FERRY_OK : FERRY_E_IO;
    if (link(from, path) != 0)
        return errno == EEXIST ? FERRY_E_STATE : FERRY_E_IO;
    return unlink(from) == 0 ? FERRY_OK : FERRY_E_IO;
}

static int write_beside(const char *path, const void *data, size_t size, enum ferry_file_mode mode,
                        bool replace)
{
    char *beside = malloc(strlen(path) + sizeof(".XXXXXX"));
    mode_t mask = umask(0);
    int status;
    int file;

    (void)umask(mask);
    if (beside == NULL)
        return FERRY_E_NO_MEMORY;
    (void)strcat(strcpy(beside, path), ".XXXXXX");
    file = mkstemp(beside); /* for the owner alone */
    status = file < 0 ? FERRY_E_IO : write_all(file, data, size);
    if (status == FERRY_OK && mode == FERRY_FILE_PUBLIC && fchmod(file, 0666 & ~mask) != 0)
        status = FERRY_E_IO;
    if (file >= 0 && close(file) != 0)
        status = FERRY_E_IO;
    if (status == FERRY_OK)
        status = put(beside, path, replace);
    if (file >= 0 && status != FERRY_OK) {
        int error = errno;

        (void)unlink(beside);
        errno = error;
    }
    free(beside);
    return status;
}

int ferry_file_write(const char *path, const void *data, size_t size, enum ferry_file_mode mode,
                     bool replace, struct ferry_problem *problem)
{
    struct stat info;
    int status;

    if (strcmp(path, "-") == 0)
        status = write_all(STDOUT_FILENO, data, size);
    else if (stat(path, &info) == 0 && replace && !S_ISREG(info.st_mode)) {
        int file = open(path, O_WRONLY); /* a device or a pipe is written, never replaced */

        status = file < 0 ? FERRY_E_IO : write_all(file, data, size);
        if (file >= 0 && close(file) != 0)
            status = FERRY_E_IO;
    } else
        status = write_beside(path, data, size, mode, replace);
    if (status == FERRY_E_STATE)
        return ferry_problem_set(problem, status, "%s exists already", path);
    if (status != FERRY_OK)
        return ferry_problem_set(problem, status, "cannot write %s: %s", path, strerror(errno));
    return FERRY_OK;
}
