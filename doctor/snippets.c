// SPDX-License-Identifier: Apache-2.0
/*
 * Configuration that is quoted in a text: Kconfig lines, overlays and layouts are taken out and
 * laid down as a project, one per post, so that the doctor can look at it.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "doctor/explain.h"

enum { FILES_MAX = 24, HEAD_MAX = 200 };

struct piece {
    char *text;
    size_t length;
    const char *file; /* where it would lie */
};

struct post {
    struct piece pieces[FILES_MAX];
    size_t count;
    const struct board *board;
    const char *sdk;
};

struct scan {
    struct explain_quotes *quotes;
    struct boards boards;
    struct post post;       /* being collected */
    struct post spoken;     /* the first that only mentions options in its sentences */
    char heading[HEAD_MAX]; /* the last line of prose */
};

static struct ferry_arena *arena_of(struct scan *scan)
{
    return &scan->quotes->arena;
}

/* ---- pieces ---- */

static struct piece *piece_for(struct scan *scan, const char *file)
{
    struct post *post = &scan->post;

    for (size_t i = 0; i < post->count; i++) {
        if (strcmp(post->pieces[i].file, file) == 0)
            return &post->pieces[i];
    }
    if (post->count >= FILES_MAX)
        return NULL;
    post->pieces[post->count].file = ferry_arena_string(arena_of(scan), file);
    post->pieces[post->count].text = NULL;
    post->pieces[post->count].length = 0;
    return &post->pieces[post->count++];
}

static void add_text(struct scan *scan, const char *file, const char *text, size_t length)
{
    struct piece *piece = piece_for(scan, file);
    char *joined;

    if (piece == NULL)
        return;
    joined = ferry_arena_take(arena_of(scan), piece->length + length + 2);
    if (piece->length > 0)
        memcpy(joined, piece->text, piece->length);
    memcpy(joined + piece->length, text, length);
    joined[piece->length + length] = '\n';
    piece->text = joined;
    piece->length += length + 1;
}

/* ---- where a block belongs ---- */

static bool holds(const char *text, size_t length, const char *word)
{
    return memmem(text, length, word, strlen(word)) != NULL;
}

static bool speaks_of_mcuboot(const char *text, size_t length)
{
    static const char *const words[] = {"BOOT_MAX_IMG_SECTORS",      "CONFIG_MCUBOOT_",
                                        "BOOT_UPGRADE_ONLY",         "BOOT_SWAP_",
                                        "PM_PARTITION_SIZE_MCUBOOT", "NRF53_MULTI_IMAGE_UPDATE"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (holds(text, length, words[i]))
            return true;
    }
    return false;
}

static const char *first_prose(const char *at)
{
    while (*at == '\n' || *at == ' ' || *at == '\r')
        at++;
    return at;
}

/* The file a block of options is of: by the line before, the line behind, or what it says. */
static const char *conf_file(const struct scan *scan, const char *block, size_t length,
                             const char *behind)
{
    const char *heading = scan->heading;
    size_t after = strcspn(behind, "\n");
    bool named = strlen(heading) < 60 && strstr(heading, ".conf") != NULL;

    if (named)
        return strstr(heading, "mcuboot") != NULL    ? "mcuboot.conf"
               : strstr(heading, "sysbuild") != NULL ? "sysbuild.conf"
                                                     : "prj.conf";
    if (holds(behind, after, "in the mcuboot.conf") || holds(behind, after, "in mcuboot.conf"))
        return "mcuboot.conf";
    if (holds(behind, after, "in the prj.conf") || holds(behind, after, "in prj.conf"))
        return "prj.conf";
    if (strncmp(block, "SB_CONFIG_", 10) == 0)
        return "sysbuild.conf";
    return speaks_of_mcuboot(block, length) ? "mcuboot.conf" : "prj.conf";
}

/* ---- blocks ---- */

static size_t line_length(const char *at)
{
    return strcspn(at, "\n");
}

static const char *next_line(const char *at)
{
    size_t length = line_length(at);

    return at + length + (at[length] == '\n');
}

