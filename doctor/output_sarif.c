// SPDX-License-Identifier: Apache-2.0
/* SARIF 2.1.0, which code hosts show beside the lines it names. */
#include <ctype.h>
#include <string.h>

#include "doctor/output.h"

static const char *level(enum severity severity)
{
    static const char *const names[] = {"note", "warning", "error"};

    return names[severity];
}

/* A path as a relative URI reference: everything but unreserved characters and '/' is escaped. */
static json_t *uri(const char *path)
{
    char escaped[2048];
    size_t length = 0;

    for (; *path != '\0' && length + 4 < sizeof(escaped); path++) {
        unsigned char character = (unsigned char)*path;

        if (isalnum(character) || strchr("-._~/", character) != NULL)
            escaped[length++] = (char)character;
        else
            length += (size_t)snprintf(escaped + length, 4, "%%%02X", character);
    }
    escaped[length] = '\0';
    return json_string(escaped);
}

static json_t *location(const struct evidence *evidence)
{
    json_t *artifact = json_object();
    json_t *physical = json_object();
    json_t *result = json_object();

    json_object_set_new(artifact, "uri", uri(evidence->file));
    json_object_set_new(physical, "artifactLocation", artifact);
    if (evidence->line != 0)
        json_object_set_new(physical, "region",
                            json_pack("{s:i}", "startLine", (int)evidence->line));
    json_object_set_new(result, "physicalLocation", physical);
    json_object_set_new(
        result, "message",
        json_pack("{s:o}", "text",
                  json_sprintf("%s%s%s", evidence->observed,
                               evidence->required == NULL ? "" : "; needed: ",
                               evidence->required == NULL ? "" : evidence->required)));
    return result;
}

static json_t *result_of(const struct finding *finding)
{
    json_t *locations = json_array();
    json_t *related = json_array();
    json_t *result = json_object();

    for (const struct evidence *one = finding->evidence; one != NULL; one = one->next)
        json_array_append_new(one == finding->evidence ? locations : related, location(one));
    json_object_set_new(result, "ruleId", json_string(finding->rule->id));
    json_object_set_new(result, "level", json_string(level(finding->severity)));
    json_object_set_new(
        result, "message",
        json_pack("{s:o}", "text",
                  json_sprintf("%s%s%s", finding->message, finding->fix == NULL ? "" : "\n\nFix: ",
                               finding->fix == NULL ? "" : finding->fix)));
    json_object_set_new(result, "locations", locations);
    if (json_array_size(related) > 0)
        json_object_set_new(result, "relatedLocations", related);
    else
        json_decref(related);
    return result;
}

static json_t *rules_json(void)
{
    json_t *rules = json_array();

    for (size_t k = 0; doctor_families[k] != NULL; k++) {
        for (const struct rule *rule = doctor_families[k]; rule->id != NULL; rule++) {
            const char *page = ferry_doctor_page(rule->id);
            json_t *row =
                json_pack("{s:s, s:{s:s}, s:{s:s}}", "id", rule->id, "shortDescription", "text",
                          rule->title, "defaultConfiguration", "level", level(rule->severity));

            if (page != NULL)
                json_object_set_new(row, "help",
                                    json_pack("{s:s, s:s}", "text", page, "markdown", page));
            json_array_append_new(rules, row);
        }
    }
    return rules;
}

static json_t *notification(const struct doctor_problem *problem)
{
    return json_pack("{s:s, s:{s:s}}", "level", "error", "message", "text", problem->text);
}

json_t *output_sarif(const struct doctor *doctor, bool notes, const char *version)
{
    json_t *results = json_array();
    json_t *problems = json_array();
    json_t *run;

    for (const struct finding *one = doctor->findings.first; one != NULL; one = one->next) {
        if (one->severity != SEVERITY_NOTE || notes)
            json_array_append_new(results, result_of(one));
    }
    for (const struct doctor_problem *one = doctor->problems; one != NULL; one = one->next)
        json_array_append_new(problems, notification(one));
    run = json_pack("{s:{s:{s:s, s:s, s:o}}, s:o, s:[{s:b, s:o}]}", "tool", "driver", "name",
                    "ferry doctor", "version", version, "rules", rules_json(), "results", results,
                    "invocations", "executionSuccessful", doctor->problems == NULL,
                    "toolExecutionNotifications", problems);
    return json_pack("{s:s, s:s, s:[o]}", "$schema",
                     "https://json.schemastore.org/sarif-2.1.0.json", "version", "2.1.0", "runs",
                     run);
}
