// SPDX-License-Identifier: Apache-2.0
/* The posix device's flash chips: NOR semantics, the lock, the operation counter, power cuts. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ports/posix/board.h"
#include "ports/posix/flash.h"

#define SIZE 0x40000u

struct bench {
    char dir[64];
    struct machine *machine;
    struct posix_flash chip[2];
    struct ferry_flash internal, external;
};

static int set_up(void **state)
{
    struct bench *b = calloc(1, sizeof *b);
    uint32_t size;
    int fd;

    strcpy(b->dir, "/tmp/ferry-flash-XXXXXX");
    assert_non_null(mkdtemp(b->dir));
    b->machine = machine_create(b->dir, &fd);
    assert_non_null(b->machine);
    b->machine->layout.primary = (struct ferry_span){0x20000, 0x10000};
    b->machine->internal_fd = posix_flash_open(b->dir, "internal.bin", SIZE, &size);
    assert_int_equal(size, SIZE);
    b->machine->external_fd = posix_flash_open(b->dir, "external.bin", SIZE, &size);
    assert_int_equal(posix_flash_start(&b->chip[0], &b->internal, b->machine, true), FERRY_OK);
    assert_int_equal(posix_flash_start(&b->chip[1], &b->external, b->machine, false), FERRY_OK);
    close(fd);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench *b = *state;
    static const char *const names[] = {"internal.bin", "external.bin", "ram"};
    char path[128];

    for (unsigned i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", b->dir, names[i]);
        unlink(path);
    }
    rmdir(b->dir);
    munmap(b->chip[0].bytes, SIZE);
    munmap(b->chip[1].bytes, SIZE);
    close(b->machine->internal_fd);
    close(b->machine->external_fd);
    munmap(b->machine, sizeof *b->machine);
    free(b);
    return 0;
}

static int program(const struct ferry_flash *flash, uint32_t offset, const void *data,
                   uint32_t length)
{
    return flash->api->program(flash->context, offset, data, length);
}

static int erase(const struct ferry_flash *flash, uint32_t offset, uint32_t size)
{
    return flash->api->erase(flash->context, offset, size);
}

static int read_at(const struct ferry_flash *flash, uint32_t offset, void *data, uint32_t length)
{
    return flash->api->read(flash->context, offset, data, length);
}

static bool holds(const struct posix_flash *chip, uint32_t offset, uint8_t value, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++)
        if (chip->bytes[offset + i] != value)
            return false;
    return true;
}

static void is_made_erased_and_kept(void **state)
{
    struct bench *b = *state;
    uint32_t size;

    assert_true(holds(&b->chip[1], 0, 0xFF, SIZE));
    assert_int_equal(program(&b->external, 5, "x", 1), FERRY_OK);
    int fd = posix_flash_open(b->dir, "external.bin", SIZE * 2, &size);
    char byte = 0;
    assert_int_equal(pread(fd, &byte, 1, 5), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(size, SIZE);
    close(fd);
}

static void programs_only_clear_bits(void **state)
{
    struct bench *b = *state;
    uint8_t data[2] = {0xF0, 0x3C}, again[2] = {0x3C, 0xFF};

    assert_int_equal(program(&b->external, 0x1234, data, 2), FERRY_OK);
    assert_int_equal(program(&b->external, 0x1234, again, 2), FERRY_OK);
    assert_int_equal(read_at(&b->external, 0x1234, data, 2), FERRY_OK);
    assert_int_equal(data[0], 0x30);
    assert_int_equal(data[1], 0x3C);
}

static void internal_words_are_written_once(void **state)
{
    struct bench *b = *state;
    uint8_t data[8] = {1, 2, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

    assert_int_equal(program(&b->internal, 0x20001, data, 3), FERRY_OK);
    assert_int_equal(program(&b->internal, 0x20004, data, 8), FERRY_OK);
    assert_int_equal(program(&b->internal, 0x20000, data, 1), FERRY_E_PROGRAM);
    assert_int_equal(program(&b->internal, 0x20000, data + 4, 4), FERRY_OK);
    assert_int_equal(erase(&b->internal, 0x20000, 4096), FERRY_OK);
    assert_int_equal(program(&b->internal, 0x20000, data, 1), FERRY_OK);
}

static void erases_whole_blocks_only(void **state)
{
    struct bench *b = *state;
    uint8_t zeros[64] = {0};

    assert_int_equal(program(&b->external, 0x0FFF0, zeros, 64), FERRY_OK);
    assert_int_equal(erase(&b->external, 0x800, 4096), FERRY_E_ARGUMENT);
    assert_int_equal(erase(&b->external, 0, 512), FERRY_E_ARGUMENT);
    assert_int_equal(erase(&b->internal, 0, 65536), FERRY_E_ARGUMENT);
    assert_int_equal(erase(&b->external, SIZE, 4096), FERRY_E_RANGE);
    assert_int_equal(erase(&b->external, 0x10000, 65536), FERRY_OK);
    assert_true(holds(&b->chip[1], 0x0FFF0, 0, 16));
    assert_true(holds(&b->chip[1], 0x10000, 0xFF, 65536));
}

static void refuses_what_leaves_the_chip(void **state)
{
    struct bench *b = *state;
    uint8_t data[16] = {0};

    assert_int_equal(read_at(&b->external, SIZE - 8, data, 16), FERRY_E_RANGE);
    assert_int_equal(program(&b->external, SIZE - 8, data, 16), FERRY_E_RANGE);
    assert_int_equal(read_at(&b->external, 0xFFFFFFF8u, data, 16), FERRY_E_RANGE);
}

static void lock_leaves_the_primary_alone(void **state)
{
    struct bench *b = *state;
    uint8_t data[8] = {0};

    b->machine->locked = true;
    assert_int_equal(erase(&b->internal, 0x1F000, 4096), FERRY_E_PROTECTED);
    assert_int_equal(program(&b->internal, 0x1FFFC, data, 8), FERRY_E_PROTECTED);
    assert_int_equal(program(&b->internal, 0x2FFFC, data, 8), FERRY_E_PROTECTED);
    assert_int_equal(erase(&b->internal, 0x20000, 4096), FERRY_OK);
    assert_int_equal(erase(&b->external, 0, 4096), FERRY_OK);
    b->machine->locked = false;
    assert_int_equal(erase(&b->internal, 0x1F000, 4096), FERRY_OK);
}

static void counts_operations_of_both_chips(void **state)
{
    struct bench *b = *state;
    uint8_t data[700] = {0};

    assert_int_equal(program(&b->external, 200, data, 700), FERRY_OK); /* 56 + 256 + 256 + 132 */
    assert_int_equal(erase(&b->internal, 0, 4096), FERRY_OK);
    assert_int_equal(read_at(&b->external, 0, data, 700), FERRY_OK);
    assert_int_equal(b->machine->operations, 5);
}

