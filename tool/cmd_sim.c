// SPDX-License-Identifier: Apache-2.0
/* `ferry sim run`: an emulated board in the foreground, until Ctrl-C or a power cut. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/sim.h"

static const struct ferry_option run_options[] = {
    {"board", 'b', "ast1030", "which board (the only one so far)"},
    {"dir", 'd', "DIR", "where its flash files are, made if missing (default ferry-sim)"},
    {"firmware", 0, "DIR", "where maskrom.bin and bootloader.bin are (default build/ast1030)"},
    {"image", 'i', "IMAGE", "signed image a new board starts with (default agent 1.0.0)"},
    {"blank", 0, NULL, "a new board starts without an image"},
    {"reset", 0, NULL, "start anew: erased chips, bootloader and image programmed"},
    {"spi-model", 0, "NAME", "external chip: w25q64 (default), w25q256, mx25l25635e, ..."},
    {"no-external", 0, NULL, "without an external chip: the bus reads FF"},
    {"qmp", 0, "SOCKET", "offer QEMU's machine protocol there, and wait for its cont"},
    {"qemu", 0, "ARGUMENT", "one more argument for QEMU; may be repeated"},
    {"cut", 0, "N", "cut the power when the N-th operation on a flash chip begins"},
    {"cut-chip", 0, "internal|external|any", "operations of which chip count (default internal)"},
    {"cut-kind", 0, "erase|program|any", "which operations count (default any)"},
    {"cut-torn", 0, NULL, "that operation is left half done"},
    {"operations", 0, "FILE", "list every operation on the flash chips there"},
    FERRY_OPTIONS_END,
};

/* How a run ended. */
enum ending {
    ENDED_BY_SIGNAL, /* Ctrl-C and the like: QEMU may finish its writes */
    ENDED_BY_KILL,   /* SIGUSR1: a power cut at whatever is under way */
    ENDED_BY_CUT,    /* a power cut at the chosen operation */
    ENDED_BY_ITSELF,
    ENDED_BROKEN,
};

static volatile sig_atomic_t caught;

static void on_signal(int number)
{
    caught = number;
}

/* The signals that end a run arrive only while it waits in ppoll. */
static void catch_signals(sigset_t *waiting)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    for (const int *number = (const int[]){SIGINT, SIGTERM, SIGHUP, SIGUSR1, 0}; *number;
         number++) {
        sigaction(*number, &action, NULL);
        sigaddset(&blocked, *number);
    }
    signal(SIGPIPE, SIG_IGN);
    sigprocmask(SIG_BLOCK, &blocked, waiting);
}

static enum ending serve(struct sim_console *console, struct sim_cut *cut, const sigset_t *waiting)
{
    struct pollfd entries[4];

    for (;;) {
        int wait_ms = sim_console_prepare(console, entries);
        struct timespec most = {.tv_nsec = (long)wait_ms * 1000000};
        entries[3] = (struct pollfd){.fd = cut->wanted ? cut->gdb.fd : -1, .events = POLLIN};
        int ready = ppoll(entries, 4, wait_ms < 0 ? NULL : &most, waiting);
        if (caught)
            return caught == SIGUSR1 ? ENDED_BY_KILL : ENDED_BY_SIGNAL;
        if (ready < 0)
            continue;
        if (entries[3].revents) {
            bool broken;
            if (sim_cut_reached(cut, &broken))
                return ENDED_BY_CUT;
            if (broken)
                return ENDED_BROKEN;
        }
        if (ready > 0 && !sim_console_move(console, entries))
            return ENDED_BY_ITSELF;
    }
}

