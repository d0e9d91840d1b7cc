// SPDX-License-Identifier: Apache-2.0
/* A layout as pm_static.yml, as a devicetree overlay, as a C header. */
#include <ctype.h>
#include <string.h>

#include "tool/layout_text.h"

static const char *const labels[][2] = {{"mcuboot", "boot_partition"},
                                        {"mcuboot_primary", "slot0_partition"},
                                        {"mcuboot_secondary", "slot1_partition"},
                                        {"mcuboot_primary_1", "slot2_partition"},
                                        {"mcuboot_secondary_1", "slot3_partition"},
                                        {"mcuboot_scratch", "scratch_partition"},
                                        {"settings_storage", "storage_partition"}};

static const char *label_of(const char *name)
{
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        if (strcmp(labels[i][0], name) == 0)
            return labels[i][1];
    }
    return name;
}

static bool is_inside(const struct ferry_layout_entry *inner, const struct ferry_layout_entry *slot)
{
    return inner != slot && strcmp(inner->region, slot->region) == 0 && inner->size > 0 &&
           inner->address >= slot->address &&
           (uint64_t)inner->address + inner->size <= (uint64_t)slot->address + slot->size;
}

/* Slots are one partition; spans, parts of a slot, gaps and what is left over are none. */
static bool is_partition(const struct ferry_layout_file *file,
                         const struct ferry_layout_entry *entry)
{
    const struct ferry_layout_entry *slot = ferry_layout_find(file, "mcuboot_primary");

    if (entry->size == 0 || strcmp(entry->name, entry->region) == 0 ||
        strncmp(entry->name, "EMPTY_", 6) == 0)
        return false;
    if (entry == slot)
        return true;
    return !entry->container && (slot == NULL || !is_inside(entry, slot));
}

static void print_partition(FILE *out, const struct ferry_layout_entry *entry)
{
    fprintf(out,
            "\n\t\t%s: partition@%x {\n\t\t\tlabel = \"%s\";\n\t\t\treg = <0x%x 0x%x>;\n"
            "\t\t};\n",
            label_of(entry->name), entry->address, entry->name, entry->address, entry->size);
}

static void print_chip(FILE *out, const struct ferry_layout_file *file, const char *region,
                       const char *node)
{
    bool any = false;

    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        if (strcmp(entry->region, region) != 0 || !is_partition(file, entry))
            continue;
        if (!any)
            fprintf(out,
                    "\n&%s {\n\tpartitions {\n\t\tcompatible = \"fixed-partitions\";\n"
                    "\t\t#address-cells = <1>;\n\t\t#size-cells = <1>;\n",
                    node);
        any = true;
        print_partition(out, entry);
    }
    if (any)
        fprintf(out, "\t};\n};\n");
}

/* A board's own partitions have to go before these can take their labels. */
static void print_dts(FILE *out, const struct ferry_layout_file *file,
                      const struct ferry_args *args)
{
    fprintf(out, "/* SPDX-License-Identifier: Apache-2.0 */\n"
                 "/* Written by 'ferry layout convert'. The board's own partitions with these\n"
                 " * labels have to be deleted before (/delete-node/), and both the application\n"
                 " * and MCUboot have to read this. */\n");
    print_chip(out, file, FERRY_LAYOUT_INTERNAL, ferry_args_value(args, "internal", "flash0"));
    print_chip(out, file, FERRY_LAYOUT_EXTERNAL, ferry_args_value(args, "external", "mx25r64"));
}

static void print_children(FILE *out, const struct ferry_layout_file *file,
                           const struct ferry_layout_entry *span)
{
    const char *separator = "";

    fprintf(out, "  span: [");
    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        if (entry->container || !is_inside(entry, span))
            continue;
        fprintf(out, "%s%s", separator, entry->name);
        separator = ", ";
    }
    fprintf(out, "]\n");
}

static void print_yaml(FILE *out, const struct ferry_layout_file *file,
                       const struct ferry_args *args)
{
    (void)args;
    fprintf(out, "# SPDX-License-Identifier: Apache-2.0\n# Written by 'ferry layout convert'.\n");
    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        fprintf(out, "%s:\n  address: 0x%x\n  size: 0x%x\n", entry->name, entry->address,
                entry->size);
        if (entry->container)
            print_children(out, file, entry);
        fprintf(out, "  region: %s\n", entry->region);
    }
}

static void print_name(FILE *out, const char *name)
{
    for (; *name != '\0'; name++)
        fputc(isalnum((unsigned char)*name) ? toupper((unsigned char)*name) : '_', out);
}

static void print_c(FILE *out, const struct ferry_layout_file *file, const struct ferry_args *args)
{
    (void)args;
    fprintf(out, "// SPDX-License-Identifier: Apache-2.0\n/* Written by 'ferry layout convert': "
                 "bytes from the start of the region. */\n#ifndef FLASH_LAYOUT_H\n"
                 "#define FLASH_LAYOUT_H\n");
    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        fprintf(out, "\n/* %s, in %s */\n#define ", entry->name, entry->region);
        print_name(out, entry->name);
        fprintf(out, "_OFFSET 0x%xu\n#define ", entry->address);
        print_name(out, entry->name);
        fprintf(out, "_SIZE 0x%xu\n", entry->size);
    }
    fprintf(out, "\n#endif\n");
}

layout_writer *layout_writer_named(const char *name)
{
    if (strcmp(name, "yaml") == 0)
        return print_yaml;
    if (strcmp(name, "dts") == 0)
        return print_dts;
    return strcmp(name, "c") == 0 ? print_c : NULL;
}
