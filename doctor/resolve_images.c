// SPDX-License-Identifier: Apache-2.0
/*
 * Which files each image reads, and in which order. Everything read is marked `used`, so that what
 * remains are files somebody believes in and nobody reads.
 */
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "doctor/doctor.h"

struct resolver {
    struct doctor *doctor;
    struct doctor_case *c;
    const char *config; /* the configuration folder: the application's, or configuration/<board>/ */
};

static struct tree_file *find(const struct resolver *in, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static struct tree_file *find(const struct resolver *in, const char *format, ...)
{
    va_list args;
    const char *path;

    va_start(args, format);
    path = ferry_arena_vformat(in->c->arena, format, args);
    va_end(args);
    return tree_find(in->c->tree, path);
}

static bool read_conf(const struct resolver *in, struct image *image, struct tree_file *file)
{
    const char *content = file == NULL ? NULL : doctor_text(in->doctor, file);

    if (content == NULL)
        return false;
    file->used = true;
    kconf_read(&image->requested, in->c->arena, file->shown, content);
    return true;
}

static const char *include_file(void *context, const char *from, const char *name,
                                const char **path)
{
    const struct resolver *in = context;
    const char *folder = path_folder(in->c->arena, from);
    struct tree_file *file = find(in, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);

    for (size_t up = 0; file == NULL && up < 2 && strncmp(name, "../", 3) == 0; up++) {
        name += 3;
        folder = path_folder(in->c->arena, folder);
        file = find(in, "%s%s%s", folder, folder[0] == '\0' ? "" : "/", name);
    }
    if (file == NULL)
        return NULL;
    file->used = true;
    *path = file->shown;
    return doctor_text(in->doctor, file);
}

static bool read_overlay(struct resolver *in, struct image *image, struct tree_file *file)
{
    const char *content = file == NULL ? NULL : doctor_text(in->doctor, file);

    if (content == NULL)
        return false;
    file->used = true;
    dt_read(&image->dt, file->shown, content, include_file, in);
    image->has_overlay = true;
    image->overlay_home = file->shown;
    return true;
}

/* A file for a board: with its revision, without; where the board has one SoC, by its bare name. */
static struct tree_file *board_file(const struct resolver *in, const char *folder, const char *stem,
                                    const char *extension)
{
    const char *suffix = in->c->suffix;
    struct tree_file *file = NULL;

    if (stem == NULL)
        return NULL;
    if (suffix != NULL)
        file = find(in, "%s%s_%s%s", folder, stem, suffix, extension);
    if (file == NULL)
        file = find(in, "%s%s%s", folder, stem, extension);
    if (file == NULL && in->c->board != NULL)
        file = find(in, "%s%s%s", folder, in->c->board->name, extension);
    return file;
}

static struct tree_file *revision_file(const struct resolver *in, const char *folder,
                                       const char *stem, const char *extension)
{
    char revision[32];
    size_t length = 0;

    if (stem == NULL || in->c->revision == NULL)
        return NULL;
    for (const char *at = in->c->revision; *at != '\0' && length + 1 < sizeof(revision); at++)
        revision[length++] = *at == '.' ? '_' : *at;
    revision[length] = '\0';
    return find(in, "%s%s_%s%s", folder, stem, revision, extension);
}

static struct tree_file *suffixed(const struct resolver *in, const char *path,
                                  const char *extension)
{
    struct tree_file *file = NULL;

    if (in->c->suffix != NULL)
        file = find(in, "%s_%s%s", path, in->c->suffix, extension);
    return file != NULL ? file : find(in, "%s%s", path, extension);
}

static const char *in_app(const struct resolver *in, const char *name)
{
    return ferry_arena_format(in->c->arena, "%s%s", in->config, name);
}

/* ---- what the board itself says ---- */

static void set_raw(struct dt *dt, struct dt_node *node, const char *name, const char *raw,
                    const char *file)
{
    struct dt_prop *prop = dt_set(dt, node, name, raw, file, 0);

    if (raw[0] == '"') {
        prop->text = ferry_arena_copy(dt->arena, raw + 1, strlen(raw) - 2);
        prop->strings = prop->text;
    }
}

static void set_cell(struct dt *dt, struct dt_node *node, const char *name, uint64_t value,
                     const char *file)
{
    struct dt_prop *prop =
        dt_set(dt, node, name, ferry_arena_format(dt->arena, "<%llu>", (unsigned long long)value),
               file, 0);

    prop->cells[0] = value;
    prop->count = 1;
}

static void set_chip(struct dt *dt, struct dt_node *chip, const struct board_flash *flash,
                     const char *file)
{
    struct dt_prop *jedec;

    set_raw(dt, chip, "compatible", ferry_arena_format(dt->arena, "\"%s\"", flash->compatible),
            file);
    set_raw(dt, chip, "status", ferry_arena_format(dt->arena, "\"%s\"", flash->status), file);
    set_cell(dt, chip, "reg", flash->reg, file);
    set_cell(dt, chip, "size", flash->bits, file);
    jedec = dt_set(dt, chip, "jedec-id", "", file, 0);
    for (int shift = 16; shift >= 0; shift -= 8)
        jedec->cells[jedec->count++] = flash->jedec >> shift & 0xff;
    if (flash->exit_dpd != 0) {
        dt_set(dt, chip, "has-dpd", "", file, 0);
        set_cell(dt, chip, "t-exit-dpd", flash->exit_dpd, file);
    }
    if (flash->sfdp)
        dt_set(dt, chip, "sfdp-bfp", "", file, 0);
}

/* A devicetree as far as updates care: the bus, the chip, who else is on the bus. */
static void start_from_board(struct doctor_case *c, struct dt *dt)
{
    const struct board *board = c->board;
    struct dt_node *soc;
    struct dt_node *bus;
    struct dt_node *chip;
    const char *file;

    dt_init(dt, c->arena);
    if (board == NULL)
        return;
    file = ferry_arena_format(c->arena, "%s's devicetree", board->name);
    soc = dt_make_child(dt, dt->root, "soc", file, 0);
    if (board->qspi_owner != NULL) {
        bus = dt_make_child(dt, soc, "qspi", file, 0);
        dt_add_label(bus, "qspi");
        chip = dt_make_child(dt, bus, "wifi@1", file, 0);
        set_raw(dt, chip, "compatible", ferry_arena_format(c->arena, "\"%s\"", board->qspi_owner),
                file);
        dt_add_label(chip, "nrf70");
    }
    if (!board->has_flash)
        return;
    bus = dt_make_child(dt, soc, board->flash.bus, file, 0);
    dt_add_label(bus, board->flash.bus);
    if (board->flash.selects > 0)
        dt_set(dt, bus, "cs-gpios", "", file, 0)->references = board->flash.selects;
    chip = dt_make_child(dt, bus, board->flash.node, file, 0);
    dt_add_label(chip, board->flash.label);
    set_chip(dt, chip, &board->flash, file);
    if (board->chosen) {
        struct dt_node *chosen = dt_make_child(dt, dt->root, "chosen", file, 0);

        dt_set(dt, chosen, "nordic,pm-ext-flash", "", file, 0)->reference = board->flash.label;
    }
}

/* A custom board's own .dts in the project. */
static bool read_board_dts(struct resolver *in, struct dt *dt, const char *stem)
{
    const char *name;

    if (stem == NULL)
        return false;
    name = ferry_arena_format(in->c->arena, "%s.dts", stem);
    for (size_t i = 0; i < in->c->tree->count; i++) {
        struct tree_file *file = &in->c->tree->files[i];
        const char *content;

        if (strcmp(path_name(file->path), name) != 0)
            continue;
        content = doctor_text(in->doctor, file);
        if (content != NULL)
            dt_read(dt, file->shown, content, include_file, in);
        file->used = true;
        return content != NULL;
    }
    return false;
}

static void read_board_defconfig(const struct resolver *in, struct image *image, const char *stem)
{
    const char *name;

    if (stem == NULL)
        return;
    name = ferry_arena_format(in->c->arena, "%s_defconfig", stem);
    for (size_t i = 0; i < in->c->tree->count; i++) {
        if (strcmp(path_name(in->c->tree->files[i].path), name) == 0)
            read_conf(in, image, &in->c->tree->files[i]);
    }
}

/* ---- files that CMake code names ---- */

static bool is_path_char(char character)
{
    return isalnum((unsigned char)character) || strchr("_-./", character) != NULL;
}

/* The file that a word of CMake names: its last part that has no variable in it. */
static struct tree_file *named_file(const struct resolver *in, const char *folder, const char *word,
                                    size_t length)
{
    const char *path = ferry_arena_copy(in->c->arena, word, length);
    const char *variable = strrchr(path, '}');
    struct tree_file *file;

    if (variable != NULL)
        path = variable + 1;
    path += strspn(path, "/");
    while (strncmp(path, "../", 3) == 0)
        path += 3;
    file = find(in, "%s%s", folder, path);
    return file != NULL ? file : find(in, "%s%s", in->c->app, path);
}

static bool names_config(const char *word, size_t length, const char *extension)
{
    size_t tail = strlen(extension);

    return length > tail && strncmp(word + length - tail, extension, tail) == 0;
}

/* One line: `add_overlay_config(mcuboot ${DIR}/x.conf)`, `set(OVERLAY_CONFIG "x.conf")` ... */
static void read_cmake_line(struct resolver *in, const char *folder, const char *line,
                            size_t length)
{
    bool comment = line[strspn(line, " \t")] == '#';
    bool boot = length > 7 && memmem(line, length, "mcuboot", 7) != NULL;

    for (size_t i = 0; i < length && !comment;) {
        size_t word = 0;
        struct tree_file *file = NULL;

        while (i + word < length && (is_path_char(line[i + word]) || line[i + word] == '$' ||
                                     line[i + word] == '{' || line[i + word] == '}'))
            word++;
        if (names_config(line + i, word, ".conf") || names_config(line + i, word, ".overlay") ||
            names_config(line + i, word, ".yml")) {
            file = named_file(in, folder, line + i, word);
            in->c->cmake_overrides = true;
        }
        if (file != NULL && !file->used) {
            struct image *image = boot ? &in->c->mcuboot : &in->c->application;

            file->used = true;
            if (names_config(line + i, word, ".conf"))
                read_conf(in, image, file);
            else if (names_config(line + i, word, ".overlay"))
                read_overlay(in, image, file);
        }
        i += word + 1;
    }
}

static void read_cmake(struct resolver *in, const char *name)
{
    struct tree_file *file = find(in, "%s%s", in->c->app, name);
    const char *at = file == NULL ? NULL : doctor_text(in->doctor, file);
    const char *folder = file == NULL ? "" : path_folder(in->c->arena, file->path);

    if (folder[0] != '\0')
        folder = ferry_arena_format(in->c->arena, "%s/", folder);
    while (at != NULL && *at != '\0') {
        size_t length = strcspn(at, "\n");

        read_cmake_line(in, folder, at, length);
        at += length + (at[length] == '\n');
    }
}

/* ---- the images ---- */

/* Defaults that the application's own Kconfig gives to options of others. */
static void read_kconfig(const struct resolver *in, struct image *image, const char *path)
{
    struct tree_file *file = tree_find(in->c->tree, path);
    const char *content = file == NULL ? NULL : doctor_text(in->doctor, file);

    if (content != NULL)
        kconf_read_defaults(&image->requested, in->c->arena, "CONFIG_", file->shown, content);
}

static void resolve_application(struct resolver *in)
{
    struct image *image = &in->c->application;
    struct tree_file *overlay;

    image->title = "the application";
    image->present = true;
    image->conf_home = in_app(in, "prj.conf");
    image->overlay_home = in_app(in, "app.overlay");
    start_from_board(in->c, &image->dt);
    read_board_dts(in, &image->dt, in->c->stem);
    read_board_defconfig(in, image, in->c->stem);
    read_kconfig(in, image, in_app(in, "Kconfig"));
    read_kconfig(in, image, in_app(in, "Kconfig.defaults"));
    read_conf(in, image, suffixed(in, in_app(in, "prj"), ".conf"));
    read_conf(in, image, board_file(in, in_app(in, "boards/"), in->c->stem, ".conf"));
    read_conf(in, image, revision_file(in, in_app(in, "boards/"), in->c->stem, ".conf"));
    overlay = board_file(in, in_app(in, "boards/"), in->c->stem, ".overlay");
    if (overlay == NULL)
        overlay = revision_file(in, in_app(in, "boards/"), in->c->stem, ".overlay");
    if (overlay == NULL)
        overlay = board_file(in, in->config, in->c->stem, ".overlay");
    if (overlay == NULL)
        overlay = find(in, "%sapp.overlay", in->config);
    read_overlay(in, image, overlay);
    if (in->c->revision != NULL)
        read_overlay(in, image, revision_file(in, in_app(in, "boards/"), in->c->stem, ".overlay"));
}

static void resolve_sysbuild(struct resolver *in)
{
    struct image *image = &in->c->sysbuild;
    struct tree_file *kconfig = find(in, "%sKconfig.sysbuild", in->config);
    const char *content = kconfig == NULL ? NULL : doctor_text(in->doctor, kconfig);

    image->title = "sysbuild";
    image->conf_home = in_app(in, "sysbuild.conf");
    if (!is_sysbuild(in->c))
        return;
    image->present = true;
    read_conf(in, image, suffixed(in, in_app(in, "sysbuild"), ".conf"));
    if (content != NULL) {
        kconfig->used = true;
        kconf_read_defaults(&image->requested, in->c->arena, "SB_CONFIG_", kconfig->shown, content);
    }
    for (size_t i = 0; i < in->c->tree->count; i++) {
        struct tree_file *file = &in->c->tree->files[i];

        if (file == kconfig || strcmp(path_name(file->path), "Kconfig.sysbuild") != 0)
            continue;
        content = doctor_text(in->doctor, file);
        if (content != NULL && strstr(file->path, "boards/") != NULL)
            kconf_read_defaults(&image->requested, in->c->arena, "SB_CONFIG_", file->shown,
                                content);
    }
}

/* `folder` is sysbuild/ or child_image/. */
static void resolve_mcuboot(struct resolver *in, const char *folder)
{
    struct image *image = &in->c->mcuboot;
    const char *own = ferry_arena_format(in->c->arena, "%smcuboot/", folder);
    const char *boards = ferry_arena_format(in->c->arena, "%sboards/", own);
    struct tree_file *prj = suffixed(in, ferry_arena_format(in->c->arena, "%sprj", own), ".conf");

    image->conf_home = ferry_arena_format(in->c->arena, "%smcuboot.conf", folder);
    image->overlay_home = ferry_arena_format(in->c->arena, "%smcuboot.overlay", folder);
    read_board_defconfig(in, image, in->c->secure);
    image->own_prj = read_conf(in, image, prj);
    if (image->own_prj)
        image->conf_home = prj->shown;
    read_conf(in, image, board_file(in, boards, in->c->secure, ".conf"));
    read_conf(in, image, revision_file(in, boards, in->c->secure, ".conf"));
    read_conf(in, image,
              suffixed(in, ferry_arena_format(in->c->arena, "%smcuboot", folder), ".conf"));
    if (!read_overlay(in, image, board_file(in, boards, in->c->secure, ".overlay")))
        read_overlay(in, image, find(in, "%sapp.overlay", own));
    read_overlay(in, image, revision_file(in, boards, in->c->secure, ".overlay"));
    read_overlay(in, image,
                 suffixed(in, ferry_arena_format(in->c->arena, "%smcuboot", folder), ".overlay"));
    if (!image->has_overlay)
        image->overlay_home = ferry_arena_format(in->c->arena, "%smcuboot.overlay", folder);
}

/* The nearest pm_static of the application for this board, revision and build type. */
static void resolve_static(struct resolver *in)
{
    struct doctor_case *c = in->c;
    const char *stems[] = {c->stem, c->board == NULL ? NULL : c->board->name, NULL};
    struct tree_file *file = NULL;
    const char *content;
    const char *problem = NULL;

    for (size_t i = 0; i < 3 && file == NULL; i++) {
        const char *stem = stems[i] == NULL ? "" : stems[i];
        const char *name = ferry_arena_format(c->arena, "%spm_static%s%s", in->config,
                                              stem[0] == '\0' ? "" : "_", stem);

        if (c->suffix != NULL)
            file = find(in, "%s_%s.yml", name, c->suffix);
        if (file == NULL)
            file = find(in, "%s.yml", name);
    }
    if (file == NULL || (content = doctor_text(in->doctor, file)) == NULL)
        return;
    file->used = true;
    if (!pm_read(&c->fixed, c->arena, file->shown, content, file->length, &problem))
        doctor_problem(in->doctor, problem);
}

/* A static layout named in CMake code or lying in a custom board's folder. */
static void find_other_static(struct resolver *in)
{
    struct doctor_case *c = in->c;
    const char *problem = NULL;

    for (size_t i = 0; i < c->tree->count && !c->fixed.present; i++) {
        struct tree_file *file = &c->tree->files[i];
        bool board =
            c->secure != NULL && strstr(file->path, "pm_static") != NULL &&
            tree_findf(c->tree, "%s/%s.dts", path_folder(c->arena, file->path), c->stem) != NULL;
        const char *content;

        if (!text_ends(file->path, ".yml") || strstr(file->path, "pm_static") == NULL ||
            (!file->used && !board))
            continue;
        content = doctor_text(in->doctor, file);
        file->used = true;
        if (content != NULL &&
            !pm_read(&c->fixed, c->arena, file->shown, content, file->length, &problem))
            doctor_problem(in->doctor, problem);
    }
}

void doctor_resolve_sources(struct doctor *doctor, struct doctor_case *c)
{
    struct resolver in = {doctor, c, c->app};
    const char *own = c->stem == NULL
                          ? NULL
                          : ferry_arena_format(c->arena, "%sconfiguration/%s", c->app, c->stem);
    const char *folder;

    if (own != NULL && tree_has_folder(c->tree, own))
        in.config = ferry_arena_format(c->arena, "%s/", own);
    folder = in_app(&in, is_sysbuild(c) ? "sysbuild/" : "child_image/");
    c->mcuboot.title = "MCUboot";
    start_from_board(c, &c->mcuboot.dt);
    read_board_dts(&in, &c->mcuboot.dt, c->secure);
    resolve_application(&in);
    resolve_sysbuild(&in);
    resolve_mcuboot(&in, folder);
    resolve_static(&in);
    read_cmake(&in, "CMakeLists.txt");
    read_cmake(&in, "sysbuild/CMakeLists.txt");
    read_cmake(&in, "sysbuild.cmake");
    if (!c->fixed.present)
        find_other_static(&in);
    if (c->application.dt.cut)
        doctor_problem(doctor, c->application.dt.problem);
    if (c->mcuboot.dt.cut)
        doctor_problem(doctor, c->mcuboot.dt.problem);
}
