// SPDX-License-Identifier: Apache-2.0
/* Fixed partitions of a devicetree as a layout, under the partition manager's names. */
#include <string.h>

#include "doctor/dt.h"
#include "doctor/pm.h"
#include "host/file.h"
#include "host/yaml.h"
#include "tool/layout_text.h"

static bool ends(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length > strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_devicetree(const char *path)
{
    return ends(path, ".dts") || ends(path, ".dtsi") || ends(path, ".overlay");
}

static bool fits(const struct pm_part *part)
{
    return part->address <= UINT32_MAX && part->size <= UINT32_MAX;
}

static int from_parts(struct ferry_layout_file *file, const char *path, struct ferry_arena *arena,
                      const struct pm *pm, const struct ferry_layout_device *device,
                      struct ferry_problem *problem)
{
    struct ferry_layout_entry *entries =
        ferry_arena_take(arena, (pm->count + 1) * sizeof(*entries));

    for (size_t i = 0; i < pm->count; i++) {
        const struct pm_part *part = &pm->parts[i];

        if (!fits(part))
            return ferry_problem_set(problem, FERRY_E_LAYOUT,
                                     "%s line %u: %s does not lie below 4 GiB", path, part->line,
                                     part->name);
        entries[i] = (struct ferry_layout_entry){.name = part->name,
                                                 .region = part->region,
                                                 .address = (uint32_t)part->address,
                                                 .size = (uint32_t)part->size,
                                                 .line = part->line,
                                                 .container = part->is_span};
    }
    return ferry_layout_make(file, path, entries, pm->count, device, problem);
}

static int from_devicetree(struct ferry_layout_file *file, const char *path, const char *text,
                           const struct ferry_layout_device *device, struct ferry_problem *problem)
{
    struct ferry_arena arena = {NULL};
    struct dt dt;
    struct pm pm = {.present = false};
    int status;

    dt_init(&dt, &arena);
    if (strstr(text, "/dts-v1/") != NULL)
        (void)dt_read_built(&dt, path, text);
    else
        dt_read(&dt, path, text, NULL, NULL);
    pm_from_dt(&pm, &arena, &dt);
    if (dt.problem != NULL)
        status = ferry_problem_set(problem, FERRY_E_LAYOUT, "%s", dt.problem);
    else if (!pm.present)
        status = ferry_problem_set(problem, FERRY_E_LAYOUT,
                                   "%s holds no fixed partitions with a label and a 'reg' of "
                                   "numbers",
                                   path);
    else
        status = from_parts(file, path, &arena, &pm, device, problem);
    ferry_arena_free(&arena);
    return status;
}

int layout_read(struct ferry_layout_file *file, const char *path,
                const struct ferry_layout_device *device, struct ferry_problem *problem)
{
    struct ferry_bytes text;
    int status;

    if (!is_devicetree(path))
        return ferry_layout_load(file, path, device, problem);
    memset(file, 0, sizeof(*file));
    status = ferry_file_read(path, FERRY_YAML_SIZE_MAX, &text, problem);
    if (status != FERRY_OK)
        return status;
    if (memchr(text.data, 0, text.size) != NULL)
        status = ferry_problem_set(problem, FERRY_E_LAYOUT, "%s is no text", path);
    else
        status = from_devicetree(file, path, (const char *)text.data, device, problem);
    ferry_bytes_free(&text);
    return status;
}
