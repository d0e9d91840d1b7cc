// SPDX-License-Identifier: Apache-2.0
/*
 * The AST1030 as far as Ferry uses it: addresses, registers, and what the files of this port give
 * each other. Datasheet facts as QEMU's ast1030-evb models them.
 */
#ifndef AST1030_BOARD_H
#define AST1030_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "apps/common/link.h"
#include "ferry/boot.h"
#include "ferry/nor.h"
#include "ferry/retained.h"
#include "ferry/spi.h"

#define BOARD_NAME "ast1030-evb"

/* SRAM. memory.ld has the same numbers for the linker. */
#define BOARD_ROM_SIZE     0x400u   /* mask ROM: written again at every reset */
#define BOARD_BOOT_SHADOW  0x1000u  /* where the bootloader runs: a copy of internal flash */
#define BOARD_BOOT_SIZE    0x10000u /* of that copy */
#define BOARD_IMAGE_SHADOW 0x20000u /* where an image runs: a copy of the primary slot */
#define BOARD_IMAGE_SIZE   0x80000u /* of that copy, and of the slot */
#define BOARD_SRAM_END     0xC0000u

/* The internal flash is the chip on the FMC, seen through this window. */
#define BOARD_FMC_REGISTERS  0x7E620000u
#define BOARD_FMC_WINDOW     0x80000000u
#define BOARD_SPI1_REGISTERS 0x7E630000u
#define BOARD_SPI1_WINDOW    0x90000000u
#define BOARD_WINDOW_SIZE    0x08000000u

#define BOARD_UART5     0x7E784000u
#define BOARD_UART5_IRQ 8u
#define BOARD_WDT0      0x7E785000u
#define BOARD_GPIO      0x7E780000u
#define BOARD_CPU_HZ    200000000u

static inline void board_write(uintptr_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}

static inline uint32_t board_read(uintptr_t address)
{
    return *(volatile uint32_t *)address;
}

/* reset.c: why this life began (to be asked once in a life), and how it ends. */
enum ferry_reset_cause board_reset_cause(void);
_Noreturn void board_reset(void);
_Noreturn void board_fault(void);

/* clock.c: SysTick as a microsecond clock; feeding the watchdog is part of it. */
void board_clock_start(void);
void board_clock_stop(void);
extern const struct ferry_clock board_clock;

/* watchdog.c: the SoC's first watchdog. A start does not stop one that runs already. */
void board_watchdog_start(void);
void board_watchdog_feed(void);

/* uart.c: UART5. Reception is interrupt-driven, transmission waits for the FIFO. */
void board_uart_start(void);
void board_uart_stop(void);
void board_uart_write(const void *data, size_t length);
void board_uart_line(const char *line); /* text and CR LF */
size_t board_uart_read(uint8_t *data, size_t room);
void board_idle(void); /* sleeps until a byte arrived or a millisecond has passed */
size_t board_link_read(void *context, uint8_t *data, size_t room); /* for struct ferry_link */
void board_link_write(void *context, const void *data, size_t length);

/* spi.c: one chip select of a flash controller. The layout of this struct is for debuggers too. */
struct board_spi {
    uintptr_t window; /* where the controller maps this chip select */
    uintptr_t registers;
    uint32_t select; /* number of the chip select */
};
extern const struct ferry_spi board_internal_spi;
extern const struct ferry_spi board_external_spi;
void board_spi_open(const struct ferry_spi *spi);
void board_spi_close(const struct ferry_spi *spi);

/* chip.c: one flash chip of this board, started. */
struct board_chip {
    struct ferry_nor nor;
    struct ferry_geometry geometry; /* what of the chip's is used here */
    struct ferry_flash flash;
};
int board_chip_start(struct board_chip *chip, const struct ferry_spi *spi, uint32_t needed_size);

/* window.c: the internal flash as an application sees it: mapped, read-only. */
extern const struct ferry_flash board_internal_window;

/* lock.c: what this board can do for the lock hook, and what it cannot. */
int board_lock(void);

/* RAM that no start-up code touches. The bootloader and the image share it. */
struct board_retained {
    uint32_t life;     /* BOARD_LIFE_...: how the last life ended, as far as it could say */
    uint32_t inverted; /* ~life: power-up leaves no valid pair */
    struct ferry_retained ferry;
};
extern struct board_retained board_retained;

#endif
