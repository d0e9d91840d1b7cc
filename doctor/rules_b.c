// SPDX-License-Identifier: Apache-2.0
/* B: what the build system decides, overrides, and leaves behind. */
#include <string.h>

#include "doctor/rules.h"

static bool says_yes(const struct kconf_line *line)
{
    return line != NULL && !line->is_default && strcmp(line->value, "y") == 0;
}

static void b01(const struct doctor_case *c)
{
    const char *name = "PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY";
    const struct kconf_line *line = option(c, &c->sysbuild, name);
    bool denied = line != NULL && !line->is_default && strcmp(line->value, "n") == 0;
    const struct pm_part *slot = pm_find(&c->built, "mcuboot_secondary");
    struct finding *finding;

    if (c->sdk.generation != GENERATION_SYSBUILD || !c->external || !c->bootloader ||
        says_yes(line) || (line != NULL && line->is_default))
        return;
    if (!denied && !c->sysbuild.built &&
        (c->cmake_overrides || (c->board != NULL && c->board->static_layout)))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "sysbuild owns this choice: without SB_CONFIG_%s=y it writes the option as =n "
                     "into both images, whatever prj.conf and mcuboot.conf say. %s",
                     name,
                     slot != NULL && pm_in(slot, PM_EXTERNAL)
                         ? "The slot is external by the static layout alone; code that depends on "
                           "the option is left out."
                         : "Everything builds, and the second slot lies in the internal flash.");
    seen_option(c, finding, &c->sysbuild, name, "y");
    seen(c, finding, c->external_file, c->external_line, c->external_why, NULL);
    set_option(c, finding, &c->sysbuild, name, "y");
}

/* Options that sysbuild owns. Those with rules of their own are not here. */
static const char *const owned[][2] = {
    {"BOOT_UPGRADE_ONLY", "MCUBOOT_MODE_OVERWRITE_ONLY"},
    {"BOOT_SWAP_USING_SCRATCH", "MCUBOOT_MODE_SWAP_SCRATCH"},
    {"BOOT_DIRECT_XIP", "MCUBOOT_MODE_DIRECT_XIP"},
    {"NRF53_UPGRADE_NETWORK_CORE", "NETCORE_APP_UPDATE"},
    {"NRF53_MULTI_IMAGE_UPDATE", "MCUBOOT_NRF53_MULTI_IMAGE_UPDATE"},
    {"SECURE_BOOT", "SECURE_BOOT_APPCORE"},
    {"UPDATEABLE_IMAGE_NUMBER", "MCUBOOT_UPDATEABLE_IMAGES"}};

static bool asks_something(const struct kconf_line *line)
{
    return line != NULL && !line->is_default && strcmp(line->value, "n") != 0 &&
           strcmp(line->value, "1") != 0;
}

/* Whether any mode is chosen in sysbuild.conf: then a contradiction is S-07's. */
static bool mode_chosen(const struct doctor_case *c)
{
    for (size_t i = 0; i < c->sysbuild.requested.count; i++) {
        const struct kconf_line *line = &c->sysbuild.requested.lines[i];

        if (text_starts(line->name, "SB_CONFIG_MCUBOOT_MODE_") && strcmp(line->value, "y") == 0)
            return true;
    }
    return false;
}

static void b02(const struct doctor_case *c)
{
    const struct image *images[] = {&c->application, &c->mcuboot};

    for (size_t i = 0; i < 2 * sizeof(owned) / sizeof(owned[0]); i++) {
        const struct image *image = images[i % 2];
        const char *const *pair = owned[i / 2];
        const struct kconf_line *line = written(c, image, pair[0]);
        struct finding *finding;

        if (!is_sysbuild(c) || !asks_something(line) ||
            asks_something(option(c, &c->sysbuild, pair[1])) ||
            option(c, &c->sysbuild, pair[1]) != NULL ||
            (text_starts(pair[1], "MCUBOOT_MODE_") && mode_chosen(c)))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "Under sysbuild %s does not decide this: sysbuild writes its own value "
                         "over it. The device behaves as if the line were not there.",
                         line->name);
        seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value),
             text(c, "SB_CONFIG_%s=%s in sysbuild.conf", pair[1], line->value));
        ask_for(c, finding, &c->sysbuild, text(c, "SB_CONFIG_%s=%s", pair[1], line->value));
    }
}

