// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "ports/posix/core.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "apps/bootloader/bootloader.h"
#include "ports/posix/board.h"
#include "ports/posix/flash.h"

/* A page of the internal flash; also holds recovery's messages. */
#define WORK_SIZE 4096u

/* Newer than the headers of Debian 12; older kernels refuse it. */
#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U
#endif

static enum ferry_reset_cause reset_cause(void *context)
{
    const struct machine *machine = context;

    return (enum ferry_reset_cause)machine->cause;
}

static bool recovery_asked(void *context)
{
    const struct machine *machine = context;

    return machine->button;
}

static int lock(void *context)
{
    struct machine *machine = context;

    machine->locked = true;
    return FERRY_OK;
}

static void idle(void *context)
{
    const struct machine *machine = context;

    if (machine->boot_only)
        _exit(CORE_WOULD_RECOVER);
    board_idle(context);
}

static _Noreturn void fail(const char *what)
{
    fprintf(stderr, "ferry-device: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static int make_program(void)
{
    int fd = memfd_create("image", MFD_CLOEXEC | MFD_EXEC);

    if (fd < 0 && errno == EINVAL)
        fd = memfd_create("image", MFD_CLOEXEC);
    return fd;
}

/* The jump: what the image carries is a program for this machine, and becomes this process. */
static _Noreturn void jump(struct machine *machine, int machine_fd,
                           const struct posix_flash *internal, const struct ferry_image *image)
{
    const uint8_t *payload = internal->bytes + machine->layout.primary.offset + image->header_size;
    char number[16];
    char *const arguments[] = {(char[]){"ferry-application"}, NULL};

    if (machine->boot_only)
        _exit(CORE_WOULD_START);
    int fd = make_program();
    if (fd < 0 || write(fd, payload, image->payload_size) != (ssize_t)image->payload_size)
        fail("cannot copy the image into memory");
    snprintf(number, sizeof number, "%d", machine_fd);
    setenv(MACHINE_VARIABLE, number, 1);
    machine->in_application = true;
    fexecve(fd, arguments, environ);
    fail("the image is no program that this machine can run");
}

_Noreturn void core_run(struct machine *machine, int machine_fd)
{
    static uint32_t work[WORK_SIZE / sizeof(uint32_t)];
    static struct posix_flash chip[2];
    struct ferry_flash internal, external;
    const struct ferry_boot_port boot_port = {reset_cause, recovery_asked, lock, machine};
    const struct ferry_keys keys = {machine->key, machine->keys};

    machine_die_with_supervisor(machine);
    if (posix_flash_start(&chip[0], &internal, machine, true) != FERRY_OK)
        fail("cannot map the internal flash");
    int external_status = machine->external_status;
    if (external_status == FERRY_OK)
        external_status = posix_flash_start(&chip[1], &external, machine, false);

    struct ferry_boot boot = {
        .layout = &machine->layout,
        .internal = &internal,
        .external = external_status == FERRY_OK ? &external : NULL,
        .external_status = external_status,
        .keys = &keys,
        .retained = &machine->retained,
        .port = &boot_port,
        .work = (uint8_t *)work,
        .work_size = WORK_SIZE,
    };
    const struct bootloader_port port = {
        .serial = board_serial(machine),
        .clock = &posix_clock,
        .log = board_log,
        .idle = idle,
        .reset = board_reset,
        .context = machine,
    };
    static struct bootloader bootloader;
    bootloader = (struct bootloader){
        .boot = &boot,
        .port = &port,
        .hardware = "posix",
        .demo_key = machine->demo_key,
        .status_name = ferry_status_name,
    };
    machine->broken = bootloader_run(&bootloader);
    if (machine->broken != FERRY_OK)
        _exit(1);
    jump(machine, machine_fd, &chip[0], &boot.image);
}
