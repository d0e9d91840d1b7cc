// SPDX-License-Identifier: Apache-2.0
#include "doctor/case.h"

#include <stdlib.h>
#include <string.h>

bool text_ends(const char *string, const char *end)
{
    size_t length = strlen(string);
    size_t tail = strlen(end);

    return length >= tail && strcmp(string + length - tail, end) == 0;
}

bool text_starts(const char *string, const char *start)
{
    return strncmp(string, start, strlen(start)) == 0;
}

bool text_has_word(const char *list, const char *word)
{
    size_t length = strlen(word);

    while (*list != '\0') {
        size_t own = strcspn(list, " ");

        if (own == length && strncmp(list, word, length) == 0)
            return true;
        list += own;
        list += strspn(list, " ");
    }
    return false;
}

static const char *full_name(const struct doctor_case *c, const struct image *image,
                             const char *name)
{
    const char *prefix = image == &c->sysbuild ? "SB_CONFIG_" : "CONFIG_";

    return ferry_arena_format(c->arena, "%s%s", prefix, name);
}

/* Looking up builds an index inside; what a rule sees stays the same. */
static struct kconf *index_of(const struct kconf *kconf)
{
    return (struct kconf *)(uintptr_t)kconf;
}

const struct kconf_line *written(const struct doctor_case *c, const struct image *image,
                                 const char *name)
{
    return kconf_find(index_of(&image->requested), c->arena, full_name(c, image, name));
}

const struct kconf_line *option(const struct doctor_case *c, const struct image *image,
                                const char *name)
{
    if (image->built)
        return kconf_find(index_of(&image->effective), c->arena, full_name(c, image, name));
    return written(c, image, name);
}

enum tri option_is(const struct doctor_case *c, const struct image *image, const char *name)
{
    const struct kconf_line *line = option(c, image, name);

    if (line == NULL)
        return image->built ? NO : UNKNOWN;
    if (line->is_default && line->conditional)
        return UNKNOWN;
    if (strcmp(line->value, "y") == 0)
        return YES;
    if (line->is_default)
        return UNKNOWN;
    return strcmp(line->value, "n") == 0 ? NO : YES;
}

bool option_yes(const struct doctor_case *c, const struct image *image, const char *name)
{
    return option_is(c, image, name) == YES;
}

bool option_no(const struct doctor_case *c, const struct image *image, const char *name)
{
    return option_is(c, image, name) == NO;
}

bool option_number(const struct doctor_case *c, const struct image *image, const char *name,
                   unsigned long long *number)
{
    const struct kconf_line *line = option(c, image, name);

    return (line == NULL || !line->conditional) && kconf_number(line, number);
}

static bool same_value(const struct kconf_line *a, const struct kconf_line *b)
{
    return strcmp(a == NULL ? "n" : a->value, b == NULL ? "n" : b->value) == 0;
}

/* What a build really has comes before what was written and did not come to pass. */
void seen_option(const struct doctor_case *c, struct finding *finding, const struct image *image,
                 const char *name, const char *required)
{
    const struct kconf_line *line = written(c, image, name);
    const struct kconf_line *real = option(c, image, name);
    const char *full = full_name(c, image, name);
    bool differs = image->built && !same_value(real, line);

    if (differs && real != NULL)
        seen(c, finding, real->file, real->line, text(c, "%s=%s", full, real->value), required);
    else if (differs || (line == NULL && image->built))
        seen(c, finding, image->config_file, 0, text(c, "%s is not set", full), required);
    else if (line == NULL)
        seen(c, finding, image->conf_home, 0, text(c, "%s is not set", full), required);
    if (line != NULL)
        seen(c, finding, line->file, line->line, text(c, "%s=%s", full, line->value),
             differs ? NULL : required);
}

static const char *const mode_names[] = {
    "unknown",        "swap using move", "swap using offset", "swap using scratch",
    "overwrite only", "direct-XIP",      "RAM load",          "single slot"};

const char *boot_mode_name(enum boot_mode mode)
{
    return mode_names[mode];
}

bool is_swap(enum boot_mode mode)
{
    return mode == MODE_SWAP_MOVE || mode == MODE_SWAP_OFFSET || mode == MODE_SWAP_SCRATCH;
}

struct mode_option {
    const char *name;
    enum boot_mode mode;
};

static enum boot_mode find_mode(const struct doctor_case *c, const struct image *image,
                                const struct mode_option *options, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (option_yes(c, image, options[i].name))
            return options[i].mode;
    }
    return MODE_UNKNOWN;
}

/* A default of Kconfig.sysbuild that holds under some condition only. */
static bool mode_may_vary(const struct doctor_case *c)
{
    for (size_t i = 0; i < c->sysbuild.requested.count; i++) {
        const struct kconf_line *line = &c->sysbuild.requested.lines[i];

        if (line->conditional && text_starts(line->name, "SB_CONFIG_MCUBOOT_MODE_"))
            return true;
    }
    return false;
}

