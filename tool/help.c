// SPDX-License-Identifier: Apache-2.0
/* --help, from the tables of the commands. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tool/command.h"

const char *const ferry_section_titles[FERRY_SECTIONS] = {
    "Talk to a device",
    "Keys and images",
    "Projects, layouts, simulation",
};

const char *ferry_version_text(void)
{
    return "ferry " FERRY_VERSION;
}

static void print_options(const char *title, const struct ferry_option *option)
{
    if (option == NULL || option->name == NULL)
        return;
    printf("\n%s:\n", title);
    for (; option->name != NULL; option++) {
        char left[64];
        const char *value = option->argument != NULL ? option->argument : "";

        if (option->letter != 0)
            snprintf(left, sizeof(left), "-%c, --%s %s", option->letter, option->name, value);
        else
            snprintf(left, sizeof(left), "    --%s %s", option->name, value);
        if (strlen(left) > 28)
            printf("  %s\n  %-28s  %s\n", left, "", option->help);
        else
            printf("  %-28s  %s\n", left, option->help);
    }
}

static void print_commands(void)
{
    printf("Usage: ferry COMMAND [OPTIONS] ...\n"
           "Firmware updates through external flash: images, devices, layouts.\n");
    for (int section = 0; section < FERRY_SECTIONS; section++) {
        bool first = true;

        for (const struct ferry_command *const *at = ferry_commands; *at != NULL; at++) {
            if ((int)(*at)->section != section)
                continue;
            if (first)
                printf("\n%s:\n", ferry_section_titles[section]);
            first = false;
            printf("  %-12s  %s\n", (*at)->name, (*at)->summary);
        }
    }
    printf("\n'ferry COMMAND --help' explains a command, 'ferry --version' prints the version.\n");
}

static void print_verbs(const struct ferry_command *command, const char *path)
{
    printf("\nVerbs:\n");
    for (const struct ferry_command *const *at = command->verbs; *at != NULL; at++)
        printf("  %-12s  %s\n", (*at)->name, (*at)->summary);
    printf("\n'%s VERB --help' explains a verb.\n", path);
}

/* Each line of a text, wrapped for a terminal of 80 columns. */
static void print_wrapped(const char *text)
{
    size_t column = 0;

    while (*text != 0) {
        size_t word = strcspn(text, " \n");

        if (column > 0 && column + 1 + word > 79) {
            fputc('\n', stdout);
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column > 0 ? " " : "", (int)word, text);
        text += word;
        if (*text == '\n') {
            fputc('\n', stdout);
            column = 0;
        }
        text += *text != 0;
    }
    fputc('\n', stdout);
}

static void print_exits(void)
{
    printf("\nExit status:\n");
    for (const struct ferry_exit_row *row = ferry_exits; row->meaning != NULL; row++)
        printf("  %3d  %s\n", row->status, row->meaning);
}

void ferry_help(const struct ferry_command *command, const char *path)
{
    if (command == NULL) {
        print_commands();
        print_exits();
        return;
    }
    printf("Usage: %s%s%s%s%s\n", path, command->verbs != NULL ? " VERB" : "",
           command->connects ? " (--serial PATH | --udp HOST)" : "",
           command->verbs == NULL ? " [OPTIONS] " : "",
           command->positional != NULL ? command->positional : "");
    printf("%c%s.\n", toupper((unsigned char)command->summary[0]), command->summary + 1);
    if (command->details != NULL) {
        fputc('\n', stdout);
        print_wrapped(command->details);
    }
    if (command->verbs != NULL) {
        print_verbs(command, path);
        return;
    }
    print_options("Options", command->options);
    if (command->connects)
        print_options("Connection", ferry_connection_options);
    print_options("Common options", ferry_common_options);
}
