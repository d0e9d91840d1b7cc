// SPDX-License-Identifier: Apache-2.0
/*
 * Shell completion, from the tables of the commands. Each script is a list of rules
 * "path|words": what may follow a command line that consists of these commands.
 */
#include <stdio.h>
#include <string.h>

#include "tool/command.h"

static bool takes_file(const char *argument)
{
    static const char *const files[] = {"FILE", "IMAGE", "INPUT", "OUTPUT",
                                        "DIR",  "PATH",  "LAYOUT"};

    for (size_t i = 0; argument != NULL && i < sizeof(files) / sizeof(files[0]); i++) {
        if (strstr(argument, files[i]) != NULL)
            return true;
    }
    return false;
}

/* Calls `visit` for every command with its path, groups before their verbs. */
static void walk(const struct ferry_command *const *list, const char *path,
                 void (*visit)(const struct ferry_command *command, const char *path))
{
    for (; *list != NULL; list++) {
        char name[128];

        snprintf(name, sizeof(name), "%s%s%s", path, path[0] != 0 ? " " : "", (*list)->name);
        visit(*list, name);
        if ((*list)->verbs != NULL)
            walk((*list)->verbs, name, visit);
    }
}

/* The three tables of options a command takes. */
static void tables_of(const struct ferry_command *command, const struct ferry_option *tables[3])
{
    tables[0] = command->options;
    tables[1] = command->connects ? ferry_connection_options : NULL;
    tables[2] = ferry_common_options;
}

static void put_option_words(const struct ferry_command *command)
{
    const struct ferry_option *tables[3];

    tables_of(command, tables);
    for (int i = 0; i < 3; i++) {
        for (const struct ferry_option *at = tables[i]; at != NULL && at->name != NULL; at++)
            printf(" --%s", at->name);
    }
}

static void put_verb_words(const struct ferry_command *const *list)
{
    for (; *list != NULL; list++)
        printf("%s%s", (*list)->name, list[1] != NULL ? " " : "");
}

static void put_words(const char *choices)
{
    for (; *choices != 0; choices++)
        fputc(*choices == '|' ? ' ' : *choices, stdout);
}

static void bash_command(const struct ferry_command *command, const char *path)
{
    printf("        '%s') words='", path);
    if (command->verbs != NULL)
        put_verb_words(command->verbs);
    else
        put_option_words(command);
    printf("' ;;\n");
}

/* Values of options: by name, as the same name means the same everywhere. */
static void bash_choices(const struct ferry_command *command, const char *path)
{
    const struct ferry_option *tables[3];

    tables_of(command, tables);
    for (const struct ferry_option *at = tables[0]; at != NULL && at->name != NULL; at++) {
        if (at->argument == NULL || strchr(at->argument, '|') == NULL)
            continue;
        printf("        '%s --%s') COMPREPLY=($(compgen -W '", path, at->name);
        put_words(at->argument);
        printf("' -- \"$word\")); return ;;\n");
    }
}

static void generate_bash(void)
{
    puts("# bash completion for ferry; made by: ferry --generate bash\n"
         "_ferry()\n{\n"
         "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    local path='' words='' i\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        case ${COMP_WORDS[i]} in\n"
         "        -*) break ;;\n"
         "        esac\n"
         "        case \"${path:+$path }${COMP_WORDS[i]}\" in");
    walk(ferry_commands, "", bash_command);
    puts("        *) break ;;\n"
         "        esac\n"
         "        path=${path:+$path }${COMP_WORDS[i]}\n"
         "    done\n"
         "    case \"$path $before\" in");
    walk(ferry_commands, "", bash_choices);
    puts("    esac");
    printf("    [[ -z $path ]] && words='");
    put_verb_words(ferry_commands);
    puts(" --help --version'\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -o bashdefault -F _ferry ferry");
}

/* Inside single quotes of zsh and fish. */
static void put_quoted(const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else
            fputc(*text, stdout);
    }
}

/* A description of zsh's _arguments: brackets and colons mean something there. */
static void put_zsh(const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            printf("\\%c", *text);
        else
            fputc(*text, stdout);
    }
}

static void zsh_option(const struct ferry_option *option)
{
    printf(" \\\n            '--%s%s[", option->name, option->argument != NULL ? "=" : "");
    put_zsh(option->help);
    printf("]");
    if (option->argument != NULL && strchr(option->argument, '|') != NULL) {
        printf(":value:(");
        put_words(option->argument);
        printf(")");
    } else if (option->argument != NULL) {
        printf(":");
        put_zsh(option->argument);
        printf(":%s", takes_file(option->argument) ? "_files" : "");
    }
    printf("'");
}

