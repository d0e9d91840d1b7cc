// SPDX-License-Identifier: Apache-2.0
#include "doctor/output.h"

#include <string.h>

struct colors {
    const char *bold;
    const char *dim;
    const char *severity[3];
    const char *off;
};

static const struct colors *colors_of(const struct output_options *options)
{
    static const struct colors none = {"", "", {"", "", ""}, ""};
    static const struct colors ansi = {
        "\033[1m", "\033[2m", {"\033[36m", "\033[33;1m", "\033[31;1m"}, "\033[0m"};

    return options->color ? &ansi : &none;
}

/* Wraps at 96 columns behind an indentation; line breaks of the text stay. */
static void print_wrapped(FILE *out, const char *content, unsigned indent, bool wrap)
{
    unsigned column = indent;

    fprintf(out, "%*s", (int)indent, "");
    while (*content != '\0') {
        size_t word = strcspn(content, " \n");

        if (wrap && column > indent && column + word > 96) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        }
        fprintf(out, "%.*s", (int)word, content);
        column += (unsigned)word;
        content += word;
        if (*content == '\n') {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (*content == ' ') {
            fputc(' ', out);
            column++;
        }
        content += *content != '\0';
    }
    fputc('\n', out);
}

static void print_evidence(FILE *out, const struct evidence *evidence, const struct colors *colors)
{
    fprintf(out, "    %s%s", colors->bold, evidence->file);
    if (evidence->line != 0)
        fprintf(out, ":%u", evidence->line);
    fprintf(out, "%s: %s\n", colors->off, evidence->observed);
    if (evidence->required != NULL)
        fprintf(out, "        needed: %s\n", evidence->required);
}

void output_finding(FILE *out, const struct finding *finding, const struct output_options *options)
{
    const struct colors *colors = colors_of(options);

    fprintf(out, "%s%s%s %s%s%s  %s", colors->severity[finding->severity],
            severity_name(finding->severity), colors->off, colors->bold, finding->rule->id,
            colors->off, finding->rule->title);
    if (finding->variant != NULL)
        fprintf(out, " %s(%s)%s", colors->dim, finding->variant, colors->off);
    fputc('\n', out);
    print_wrapped(out, finding->message, 4, true);
    for (const struct evidence *one = finding->evidence; one != NULL; one = one->next)
        print_evidence(out, one, colors);
    if (finding->fix != NULL) {
        fprintf(out, "    fix:\n");
        print_wrapped(out, finding->fix, 8, strchr(finding->fix, '\n') == NULL);
    }
    fputc('\n', out);
}

static const char *generation_name(enum generation generation)
{
    static const char *const names[] = {"unknown SDK", "child images", "sysbuild",
                                        "sysbuild with devicetree partitions"};

    return names[generation];
}

static void print_case(FILE *out, const struct doctor_case *c)
{
    fprintf(out, "looked at %s%s%s%s%s: ", c->app[0] == '\0' ? "the project" : c->app,
            c->stem == NULL ? "" : " for ", c->stem == NULL ? "" : c->stem,
            c->suffix == NULL ? "" : " ", c->suffix == NULL ? "" : c->suffix);
    fprintf(out, "%s", generation_name(c->sdk.generation));
    if (c->sdk.version != 0)
        fprintf(out, ", SDK %u.%u.%u (%s)", c->sdk.version / 10000, c->sdk.version / 100 % 100,
                c->sdk.version % 100, c->sdk.why);
    if (c->build != NULL)
        fprintf(out, ", with the build in %s", c->build[0] == '\0' ? "." : c->build);
    else
        fprintf(out, ", no build: from the sources alone");
    if (!c->external)
        fprintf(out, "; no external update slot");
    fputc('\n', out);
}

