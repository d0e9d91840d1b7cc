// SPDX-License-Identifier: Apache-2.0
/* ferry init: a complete configuration for updates through external flash. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor/init.h"
#include "tool/command.h"

static const struct ferry_option options[] = {
    {"board", 'b', "BOARD", "the board (nrf5340dk, nrf9160dk, nrf7002dk ...)"},
    {"transport", 't', "smp-ble|smp-serial|smp-udp|http|lwm2m", "how images arrive"},
    {"sdk", 0, "VERSION", "the nRF Connect SDK (2.6, 2.9, 3.3, 3.4)"},
    {"chip", 0, "CHIP", "the flash chip, where the board has more than one"},
    {"bus", 0, "spi|qspi", "its bus; the board's unless given"},
    {"mode", 0, "swap|overwrite", "how MCUboot installs (swap, which can go back)"},
    {"cores", 0, "one|both", "update the network core, too"},
    {"wifi", 0, NULL, "the network is the board's Wi-Fi chip"},
    {"force", 0, NULL, "replace files that are there"},
    FERRY_OPTIONS_END};

static bool make_parents(char *path)
{
    for (char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0777) != 0 && errno != EEXIST)
            return false;
        *at = '/';
    }
    return true;
}

static const char *first_existing(const struct init_plan *plan, const char *folder)
{
    for (const struct init_file *file = plan->files; file != NULL; file = file->next) {
        const char *path = ferry_arena_format(plan->arena, "%s/%s", folder, file->path);

        if (access(path, F_OK) == 0)
            return path;
    }
    return NULL;
}

static int write_plan(struct ferry_args *args, const struct init_plan *plan, const char *folder)
{
    for (const struct init_file *file = plan->files; file != NULL; file = file->next) {
        char *path = ferry_arena_format(plan->arena, "%s/%s", folder, file->path);
        FILE *out = make_parents(path) ? fopen(path, "w") : NULL;
        bool good;

        if (out == NULL)
            return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s: cannot be written: %s", path,
                              strerror(errno));
        good = fputs(file->text, out) >= 0;
        if (fclose(out) != 0 || !good)
            return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s: cannot be written to its end", path);
        ferry_say(args, "%s", path);
    }
    return FERRY_EXIT_OK;
}

static int finish(struct ferry_args *args, const struct init_plan *plan, const char *folder)
{
    json_t *files = json_array();

    ferry_say(args, "Build it with:  cd %s && %s", folder, plan->build);
    for (const struct init_file *file = plan->files; file != NULL; file = file->next)
        json_array_append_new(files, json_string(file->path));
    if (args->json)
        return ferry_print_json(args,
                                json_pack("{s:o, s:s}", "files", files, "build", plan->build));
    json_decref(files);
    return FERRY_EXIT_OK;
}

static int run_with(struct ferry_args *args, struct ferry_arena *arena)
{
    const char *folder = args->operand[0];
    struct init_options chosen = {
        .board = ferry_args_value(args, "board", NULL),
        .chip = ferry_args_value(args, "chip", NULL),
        .bus = ferry_args_value(args, "bus", NULL),
        .transport = ferry_args_value(args, "transport", NULL),
        .sdk = ferry_args_value(args, "sdk", NULL),
        .mode = ferry_args_value(args, "mode", NULL),
        .both_cores = strcmp(ferry_args_value(args, "cores", "one"), "both") == 0,
        .wifi = ferry_args_has(args, "wifi"),
    };
    struct init_plan plan;
    const char *refusal = NULL;
    const char *there;
    int status;

    if (chosen.board == NULL || chosen.transport == NULL || chosen.sdk == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE, "--board, --transport and --sdk are needed");
    if (!ferry_init_plan(&plan, arena, &chosen, &refusal))
        return ferry_fail(args, FERRY_EXIT_USAGE, "%s", refusal);
    there = ferry_args_has(args, "force") ? NULL : first_existing(&plan, folder);
    if (there != NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "%s is there already; name an empty folder, or --force", there);
    status = write_plan(args, &plan, folder);
    return status == FERRY_EXIT_OK ? finish(args, &plan, folder) : status;
}

static int run(struct ferry_args *args)
{
    struct ferry_arena arena = {NULL};
    int status = run_with(args, &arena);

    ferry_arena_free(&arena);
    return status;
}

const struct ferry_command ferry_command_init = {
    .name = "init",
    .summary = "write a configuration that is known to be complete",
    .positional = "DIR",
    .details =
        "Writes the files of a project whose updates go through external flash: options of the "
        "application and of MCUboot, overlays, layout, and Ferry's own layout for the same "
        "chips. Each line says why it is there. What cannot work is refused with the reason.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_PROJECT,
};