static void zsh_command(const struct ferry_command *command, const char *path)
{
    const struct ferry_option *tables[3];

    if (command->verbs != NULL) {
        printf("        '%s') compadd ", path);
        put_verb_words(command->verbs);
        printf(" ;;\n");
        return;
    }
    printf("        '%s') _arguments", path);
    tables_of(command, tables);
    for (int i = 0; i < 3; i++) {
        for (const struct ferry_option *at = tables[i]; at != NULL && at->name != NULL; at++)
            zsh_option(at);
    }
    printf(" '*:operand:_files' ;;\n");
}

static void zsh_path(const struct ferry_command *command, const char *path)
{
    (void)command;
    printf("            '%s') ;;\n", path);
}

static void generate_zsh(void)
{
    puts("#compdef ferry\n"
         "# zsh completion for ferry; made by: ferry --generate zsh\n"
         "_ferry()\n{\n"
         "    local path='' used=1 i\n"
         "    for ((i = 2; i < CURRENT; i++)); do\n"
         "        case \"${path:+$path }${words[i]}\" in");
    walk(ferry_commands, "", zsh_path);
    puts("            *) break ;;\n"
         "        esac\n"
         "        path=\"${path:+$path }${words[i]}\"\n"
         "        used=$i\n"
         "    done\n"
         "    if ((used > 1)); then\n"
         "        shift $((used - 1)) words\n"
         "        ((CURRENT -= used - 1))\n"
         "    fi\n"
         "    case \"$path\" in");
    printf("        '') compadd ");
    put_verb_words(ferry_commands);
    puts(" --help --version ;;");
    walk(ferry_commands, "", zsh_command);
    puts("    esac\n}\n_ferry \"$@\"");
}

static void put_fish_condition(const char *path)
{
    printf("complete -c ferry -n '__fish_seen_subcommand_from");
    /* "layout check": both words have been seen. */
    for (const char *at = path; *at != 0; at++) {
        if (*at == ' ')
            printf("; and __fish_seen_subcommand_from ");
        else
            printf("%s%c", at == path ? " " : "", *at);
    }
    printf("'");
}

static void fish_option(const struct ferry_option *option, const char *path)
{
    put_fish_condition(path);
    printf(" -l %s", option->name);
    if (option->letter != 0)
        printf(" -s %c", option->letter);
    if (option->argument != NULL && strchr(option->argument, '|') != NULL) {
        printf(" -x -a '");
        put_words(option->argument);
        printf("'");
    } else if (option->argument != NULL) {
        printf(takes_file(option->argument) ? " -r -F" : " -x");
    }
    printf(" -d '");
    put_quoted(option->help);
    printf("'\n");
}

static void fish_command(const struct ferry_command *command, const char *path)
{
    const struct ferry_option *tables[3];

    if (strchr(path, ' ') == NULL) {
        printf("complete -c ferry -n __fish_use_subcommand -f -a %s -d '", command->name);
        put_quoted(command->summary);
        printf("'\n");
    }
    if (command->verbs != NULL) {
        for (const struct ferry_command *const *at = command->verbs; *at != NULL; at++) {
            put_fish_condition(path);
            printf(" -f -a %s -d '", (*at)->name);
            put_quoted((*at)->summary);
            printf("'\n");
        }
        return;
    }
    tables_of(command, tables);
    for (int i = 0; i < 3; i++) {
        for (const struct ferry_option *at = tables[i]; at != NULL && at->name != NULL; at++)
            fish_option(at, path);
    }
}

static void generate_fish(void)
{
    puts("# fish completion for ferry; made by: ferry --generate fish\n"
         "complete -c ferry -n __fish_use_subcommand -l help -d 'list the commands'\n"
         "complete -c ferry -n __fish_use_subcommand -l version -d 'print the version'");
    walk(ferry_commands, "", fish_command);
}

int ferry_generate(const char *what)
{
    if (strcmp(what, "man") == 0)
        ferry_generate_man();
    else if (strcmp(what, "bash") == 0)
        generate_bash();
    else if (strcmp(what, "zsh") == 0)
        generate_zsh();
    else if (strcmp(what, "fish") == 0)
        generate_fish();
    else
        return -1;
    return 0;
}