enum boot_mode boot_mode(const struct doctor_case *c)
{
    static const struct mode_option boot[] = {
        {"BOOT_UPGRADE_ONLY", MODE_OVERWRITE},    {"BOOT_SWAP_USING_OFFSET", MODE_SWAP_OFFSET},
        {"BOOT_SWAP_USING_MOVE", MODE_SWAP_MOVE}, {"BOOT_SWAP_USING_SCRATCH", MODE_SWAP_SCRATCH},
        {"BOOT_DIRECT_XIP", MODE_DIRECT_XIP},     {"BOOT_RAM_LOAD", MODE_RAM_LOAD},
        {"SINGLE_APPLICATION_SLOT", MODE_SINGLE}};
    static const struct mode_option sysbuild[] = {
        {"MCUBOOT_MODE_OVERWRITE_ONLY", MODE_OVERWRITE},
        {"MCUBOOT_MODE_SWAP_USING_OFFSET", MODE_SWAP_OFFSET},
        {"MCUBOOT_MODE_SWAP_USING_MOVE", MODE_SWAP_MOVE},
        {"MCUBOOT_MODE_SWAP_WITHOUT_SCRATCH", MODE_SWAP_MOVE},
        {"MCUBOOT_MODE_SWAP_SCRATCH", MODE_SWAP_SCRATCH},
        {"MCUBOOT_MODE_DIRECT_XIP", MODE_DIRECT_XIP},
        {"MCUBOOT_MODE_RAM_LOAD", MODE_RAM_LOAD},
        {"MCUBOOT_MODE_SINGLE_APP", MODE_SINGLE}};
    enum boot_mode mode = MODE_UNKNOWN;

    if (is_sysbuild(c) && !c->mcuboot.built && mode_may_vary(c))
        return MODE_UNKNOWN;
    if (is_sysbuild(c) && !c->mcuboot.built)
        mode = find_mode(c, &c->sysbuild, sysbuild, sizeof(sysbuild) / sizeof(sysbuild[0]));
    if (mode == MODE_UNKNOWN)
        mode = find_mode(c, &c->mcuboot, boot, sizeof(boot) / sizeof(boot[0]));
    if (mode == MODE_UNKNOWN && !c->cmake_overrides && !c->mcuboot.built)
        mode = MODE_SWAP_MOVE; /* the default of every release so far */
    return mode;
}

bool is_sysbuild(const struct doctor_case *c)
{
    return c->sdk.generation == GENERATION_SYSBUILD || c->sdk.generation == GENERATION_DEVICETREE;
}

bool at_least(const struct doctor_case *c, unsigned version)
{
    return c->sdk.version != 0 && c->sdk.version >= version;
}

bool before(const struct doctor_case *c, unsigned version)
{
    return c->sdk.version != 0 && c->sdk.version < version;
}

bool uses_pm(const struct doctor_case *c)
{
    return c->sdk.generation != GENERATION_DEVICETREE;
}

static const struct dt_node *known_chip(const struct doctor_case *c)
{
    return c->boot_chip != NULL ? c->boot_chip : c->chip;
}

enum tri chip_on_spi(const struct doctor_case *c)
{
    const struct dt_node *chip = known_chip(c);

    if (chip == NULL)
        return UNKNOWN;
    if (chip->parent != NULL && chip->parent->labels[0] != NULL) {
        if (text_starts(chip->parent->labels[0], "qspi"))
            return NO;
        if (text_starts(chip->parent->labels[0], "spi"))
            return YES;
    }
    if (dt_compatible(chip, "nordic,qspi-nor"))
        return NO;
    return dt_compatible(chip, "jedec,spi-nor") ? YES : UNKNOWN;
}

uint64_t external_size(const struct doctor_case *c)
{
    const struct pm_region *region = pm_region(&c->regions, PM_EXTERNAL);
    const struct dt_node *chip = c->chip != NULL ? c->chip : c->boot_chip;
    uint64_t bits;

    if (region != NULL && region->has_size)
        return region->size;
    if (dt_number(chip, "size-in-bytes", &bits))
        return bits;
    return dt_number(chip, "size", &bits) ? bits / 8 : 0;
}

bool internal_flash(const struct doctor_case *c, uint64_t *base, uint64_t *size)
{
    const struct pm_region *region = pm_region(&c->regions, PM_INTERNAL);

    if (region != NULL && region->has_size) {
        *base = region->base;
        *size = region->size;
        return true;
    }
    if (c->board == NULL)
        return false;
    *base = c->board->internal_base;
    *size = c->board->internal_size;
    return true;
}

unsigned updateable_images(const struct doctor_case *c)
{
    unsigned long long count = 0;

    if (option_number(c, &c->mcuboot, "UPDATEABLE_IMAGE_NUMBER", &count) && count < 16)
        return (unsigned)count;
    if (is_sysbuild(c) && option_number(c, &c->sysbuild, "MCUBOOT_UPDATEABLE_IMAGES", &count) &&
        count < 16)
        return (unsigned)count;
    return c->mcuboot.built ? 1 : 0;
}

bool both_cores(const struct doctor_case *c)
{
    return option_yes(c, &c->sysbuild, "NETCORE_APP_UPDATE") ||
           option_yes(c, &c->sysbuild, "MCUBOOT_NRF53_MULTI_IMAGE_UPDATE") ||
           option_yes(c, &c->mcuboot, "NRF53_MULTI_IMAGE_UPDATE") ||
           option_yes(c, &c->application, "NRF53_UPGRADE_NETWORK_CORE");
}

bool uses_tfm(const struct doctor_case *c)
{
    if (option_no(c, &c->application, "BUILD_WITH_TFM"))
        return false;
    return c->non_secure || option_yes(c, &c->application, "BUILD_WITH_TFM") ||
           pm_find(c->pm, "tfm") != NULL;
}

enum severity by_evidence(const struct image *image)
{
    return image->built ? SEVERITY_ERROR : SEVERITY_WARNING;
}

int doctor_version_compare(const char *a, const char *b)
{
    for (;;) {
        char *end_a;
        char *end_b;
        unsigned long left = strtoul(a, &end_a, 10);
        unsigned long right = strtoul(b, &end_b, 10);

        if (left != right)
            return left < right ? -1 : 1;
        if (*end_a != '.' || *end_b != '.')
            return (*end_a == '.') - (*end_b == '.');
        a = end_a + 1;
        b = end_b + 1;
    }
}
