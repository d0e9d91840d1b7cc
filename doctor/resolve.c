// SPDX-License-Identifier: Apache-2.0
/* Finds the applications of a tree, their builds, and the boards and build types they are for. */
#include <ctype.h>
#include <string.h>

#include "doctor/doctor.h"

enum { APPS_MAX = 64, BOARDS_MAX = 32, SUFFIXES_MAX = 12, CASES_MAX = 256, BUILDS_MAX = 32 };

struct names {
    const char *list[BOARDS_MAX];
    size_t count;
    size_t max;
};

static bool add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++) {
        if (strcmp(names->list[i], name) == 0)
            return false;
    }
    if (names->count >= names->max)
        return false;
    names->list[names->count++] = name;
    return true;
}

/* ---- applications ---- */

/* A folder of another application's images is no application. */
static bool is_inner(const char *path)
{
    static const char *const inner[] = {"sysbuild/",      "child_image/", "boards/",
                                        "configuration/", "snippets/",    "_sysbuild/"};

    for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
        const char *at = strstr(path, inner[i]);

        if (at != NULL && (at == path || at[-1] == '/'))
            return true;
    }
    return false;
}

static bool in_a_build(const struct names *builds, const char *path)
{
    for (size_t i = 0; i < builds->count; i++) {
        if (builds->list[i][0] != '\0' && text_starts(path, builds->list[i]))
            return true;
    }
    return false;
}

static bool marks_application(const char *name)
{
    return strcmp(name, "prj.conf") == 0 || strcmp(name, "sysbuild.conf") == 0 ||
           (text_starts(name, "prj_") && text_ends(name, ".conf")) ||
           (text_starts(name, "pm_static") && text_ends(name, ".yml"));
}

/* A layout in a folder of its own, of an application above it, which CMake code names. */
static bool is_kept_apart(const struct doctor *doctor, const char *folder, const char *name)
{
    static const char *const marks[] = {"prj.conf", "sysbuild.conf", "CMakeLists.txt"};
    size_t length = strlen(folder);

    if (!text_starts(name, "pm_static") || length == 0)
        return false;
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (tree_findf(&doctor->tree, "%s/%s", folder, marks[i]) != NULL)
            return false;
    }
    while (length > 0) {
        while (length > 0 && folder[length - 1] != '/')
            length--;
        if (tree_findf(&doctor->tree, "%.*sprj.conf", (int)length, folder) != NULL)
            return true;
        length -= length > 0;
    }
    return false;
}

static void find_applications(struct doctor *doctor, const struct names *builds, struct names *apps)
{
    for (size_t i = 0; i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *folder = path_folder(&doctor->arena, path);

        if (!marks_application(path_name(path)) || is_inner(path) || in_a_build(builds, path) ||
            is_kept_apart(doctor, folder, path_name(path)))
            continue;
        add_name(apps, folder[0] == '\0' ? "" : ferry_arena_format(&doctor->arena, "%s/", folder));
    }
    for (size_t i = 0; i < doctor->tree.count && apps->count == 0; i++) {
        const char *path = doctor->tree.files[i].path;

        if (text_starts(path, "child_image/") || text_starts(path, "sysbuild/") ||
            text_starts(path, "boards/") || strcmp(path, "CMakeLists.txt") == 0)
            add_name(apps, "");
    }
}

/* ---- builds ---- */

static void find_builds(struct doctor *doctor, struct names *builds)
{
    for (size_t i = 0; i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *folder;

        if (strcmp(path_name(path), "CMakeCache.txt") != 0 &&
            strcmp(path_name(path), "partitions.yml") != 0)
            continue;
        folder = path_folder(&doctor->arena, path);
        if (folder[0] != '\0')
            folder = ferry_arena_format(&doctor->arena, "%s/", folder);
        if (!in_a_build(builds, path) && (builds->count == 0 || builds->list[0][0] != '\0'))
            add_name(builds, folder);
    }
}

static const char *cache_value(struct doctor *doctor, const char *build, const char *key)
{
    struct tree_file *cache = tree_findf(&doctor->tree, "%sCMakeCache.txt", build);
    const char *content = cache == NULL ? NULL : doctor_text(doctor, cache);
    const char *at = content;

    while (at != NULL && (at = strstr(at, key)) != NULL) {
        if (at == content || at[-1] == '\n')
            return ferry_arena_copy(&doctor->arena, at + strlen(key),
                                    strcspn(at + strlen(key), "\r\n"));
        at++;
    }
    return NULL;
}

