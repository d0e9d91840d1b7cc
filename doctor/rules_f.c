// SPDX-License-Identifier: Apache-2.0
/* F: files that look like configuration and are read by nothing. */
#include <string.h>

#include "doctor/rules.h"

/* Calls `visit` for the application's files under `folder`. */
static void each_in(const struct doctor_case *c, const char *folder,
                    void (*visit)(const struct doctor_case *, struct tree_file *, void *),
                    void *context)
{
    const char *start = text(c, "%s%s", c->app, folder);

    if (!c->has_source)
        return;
    for (size_t i = tree_lower(c->tree, start); i < c->tree->count; i++) {
        if (!text_starts(c->tree->files[i].path, start))
            return;
        visit(c, &c->tree->files[i], context);
    }
}

static void count_config(const struct doctor_case *c, struct tree_file *file, void *context)
{
    size_t *count = context;

    (void)c;
    *count += text_ends(file->path, ".conf") || text_ends(file->path, ".overlay");
}

static size_t config_files(const struct doctor_case *c, const char *folder)
{
    size_t count = 0;

    each_in(c, folder, count_config, &count);
    return count;
}

static void report_child_image(const struct doctor_case *c, struct tree_file *file, void *context)
{
    const char *rest = file->path + strlen(c->app) + strlen("child_image/");
    const char *target = text(c, "%ssysbuild/%s", c->app, rest);
    size_t *reported = context;
    struct finding *finding;

    if (file->used || !text_starts(rest, "mcuboot") ||
        (!text_ends(rest, ".conf") && !text_ends(rest, ".overlay")))
        return;
    if (text_ends(rest, ".conf") ? c->mcuboot.requested.count > 0 : c->mcuboot.has_overlay)
        return;
    if (tree_find(c->tree, target) != NULL || (*reported)++ > 0)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The project is built with sysbuild, which does not read child_image/: "
                     "MCUboot is built without these settings, and without the external chip.");
    seen(c, finding, file->shown, 0, file->shown, target);
    fix(c, finding, "Move child_image/%s to sysbuild/%s (and the rest of the folder with it).",
        rest, rest);
    edit(c, finding, EDIT_RENAME, file->shown, 0, target);
}

/* Projects for old and new SDKs have both folders: then only what is missing in sysbuild/ counts.
 */
static void f01(const struct doctor_case *c)
{
    size_t reported = 0;

    if (!is_sysbuild(c) || c->cmake_overrides)
        return;
    each_in(c, "child_image/", report_child_image, &reported);
}

static void report_sysbuild(const struct doctor_case *c, struct tree_file *file, void *context)
{
    size_t *reported = context;
    struct finding *finding;

    if (file->used || (*reported)++ > 0)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The project is built without sysbuild (%s), so nothing reads %s: MCUboot "
                     "and the slots are not configured as it says.",
                     c->build != NULL ? "by the build folder" : c->sdk.why, file->shown);
    seen(c, finding, file->shown, 0, file->shown,
         at_least(c, SDK_VERSION(2, 7, 0)) ? "a build with --sysbuild" : "child_image/");
    fix(c, finding,
        at_least(c, SDK_VERSION(2, 7, 0))
            ? "Build with `west build --sysbuild`, or move the settings to "
              "child_image/ and prj.conf."
            : "Move the settings to child_image/mcuboot.conf and prj.conf (CONFIG_ "
              "instead of SB_CONFIG_).");
}

static void f02(const struct doctor_case *c)
{
    size_t reported = 0;

    if (c->sdk.generation != GENERATION_CHILD_IMAGE || config_files(c, "child_image/") > 0)
        return;
    each_in(c, "sysbuild.conf", report_sysbuild, &reported);
    each_in(c, "sysbuild/mcuboot", report_sysbuild, &reported);
}

/* ---- F-03: names that are nearly right ---- */

struct wrong_name {
    const char *file;
    const char *right; /* in child_image/ or sysbuild/: the folder is put in front */
};