static void report_one_sided(const struct doctor_case *c, const char *name, const struct image *has,
                             const struct image *lacks, enum severity severity)
{
    struct finding *finding =
        report(c, severity,
               "CONFIG_%s is set for %s and not for %s: the two disagree about where and how "
               "images lie.",
               name, has->title, lacks->title);
    const struct kconf_line *line = option(c, has, name);

    seen_option(c, finding, lacks, name, line == NULL ? "y" : line->value);
    seen_option(c, finding, has, name, NULL);
    set_option(c, finding, lacks, name, line == NULL ? "y" : line->value);
}

static void b03(const struct doctor_case *c)
{
    static const char *const names[] = {"PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY",
                                        "PM_OVERRIDE_EXTERNAL_DRIVER_CHECK"};
    const struct image *app = &c->application;
    const struct image *boot = &c->mcuboot;

    if (c->sdk.generation != GENERATION_CHILD_IMAGE || !external_boot(c) || c->cmake_overrides)
        return;
    for (size_t i = 0; i < 2; i++) {
        if (option_yes(c, boot, names[i]) && !option_yes(c, app, names[i]))
            report_one_sided(c, names[i], boot, app, i == 0 ? SEVERITY_ERROR : SEVERITY_WARNING);
        else if (option_yes(c, app, names[i]) && option_no(c, boot, names[i]))
            report_one_sided(c, names[i], app, boot, SEVERITY_ERROR);
    }
}

/* Whether the project's own words say how it is built. */
static bool says_sysbuild(const struct doctor_case *c)
{
    static const char *const names[] = {"README.md", "README.rst", "CMakePresets.json", "Makefile",
                                        ".vscode/settings.json"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct tree_file *file = tree_findf(c->tree, "%s%s", c->app, names[i]);
        const char *problem;
        const char *content = file == NULL ? NULL : tree_read(c->tree, file, &problem);

        if (content != NULL && strstr(content, "sysbuild") != NULL)
            return true;
    }
    return false;
}

static void b04(const struct doctor_case *c)
{
    struct tree_file *file = tree_findf(c->tree, "%ssysbuild.conf", c->app);
    struct finding *finding;

    if (file == NULL || c->build != NULL || !c->external || !at_least(c, SDK_VERSION(2, 7, 0)) ||
        !before(c, SDK_VERSION(2, 8, 0)) || says_sysbuild(c))
        return;
    finding = report(c, SEVERITY_NOTE,
                     "SDK 2.7 does not use sysbuild unless it is told to: a plain `west build` "
                     "reads child_image/ and none of these settings.");
    seen(c, finding, file->shown, 0, "sysbuild.conf", "west build --sysbuild");
    fix(c, finding, "Build with --sysbuild, or `west config build.sysbuild true`.");
}

/* ---- B-05: a build that is older than its sources ---- */

static bool same_place(const struct pm_part *a, const struct pm_part *b)
{
    return (!a->has_address || a->address == b->address) &&
           (!a->size_given || a->size == b->size) && strcmp(a->region, b->region) == 0;
}

static bool stale_layout(const struct doctor_case *c)
{
    for (size_t i = 0; i < c->fixed.count; i++) {
        const struct pm_part *part = &c->fixed.parts[i];
        const struct pm_part *built = pm_find(&c->built, part->name);
        struct finding *finding;

        if (built != NULL && same_place(part, built))
            continue;
        if (built == NULL && (part->size == 0 || text_starts(part->name, "EMPTY_")))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The build does not have the layout of %s (%s differs): it was made "
                         "before the file changed, or the file is not read. Images of this build "
                         "do not fit devices of the other.",
                         c->fixed.file, part->name);
        seen(c, finding, part->file, part->line,
             text(c, "%s: %s + %s in %s", part->name, hex(c, part->address), hex(c, part->size),
                  part->region),
             NULL);
        seen(c, finding, c->built.file, built == NULL ? 0 : built->line,
             built == NULL ? text(c, "no %s", part->name)
                           : text(c, "%s: %s + %s in %s", part->name, hex(c, built->address),
                                  hex(c, built->size), built->region),
             "the same");
        fix(c, finding, "Delete the build folder and build again (west build -p).");
        return true;
    }
    return false;
}

static void b05(const struct doctor_case *c)
{
    const int64_t minute = INT64_C(60) * 1000000000;
    const struct tree_file *built =
        c->built.file == NULL ? NULL : tree_find(c->tree, c->built.file);

    if (!c->built.present || (c->fixed.present && stale_layout(c)) || built == NULL)
        return;
    for (size_t i = 0; c->has_source && i < c->tree->count; i++) {
        const struct tree_file *file = &c->tree->files[i];
        struct finding *finding;

        if (!file->used || file->mtime_ns < built->mtime_ns + minute ||
            text_starts(file->path, c->build))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "%s is newer than the build: what runs on the device may not be what the "
                         "files say.",
                         file->shown);
        seen(c, finding, file->shown, 0, "changed after the build", "older than the build");
        fix(c, finding, "Build again; after changes to overlays or layouts with -p.");
        return;
    }
}