/* The application a build was made from: by its folder's name, or the only one there is. */
static const char *app_of_build(struct doctor *doctor, const struct names *apps, const char *build)
{
    const char *source = cache_value(doctor, build, "APP_DIR:PATH=");

    if (source == NULL)
        source = cache_value(doctor, build, "APPLICATION_SOURCE_DIR:PATH=");
    if (apps->count == 1)
        return apps->list[0];
    for (size_t i = 0; i < apps->count; i++) {
        const char *app = apps->list[i];
        size_t length = strlen(app);

        if (length > 0 && text_starts(build, app))
            return app;
        if (source != NULL && length > 0 &&
            text_ends(ferry_arena_format(&doctor->arena, "%s/", source), app))
            return app;
    }
    return NULL;
}

/* ---- boards ---- */

/* A board as files are named after it: slashes, '@' and dots become '_'. */
static const char *file_stem(struct ferry_arena *arena, const char *board)
{
    char *stem = ferry_arena_string(arena, board);

    for (char *at = stem; *at != '\0'; at++) {
        if (*at == '/')
            *at = '_';
        if (*at == '@') { /* the revision is a name of its own */
            char *rest = strchr(at, '/');

            if (rest == NULL)
                *at = '\0';
            else
                memmove(at, rest, strlen(rest) + 1), *at = '_';
            if (*at == '\0')
                break;
        }
    }
    return stem;
}

static const char *revision_of(struct ferry_arena *arena, const char *board)
{
    const char *at = board == NULL ? NULL : strchr(board, '@');

    return at == NULL ? NULL : ferry_arena_copy(arena, at + 1, strcspn(at + 1, "/ "));
}

/* "..._0_14_0": digits and underscores behind a name. */
static size_t revision_length(const char *stem)
{
    size_t length = strlen(stem);
    size_t at = length;
    unsigned groups = 0;

    while (at > 0) {
        size_t digits = at;

        while (digits > 0 && isdigit((unsigned char)stem[digits - 1]))
            digits--;
        if (digits == at || digits == 0 || stem[digits - 1] != '_' || at - digits > 3)
            break;
        at = digits - 1;
        groups++;
    }
    return groups >= 3 ? length - at : 0;
}

static const char *without_suffix(struct ferry_arena *arena, const char *stem,
                                  const struct names *suffixes)
{
    for (size_t i = 0; i < suffixes->count; i++) {
        const char *tail = ferry_arena_format(arena, "_%s", suffixes->list[i]);

        if (text_ends(stem, tail) && strlen(stem) > strlen(tail))
            return ferry_arena_copy(arena, stem, strlen(stem) - strlen(tail));
    }
    return stem;
}

static void add_board(struct doctor *doctor, struct names *boards, const char *stem,
                      const struct names *suffixes)
{
    size_t revision;

    stem = without_suffix(&doctor->arena, stem, suffixes);
    revision = revision_length(stem);
    if (revision > 0)
        stem = ferry_arena_format(&doctor->arena, "%.*s@%s", (int)(strlen(stem) - revision), stem,
                                  stem + strlen(stem) - revision + 1);
    if (strstr(stem, "cpunet") != NULL || strstr(stem, "cpurad") != NULL ||
        strstr(stem, "cpuflpr") != NULL || text_ends(stem, "_mcuboot") || stem[0] == '\0')
        return;
    add_name(boards, stem);
}

/* boards/<board>.conf, boards/<board>.overlay and pm_static_<board>.yml. */
static void boards_from_files(struct doctor *doctor, const char *app, struct names *boards,
                              const struct names *suffixes)
{
    const char *folder = ferry_arena_format(&doctor->arena, "%sboards/", app);

    for (size_t i = tree_lower(&doctor->tree, app); i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *name = path_name(path);
        size_t length = strcspn(name, ".");

        if (!text_starts(path, app))
            break;
        if (!text_ends(name, ".conf") && !text_ends(name, ".overlay"))
            continue;
        if ((name == path + strlen(folder) && text_starts(path, folder)) ||
            (name == path + strlen(app) && text_ends(name, ".overlay") &&
             boards_find(&doctor->boards, name) != NULL))
            add_board(doctor, boards, ferry_arena_copy(&doctor->arena, name, length), suffixes);
    }
}

/* pm_static_<board>.yml, and MCUboot's boards where the application has none of its own. */
static void boards_from_others(struct doctor *doctor, const char *app, struct names *boards,
                               const struct names *suffixes)
{
    static const char *const folders[] = {"child_image/mcuboot/boards/", "sysbuild/mcuboot/boards/",
                                          "configuration/"};

    for (size_t i = tree_lower(&doctor->tree, app); i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *rest = path + strlen(app);

        if (!text_starts(path, app))
            break;
        if (text_starts(rest, "pm_static_") && boards_find(&doctor->boards, rest + 10) != NULL)
            add_board(doctor, boards,
                      ferry_arena_copy(&doctor->arena, rest + 10, strcspn(rest + 10, ".")),
                      suffixes);
        for (size_t k = 0; k < 3; k++) {
            size_t length = strlen(folders[k]);

            if (text_starts(rest, folders[k]) && strchr(rest + length, '.') != NULL)
                add_board(
                    doctor, boards,
                    ferry_arena_copy(&doctor->arena, rest + length, strcspn(rest + length, "./")),
                    suffixes);
        }
    }
}

