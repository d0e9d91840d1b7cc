// SPDX-License-Identifier: Apache-2.0
/* ferry doctor: what in a project's configuration will stop an update. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "doctor/output.h"
#include "tool/command.h"

static const struct ferry_option options[] = {
    {"explain", 0, "RULE", "print the page of one rule (P-01), or `all` for the list"},
    {"sdk", 0, "VERSION", "the SDK the project is for, where it cannot be told (2.6, 3.3.1)"},
    {"board", 0, "BOARD", "look at one board only (nrf9160dk@0.14.0/nrf9160/ns)"},
    {"baseline", 0, "FILE", "partitions.yml of the release in the field: nothing may move"},
    {"sarif", 0, NULL, "print SARIF 2.1.0 for code hosts"},
    {"fix", 0, NULL, "print the unambiguous fixes as a patch for `git apply`"},
    {"write", 0, NULL, "with --fix: change the files"},
    {"map", 0, NULL, "print the flash map"},
    {"svg", 0, "FILE", "draw the flash map"},
    {"all", 'a', NULL, "show notes too, which are no faults"},
    FERRY_OPTIONS_END};

static int explain_rule(struct ferry_args *args, const char *id)
{
    const struct rule *rule = ferry_doctor_rule(id);
    const char *page = ferry_doctor_page(id);

    if (strcmp(id, "all") == 0) {
        for (size_t k = 0; doctor_families[k] != NULL; k++) {
            for (rule = doctor_families[k]; rule->id != NULL; rule++)
                printf("%s  %-7s  %s\n", rule->id, severity_name(rule->severity), rule->title);
        }
        return FERRY_EXIT_OK;
    }
    if (rule == NULL || page == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "%s: no such rule; `ferry doctor --explain all` lists them", id);
    if (args->json)
        return ferry_print_json(args, json_pack("{s:s, s:s, s:s, s:s}", "rule", rule->id, "title",
                                                rule->title, "severity",
                                                severity_name(rule->severity), "page", page));
    printf("%s", page);
    return FERRY_EXIT_OK;
}

static int print_maps(struct ferry_args *args, struct doctor *doctor)
{
    const char *svg = ferry_args_value(args, "svg", NULL);
    bool any = false;

    for (size_t i = 0; i < doctor->case_count && svg == NULL; i++) {
        if (doctor->cases[i]->variant != NULL)
            printf("%s%s\n", any ? "\n" : "", doctor->cases[i]->variant);
        any |= output_map(stdout, doctor->cases[i]);
    }
    for (size_t i = 0; i < doctor->case_count && svg != NULL && !any; i++) {
        FILE *out = fopen(svg, "w");

        if (out == NULL)
            return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s: cannot be written", svg);
        any = output_map_svg(out, doctor->cases[i]);
        if (fclose(out) != 0)
            return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s: cannot be written", svg);
    }
    if (!any)
        return ferry_fail(args, FERRY_EXIT_INPUT,
                          "no layout found: neither pm_static.yml, nor a build, nor devicetree "
                          "partitions");
    return ferry_doctor_exit(doctor);
}

static int print_fixes(struct ferry_args *args, struct doctor *doctor)
{
    const char *problem = NULL;
    int written;
    size_t fixed;

    if (!ferry_args_has(args, "write")) {
        fixed = output_patch(stdout, doctor);
        if (!args->quiet)
            fprintf(stderr, "ferry: %zu of %zu findings have a fix in this patch\n", fixed,
                    doctor->findings.errors + doctor->findings.warnings);
        return ferry_doctor_exit(doctor);
    }
    written = output_apply(doctor, &problem);
    if (written < 0)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "%s", problem);
    ferry_say(args, "%d file%s changed; look at them, build, and run ferry doctor again", written,
              written == 1 ? "" : "s");
    return ferry_doctor_exit(doctor);
}

static int dump_json(json_t *object)
{
    json_dumpf(object, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    fputc('\n', stdout);
    json_decref(object);
    return 0;
}

static int print_result(struct ferry_args *args, struct doctor *doctor)
{
    struct output_options output = {isatty(STDOUT_FILENO) == 1, ferry_args_has(args, "all"),
                                    args->quiet};

    if (ferry_args_has(args, "fix"))
        return print_fixes(args, doctor);
    if (ferry_args_has(args, "map") || ferry_args_has(args, "svg"))
        return print_maps(args, doctor);
    if (ferry_args_has(args, "sarif"))
        dump_json(output_sarif(doctor, output.notes, ferry_version_text()));
    else if (args->json)
        dump_json(output_json(doctor, output.notes));
    else
        output_text(stdout, doctor, &output);
    return ferry_doctor_exit(doctor);
}

static int run(struct ferry_args *args)
{
    const char *here[] = {"."};
    struct doctor_options chosen = {ferry_args_value(args, "sdk", NULL),
                                    ferry_args_value(args, "board", NULL),
                                    ferry_args_value(args, "baseline", NULL)};
    struct doctor doctor;
    int status;

    if (ferry_args_has(args, "explain"))
        return explain_rule(args, ferry_args_value(args, "explain", ""));
    if (chosen.sdk != NULL && doctor_parse_version(chosen.sdk) == 0)
        return ferry_fail(args, FERRY_EXIT_USAGE, "--sdk %s: is no version like 2.6 or 3.3.1",
                          chosen.sdk);
    if (ferry_doctor_open(&doctor, &chosen, args->count == 0 ? here : args->operand,
                          args->count == 0 ? 1 : (size_t)args->count))
        ferry_doctor_check(&doctor);
    status = print_result(args, &doctor);
    ferry_doctor_close(&doctor);
    return status;
}

const struct ferry_command ferry_command_doctor = {
    .name = "doctor",
    .summary = "say what in a project's configuration will stop an update",
    .positional = "[PATH...]",
    .details =
        "PATH is a project folder, a build folder, or single files: layouts, configurations, "
        "images, packages, logs. Without one it is the current folder. Nothing is changed "
        "without --fix --write.\n\n"
        "The exit status is 0 when nothing was found, 1 for warnings, 2 for errors and for files "
        "that cannot be read.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_PROJECT,
};