static bool is_option(const char *at)
{
    if (strncmp(at, "SB_CONFIG_", 10) == 0)
        at += 10;
    else if (strncmp(at, "CONFIG_", 7) == 0)
        at += 7;
    else
        return false;
    while (isupper((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '_')
        at++;
    return *at == '=';
}

/* Options, with comments and blank lines between them. Suggestions of a line or two are none. */
static const char *take_options(struct scan *scan, const char *at)
{
    const char *start = at;
    const char *end = at;
    unsigned options = 0;

    while (*at != '\0' && (is_option(at) || *at == '#' || *at == '\n' || *at == '\r')) {
        if (is_option(at)) {
            options++;
            end = next_line(at);
        }
        at = next_line(at);
    }
    if (options >= 3)
        add_text(scan, conf_file(scan, start, (size_t)(end - start), first_prose(end)), start,
                 (size_t)(end - start));
    return end;
}

static bool starts_tree(const char *at)
{
    at += strspn(at, " ");
    if (at[0] == '/' && at[1 + strspn(at + 1, " ")] == '{')
        return true;
    if (at[0] != '&')
        return false;
    at++;
    while (isalnum((unsigned char)*at) || *at == '_')
        at++;
    return at[strspn(at, " ")] == '{';
}

static const char *take_tree(struct scan *scan, const char *at)
{
    const char *start = at;
    int depth = 0;
    bool opened = false;

    while (*at != '\0' && (!opened || depth > 0)) {
        depth += *at == '{';
        depth -= *at == '}';
        opened |= *at == '{';
        at++;
    }
    if (depth == 0)
        at = next_line(at);
    add_text(scan, strstr(scan->heading, "mcuboot") != NULL ? "mcuboot.overlay" : "app.overlay",
             start, (size_t)(at - start));
    return at;
}

static bool is_layout_key(const char *at)
{
    static const char *const keys[] = {
        "address:",   "size:",  "region:",    "end_address:", "device:",
        "placement:", "align:", "orig_span:", "span:",        "inside:"};
    size_t indent = strspn(at, " ");

    for (size_t i = 0; indent > 0 && i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strncmp(at + indent, keys[i], strlen(keys[i])) == 0)
            return true;
    }
    return false;
}

static bool starts_layout(const char *at)
{
    size_t length = 0;

    while (isalnum((unsigned char)at[length]) || at[length] == '_')
        length++;
    if (length == 0 || at[length] != ':')
        return false;
    return strspn(at + length + 1, " \r") == line_length(at) - length - 1 &&
           is_layout_key(next_line(at));
}

/* A layout of its own file when the post has one already: a quotation is no project. */
static const char *take_layout(struct scan *scan, const char *at)
{
    const char *start = at;

    while (*at != '\0' && (starts_layout(at) || (*at == ' ' && at[strspn(at, " ")] != '\n') ||
                           (*at == '#' && at > start)))
        at = next_line(at);
    add_text(scan,
             strstr(scan->heading, "partitions.yml") != NULL ? "partitions.yml" : "pm_static.yml",
             start, (size_t)(at - start));
    return at;
}

/* ---- what else the text says ---- */

static char squeeze(char c)
{
    return (char)tolower((unsigned char)c);
}

/* A board by its name as people write it: "nRF9160-DK", "nRF7002 DK", circuitdojo_feather... */
static void note_board(struct scan *scan, const char *line, size_t length)
{
    char plain[512];
    size_t used = 0;
    const struct boards *boards = &scan->boards;
    bool file =
        memmem(line, length, ".overlay", 8) != NULL || memmem(line, length, ".conf", 5) != NULL;

    if (scan->post.board != NULL && !file)
        return; /* in passing: another board is another user's */
    length = length > 500 ? 500 : length;

    for (size_t i = 0; i < length && used + 1 < sizeof(plain); i++) {
        if (line[i] != '-' && line[i] != ' ' && line[i] != '_')
            plain[used++] = squeeze(line[i]);
    }
    plain[used] = '\0';
    for (size_t i = 0; i < boards->count; i++) {
        char name[64];
        size_t n = 0;

        for (const char *at = boards->list[i].name; *at != '\0' && n + 1 < sizeof(name); at++) {
            if (*at != '_')
                name[n++] = *at;
        }
        name[n] = '\0';
        if (strstr(plain, name) == NULL)
            continue;
        scan->post.board = &boards->list[i];
        return;
    }
}

static void note_sdk(struct scan *scan, const char *line, size_t length)
{
    static const char *const words[] = {"NCS version", "ncs version", "nRF Connect SDK", "ncs ",
                                        "NCS ",        "ncs_v",       "SDK Version"};

    if (scan->post.sdk != NULL && length > 40)
        return; /* in passing */
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        const char *at = memmem(line, length, words[i], strlen(words[i]));
        const char *end = line + length;

        for (at = at == NULL ? end : at + strlen(words[i]); at + 2 < end; at++) {
            if (isdigit((unsigned char)at[0]) && at[1] == '.' && isdigit((unsigned char)at[2])) {
                scan->post.sdk = ferry_arena_copy(arena_of(scan), at, strspn(at, "0123456789."));
                return;
            }
        }
    }
}