static void works_on_after_the_call(void **state)
{
    struct bench *b = *state;
    uint8_t byte;

    b->machine->speed = 1;
    uint32_t start = posix_clock.now_us(NULL);
    assert_int_equal(erase(&b->external, 0, 4096), FERRY_OK);
    assert_true(posix_clock.now_us(NULL) - start < 40000);
    assert_int_equal(read_at(&b->external, 0, &byte, 1), FERRY_OK);
    assert_true(posix_clock.now_us(NULL) - start >= 45000);
}

/* Runs one erase in a process of its own, which a power cut ends. */
static void cut_erase(struct bench *b, enum machine_cut cut, uint32_t seed)
{
    int status;

    memset(b->chip[1].bytes, 0xA5, 4096);
    b->machine->cut = cut;
    b->machine->cut_at = b->machine->operations + 1;
    b->machine->cut_seed = seed;
    pid_t child = fork();
    if (child == 0) {
        b->machine->supervisor = getpid();
        erase(&b->external, 0, 4096);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void cuts_before_inside_and_after(void **state)
{
    struct bench *b = *state;
    unsigned torn = 0;

    cut_erase(b, MACHINE_CUT_BEFORE, 0);
    assert_true(holds(&b->chip[1], 0, 0xA5, 4096));
    cut_erase(b, MACHINE_CUT_AFTER, 0);
    assert_true(holds(&b->chip[1], 0, 0xFF, 4096));
    for (uint32_t seed = 0; seed < 20; seed++) {
        cut_erase(b, MACHINE_CUT_TORN, seed);
        torn += !holds(&b->chip[1], 0, 0xA5, 4096) && !holds(&b->chip[1], 0, 0xFF, 4096);
    }
    assert_true(torn >= 18);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_made_erased_and_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(programs_only_clear_bits, set_up, tear_down),
        cmocka_unit_test_setup_teardown(internal_words_are_written_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(erases_whole_blocks_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(refuses_what_leaves_the_chip, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lock_leaves_the_primary_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(counts_operations_of_both_chips, set_up, tear_down),
        cmocka_unit_test_setup_teardown(works_on_after_the_call, set_up, tear_down),
        cmocka_unit_test_setup_teardown(cuts_before_inside_and_after, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