static void print_summary(FILE *out, const struct doctor *doctor,
                          const struct output_options *options)
{
    const struct findings *findings = &doctor->findings;

    if (options->quiet || doctor->case_count == 0)
        return;
    for (size_t i = 0; i < doctor->case_count && i < 8; i++)
        print_case(out, doctor->cases[i]);
    if (doctor->case_count > 8)
        fprintf(out, "... and %zu more boards and build types\n", doctor->case_count - 8);
    if (findings->errors + findings->warnings == 0)
        fprintf(out, doctor->problems == NULL ? "Nothing found that would stop an update."
                                              : "Nothing else found that would stop an update.");
    else
        fprintf(out, "%zu error%s, %zu warning%s.", findings->errors,
                findings->errors == 1 ? "" : "s", findings->warnings,
                findings->warnings == 1 ? "" : "s");
    if (findings->notes > 0 && !options->notes)
        fprintf(out, " %zu note%s: --all.", findings->notes, findings->notes == 1 ? "" : "s");
    fputc('\n', out);
}

void output_text(FILE *out, const struct doctor *doctor, const struct output_options *options)
{
    const struct colors *colors = colors_of(options);

    for (const struct doctor_problem *one = doctor->problems; one != NULL; one = one->next)
        fprintf(out, "%serror%s %s\n", colors->severity[2], colors->off, one->text);
    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next) {
        if (one->severity != SEVERITY_NOTE || options->notes)
            output_finding(out, one, options);
    }
    print_summary(out, doctor, options);
}

static json_t *evidence_json(const struct evidence *evidence)
{
    json_t *object =
        json_pack("{s:s, s:s}", "file", evidence->file, "observed", evidence->observed);

    if (evidence->line != 0)
        json_object_set_new(object, "line", json_integer(evidence->line));
    if (evidence->required != NULL)
        json_object_set_new(object, "required", json_string(evidence->required));
    return object;
}

static json_t *finding_json(const struct finding *finding)
{
    json_t *object = json_pack("{s:s, s:s, s:s, s:s}", "rule", finding->rule->id, "severity",
                               severity_name(finding->severity), "title", finding->rule->title,
                               "message", finding->message);
    json_t *evidence = json_array();

    for (const struct evidence *one = finding->evidence; one != NULL; one = one->next)
        json_array_append_new(evidence, evidence_json(one));
    json_object_set_new(object, "evidence", evidence);
    if (finding->fix != NULL)
        json_object_set_new(object, "fix", json_string(finding->fix));
    if (finding->variant != NULL)
        json_object_set_new(object, "variant", json_string(finding->variant));
    json_object_set_new(object, "fixable", json_boolean(finding->edits != NULL));
    return object;
}

static json_t *case_json(const struct doctor_case *c)
{
    json_t *object = json_pack("{s:s, s:s, s:b, s:b}", "application", c->app, "generation",
                               generation_name(c->sdk.generation), "built", c->build != NULL,
                               "external_slot", c->external);

    if (c->stem != NULL)
        json_object_set_new(object, "board", json_string(c->stem));
    if (c->suffix != NULL)
        json_object_set_new(object, "build_type", json_string(c->suffix));
    if (c->sdk.version != 0)
        json_object_set_new(object, "sdk",
                            json_sprintf("%u.%u.%u", c->sdk.version / 10000,
                                         c->sdk.version / 100 % 100, c->sdk.version % 100));
    return object;
}

json_t *output_json(const struct doctor *doctor, bool notes)
{
    json_t *findings = json_array();
    json_t *cases = json_array();
    json_t *problems = json_array();

    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next) {
        if (one->severity != SEVERITY_NOTE || notes)
            json_array_append_new(findings, finding_json(one));
    }
    for (size_t i = 0; i < doctor->case_count; i++)
        json_array_append_new(cases, case_json(doctor->cases[i]));
    for (const struct doctor_problem *one = doctor->problems; one != NULL; one = one->next)
        json_array_append_new(problems, json_string(one->text));
    return json_pack("{s:o, s:o, s:o, s:i, s:i, s:i}", "findings", findings, "cases", cases,
                     "problems", problems, "errors", (int)doctor->findings.errors, "warnings",
                     (int)doctor->findings.warnings, "notes", (int)doctor->findings.notes);
}