/* "CONFIG_X=y" in the middle of a sentence. */
static void note_mentions(struct scan *scan, const char *line, size_t length)
{
    for (size_t i = 1; i + 9 < length; i++) {
        size_t word = 0;

        if (strncmp(line + i, "CONFIG_", 7) != 0 || isalnum((unsigned char)line[i - 1]) ||
            line[i - 1] == '_')
            continue;
        while (i + word < length &&
               (isalnum((unsigned char)line[i + word]) || strchr("_=", line[i + word]) != NULL))
            word++;
        if (line[i + word - 2] != '=' || line[i + word - 1] != 'y')
            continue;
        add_text(scan, "mentions", line + i, word);
        i += word;
    }
}

/* ---- posts ---- */

static bool starts_post(const char *at)
{
    return strncmp(at, "--- ", 4) == 0 && isalpha((unsigned char)at[4]);
}

static bool has_blocks(const struct post *post)
{
    for (size_t i = 0; i < post->count; i++) {
        if (strcmp(post->pieces[i].file, "mentions") != 0)
            return true;
    }
    return false;
}

static const struct piece *find_piece(const struct post *post, const char *file)
{
    for (size_t i = 0; i < post->count; i++) {
        if (strcmp(post->pieces[i].file, file) == 0)
            return &post->pieces[i];
    }
    return NULL;
}

/* ---- the project a post makes ---- */

static const char *assumed_overlay(struct ferry_arena *arena, const struct board *board)
{
    return ferry_arena_format(arena,
                              "/ { chosen { nordic,pm-ext-flash = &%s; }; };\n"
                              "&%s { status = \"okay\"; };\n",
                              board->flash.label, board->flash.label);
}

static void lay_overlays(struct doctor *doctor, const struct post *post, const char *folder,
                         const char *stem)
{
    const struct piece *app = find_piece(post, "app.overlay");
    const struct piece *boot = find_piece(post, "mcuboot.overlay");
    const char *assumed = post->board == NULL || !post->board->has_flash
                              ? NULL
                              : assumed_overlay(&doctor->arena, post->board);
    const char *path = stem == NULL ? "app.overlay"
                                    : ferry_arena_format(&doctor->arena, "boards/%s.overlay", stem);

    if (app != NULL)
        tree_add_text(&doctor->tree, path, app->text);
    else if (assumed != NULL)
        tree_add_text(&doctor->tree, path, assumed);
    if (boot != NULL || assumed != NULL || app != NULL)
        tree_add_text(&doctor->tree,
                      ferry_arena_format(&doctor->arena, "%s/mcuboot.overlay", folder),
                      boot != NULL  ? boot->text
                      : app != NULL ? app->text
                                    : assumed);
}

/* A sentence that says that both flash drivers are on is about MCUboot too. */
static void lay_mentions(struct doctor *doctor, const struct post *post, const char *folder)
{
    const struct piece *mentions = find_piece(post, "mentions");
    bool qspi = mentions != NULL && strstr(mentions->text, "NORDIC_QSPI_NOR=y") != NULL;

    if (!qspi || find_piece(post, "mcuboot.conf") != NULL || find_piece(post, "prj.conf") != NULL)
        return;
    tree_add_text(&doctor->tree, ferry_arena_format(&doctor->arena, "%s/mcuboot.conf", folder),
                  "CONFIG_NORDIC_QSPI_NOR=y\n");
    tree_add_text(
        &doctor->tree, "prj.conf",
        ferry_arena_format(&doctor->arena, "%sCONFIG_BOOTLOADER_MCUBOOT=y\n", mentions->text));
    if (strcmp(folder, "sysbuild") == 0)
        tree_add_text(&doctor->tree, "sysbuild.conf",
                      "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n"
                      "SB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n"
                      "SB_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y\n");
}

