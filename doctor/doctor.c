// SPDX-License-Identifier: Apache-2.0
#include "doctor/doctor.h"

#include <string.h>
#include <sys/stat.h>

#include "doctor/embedded.h"

void doctor_problem(struct doctor *doctor, const char *text)
{
    struct doctor_problem **tail = &doctor->problems;
    struct doctor_problem *problem;

    for (; *tail != NULL; tail = &(*tail)->next) {
        if (strcmp((*tail)->text, text) == 0)
            return;
    }
    problem = ferry_arena_take(&doctor->arena, sizeof(*problem));
    problem->text = text;
    *tail = problem;
}

const char *doctor_text(struct doctor *doctor, struct tree_file *file)
{
    const char *problem = NULL;
    const char *content = tree_read(&doctor->tree, file, &problem);

    if (content == NULL && problem != NULL)
        doctor_problem(doctor, problem);
    return content;
}

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where a file that was given alone would lie in a project; NULL: it is an image or a log. */
static const char *place_of(const char *path)
{
    const char *name = path_name(path);
    bool boot = strstr(name, "mcuboot") != NULL;

    if (text_starts(name, "partitions") && text_ends(name, ".yml"))
        return "partitions.yml";
    if (text_starts(name, "regions") && text_ends(name, ".yml"))
        return "regions.yml";
    if (text_ends(name, ".yml") || text_ends(name, ".yaml"))
        return "pm_static.yml";
    if (strcmp(name, "Kconfig.sysbuild") == 0)
        return name;
    if (text_starts(name, "sysbuild") && text_ends(name, ".conf"))
        return "sysbuild.conf";
    if (text_ends(name, ".conf"))
        return boot ? "child_image/mcuboot.conf" : "prj.conf";
    if (text_ends(name, ".overlay"))
        return boot ? "child_image/mcuboot.overlay" : "app.overlay";
    if (text_ends(name, ".config"))
        return "zephyr/.config";
    return text_ends(name, ".dts") ? "zephyr/zephyr.dts" : NULL;
}

static void add_given(struct doctor *doctor, const char *path, bool alone)
{
    const char *place = alone ? place_of(path) : NULL;
    struct tree_file *file = tree_add(&doctor->tree, place != NULL ? place : path, path);

    if (file == NULL) {
        doctor_problem(
            doctor, ferry_arena_format(&doctor->arena, "%s: cannot be read, or is no file", path));
        return;
    }
    file->shown = ferry_arena_string(&doctor->arena, path);
    file->used = true;
    if (place == NULL)
        artifacts_add(&doctor->artifacts, &doctor->tree, file, true);
}

static void read_baseline(struct doctor *doctor)
{
    struct tree_file *file;
    const char *problem = NULL;
    const char *content;

    if (doctor->options.baseline == NULL)
        return;
    file = tree_add(&doctor->tree, ".baseline.yml", doctor->options.baseline);
    if (file == NULL) {
        doctor_problem(doctor, ferry_arena_format(&doctor->arena, "%s: cannot be read",
                                                  doctor->options.baseline));
        return;
    }
    file->shown = doctor->options.baseline;
    content = doctor_text(doctor, file);
    if (content != NULL &&
        !pm_read(&doctor->baseline, &doctor->arena, file->shown, content, file->length, &problem))
        doctor_problem(doctor, problem);
}

void ferry_doctor_open_tree(struct doctor *doctor, const struct doctor_options *options)
{
    doctor->options = *options;
    doctor->tree.arena = &doctor->arena;
    if (doctor->tree.root == NULL)
        doctor->tree.root = ".";
    boards_load(&doctor->boards, &doctor->arena);
    artifacts_init(&doctor->artifacts);
    findings_init(&doctor->findings, &doctor->arena);
}