static const struct wrong_name wrong_names[] = {
    {"child_image/mcuboot/prj_mcuboot.conf", "mcuboot.conf"},
    {"child_image/mcuboot/mcuboot.conf", "mcuboot.conf"},
    {"child_image/mcuboot/mcuboot.overlay", "mcuboot.overlay"},
    {"child_image/mcuboot.config", "mcuboot.conf"},
    {"child_image/mcuboot/prj.config", "mcuboot/prj.conf"},
    {"child_image/prj_mcuboot.conf", "mcuboot.conf"},
    {"child_image/mcuboot.dts", "mcuboot.overlay"},
    {"sysbuild/mcuboot/mcuboot.conf", "mcuboot.conf"},
    {"sysbuild/mcuboot/prj_mcuboot.conf", "mcuboot.conf"},
    {"sysbuild/mcuboot/mcuboot.overlay", "mcuboot.overlay"},
    {"sysbuild/mcuboot.config", "mcuboot.conf"},
    {"sysbuild/prj_mcuboot.conf", "mcuboot.conf"},
    {"sysbuild/mcuboot_prj.conf", "mcuboot.conf"},
    {"sysbuild/mcuboot.dts", "mcuboot.overlay"},
    {"mcuboot.overlay", "mcuboot.overlay"},
    {"mcuboot.conf", "mcuboot.conf"},
    {"boards/mcuboot.overlay", "mcuboot.overlay"},
    {"boards/mcuboot.conf", "mcuboot.conf"},
};

static void report_wrong(const struct doctor_case *c, const struct tree_file *file,
                         const char *right)
{
    struct finding *finding =
        report(c, SEVERITY_ERROR, "%s is read by nothing: MCUboot is built without what it says.",
               file->shown);

    seen(c, finding, file->shown, 0, file->shown, right);
    if (tree_find(c->tree, right) != NULL) {
        fix(c, finding, "Move its content into %s.", right);
        return;
    }
    fix(c, finding, "Rename it to %s.", right);
    edit(c, finding, EDIT_RENAME, file->shown, 0, right);
}

/* "<board>_mcuboot.overlay" in the application's boards/. */
static void report_board_mcuboot(const struct doctor_case *c, struct tree_file *file, void *context)
{
    const char *folder = context;
    const char *name = path_name(file->path);

    if (file->used || strchr(file->path + strlen(c->app) + strlen("boards/"), '/') != NULL)
        return;
    if (text_ends(name, "_mcuboot.overlay"))
        report_wrong(c, file, text(c, "%s%s/mcuboot.overlay", c->app, folder));
    if (text_ends(name, "_mcuboot.conf"))
        report_wrong(c, file, text(c, "%s%s/mcuboot.conf", c->app, folder));
}

static void f03(const struct doctor_case *c)
{
    bool sysbuild = is_sysbuild(c) || c->sdk.generation == GENERATION_UNKNOWN;
    char folder[16];

    strcpy(folder, sysbuild ? "sysbuild" : "child_image");
    if (!c->has_source || c->cmake_overrides)
        return;
    for (size_t i = 0; i < sizeof(wrong_names) / sizeof(wrong_names[0]); i++) {
        const struct wrong_name *wrong = &wrong_names[i];
        struct tree_file *file = tree_findf(c->tree, "%s%s", c->app, wrong->file);
        bool other = text_starts(wrong->file, sysbuild ? "child_image/" : "sysbuild/");

        if (file != NULL && !file->used && !other)
            report_wrong(c, file, text(c, "%s%s/%s", c->app, folder, wrong->right));
    }
    each_in(c, "boards/", report_board_mcuboot, folder);
}