/* Boards of the project's own: NAME.dts below some boards/; with NAME_ns.dts MCUboot's is NAME. */
static void boards_from_dts(struct doctor *doctor, const struct names *builds, struct names *boards,
                            const struct names *suffixes)
{
    for (size_t i = 0; i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *name = path_name(path);
        const char *folder = path_folder(&doctor->arena, path);
        const char *at = strstr(path, "boards/");
        const char *stem;

        if (!text_ends(name, ".dts") || at == NULL || (at != path && at[-1] != '/') ||
            name == at + strlen("boards/") || in_a_build(builds, path))
            continue;
        stem = ferry_arena_copy(&doctor->arena, name, strlen(name) - strlen(".dts"));
        if (tree_findf(&doctor->tree, "%s/%s_ns.dts", folder, stem) == NULL)
            add_board(doctor, boards, stem, suffixes);
    }
}

/* "BOARD" in presets, `platform_allow` in sample.yaml: words that are boards we know. */
static void boards_from_words(struct doctor *doctor, const char *app, struct names *boards,
                              const struct names *suffixes)
{
    static const char *const files[] = {"CMakePresets.json", "sample.yaml", "testcase.yaml",
                                        ".vscode/settings.json", "Makefile"};

    for (size_t k = 0; k < sizeof(files) / sizeof(files[0]); k++) {
        struct tree_file *file = tree_findf(&doctor->tree, "%s%s", app, files[k]);
        const char *at = file == NULL ? NULL : doctor_text(doctor, file);

        while (at != NULL && *at != '\0') {
            size_t length = 0;

            while (isalnum((unsigned char)at[length]) || strchr("_/@.-", at[length]) != NULL) {
                if (at[length] == '\0')
                    break;
                length++;
            }
            if (length > 4) {
                const char *word = ferry_arena_copy(&doctor->arena, at, length);

                if (boards_find(&doctor->boards, word) != NULL && strpbrk(word, "/_") != NULL &&
                    !text_ends(word, ".conf") && !text_ends(word, ".overlay") &&
                    !text_ends(word, ".yml"))
                    add_board(doctor, boards, word, suffixes);
            }
            at += length + (at[length] != '\0');
        }
    }
}

static void find_suffixes(struct doctor *doctor, const char *app, struct names *suffixes)
{
    const char *start = ferry_arena_format(&doctor->arena, "%sprj_", app);

    for (size_t i = tree_lower(&doctor->tree, start); i < doctor->tree.count; i++) {
        const char *path = doctor->tree.files[i].path;
        const char *rest = path + strlen(start);

        if (!text_starts(path, start))
            break;
        if (text_ends(rest, ".conf") && strchr(rest, '/') == NULL &&
            boards_find(&doctor->boards, rest) == NULL)
            add_name(suffixes,
                     ferry_arena_copy(&doctor->arena, rest, strlen(rest) - strlen(".conf")));
    }
}

/* ---- cases ---- */

static void set_board(struct doctor *doctor, struct doctor_case *c, const char *board)
{
    if (board == NULL)
        return;
    c->stem = file_stem(c->arena, board);
    c->revision = revision_of(c->arena, board);
    if (c->revision != NULL) {
        char *dotted = ferry_arena_string(c->arena, c->revision);

        for (char *at = dotted; *at != '\0'; at++)
            *at = *at == '_' ? '.' : *at;
        c->revision = dotted;
    }
    c->board = boards_find(&doctor->boards, c->stem);
    c->non_secure = text_ends(c->stem, "_ns") || text_ends(c->stem, "ns");
    c->secure = c->stem;
    if (text_ends(c->stem, "_ns"))
        c->secure = ferry_arena_copy(c->arena, c->stem, strlen(c->stem) - 3);
    else if (c->non_secure && text_starts(c->stem, "thingy91_nrf9160ns"))
        c->secure = "thingy91_nrf9160";
}