struct renamed {
    const char *old;
    const char *now;
    unsigned since;
};

static const struct renamed renamed[] = {
    {"MCUMGR_CMD_IMG_MGMT", "MCUMGR_GRP_IMG", SDK_VERSION(2, 3, 0)},
    {"MCUMGR_CMD_OS_MGMT", "MCUMGR_GRP_OS", SDK_VERSION(2, 3, 0)},
    {"MCUMGR_SMP_BT", "MCUMGR_TRANSPORT_BT", SDK_VERSION(2, 3, 0)},
    {"MCUMGR_SMP_UART", "MCUMGR_TRANSPORT_UART", SDK_VERSION(2, 3, 0)},
    {"MCUMGR_BUF_SIZE", "MCUMGR_TRANSPORT_NETBUF_SIZE", SDK_VERSION(2, 3, 0)},
    {"DOWNLOAD_CLIENT", "DOWNLOADER", SDK_VERSION(3, 0, 0)},
    {"DOWNLOAD_CLIENT_STACK_SIZE", "DOWNLOADER_STACK_SIZE", SDK_VERSION(3, 0, 0)}};

static void check_name(const struct doctor_case *c, const struct image *image, const char *old,
                       const char *now)
{
    const struct kconf_line *line = written(c, image, old);
    const char *prefix = image == &c->sysbuild ? "SB_CONFIG_" : "CONFIG_";
    struct finding *finding;

    if (line == NULL || line->is_default || written(c, image, now) != NULL)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "%s has another name in this SDK (%s%s): the line is an error, or the "
                     "feature is silently missing.",
                     line->name, prefix, now);
    seen(c, finding, line->file, line->line, text(c, "%s=%s", line->name, line->value),
         text(c, "%s%s=%s", prefix, now, line->value));
    fix(c, finding, "%s%s=%s", prefix, now, line->value);
    edit(c, finding, EDIT_REPLACE, line->file, line->line,
         text(c, "%s%s=%s", prefix, now, line->value));
}

static void b07(const struct doctor_case *c)
{
    unsigned version = c->sdk.version;

    if (version == 0 && is_sysbuild(c))
        version = SDK_VERSION(2, 7, 0);
    for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
        if (version >= renamed[i].since)
            check_name(c, &c->application, renamed[i].old, renamed[i].now);
        else if (version != 0 && strcmp(renamed[i].now, "DOWNLOADER") == 0 &&
                 version < SDK_VERSION(2, 9, 0))
            check_name(c, &c->application, renamed[i].now, renamed[i].old);
    }
    if (version >= SDK_VERSION(3, 0, 0))
        check_name(c, &c->sysbuild, "MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH",
                   "MCUBOOT_MODE_SWAP_USING_MOVE");
}

static void b08(const struct doctor_case *c)
{
    for (size_t i = 0; is_sysbuild(c) && i < c->application.requested.count; i++) {
        const struct kconf_line *line = &c->application.requested.lines[i];
        struct finding *finding;

        if (!text_ends(line->value, "app_update.bin"))
            continue;
        finding = report(c, SEVERITY_NOTE,
                         "Under sysbuild no build makes app_update.bin any more; the update is "
                         "build/<application>/zephyr/zephyr.signed.bin. A server that still has "
                         "the old file serves an old version.");
        seen(c, finding, line->file, line->line, text(c, "%s=\"%s\"", line->name, line->value),
             "zephyr.signed.bin, or a name of your own");
        fix(c, finding, "Upload zephyr.signed.bin under the name the device asks for.");
    }
}

const struct rule doctor_rules_b[] = {
    {"B-01", "sysbuild keeps the second slot internal", SEVERITY_ERROR, 8, "F-05 F-02", b01},
    {"B-02", "An option that sysbuild owns", SEVERITY_ERROR, 20, "S-09 N-01 N-02 N-06", b02},
    {"B-03", "One image configured, the other not", SEVERITY_ERROR, 24, "K-04 K-02", b03},
    {"B-04", "SDK 2.7 without --sysbuild", SEVERITY_NOTE, 25, NULL, b04},
    {"B-05", "The build is older than its sources", SEVERITY_ERROR, 21, NULL, b05},
    {"B-07", "An option with another name in this SDK", SEVERITY_WARNING, 27, NULL, b07},
    {"B-08", "An output file of another SDK", SEVERITY_NOTE, 28, NULL, b08},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