static void f04(const struct doctor_case *c)
{
    static const char *const vital[] = {"FLASH", "MAIN_STACK_SIZE"};
    bool folder = tree_has_folder(c->tree, text(c, "%ssysbuild/mcuboot", c->app));
    const char *prj = text(c, "%ssysbuild/mcuboot/prj.conf", c->app);
    struct finding *finding;

    if (!is_sysbuild(c) || !c->has_source || !folder || c->cmake_overrides)
        return;
    if (!c->mcuboot.own_prj) {
        finding = report(c, SEVERITY_WARNING,
                         "The folder sysbuild/mcuboot/ replaces MCUboot's whole configuration "
                         "folder, and has no prj.conf: newer SDKs stop the build, older ones drop "
                         "MCUboot's own board settings.");
        seen(c, finding, prj, 0, "no such file",
             "sysbuild/mcuboot.conf, which adds to the defaults");
        fix(c, finding, "Move the settings to sysbuild/mcuboot.conf and sysbuild/mcuboot.overlay.");
        return;
    }
    for (size_t i = 0; i < 2; i++) {
        if (option(c, &c->mcuboot, vital[i]) != NULL)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "sysbuild/mcuboot/prj.conf replaces MCUboot's own, and lacks CONFIG_%s "
                         "that it had: log, stack, sector count and size options are gone with it.",
                         vital[i]);
        seen(c, finding, prj, 0, text(c, "no CONFIG_%s", vital[i]),
             "MCUboot's own prj.conf as the starting point");
        fix(c, finding,
            "Copy bootloader/mcuboot/boot/zephyr/prj.conf of the SDK and change that, "
            "or use sysbuild/mcuboot.conf, which adds to it.");
        return;
    }
}

static void f05(const struct doctor_case *c)
{
    bool sysbuild = is_sysbuild(c);
    const struct image *owner = sysbuild ? &c->sysbuild : &c->application;
    const struct kconf_line *line = option(c, owner, "BOOTLOADER_MCUBOOT");
    bool meant = c->external || c->mcuboot.requested.count > 0 || c->mcuboot.has_overlay ||
                 (sysbuild && option_yes(c, &c->application, "BOOTLOADER_MCUBOOT"));
    struct finding *finding;

    if (!c->has_source || !meant || c->mcuboot.built || c->cmake_overrides ||
        c->sdk.generation == GENERATION_UNKNOWN ||
        (line != NULL && (line->is_default || strcmp(line->value, "y") == 0)) ||
        (c->board != NULL && c->board->static_layout))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "No bootloader is built: %sCONFIG_BOOTLOADER_MCUBOOT=y is missing. Without "
                     "MCUboot nothing is ever installed.",
                     sysbuild ? "SB_" : "");
    seen_option(c, finding, owner, "BOOTLOADER_MCUBOOT", "y");
    set_option(c, finding, owner, "BOOTLOADER_MCUBOOT", "y");
}

static void check_prefix(const struct doctor_case *c, const struct image *image, bool sysbuild)
{
    for (size_t i = 0; i < image->requested.count; i++) {
        const struct kconf_line *line = &image->requested.lines[i];
        bool is_sb = text_starts(line->name, "SB_CONFIG_");
        const char *home = is_sb ? c->sysbuild.conf_home : c->application.conf_home;
        struct finding *finding;

        if (is_sb == sysbuild || line->is_default)
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "%s does not belong into this file: %s does not know it, and ignores it "
                         "or stops.",
                         line->name, image->title);
        seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value),
             is_sb ? "in sysbuild.conf" : "in prj.conf, or as SB_CONFIG_...");
        fix(c, finding, "Move the line to %s.", home);
        edit(c, finding, EDIT_DELETE, line->file, line->line, NULL);
        edit(c, finding, EDIT_APPEND, home, 0, text(c, "%s=%s", line->name, line->value));
    }
}

static void f06(const struct doctor_case *c)
{
    check_prefix(c, &c->sysbuild, true);
    check_prefix(c, &c->application, false);
    check_prefix(c, &c->mcuboot, false);
}