/* SIGTERM lets QEMU write what is under way; a power cut does not. */
static void end_qemu(pid_t pid, enum ending ending)
{
    bool cut = ending == ENDED_BY_CUT || ending == ENDED_BY_KILL;

    kill(pid, cut ? SIGKILL : SIGTERM);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static int report(struct ferry_args *args, const struct sim_board *board, const struct sim_cut *cut,
                  enum ending ending)
{
    char complaint[256], text[160];
    unsigned complaints = sim_qemu_complaints(board, complaint);

    if (ending == ENDED_BY_ITSELF)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "QEMU ended by itself; %s/qemu.log may say why",
                          board->dir);
    if (ending == ENDED_BROKEN)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "QEMU's debugger stub stopped answering");
    if (ending == ENDED_BY_CUT && cut->torn && !sim_cut_tear(cut, board))
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot tear the operation in the flash file");
    if (complaints > 0)
        return ferry_fail(args, FERRY_EXIT_FAILED,
                          "the chip model complains %u times, first: %s; the log is %s/guest.log",
                          complaints, complaint, board->dir);
    if (args->json)
        return ferry_print_json(args,
                                json_pack("{s:s, s:I, s:s*}", "ended",
                                          ending == ENDED_BY_CUT ? "power cut" : "signal",
                                          "operations", (json_int_t)cut->seen, "cut",
                                          ending == ENDED_BY_CUT ? sim_cut_text(cut, text) : NULL));
    if (ending == ENDED_BY_CUT)
        ferry_say(args, "power cut at %s", sim_cut_text(cut, text));
    return FERRY_EXIT_OK;
}

static int run_board(struct ferry_args *args, const struct sim_board *board, struct sim_cut *cut)
{
    struct sim_console console;
    char gdb[SIM_PATH];
    sigset_t waiting;
    int pipes[2];

    catch_signals(&waiting);
    pid_t pid = sim_qemu_start(args, board, cut->wanted, pipes);
    if (pid < 0)
        return FERRY_EXIT_SYSTEM;
    enum ending ending = ENDED_BROKEN;
    sim_path(gdb, board->dir, "gdb");
    if (!sim_console_open(&console, board->dir, pipes, args->json || args->quiet ? NULL : stdout)) {
        end_qemu(pid, ending);
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot make a pseudo terminal: %s",
                          strerror(errno));
    }
    ferry_say(args, "serial: %s/serial (%s)", board->dir, console.name);
    fflush(stdout);
    if (!cut->wanted || sim_cut_start(cut, gdb))
        ending = serve(&console, cut, &waiting);
    end_qemu(pid, ending);
    sim_console_close(&console, board->dir);
    return report(args, board, cut, ending);
}

static int run(struct ferry_args *args)
{
    struct sim_board board;
    struct sim_cut cut;

    int exit = sim_cut_options(args, &cut);
    if (exit == FERRY_EXIT_OK)
        exit = sim_board_open(args, &board);
    if (exit == FERRY_EXIT_OK)
        exit = sim_board_files(args, &board);
    if (exit != FERRY_EXIT_OK)
        return exit;
    return run_board(args, &board, &cut);
}

static const struct ferry_command run_command = {
    .name = "run",
    .summary = "run a board in QEMU until Ctrl-C",
    .details =
        "The chip on the board's boot controller is its internal flash (DIR/int.img), the chip on "
        "SPI1 the external one (DIR/ext.img). DIR/serial leads to the serial line: give it to "
        "--serial of the other commands. What the board says in words is printed.\n"
        "With --cut the power goes at an operation you choose, at the same one every time; start "
        "the board again to see what it makes of it. SIGUSR1 cuts it at whatever is under way; "
        "Ctrl-C lets QEMU finish its writes.\n"
        "Models: w25q32, w25q64, gd25q32, gd25q64, is25lp064, is25lp128; with SFDP w25q256, "
        "mx25l25635e, mx25l25635f, n25q256a, w25q512jv; no flash chip: "
        "ssi-sd (the bus reads FF), ssd0323 (00); a chip no table knows: at25df641.",
    .options = run_options,
    .run = run,
};

static const struct ferry_command *const verbs[] = {&run_command, NULL};

const struct ferry_command ferry_command_sim = {
    .name = "sim",
    .summary = "run an emulated board",
    .verbs = verbs,
    .section = FERRY_SECTION_PROJECT,
};
