// SPDX-License-Identifier: Apache-2.0
/* From argv to a command and its arguments, by the tables of the commands. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/command.h"

const struct ferry_option ferry_common_options[] = {
    {"help", 'h', NULL, "show this help"},
    {"json", 0, NULL, "print the result as one JSON object"},
    {"quiet", 'q', NULL, "print nothing but errors"},
    FERRY_OPTIONS_END,
};

const struct ferry_option ferry_connection_options[] = {
    {"serial", 's', "PATH[@BAUD]", "connect to a serial port (115200 baud unless said otherwise)"},
    {"udp", 'u', "HOST[:PORT]", "connect over UDP (port 1337 unless said otherwise)"},
    {"timeout", 't', "SECONDS", "how long to wait for the device"},
    FERRY_OPTIONS_END,
};

static const struct ferry_command *find_command(const struct ferry_command *const *list,
                                                const char *name)
{
    for (; *list != NULL; list++) {
        if (strcmp((*list)->name, name) == 0)
            return *list;
    }
    return NULL;
}

/* `name` without its dashes, `length` characters of it; or a letter where length is 1. */
static const struct ferry_option *find_in(const struct ferry_option *table, const char *name,
                                          size_t length, bool letter)
{
    for (; table != NULL && table->name != NULL; table++) {
        if (letter ? table->letter == name[0] && name[0] != 0
                   : strlen(table->name) == length && strncmp(table->name, name, length) == 0)
            return table;
    }
    return NULL;
}

static const struct ferry_option *find_option(const struct ferry_command *command, const char *name,
                                              size_t length, bool letter)
{
    const struct ferry_option *option = find_in(command->options, name, length, letter);

    if (option == NULL && command->connects)
        option = find_in(ferry_connection_options, name, length, letter);
    if (option == NULL)
        option = find_in(ferry_common_options, name, length, letter);
    return option;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);
    const char *at = strchr(value, '|') == NULL ? choices : NULL;

    while (at != NULL) {
        if (strncmp(at, value, length) == 0 && (at[length] == '|' || at[length] == 0))
            return true;
        at = strchr(at, '|');
        if (at != NULL)
            at++;
    }
    return false;
}

static int usage(struct ferry_args *args, const char *what, const char *which)
{
    return ferry_fail(args, FERRY_EXIT_USAGE, "%s '%s'; see '%s --help'", what, which, args->path);
}

static int take_option(struct ferry_args *args, const struct ferry_option *option,
                       const char *value)
{
    if (args->given_count == FERRY_TOOL_VALUES)
        return usage(args, "too many options, at", option->name);
    if (value != NULL && option->argument != NULL && strchr(option->argument, '|') != NULL &&
        !is_choice(option->argument, value))
        return ferry_fail(args, FERRY_EXIT_USAGE, "--%s takes %s, not '%s'; see '%s --help'",
                          option->name, option->argument, value, args->path);
    args->given[args->given_count].option = option;
    args->given[args->given_count].value = value;
    args->given_count++;
    return FERRY_EXIT_OK;
}

/* --name, --name=value, --name value. `*i` moves over a value that stands alone. */
static int parse_long(struct ferry_args *args, int argc, char **argv, int *i)
{
    const char *name = argv[*i] + 2;
    size_t length = strcspn(name, "=");
    const struct ferry_option *option = find_option(args->command, name, length, false);
    const char *value = name[length] == '=' ? name + length + 1 : NULL;

    if (option == NULL)
        return usage(args, "unknown option", argv[*i]);
    if (option->argument == NULL && value != NULL)
        return usage(args, "no value is taken by", argv[*i]);
    if (option->argument != NULL && value == NULL) {
        if (*i + 1 >= argc)
            return usage(args, "a value is missing after", argv[*i]);
        value = argv[++*i];
    }
    return take_option(args, option, value);
}

/* -abc, -a value, -avalue. */
static int parse_letters(struct ferry_args *args, int argc, char **argv, int *i)
{
    const char *word = argv[*i];

    for (const char *at = word + 1; *at != 0; at++) {
        const struct ferry_option *option = find_option(args->command, at, 1, true);
        const char *value = NULL;
        int status;

        if (option == NULL)
            return usage(args, "unknown option", word);
        if (option->argument != NULL) {
            value = at[1] != 0 ? at + 1 : *i + 1 < argc ? argv[++*i] : NULL;
            if (value == NULL)
                return usage(args, "a value is missing after", word);
        }
        status = take_option(args, option, value);
        if (status != FERRY_EXIT_OK || value != NULL)
            return status;
    }
    return FERRY_EXIT_OK;
}

static int parse_words(struct ferry_args *args, int argc, char **argv)
{
    bool options = true;

    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        int status = FERRY_EXIT_OK;

        if (options && strcmp(word, "--") == 0)
            options = false;
        else if (options && strncmp(word, "--", 2) == 0)
            status = parse_long(args, argc, argv, &i);
        else if (options && word[0] == '-' && word[1] != 0)
            status = parse_letters(args, argc, argv, &i);
        else if (args->count == FERRY_TOOL_VALUES)
            status = usage(args, "too many operands, at", word);
        else
            args->operand[args->count++] = word;
        if (status != FERRY_EXIT_OK)
            return status;
    }
    return FERRY_EXIT_OK;
}

