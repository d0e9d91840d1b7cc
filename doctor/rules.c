// SPDX-License-Identifier: Apache-2.0
#include "doctor/rules.h"

#include <stdlib.h>
#include <string.h>

/* Causes first: what is never read, then what is decided elsewhere, then the devices. */
const struct rule *const doctor_families[] = {
    doctor_rules_f, doctor_rules_b,       doctor_rules_d, doctor_rules_d_chip, doctor_rules_k,
    doctor_rules_p, doctor_rules_p_slots, doctor_rules_s, doctor_rules_n,      doctor_rules_t,
    doctor_rules_i, doctor_rules_x,       doctor_rules_h, doctor_rules_r,      NULL};

const struct pm *layout_of(const struct doctor_case *c)
{
    return c->fixed.present ? &c->fixed : c->pm;
}

bool is_container(const struct pm_part *part)
{
    static const char *const names[] = {"mcuboot_primary",
                                        "mcuboot_primary_app",
                                        "app_image",
                                        "tfm_secure",
                                        "tfm_nonsecure",
                                        "nonsecure_storage",
                                        "tfm_storage",
                                        "s0",
                                        "s1",
                                        "s0_image",
                                        "b0_container",
                                        "sram_secure",
                                        "sram_nonsecure",
                                        "nrf_modem_lib_sram",
                                        "b0n_container",
                                        "spm_app"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(part->name, names[i]) == 0)
            return true;
    }
    return part->is_span || text_ends(part->name, "_container");
}

static int by_address(const void *a, const void *b)
{
    const struct pm_part *left = *(const struct pm_part *const *)a;
    const struct pm_part *right = *(const struct pm_part *const *)b;

    if (left->address != right->address)
        return left->address < right->address ? -1 : 1;
    return strcmp(left->name, right->name);
}

const struct pm_part **leaves_of(const struct doctor_case *c, const struct pm *pm,
                                 const char *region, size_t *count)
{
    const struct pm_part **leaves =
        ferry_arena_take(c->arena, (pm->count + 1) * sizeof(const struct pm_part *));

    *count = 0;
    for (size_t i = 0; i < pm->count; i++) {
        if (pm_is_leaf(pm, &pm->parts[i]) && !is_container(&pm->parts[i]) &&
            pm_in(&pm->parts[i], region))
            leaves[(*count)++] = &pm->parts[i];
    }
    if (*count > 1)
        qsort(leaves, *count, sizeof(const struct pm_part *), by_address);
    return leaves;
}

const struct artifact *log_has(const struct doctor_case *c, const char *needle, unsigned *line)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        const char *start = (const char *)one->data;
        const char *at = one->kind == ARTIFACT_LOG ? strstr(start, needle) : NULL;

        if (at == NULL)
            continue;
        *line = 1;
        for (; start < at; start++)
            *line += *start == '\n';
        return one;
    }
    return NULL;
}

/* One line: in the place of the one that says otherwise, else at the end of the file. */
static void edit_line(const struct doctor_case *c, struct finding *finding,
                      const struct image *image, const char *line)
{
    size_t name = strcspn(line, "=");
    const char *bare = strstr(line, "CONFIG_");
    const struct kconf_line *old = NULL;

    if (bare != NULL && line[name] == '=')
        old = written(c, image,
                      ferry_arena_copy(c->arena, bare + 7, name - (size_t)(bare + 7 - line)));
    if (old != NULL && !old->is_default && !text_ends(old->file, "_defconfig"))
        edit(c, finding, EDIT_REPLACE, old->file, old->line, line);
    else
        edit(c, finding, EDIT_APPEND, image->conf_home, 0, line);
}

void ask_for(const struct doctor_case *c, struct finding *finding, const struct image *image,
             const char *lines)
{
    fix(c, finding, "Put into %s:\n%s", image->conf_home, lines);
    while (c->has_source && *lines != '\0') {
        size_t length = strcspn(lines, "\n");

        edit_line(c, finding, image, ferry_arena_copy(c->arena, lines, length));
        lines += length + (lines[length] == '\n');
    }
}

void set_option(const struct doctor_case *c, struct finding *finding, const struct image *image,
                const char *name, const char *value)
{
    const struct kconf_line *line = written(c, image, name);
    const char *prefix = image == &c->sysbuild ? "SB_CONFIG_" : "CONFIG_";
    const char *wanted = text(c, "%s%s=%s", prefix, name, value);

    if (line == NULL || line->is_default) {
        ask_for(c, finding, image, wanted);
        return;
    }
    fix(c, finding, "In %s, line %u, write instead:\n%s", line->file, line->line, wanted);
    edit(c, finding, EDIT_REPLACE, line->file, line->line, wanted);
}

const char *hex(const struct doctor_case *c, uint64_t number)
{
    return text(c, "0x%llx", (ull)number);
}

bool external_boot(const struct doctor_case *c)
{
    return c->external && c->bootloader;
}

unsigned word_distance(const char *a, const char *b, unsigned limit)
{
    unsigned row[65];
    size_t width = strlen(b);

    if (width > 64 || strlen(a) > 64)
        return limit + 1;
    for (size_t i = 0; i <= width; i++)
        row[i] = (unsigned)i;
    for (size_t k = 0; a[k] != '\0'; k++) {
        unsigned corner = row[0];

        row[0] = (unsigned)k + 1;
        for (size_t i = 1; i <= width; i++) {
            unsigned cost = corner + (a[k] != b[i - 1]);

            corner = row[i];
            if (row[i] + 1 < cost)
                cost = row[i] + 1;
            if (row[i - 1] + 1 < cost)
                cost = row[i - 1] + 1;
            row[i] = cost;
        }
    }
    return row[width];
}