static void add_case(struct doctor *doctor, const char *app, const char *build, const char *board,
                     const char *suffix)
{
    struct doctor_case *c;

    if (doctor->case_count >= CASES_MAX)
        return;
    c = ferry_arena_take(&doctor->arena, sizeof(*c));
    c->arena = &doctor->arena;
    c->tree = &doctor->tree;
    c->out = &doctor->findings;
    c->boards = &doctor->boards;
    c->artifacts = &doctor->artifacts;
    c->baseline = doctor->baseline;
    c->app = app == NULL ? "" : app;
    c->build = build;
    c->has_source = app != NULL;
    c->suffix = suffix;
    set_board(doctor, c, board);
    doctor_detect_sdk(doctor, c);
    doctor->cases[doctor->case_count++] = c;
}

static void name_variants(struct doctor *doctor)
{
    for (size_t i = 0; doctor->case_count > 1 && i < doctor->case_count; i++) {
        struct doctor_case *c = doctor->cases[i];

        c->variant = ferry_arena_format(
            c->arena, "%s%s%s%s%s", c->app[0] == '\0' ? "" : c->app,
            c->app[0] == '\0' || c->stem == NULL ? "" : " ", c->stem == NULL ? "" : c->stem,
            c->suffix == NULL ? "" : " ", c->suffix == NULL ? "" : c->suffix);
    }
}

static void add_source_cases(struct doctor *doctor, const struct names *builds, const char *app)
{
    struct names suffixes = {.max = SUFFIXES_MAX};
    struct names boards = {.max = BOARDS_MAX};
    bool plain = tree_findf(&doctor->tree, "%sprj.conf", app) != NULL;

    find_suffixes(doctor, app, &suffixes);
    if (doctor->options.board != NULL) {
        add_name(&boards, doctor->options.board);
    } else {
        boards_from_files(doctor, app, &boards, &suffixes);
        if (boards.count == 0)
            boards_from_others(doctor, app, &boards, &suffixes);
        if (boards.count == 0)
            boards_from_dts(doctor, builds, &boards, &suffixes);
        if (boards.count == 0)
            boards_from_words(doctor, app, &boards, &suffixes);
    }
    if (boards.count == 0)
        boards.list[boards.count++] = NULL;
    for (size_t i = 0; i < boards.count; i++) {
        if (plain || suffixes.count == 0)
            add_case(doctor, app, NULL, boards.list[i], NULL);
        for (size_t k = 0; k < suffixes.count; k++)
            add_case(doctor, app, NULL, boards.list[i], suffixes.list[k]);
    }
}

static void add_build_case(struct doctor *doctor, const struct names *apps, const char *build)
{
    const char *board = cache_value(doctor, build, "CACHED_BOARD:STRING=");
    const char *suffix = cache_value(doctor, build, "FILE_SUFFIX:STRING=");
    const char *revision;

    if (board == NULL)
        board = cache_value(doctor, build, "BOARD:STRING=");
    if (board == NULL)
        board = cache_value(doctor, build, "BOARD:UNINITIALIZED=");
    if (doctor->options.board != NULL)
        board = doctor->options.board;
    revision = cache_value(doctor, build, "BOARD_REVISION:STRING=");
    if (board != NULL && revision != NULL && strchr(board, '@') == NULL && revision[0] != '\0')
        board = ferry_arena_format(&doctor->arena, "%s@%s", board, revision);
    if (suffix != NULL && suffix[0] == '\0')
        suffix = NULL;
    add_case(doctor, app_of_build(doctor, apps, build), build, board, suffix);
}

static bool has_build(const struct doctor *doctor, const char *app)
{
    for (size_t i = 0; i < doctor->case_count; i++) {
        if (doctor->cases[i]->has_source && strcmp(doctor->cases[i]->app, app) == 0)
            return true;
    }
    return false;
}

void doctor_resolve(struct doctor *doctor)
{
    struct names builds = {.max = BUILDS_MAX};
    struct names apps = {.max = BOARDS_MAX};

    doctor->cases = ferry_arena_take(&doctor->arena, CASES_MAX * sizeof(struct doctor_case *));
    find_builds(doctor, &builds);
    find_applications(doctor, &builds, &apps);
    for (size_t i = 0; i < builds.count; i++)
        add_build_case(doctor, &apps, builds.list[i]);
    for (size_t i = 0; i < apps.count; i++) {
        if (!has_build(doctor, apps.list[i]))
            add_source_cases(doctor, &builds, apps.list[i]);
    }
    if (doctor->case_count == 0)
        add_case(doctor, NULL, NULL, doctor->options.board, NULL);
    name_variants(doctor);
    for (size_t i = 0; i < doctor->case_count; i++) {
        struct doctor_case *c = doctor->cases[i];

        if (c->has_source)
            doctor_resolve_sources(doctor, c);
        if (c->build != NULL)
            doctor_resolve_build(doctor, c);
        doctor_resolve_facts(doctor, c);
    }
}
