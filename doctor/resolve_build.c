// SPDX-License-Identifier: Apache-2.0
/* What a build folder says. It is the truth; the sources only explain it. */
#include <string.h>

#include "doctor/doctor.h"

static struct tree_file *first_of(struct doctor_case *c, const char *const *paths, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tree_file *file = tree_findf(c->tree, "%s%s", c->build, paths[i]);

        if (file != NULL)
            return file;
    }
    return NULL;
}

/* Under sysbuild the application's image has the name of its folder. */
static const char *application_folder(struct doctor *doctor, struct doctor_case *c)
{
    static const char *const others[] = {"mcuboot",        "b0",        "b0n",       "ipc_radio",
                                         "hci_ipc",        "_sysbuild", "hci_rpmsg", "tfm",
                                         "empty_net_core", "s1_image",  "zephyr"};
    struct tree_file *domains = tree_findf(c->tree, "%sdomains.yaml", c->build);
    const char *content = domains == NULL ? NULL : doctor_text(doctor, domains);
    const char *at = content == NULL ? NULL : strstr(content, "default:");
    size_t start = strlen(c->build);

    if (at != NULL) {
        at += strlen("default:");
        at += strspn(at, " \t");
        return ferry_arena_format(c->arena, "%.*s/", (int)strcspn(at, " \r\n"), at);
    }
    for (size_t i = tree_lower(c->tree, c->build); i < c->tree->count; i++) {
        const char *path = c->tree->files[i].path;
        size_t length;
        bool other = false;

        if (!text_starts(path, c->build))
            break;
        if (!text_ends(path, "/zephyr/.config"))
            continue;
        length = strcspn(path + start, "/");
        for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++)
            other |= strlen(others[k]) == length && strncmp(path + start, others[k], length) == 0;
        if (!other)
            return ferry_arena_format(c->arena, "%.*s/", (int)length, path + start);
    }
    return "";
}

static void read_config(struct doctor *doctor, struct doctor_case *c, struct image *image,
                        const char *folder)
{
    struct tree_file *file = tree_findf(c->tree, "%s%szephyr/.config", c->build, folder);
    const char *content = file == NULL ? NULL : doctor_text(doctor, file);

    if (content == NULL)
        return;
    kconf_read(&image->effective, c->arena, file->shown, content);
    image->config_file = file->shown;
    image->present = image->built = image->effective.count > 0;
}

static void read_dts(struct doctor *doctor, struct doctor_case *c, struct image *image,
                     const char *folder)
{
    struct tree_file *file = tree_findf(c->tree, "%s%szephyr/zephyr.dts", c->build, folder);
    const char *content = file == NULL ? NULL : doctor_text(doctor, file);

    if (content == NULL)
        return;
    dt_init(&image->dt, c->arena);
    dt_read_built(&image->dt, file->shown, content);
    image->dt_built = true;
}

static void read_partitions(struct doctor *doctor, struct doctor_case *c, const char *app)
{
    const char *paths[] = {"partitions.yml", ferry_arena_format(c->arena, "%spartitions.yml", app),
                           "partitions_CPUAPP.yml"};
    struct tree_file *file = first_of(c, paths, 3);
    const char *content = file == NULL ? NULL : doctor_text(doctor, file);
    const char *problem = NULL;

    if (content != NULL &&
        !pm_read(&c->built, c->arena, file->shown, content, file->length, &problem))
        doctor_problem(doctor, problem);
    c->built.whole = true;
}

static void read_regions(struct doctor *doctor, struct doctor_case *c, const char *app)
{
    const char *paths[] = {"regions.yml", ferry_arena_format(c->arena, "%sregions.yml", app),
                           "regions_CPUAPP.yml"};
    struct tree_file *file = first_of(c, paths, 3);
    const char *content = file == NULL ? NULL : doctor_text(doctor, file);
    const char *problem = NULL;

    if (content != NULL &&
        !pm_read_regions(&c->regions, c->arena, file->shown, content, file->length, &problem))
        doctor_problem(doctor, problem);
}

/* Images and packages that an update would send. */
static void read_artifacts(struct doctor *doctor, struct doctor_case *c, const char *app)
{
    const char *paths[] = {"dfu_application.zip", "zephyr/dfu_application.zip",
                           ferry_arena_format(c->arena, "%szephyr/zephyr.signed.bin", app),
                           "zephyr/app_update.bin"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct tree_file *file = tree_findf(c->tree, "%s%s", c->build, paths[i]);

        if (file != NULL)
            artifacts_add(c->artifacts, c->tree, file, false);
    }
    (void)doctor;
}

void doctor_resolve_build(struct doctor *doctor, struct doctor_case *c)
{
    const char *app = is_sysbuild(c) ? application_folder(doctor, c) : "";

    c->application.title = "the application";
    c->mcuboot.title = "MCUboot";
    c->sysbuild.title = "sysbuild";
    if (c->application.conf_home == NULL) {
        c->application.conf_home = "prj.conf";
        c->mcuboot.conf_home =
            is_sysbuild(c) ? "sysbuild/mcuboot.conf" : "child_image/mcuboot.conf";
        c->sysbuild.conf_home = "sysbuild.conf";
        c->application.overlay_home = "app.overlay";
        c->mcuboot.overlay_home =
            is_sysbuild(c) ? "sysbuild/mcuboot.overlay" : "child_image/mcuboot.overlay";
    }
    read_config(doctor, c, &c->application, app);
    read_config(doctor, c, &c->mcuboot, "mcuboot/");
    if (is_sysbuild(c))
        read_config(doctor, c, &c->sysbuild, "");
    read_dts(doctor, c, &c->application, app);
    read_dts(doctor, c, &c->mcuboot, "mcuboot/");
    read_partitions(doctor, c, app);
    read_regions(doctor, c, app);
    read_artifacts(doctor, c, app);
}
