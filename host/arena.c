// SPDX-License-Identifier: Apache-2.0
#include "host/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, MAX_ALIGN = alignof(max_align_t) };

struct ferry_arena_block {
    struct ferry_arena_block *next;
    size_t used;
    size_t size;
    alignas(max_align_t) unsigned char data[];
};

static struct ferry_arena_block *add_block(struct ferry_arena *arena, size_t size)
{
    size_t want = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    struct ferry_arena_block *block = NULL;

    if (want < SIZE_MAX - sizeof(*block))
        block = malloc(sizeof(*block) + want);
    if (block == NULL) {
        fprintf(stderr, "ferry: out of memory (%zu bytes wanted)\n", size);
        exit(2);
    }
    block->used = 0;
    block->size = want;
    if (want > BLOCK_SIZE && arena->blocks != NULL) { /* keep filling the block in front */
        block->next = arena->blocks->next;
        arena->blocks->next = block;
    } else {
        block->next = arena->blocks;
        arena->blocks = block;
    }
    return block;
}

void *ferry_arena_take(struct ferry_arena *arena, size_t size)
{
    struct ferry_arena_block *block = arena->blocks;
    size_t rounded = size > SIZE_MAX - MAX_ALIGN ? SIZE_MAX : size + (size == 0);
    unsigned char *memory;

    if (rounded != SIZE_MAX)
        rounded = (rounded + MAX_ALIGN - 1) / MAX_ALIGN * MAX_ALIGN;
    if (block == NULL || block->size - block->used < rounded)
        block = add_block(arena, rounded);
    memory = block->data + block->used;
    block->used += rounded;
    memset(memory, 0, rounded);
    return memory;
}

char *ferry_arena_copy(struct ferry_arena *arena, const char *text, size_t length)
{
    char *copy = ferry_arena_take(arena, length + 1);

    if (length > 0)
        memcpy(copy, text, length);
    return copy;
}

char *ferry_arena_string(struct ferry_arena *arena, const char *text)
{
    return text == NULL ? NULL : ferry_arena_copy(arena, text, strlen(text));
}

char *ferry_arena_vformat(struct ferry_arena *arena, const char *format, va_list args)
{
    va_list again;
    int length;
    char *text;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, args);
    if (length < 0)
        length = 0;
    text = ferry_arena_take(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *ferry_arena_format(struct ferry_arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = ferry_arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

void ferry_arena_free(struct ferry_arena *arena)
{
    while (arena->blocks != NULL) {
        struct ferry_arena_block *next = arena->blocks->next;

        free(arena->blocks);
        arena->blocks = next;
    }
}
