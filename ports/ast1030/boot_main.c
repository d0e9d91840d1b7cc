// SPDX-License-Identifier: Apache-2.0
/* The bootloader of the AST1030. */
#include "apps/bootloader/bootloader.h"
#include "apps/common/line.h"
#include "board.h"
#include "config.h"
#include "startup.h"

static struct board_chip internal, external;

/* Filled at run time: as initialised data they would lie in flash with all their zeros. */
static struct ferry_boot boot;
static struct bootloader bootloader;
static uint8_t work[BOOTLOADER_WORK_MIN] __attribute__((aligned(4)));

static enum ferry_reset_cause cause; /* why this life began */

static enum ferry_reset_cause reset_cause(void *context)
{
    (void)context;
    return cause;
}

/* The button is pin A0; it reads high while it is pressed. */
static bool recovery_asked(void *context)
{
    (void)context;
    return (board_read(BOARD_GPIO) & 1u) != 0;
}

static int lock(void *context)
{
    (void)context;
    (void)ferry_nor_stop(&internal.nor);
    if (boot.external)
        (void)ferry_nor_stop(&external.nor);
    return board_lock();
}

static void log_line(void *context, const char *line)
{
    (void)context;
    board_uart_line(line);
}

static void idle(void *context)
{
    (void)context;
    board_idle();
}

static void reset(void *context)
{
    (void)context;
    board_reset();
}

/*
 * Copies the image to where it is linked and hashes the copy: what was verified is in flash, what
 * will run is in RAM. The header and the trailing areas come along, so one hash covers it all.
 */
static int load(void)
{
    uint8_t *shadow = (uint8_t *)BOARD_IMAGE_SHADOW;
    const struct ferry_region mapped = {&board_internal_window, boot.primary.offset,
                                        boot.primary.length};
    uint8_t digest[FERRY_SHA256_SIZE];

    if (boot.image.hashed_size > BOARD_IMAGE_SIZE)
        return FERRY_E_IMAGE_TOO_LARGE;
    int status = ferry_region_read(&mapped, 0, shadow, boot.image.hashed_size);
    if (status != FERRY_OK)
        return status;
    ferry_sha256(shadow, boot.image.hashed_size, digest);
    if (ferry_compare(digest, boot.image.hash, sizeof digest) != 0)
        return FERRY_E_IMAGE_HASH;
    return FERRY_OK;
}

static _Noreturn void start(void)
{
    if (load() != FERRY_OK) {
        board_uart_line("boot: the copy in RAM is not the image that was verified: reset");
        board_reset();
    }
    board_uart_stop();
    board_clock_stop();
    board_jump((const void *)(uintptr_t)(BOARD_IMAGE_SHADOW + boot.image.header_size));
}

static const struct ferry_boot_port boot_port = {
    .reset_cause = reset_cause, .recovery_asked = recovery_asked, .lock = lock};

static const struct bootloader_port port = {
    .serial = {.read = board_link_read, .write = board_link_write},
    .clock = &board_clock,
    .log = log_line,
    .idle = idle,
    .reset = reset,
};

static void prepare(void)
{
    boot.layout = &ferry_layout;
    boot.keys = &ferry_keys;
    boot.retained = &board_retained.ferry;
    boot.port = &boot_port;
    boot.work = work;
    boot.work_size = sizeof work;
    bootloader.boot = &boot;
    bootloader.port = &port;
    bootloader.hardware = BOARD_NAME;
    bootloader.demo_key = board_demo_key;
}

static void say_cause(void)
{
    static const char *const causes[] = {
        [FERRY_RESET_POWER] = "power-up",
        [FERRY_RESET_SOFTWARE] = "a reset",
        [FERRY_RESET_WATCHDOG] = "the watchdog",
        [FERRY_RESET_LOCKUP] = "a fault",
    };
    struct line line;

    line_start(&line, "boot: Ferry on " BOARD_NAME " after ");
    line_text(&line, causes[cause]);
    board_uart_line(line.text);
}

int main(void)
{
    board_watchdog_start();
    board_clock_start();
    board_uart_start();
    cause = board_reset_cause();
    say_cause();
    prepare();
    if (board_chip_start(&internal, &board_internal_spi, ferry_layout.internal_size) == FERRY_OK)
        boot.internal = &internal.flash;
    boot.external_status =
        board_chip_start(&external, &board_external_spi, ferry_layout.external_size);
    if (boot.external_status == FERRY_OK)
        boot.external = &external.flash;
    if (boot.internal && bootloader_run(&bootloader) == FERRY_OK)
        start();
    board_uart_line("boot: the internal flash or the layout cannot be used: reset");
    return 1;
}