/* A build type replaces prj.conf: what the base had for updates must be there again. */
static void f07(const struct doctor_case *c)
{
    static const char *const vital[] = {"BOOTLOADER_MCUBOOT", "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY",
                                        "MCUMGR_GRP_IMG",     "IMG_MANAGER",
                                        "DFU_TARGET_MCUBOOT", "NCS_SAMPLE_MCUMGR_BT_OTA_DFU"};
    struct tree_file *base = tree_findf(c->tree, "%sprj.conf", c->app);
    struct kconf kconf = {0};
    const char *content;

    if (c->suffix == NULL || base == NULL || base->text == NULL || c->build != NULL ||
        c->cmake_overrides)
        return;
    content = base->text;
    kconf_read(&kconf, c->arena, base->shown, content);
    for (size_t i = 0; i < sizeof(vital) / sizeof(vital[0]); i++) {
        const struct kconf_line *line =
            kconf_find(&kconf, c->arena, text(c, "CONFIG_%s", vital[i]));
        struct finding *finding;

        if (line == NULL || strcmp(line->value, "y") != 0 ||
            written(c, &c->application, vital[i]) != NULL)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The build type `%s` reads prj_%s.conf instead of prj.conf, and that "
                         "lacks %s: this build cannot be updated.",
                         c->suffix, c->suffix, line->name);
        seen(c, finding, text(c, "%sprj_%s.conf", c->app, c->suffix), 0,
             text(c, "no %s", line->name), text(c, "%s=y", line->name));
        fix(c, finding, "Put into prj_%s.conf:\n%s=y", c->suffix, line->name);
        edit(c, finding, EDIT_APPEND, text(c, "%sprj_%s.conf", c->app, c->suffix), 0,
             text(c, "%s=y", line->name));
        return;
    }
}

/* A file named in CMakeLists.txt behind find_package(Zephyr). */
static const char *late_setting(const char *content, unsigned *line)
{
    static const char *const names[] = {"set(CONF_FILE",          "set(OVERLAY_CONFIG",
                                        "set(EXTRA_CONF_FILE",    "set(DTC_OVERLAY_FILE",
                                        "set(PM_STATIC_YML_FILE", "set(mcuboot_"};
    const char *found = strstr(content, "find_package(Zephyr");

    for (size_t i = 0; found != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *at = strstr(found, names[i]);

        if (at == NULL)
            continue;
        *line = 1;
        for (const char *k = content; k < at; k++)
            *line += *k == '\n';
        return names[i] + strlen("set(");
    }
    return NULL;
}

static void f08(const struct doctor_case *c)
{
    struct tree_file *file = tree_findf(c->tree, "%sCMakeLists.txt", c->app);
    unsigned line = 0;
    const char *name = file == NULL || file->text == NULL ? NULL : late_setting(file->text, &line);
    struct finding *finding;

    if (name == NULL)
        return;
    finding = report(c, SEVERITY_NOTE,
                     "%s is set behind find_package(Zephyr): by then the files have been chosen, "
                     "so it has no effect.",
                     name);
    seen(c, finding, file->shown, line, text(c, "set(%s ...)", name),
         "in front of find_package(Zephyr)");
    fix(c, finding, "Move the line in front of find_package(Zephyr).");
}

const struct rule doctor_rules_f[] = {
    {"F-01", "child_image/ under sysbuild", SEVERITY_ERROR, 7, NULL, f01},
    {"F-02", "sysbuild files without sysbuild", SEVERITY_ERROR, 10, NULL, f02},
    {"F-03", "A file whose name nothing looks for", SEVERITY_ERROR, 10, "F-01 F-02", f03},
    {"F-04", "A folder that replaces MCUboot's defaults", SEVERITY_WARNING, 14, "F-03", f04},
    {"F-05", "No bootloader is built", SEVERITY_ERROR, 9, "F-02", f05},
    {"F-06", "An option in a file of the other kind", SEVERITY_ERROR, 7, "F-02", f06},
    {"F-07", "A build type without the update options", SEVERITY_WARNING, 15, NULL, f07},
    {"F-08", "A setting behind find_package", SEVERITY_NOTE, 19, NULL, f08},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
