// SPDX-License-Identifier: Apache-2.0
/*
 * `ferry sim run`: the AST1030 board in QEMU, its two flash chips in two files, its serial line on
 * a pseudo terminal.
 */
#ifndef FERRY_TOOL_SIM_H
#define FERRY_TOOL_SIM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "host/file.h"
#include "tool/command.h"

#define SIM_PATH 4096

/* --- sim_board.c: what the board is made of, and its files --- */

struct sim_board {
    char dir[SIM_PATH];      /* int.img, ext.img, serial, gdb, guest.log */
    char firmware[SIM_PATH]; /* maskrom.bin, bootloader.bin */
    const char *spi_model;   /* of the external chip, as QEMU names it */
    bool has_chip;           /* false: the model is something that is no flash chip */
    const char *qmp;         /* socket for QEMU's machine protocol, NULL = none */
};

/* Fills `board` from the options. FERRY_EXIT_OK, or the exit after a message. */
int sim_board_open(struct ferry_args *args, struct sim_board *board);

/* Makes the two flash files where they are missing, or anew with --reset. */
int sim_board_files(struct ferry_args *args, const struct sim_board *board);

/* "DIR/name" or "FIRMWARE/name" into `path`. */
void sim_path(char path[SIM_PATH], const char *dir, const char *name);

/* --- sim_gdb.c: QEMU's debugger stub, as much of it as a power cut needs --- */

struct sim_gdb {
    int fd;
    char packet[2048];
};

bool sim_gdb_open(struct sim_gdb *gdb, const char *path);
bool sim_gdb_break(struct sim_gdb *gdb, uint32_t address, bool on);
bool sim_gdb_step(struct sim_gdb *gdb);     /* one instruction, waits for its end */
bool sim_gdb_continue(struct sim_gdb *gdb); /* does not wait */
bool sim_gdb_stopped(struct sim_gdb *gdb);  /* takes the message that the board stopped */
bool sim_gdb_registers(struct sim_gdb *gdb, uint32_t *registers, unsigned count);
bool sim_gdb_read(struct sim_gdb *gdb, uint32_t address, void *data, unsigned length);

/* --- sim_cut.c: the power cut at a chosen operation of a chip --- */

enum sim_chip { SIM_INTERNAL, SIM_EXTERNAL, SIM_ANY_CHIP };
enum sim_kind { SIM_ERASE, SIM_PROGRAM, SIM_ANY_KIND };

/* One program or erase, as the board is about to send it. */
struct sim_operation {
    enum sim_chip chip;
    enum sim_kind kind;
    uint32_t offset;
    uint32_t length;
    uint8_t data[256]; /* of a program */
};

struct sim_cut {
    struct sim_gdb gdb;
    bool wanted;          /* watch the operations at all */
    unsigned long number; /* the power goes when this one begins; 0 = never */
    enum sim_chip chip;
    enum sim_kind kind;
    bool torn;  /* half of that operation happens */
    FILE *list; /* of all operations, NULL = nobody asked */
    unsigned long seen;
    uint32_t stopped_at; /* breakpoint the board stands on, 0 = none */
    struct sim_operation last;
};

int sim_cut_options(struct ferry_args *args, struct sim_cut *cut);
bool sim_cut_start(struct sim_cut *cut, const char *socket_path);

/* The board has stopped. True when the power goes now; else it runs again. */
bool sim_cut_reached(struct sim_cut *cut, bool *broken);

/* Does half of the operation to the file of its chip, as a cut inside of it would. */
bool sim_cut_tear(const struct sim_cut *cut, const struct sim_board *board);

const char *sim_cut_text(const struct sim_cut *cut, char text[160]);

/* --- sim_console.c: the board's serial line --- */

struct sim_console {
    int from_board; /* what QEMU writes */
    int to_board;   /* what QEMU reads */
    int master;     /* the pseudo terminal */
    char name[128];
    FILE *log; /* lines of text between the frames, NULL = nowhere */
    size_t out_fill, out_sent;
    uint8_t out[4096]; /* on its way to a client */
    size_t in_fill, in_sent;
    uint8_t in[4096]; /* on its way to the board */
    size_t line_fill;
    char line[256];
};

/* `pipes`: to read from and to write to the board; the console closes them. */
bool sim_console_open(struct sim_console *console, const char *dir, const int pipes[2], FILE *log);
void sim_console_close(struct sim_console *console, const char *dir);

struct pollfd;
/* Fills three entries; returns how long to wait at most, -1 = for ever. */
int sim_console_prepare(struct sim_console *console, struct pollfd *entries);
/* Moves bytes. False when QEMU closed its side. */
bool sim_console_move(struct sim_console *console, const struct pollfd *entries);

/* --- sim_qemu.c: the process --- */

/*
 * Starts QEMU, with a debugger held until it says go. `pipes`: the serial line, to read from and to
 * write to. The process id, or -1 after a message.
 */
pid_t sim_qemu_start(struct ferry_args *args, const struct sim_board *board, bool debugger,
                     int pipes[2]);

/* Lines of the log of guest errors that a driver must never cause; `complaint` has the first. */
unsigned sim_qemu_complaints(const struct sim_board *board, char complaint[256]);

#endif
