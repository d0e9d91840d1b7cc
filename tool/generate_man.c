// SPDX-License-Identifier: Apache-2.0
/* The man page, from the tables of the commands. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tool/command.h"

/* Text for roff: a backslash and a dash are spelled, a line must not begin with a dot. */
static void put(const char *text)
{
    bool start = true;

    for (; *text != 0; text++) {
        if (start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            fputc(*text, stdout);
    }
}

static void put_sentence(const char *text)
{
    char first[2] = {(char)toupper((unsigned char)text[0]), 0};

    put(first);
    put(text + 1);
    puts(".");
}

/* Line ends stay: roff fills the rest. */
static void put_lines(const char *text)
{
    for (; *text != 0; text++) {
        char part[2] = {*text, 0};

        if (*text == '\n')
            fputs("\n.br\n", stdout);
        else
            put(part);
    }
    fputc('\n', stdout);
}

static void put_options(const struct ferry_option *option)
{
    for (; option != NULL && option->name != NULL; option++) {
        puts(".TP");
        fputs(".B ", stdout);
        if (option->letter != 0)
            printf("\\-%c, ", option->letter);
        put("--");
        put(option->name);
        if (option->argument != NULL) {
            fputs(" \\fI", stdout);
            put(option->argument);
            fputs("\\fR", stdout);
        }
        fputc('\n', stdout);
        put_sentence(option->help);
    }
}

static void put_command(const struct ferry_command *command, const char *path)
{
    printf(".SS ");
    put(path);
    if (command->positional != NULL) {
        fputc(' ', stdout);
        put(command->positional);
    }
    fputc('\n', stdout);
    put_sentence(command->summary);
    if (command->details != NULL) {
        puts(".PP");
        put_lines(command->details);
    }
    if (command->connects)
        puts(".PP\nTakes the options of a connection.");
    put_options(command->options);
}

static void put_commands(const struct ferry_command *const *list, const char *path, int section)
{
    for (; *list != NULL; list++) {
        char name[128];

        if (section >= 0 && (int)(*list)->section != section)
            continue;
        snprintf(name, sizeof(name), "%s %s", path, (*list)->name);
        put_command(*list, name);
        if ((*list)->verbs != NULL)
            put_commands((*list)->verbs, name, -1);
    }
}

static void put_exits(void)
{
    puts(".SH EXIT STATUS");
    for (const struct ferry_exit_row *row = ferry_exits; row->meaning != NULL; row++) {
        printf(".TP\n.B %d\n", row->status);
        put_sentence(row->meaning);
    }
    puts("With\n.B \\-\\-json\nan error is also printed as");
    puts("{\"error\": {\"kind\", \"exit\", \"message\", \"reason\"}} on standard output;\nkind is "
         "one of");
    for (const struct ferry_exit_row *row = ferry_exits + 1; row->meaning != NULL; row++) {
        put(row->name);
        puts((row + 1)->meaning != NULL ? "," : ".");
    }
}

void ferry_generate_man(void)
{
    printf(".TH FERRY 1 \"\" \"%s\" \"User commands\"\n", ferry_version_text());
    puts(".SH NAME\nferry \\- firmware updates through external flash");
    puts(".SH SYNOPSIS\n.B ferry\n\\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...");
    puts(".SH DESCRIPTION\n.B ferry\nmakes signed firmware images, brings them onto devices over "
         "SMP (serial or UDP), and checks the\nlayouts and configurations that belong to them.");
    for (int section = 0; section < FERRY_SECTIONS; section++) {
        char title[64];
        size_t i;

        for (i = 0; ferry_section_titles[section][i] != 0 && i + 1 < sizeof(title); i++)
            title[i] = (char)toupper((unsigned char)ferry_section_titles[section][i]);
        title[i] = 0;
        printf(".SH %s\n", title);
        put_commands(ferry_commands, "ferry", section);
    }
    puts(".SH OPTIONS OF A CONNECTION");
    put_options(ferry_connection_options);
    puts(".SH COMMON OPTIONS");
    put_options(ferry_common_options);
    put_exits();
}
