// SPDX-License-Identifier: Apache-2.0
/* ferry explain: what a log, an error or an image means, and what to try next. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor/explain.h"
#include "doctor/output.h"
#include "tool/command.h"

enum { TEXT_MAX = 16 << 20 };

static const struct ferry_option options[] = {
    {"project", 'p', "DIR", "the project or build folder the log belongs to"},
    {"sdk", 0, "VERSION", "the SDK of that project, where it cannot be told"},
    FERRY_OPTIONS_END};

static char *read_stream(FILE *in, size_t *length)
{
    size_t room = 65536;
    char *text = malloc(room + 1);

    *length = 0;
    while (text != NULL && *length < TEXT_MAX) {
        size_t got = fread(text + *length, 1, room - *length, in);
        char *larger;

        if (got == 0)
            break;
        *length += got;
        if (*length < room)
            continue;
        room *= 2;
        larger = realloc(text, room + 1);
        if (larger == NULL)
            free(text);
        text = larger;
    }
    if (text != NULL)
        text[*length] = '\0';
    return text;
}

static int explain_text(struct ferry_args *args, const char *file, char *text, size_t length,
                        struct doctor *project)
{
    struct explanation explanation;

    for (size_t i = 0; i < length; i++) { /* serial logs hold stray zeros */
        if (text[i] == '\0' || text[i] == '\r')
            text[i] = ' ';
    }
    ferry_explain_text(&explanation, file, text, project);
    if (args->json) {
        json_t *object = ferry_explain_json(&explanation);

        ferry_explain_free(&explanation);
        return ferry_print_json(args, object);
    }
    ferry_explain_print(stdout, &explanation);
    ferry_explain_free(&explanation);
    return FERRY_EXIT_OK;
}

static int explain_binary(struct ferry_args *args, const char *file, struct doctor *project)
{
    static const struct output_options plain = {false, false, true};
    struct doctor *doctor = project;
    struct doctor own;
    struct doctor_options none = {NULL, NULL, NULL};

    if (doctor == NULL) {
        if (ferry_doctor_open(&own, &none, &file, 1))
            ferry_doctor_check(&own);
        doctor = &own;
    }
    for (const struct artifact *one = doctor->artifacts.first; one != NULL; one = one->next) {
        if (one->given)
            ferry_explain_artifact(stdout, one);
    }
    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next) {
        if (one->rule->id[0] == 'I' || one->rule->id[0] == 'S')
            output_finding(stdout, one, &plain);
    }
    if (doctor == &own)
        ferry_doctor_close(&own);
    (void)args;
    return FERRY_EXIT_OK;
}

static bool is_binary(const char *text, size_t length)
{
    size_t zeros = 0;

    for (size_t i = 0; i < length && i < 65536; i++)
        zeros += text[i] == '\0';
    return zeros > 64 || (length >= 4 && memcmp(text, "PK\3\4", 4) == 0) ||
           (length >= 4 && memcmp(text, "\177ELF", 4) == 0);
}

static int explain_stream(struct ferry_args *args, const char *file, FILE *in,
                          struct doctor *project)
{
    size_t length;
    char *text = read_stream(in, &length);
    int status;

    if (text == NULL)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s: not enough memory to read it", file);
    status = is_binary(text, length) ? explain_binary(args, file, project)
                                     : explain_text(args, file, text, length, project);
    free(text);
    return status;
}

static int explain_one(struct ferry_args *args, const char *file, struct doctor *project)
{
    FILE *in = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
    int status;

    if (in == NULL && errno == ENOENT && strchr(file, ' ') != NULL) {
        char *copy = strdup(file); /* a line of a log instead of a file */

        if (copy == NULL)
            return ferry_fail(args, FERRY_EXIT_SYSTEM, "out of memory");
        status = explain_text(args, "the command line", copy, strlen(copy), project);
        free(copy);
        return status;
    }
    if (in == NULL)
        return ferry_fail(args, FERRY_EXIT_INPUT, "%s: cannot be read: %s", file, strerror(errno));
    status = explain_stream(args, file, in, project);
    if (in != stdin)
        fclose(in);
    return status;
}

static int run(struct ferry_args *args)
{
    const char *folder = ferry_args_value(args, "project", NULL);
    struct doctor_options chosen = {ferry_args_value(args, "sdk", NULL), NULL, NULL};
    struct doctor doctor;
    const char *paths[] = {folder, args->operand[0]};
    bool is_file = args->operand[0] != NULL && access(args->operand[0], R_OK) == 0;
    int status;

    if (args->operand[0] == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE, "a file is needed, or `-`");
    if (folder == NULL)
        return explain_one(args, args->operand[0], NULL);
    if (ferry_doctor_open(&doctor, &chosen, paths, is_file ? 2 : 1))
        ferry_doctor_check(&doctor);
    if (doctor.tree.root == NULL) {
        ferry_doctor_close(&doctor);
        return ferry_fail(args, FERRY_EXIT_INPUT, "%s: is no folder that can be read", folder);
    }
    status = explain_one(args, args->operand[0], &doctor);
    ferry_doctor_close(&doctor);
    return status;
}

const struct ferry_command ferry_command_explain = {
    .name = "explain",
    .summary = "say what a log, an error or an image means, and what to try next",
    .positional = "FILE",
    .details = "FILE is a boot log, an application's or a build's log, a flash dump, an image, a "
               "package, or a text with all of that in it; `-` reads standard input. Instead of a "
               "file one line in quotes will do: ferry explain \"Error: 23\".\n\n"
               "Causes are ranked. With --project, and with configuration quoted in the text, the "
               "doctor's findings decide between them.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_PROJECT,
};