void ferry_positional_count(const char *positional, int *least, int *most)
{
    *least = 0;
    *most = 0;
    while (positional != NULL && *positional != 0) {
        size_t length = strcspn(positional, " ");
        bool many = length >= 3 && memchr(positional, '.', length) != NULL;

        if (length > 0 && positional[0] != '[')
            ++*least;
        if (many)
            *most = -1;
        else if (length > 0 && *most >= 0)
            ++*most;
        positional += length;
        positional += strspn(positional, " ");
    }
}

static int check_operands(struct ferry_args *args)
{
    int least;
    int most;

    ferry_positional_count(args->command->positional, &least, &most);
    if (args->count < least) {
        const char *word = args->command->positional;

        for (int i = 0; i < args->count; i++)
            word += strcspn(word, " ") + 1;
        return ferry_fail(args, FERRY_EXIT_USAGE, "%.*s is missing; see '%s --help'",
                          (int)strcspn(word, " ."), word, args->path);
    }
    if (most >= 0 && args->count > most)
        return usage(args, "unexpected operand", args->operand[most]);
    return FERRY_EXIT_OK;
}

/* A flag that must work wherever it stands, also in front of a mistake. */
static bool has_word(int argc, char **argv, const char *word)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], word) == 0)
            return true;
    }
    return false;
}

static int parse_general(struct ferry_args *args, int argc, char **argv)
{
    if (argc < 2)
        return ferry_fail(args, FERRY_EXIT_USAGE, "a command is missing; see 'ferry --help'");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        ferry_help(NULL, "ferry");
        return FERRY_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts(ferry_version_text());
        return FERRY_EXIT_OK;
    }
    /* For the build: man page and shell completion. Not in the help. */
    if (strcmp(argv[1], "--generate") == 0) {
        if (argc == 3 && ferry_generate(argv[2]) == 0)
            return FERRY_EXIT_OK;
        return ferry_fail(args, FERRY_EXIT_USAGE, "--generate takes man, bash, zsh or fish");
    }
    if (argv[1][0] == '-')
        return usage(args, "unknown option", argv[1]);
    return -1;
}

/* Walks down to the command: "layout", then "check". Returns words used, -1 after a message. */
static int find_path(struct ferry_args *args, int argc, char **argv)
{
    const struct ferry_command *const *list = ferry_commands;
    int at = 1;

    for (; list != NULL && at < argc && argv[at][0] != '-'; at++) {
        const struct ferry_command *command = find_command(list, argv[at]);
        size_t used = strlen(args->path);

        if (command == NULL) {
            usage(args, "unknown command", argv[at]);
            return -1;
        }
        snprintf(args->path + used, sizeof(args->path) - used, " %s", command->name);
        args->command = command;
        list = command->verbs;
    }
    return at;
}

int ferry_args_parse(struct ferry_args *args, int argc, char **argv)
{
    int status;
    int at;

    memset(args, 0, sizeof(*args));
    strcpy(args->path, "ferry");
    args->json = has_word(argc, argv, "--json");
    status = parse_general(args, argc, argv);
    if (status >= 0)
        return status;
    at = find_path(args, argc, argv);
    if (at < 0)
        return FERRY_EXIT_USAGE;
    if (has_word(argc, argv, "--help") || has_word(argc, argv, "-h")) {
        ferry_help(args->command, args->path);
        args->command = NULL;
        return FERRY_EXIT_OK;
    }
    if (args->command->verbs != NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE, "a verb is missing after '%s'; see '%s --help'",
                          args->path, args->path);
    status = parse_words(args, argc - at, argv + at);
    args->quiet = ferry_args_has(args, "quiet");
    return status != FERRY_EXIT_OK ? status : check_operands(args);
}

bool ferry_args_has(const struct ferry_args *args, const char *name)
{
    for (int i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, name) == 0)
            return true;
    }
    return false;
}

const char *ferry_args_nth(const struct ferry_args *args, const char *name, int n)
{
    for (int i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, name) == 0 && n-- == 0)
            return args->given[i].value;
    }
    return NULL;
}

const char *ferry_args_value(const struct ferry_args *args, const char *name, const char *otherwise)
{
    const char *value = NULL;

    /* The last one counts, so that a script's default can be overridden by appending. */
    for (int i = 0; i < args->given_count; i++) {
        if (strcmp(args->given[i].option->name, name) == 0)
            value = args->given[i].value;
    }
    return value != NULL ? value : otherwise;
}

int ferry_args_number(struct ferry_args *args, const char *name, unsigned long max,
                      unsigned long *number)
{
    const char *text = ferry_args_value(args, name, NULL);
    unsigned long unit = 1;
    unsigned long value;
    char *end;

    if (text == NULL)
        return FERRY_EXIT_OK;
    errno = 0;
    value = strtoul(text, &end, 0);
    if (end != text && (*end == 'K' || *end == 'k'))
        unit = 1024;
    else if (end != text && *end == 'M')
        unit = 1024ul * 1024;
    if (unit > 1)
        end++;
    if (end == text || *end != 0 || errno != 0 || text[0] == '-' || value > max / unit)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "--%s takes a number up to %lu, not '%s'; see '%s --help'", name, max,
                          text, args->path);
    *number = value * unit;
    return FERRY_EXIT_OK;
}
