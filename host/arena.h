// SPDX-License-Identifier: Apache-2.0
/*
 * Memory for one run of a host command: everything is taken from an arena and given back at once.
 * An allocation that fails ends the program with a sentence; no caller has to check.
 */
#ifndef FERRY_HOST_ARENA_H
#define FERRY_HOST_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct ferry_arena_block;

struct ferry_arena {
    struct ferry_arena_block *blocks; /* newest first; NULL in an empty arena */
};

/* `size` zeroed bytes, aligned for any type. Never NULL; `size` 0 gives one byte. */
void *ferry_arena_take(struct ferry_arena *arena, size_t size);

/* A copy of `length` bytes of `text` with a terminating zero. */
char *ferry_arena_copy(struct ferry_arena *arena, const char *text, size_t length);

/* A copy of a string; NULL stays NULL. */
char *ferry_arena_string(struct ferry_arena *arena, const char *text);

/* printf into the arena. */
char *ferry_arena_format(struct ferry_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *ferry_arena_vformat(struct ferry_arena *arena, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Gives everything back. The arena may be used again. */
void ferry_arena_free(struct ferry_arena *arena);

#endif
