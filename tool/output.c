// SPDX-License-Identifier: Apache-2.0
/* What the tool prints: results, errors, and both as JSON. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/status.h"
#include "tool/command.h"

const struct ferry_exit_row ferry_exits[] = {
    {FERRY_EXIT_OK, "ok", "success"},
    {FERRY_EXIT_FAILED, "failed",
     "the device refused, or what was asked for did not succeed; the reason is printed"},
    {FERRY_EXIT_USAGE, "usage", "the command line is wrong"},
    {FERRY_EXIT_NO_ANSWER, "no-answer",
     "cannot connect to the device, or it does not answer any more"},
    {FERRY_EXIT_INPUT, "input", "a file cannot be read, or is not what it should be"},
    {FERRY_EXIT_ROLLED_BACK, "rolled-back",
     "the update was installed, but the device went back to the image before"},
    {FERRY_EXIT_SYSTEM, "system", "this computer failed: a file cannot be written, no memory"},
    {FERRY_EXIT_INTERRUPTED, "interrupted", "stopped by Ctrl-C"},
    {0, NULL, NULL},
};

static const char *exit_name(int status)
{
    for (const struct ferry_exit_row *row = ferry_exits; row->meaning != NULL; row++) {
        if (row->status == status)
            return row->name;
    }
    return "failed";
}

static void print_object(json_t *object)
{
    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    fputc('\n', stdout);
    json_decref(object);
}

/* Text that may not be UTF-8 (a path, a device's string) still has to become JSON. */
static json_t *text_to_json(const char *text)
{
    json_t *string = json_string(text);
    char *copy;

    if (string != NULL)
        return string;
    copy = strdup(text);
    for (char *at = copy; at != NULL && *at != 0; at++) {
        if ((unsigned char)*at >= 0x80)
            *at = '?';
    }
    string = json_string(copy != NULL ? copy : "");
    free(copy);
    return string;
}

static void print_error(struct ferry_args *args, int status, int reason, const char *message)
{
    json_t *error;

    fflush(stdout);
    fprintf(stderr, "ferry: %s\n", message);
    if (!args->json)
        return;
    error = json_pack("{s:s, s:i, s:o}", "kind", exit_name(status), "exit", status, "message",
                      text_to_json(message));
    if (reason != 0)
        json_object_set_new(error, "reason",
                            json_pack("{s:i, s:s, s:s}", "code", abs(reason), "name",
                                      ferry_status_name(reason), "text",
                                      ferry_status_text(reason)));
    print_object(json_pack("{s:o}", "error", error));
    fflush(stdout);
}

static char *format_text(const char *format, va_list list)
{
    va_list again;
    int length;
    char *text;

    va_copy(again, list);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    text = length < 0 ? NULL : malloc((size_t)length + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, list);
    return text;
}

int ferry_fail(struct ferry_args *args, enum ferry_exit status, const char *format, ...)
{
    va_list list;
    char *text;

    va_start(list, format);
    text = format_text(format, list);
    va_end(list);
    print_error(args, (int)status, 0, text != NULL ? text : "out of memory");
    free(text);
    return (int)status;
}

int ferry_fail_reason(struct ferry_args *args, enum ferry_exit status, int reason,
                      const char *format, ...)
{
    va_list list;
    char *text;
    char line[512];

    va_start(list, format);
    text = format_text(format, list);
    va_end(list);
    snprintf(line, sizeof(line), "%s: %s (%s)", text != NULL ? text : "out of memory",
             ferry_status_text(reason), ferry_status_name(reason));
    print_error(args, (int)status, reason, line);
    free(text);
    return (int)status;
}

void ferry_say(const struct ferry_args *args, const char *format, ...)
{
    va_list list;

    if (args->quiet || args->json)
        return;
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    fputc('\n', stdout);
    fflush(stdout);
}

int ferry_print_json(struct ferry_args *args, json_t *object)
{
    if (object == NULL)
        return ferry_fail(args, FERRY_EXIT_SYSTEM,
                          "no memory for the result; close other programs "
                          "and run it again");
    print_object(object);
    fflush(stdout);
    if (ferror(stdout) != 0)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "cannot write the result to standard output");
    return FERRY_EXIT_OK;
}