static void lay_project(struct doctor *doctor, const struct post *post)
{
    bool sysbuild = doctor_parse_version(post->sdk) >= SDK_VERSION(2, 7, 0);
    const char *folder = sysbuild ? "sysbuild" : "child_image";
    const char *stem = NULL;

    if (post->board != NULL) {
        char *copy = ferry_arena_string(&doctor->arena, post->board->targets[0]);

        for (char *at = copy; *at != '\0'; at++)
            *at = *at == '/' ? '_' : *at;
        stem = copy;
    }
    doctor->options.board = stem;
    doctor->options.sdk = post->sdk;
    for (size_t i = 0; i < post->count; i++) {
        const struct piece *piece = &post->pieces[i];

        if (strcmp(piece->file, "mcuboot.conf") == 0)
            tree_add_text(&doctor->tree,
                          ferry_arena_format(&doctor->arena, "%s/mcuboot.conf", folder),
                          piece->text);
        else if (text_ends(piece->file, ".conf") || text_ends(piece->file, ".yml"))
            tree_add_text(&doctor->tree, piece->file, piece->text);
    }
    lay_mentions(doctor, post, folder);
    lay_overlays(doctor, post, folder, stem);
    tree_sort(&doctor->tree);
}

static void look_at(struct scan *scan, const struct post *post)
{
    struct explain_quotes *quotes = scan->quotes;
    struct doctor *doctor;
    struct doctor_options none = {NULL, NULL, NULL};

    if (quotes->count >= EXPLAIN_QUOTES_MAX)
        return;
    doctor = calloc(1, sizeof(*doctor));
    if (doctor == NULL)
        return;
    doctor->tree.arena = &doctor->arena;
    ferry_doctor_open_tree(doctor, &none);
    lay_project(doctor, post);
    doctor_resolve(doctor);
    ferry_doctor_check(doctor);
    quotes->list[quotes->count++] = doctor;
}

static void finish_post(struct scan *scan)
{
    struct post *post = &scan->post;
    const struct board *board = post->board;
    const char *sdk = post->sdk;

    if (has_blocks(post))
        look_at(scan, post);
    else if (post->count > 0 && scan->spoken.count == 0)
        scan->spoken = *post;
    memset(post, 0, sizeof(*post));
    post->board = board; /* what was said stays said */
    post->sdk = sdk;
}

static const char *take_line(struct scan *scan, const char *at)
{
    size_t length = line_length(at);

    if (is_option(at))
        return take_options(scan, at);
    if (starts_tree(at))
        return take_tree(scan, at);
    if (starts_layout(at))
        return take_layout(scan, at);
    if (starts_post(at))
        finish_post(scan);
    note_board(scan, at, length);
    note_sdk(scan, at, length);
    note_mentions(scan, at, length);
    if (length > 1) {
        size_t keep = length < HEAD_MAX - 1 ? length : HEAD_MAX - 1;

        memcpy(scan->heading, at, keep);
        scan->heading[keep] = '\0';
    }
    return next_line(at);
}

void explain_quoted(struct explain_quotes *quotes, const char *text)
{
    struct scan scan;

    memset(quotes, 0, sizeof(*quotes));
    memset(&scan, 0, sizeof(scan));
    scan.quotes = quotes;
    boards_load(&scan.boards, &quotes->arena);
    while (*text != '\0')
        text = take_line(&scan, text);
    finish_post(&scan);
    if (quotes->count == 0 && scan.spoken.count > 0)
        look_at(&scan, &scan.spoken);
}

void explain_quotes_free(struct explain_quotes *quotes)
{
    for (size_t i = 0; i < quotes->count; i++) {
        ferry_doctor_close(quotes->list[i]);
        free(quotes->list[i]);
    }
    ferry_arena_free(&quotes->arena);
    memset(quotes, 0, sizeof(*quotes));
}