bool ferry_doctor_open(struct doctor *doctor, const struct doctor_options *options,
                       const char *const *paths, size_t count)
{
    const char *root = NULL;
    const char *problem = NULL;

    memset(doctor, 0, sizeof(*doctor));
    for (size_t i = 0; i < count && root == NULL; i++)
        root = is_folder(paths[i]) ? paths[i] : NULL;
    if (root != NULL && !tree_open(&doctor->tree, &doctor->arena, root, &problem)) {
        doctor_problem(doctor, problem);
        return false;
    }
    ferry_doctor_open_tree(doctor, options);
    if (doctor->tree.cut)
        doctor_problem(doctor, ferry_arena_format(&doctor->arena,
                                                  "%s: too many files or folders too deep; "
                                                  "name the application's folder instead",
                                                  root));
    if (doctor->tree.closed != NULL)
        doctor_problem(doctor,
                       ferry_arena_format(&doctor->arena,
                                          "%s: the folder cannot be opened; what lies in it "
                                          "is not looked at",
                                          doctor->tree.closed));
    for (size_t i = 0; i < count; i++) {
        if (paths[i] != root)
            add_given(doctor, paths[i], root == NULL);
    }
    doctor->partial = root == NULL;
    read_baseline(doctor);
    tree_sort(&doctor->tree);
    if (doctor->tree.count == 0 && doctor->problems == NULL)
        doctor_problem(doctor, ferry_arena_format(&doctor->arena, "%s: an empty folder",
                                                  root == NULL ? "." : root));
    if (doctor->tree.count == 0)
        return false;
    doctor_resolve(doctor);
    return true;
}

static void run_family(struct doctor_case *c, const struct rule *rules)
{
    for (; rules->id != NULL; rules++) {
        c->rule = rules;
        rules->check(c);
    }
}

static bool is_in_tree(const struct doctor *doctor, const char *file)
{
    for (size_t i = 0; i < doctor->tree.count; i++) {
        if (strcmp(doctor->tree.files[i].shown, file) == 0)
            return true;
    }
    return false;
}

/* Findings about files that were not given. */
static void drop_absences(struct doctor *doctor)
{
    struct finding **at = &doctor->findings.first;

    while (*at != NULL) {
        const struct evidence *first = (*at)->evidence;

        if (first != NULL && !is_in_tree(doctor, first->file))
            *at = (*at)->next;
        else
            at = &(*at)->next;
    }
    doctor->findings.tail = at;
}

void ferry_doctor_check(struct doctor *doctor)
{
    for (size_t i = 0; i < doctor->case_count; i++) {
        for (size_t k = 0; doctor_families[k] != NULL; k++)
            run_family(doctor->cases[i], doctor_families[k]);
    }
    if (doctor->partial)
        drop_absences(doctor);
    findings_settle(&doctor->findings);
}

int ferry_doctor_exit(const struct doctor *doctor)
{
    if (doctor->findings.errors > 0 || doctor->problems != NULL)
        return 2;
    return doctor->findings.warnings > 0 ? 1 : 0;
}

void ferry_doctor_close(struct doctor *doctor)
{
    ferry_arena_free(&doctor->arena);
    memset(doctor, 0, sizeof(*doctor));
}

const struct rule *ferry_doctor_rule(const char *id)
{
    for (size_t k = 0; doctor_families[k] != NULL; k++) {
        for (const struct rule *rule = doctor_families[k]; rule->id != NULL; rule++) {
            if (strcasecmp(rule->id, id) == 0)
                return rule;
        }
    }
    return NULL;
}

size_t ferry_doctor_rule_count(void)
{
    size_t count = 0;

    for (size_t k = 0; doctor_families[k] != NULL; k++) {
        for (const struct rule *rule = doctor_families[k]; rule->id != NULL; rule++)
            count++;
    }
    return count;
}

const char *ferry_doctor_page(const char *id)
{
    for (const struct doctor_embedded *page = doctor_embedded_pages; page->name != NULL; page++) {
        const char *heading = strstr(page->text, "# ");

        if (strcasecmp(page->name, id) == 0)
            return heading != NULL ? heading : page->text; /* not the licence line */
    }
    return NULL;
}
