// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/layout.h"
#include "tool/image_common.h"
#include "tool/layout_text.h"

static const struct ferry_option check_options[] = {
    {"internal-size", 0, "BYTES", "size of the internal flash: nothing may lie behind it"},
    {"external-size", 0, "BYTES", "size of the external flash: nothing may lie behind it"},
    FERRY_OPTIONS_END,
};

static const struct ferry_option header_options[] = {
    {"output", 'o', "FILE", "write there instead of to standard output"},
    {"flash-base", 0, "ADDRESS", "CPU address of the internal flash (default 0)"},
    FERRY_OPTIONS_END,
};

static const struct ferry_option convert_options[] = {
    {"to", 0, "yaml|dts|c", "the grammar to write"},
    {"output", 'o', "FILE", "write there instead of to standard output"},
    {"internal", 0, "LABEL", "dts: node of the internal flash (default flash0)"},
    {"external", 0, "LABEL", "dts: node of the external chip (default mx25r64)"},
    FERRY_OPTIONS_END,
};

static void print_findings(const struct ferry_layout_file *file)
{
    for (size_t i = 0; i < file->findings; i++) {
        const struct ferry_layout_finding *finding = &file->finding[i];

        fprintf(stderr, "%s:", file->name);
        if (finding->line != 0)
            fprintf(stderr, "%u:", finding->line);
        fprintf(stderr, " %s: %s\n", finding->error ? "error" : "warning", finding->text);
    }
}

/* All findings go to people; the first error is also the command's. */
static int load(struct ferry_args *args, const struct ferry_layout_device *device,
                struct ferry_layout_file *file)
{
    struct ferry_problem problem;

    if (layout_read(file, args->operand[0], device, &problem) == FERRY_OK)
        return FERRY_EXIT_OK;
    if (!args->json && file->findings > 1)
        print_findings(file);
    ferry_layout_free(file);
    return fail_problem(args, FERRY_EXIT_INPUT, &problem);
}

static json_t *findings_json(const struct ferry_layout_file *file)
{
    json_t *list = json_array();

    for (size_t i = 0; i < file->findings; i++)
        json_array_append_new(list,
                              json_pack("{s:s, s:i, s:s}", "level",
                                        file->finding[i].error ? "error" : "warning", "line",
                                        (int)file->finding[i].line, "text", file->finding[i].text));
    return list;
}

static json_t *entries_json(const struct ferry_layout_file *file)
{
    json_t *list = json_array();

    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:I, s:I, s:i}", "name", entry->name, "region",
                                        entry->region, "address", (json_int_t)entry->address,
                                        "size", (json_int_t)entry->size, "line", (int)entry->line));
    }
    return list;
}

static int run_check(struct ferry_args *args)
{
    struct ferry_layout_device device = {.stock = true};
    struct ferry_layout_file file;
    unsigned long internal = 0;
    unsigned long external = 0;
    int exit = ferry_args_number(args, "internal-size", UINT32_MAX, &internal);

    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "external-size", UINT32_MAX, &external);
    if (exit != FERRY_EXIT_OK)
        return exit;
    device.internal_size = (uint32_t)internal;
    device.external_size = (uint32_t)external;
    exit = load(args, &device, &file);
    if (exit != FERRY_EXIT_OK)
        return exit;
    if (!args->quiet && !args->json)
        print_findings(&file);
    if (file.stock)
        ferry_say(args,
                  "%s: MCUboot's slots, no store of Ferry's; needs 0x%x bytes of internal and "
                  "0x%x of external flash",
                  file.name, file.layout.internal_size, file.layout.external_size);
    else
        ferry_say(args,
                  "%s: %u slots, primary slot of 0x%x bytes; needs 0x%x bytes of internal and "
                  "0x%x of external flash",
                  file.name, file.layout.slots, file.layout.primary.length,
                  file.layout.internal_size, file.layout.external_size);
    if (args->json)
        (void)ferry_print_json(args,
                               json_pack("{s:s, s:i, s:I, s:I, s:o}", "file", file.name, "slots",
                                         (int)file.layout.slots, "internal_size",
                                         (json_int_t)file.layout.internal_size, "external_size",
                                         (json_int_t)file.layout.external_size, "findings",
                                         findings_json(&file)));
    ferry_layout_free(&file);
    return FERRY_EXIT_OK;
}

/* Who uses an entry, as far as Ferry knows. */
static const char *use_of(const char *name)
{
    if (strcmp(name, "mcuboot") == 0)
        return "the bootloader";
    if (strcmp(name, "mcuboot_primary") == 0)
        return "the image that runs";
    if (strcmp(name, "ferry_floor") == 0)
        return "the security floor";
    if (strcmp(name, "ferry_journal") == 0)
        return "the journal";
    if (strncmp(name, "ferry_slot_", strlen("ferry_slot_")) == 0)
        return "one image";
    return "others";
}

static void print_row(const char *name, uint64_t from, uint64_t to, const char *use)
{
    printf("  0x%08llx  0x%08llx  %8llu KiB  %-20s %s\n", (unsigned long long)from,
           (unsigned long long)to, (unsigned long long)((to - from) / 1024), name, use);
}

static void print_table(const struct ferry_layout_file *file)
{
    const char *region = "";
    uint64_t end = 0;

    for (size_t i = 0; i < file->entries; i++) {
        const struct ferry_layout_entry *entry = &file->entry[i];

        if (strcmp(region, entry->region) != 0) {
            region = entry->region;
            end = 0;
            printf("%s\n", region);
        }
        if (entry->address > end)
            print_row("-", end, entry->address, "free");
        print_row(entry->name, entry->address, (uint64_t)entry->address + entry->size,
                  use_of(entry->name));
        if ((uint64_t)entry->address + entry->size > end)
            end = (uint64_t)entry->address + entry->size;
    }
}

static int run_show(struct ferry_args *args)
{
    const struct ferry_layout_device device = {.stock = true};
    struct ferry_layout_file file;
    int exit = load(args, &device, &file);

    if (exit != FERRY_EXIT_OK)
        return exit;
    if (args->json)
        (void)ferry_print_json(
            args, json_pack("{s:s, s:o}", "file", file.name, "entries", entries_json(&file)));
    else
        print_table(&file);
    ferry_layout_free(&file);
    return FERRY_EXIT_OK;
}

static void print_span(FILE *out, const char *name, const struct ferry_span *span)
{
    fprintf(out, "    .%s = {.offset = 0x%x, .length = 0x%x},\n", name, span->offset, span->length);
}

static void print_source(FILE *out, const struct ferry_layout_file *file,
                         const struct ferry_args *args)
{
    const struct ferry_layout *layout = &file->layout;

    (void)args;
    fprintf(out,
            "// SPDX-License-Identifier: Apache-2.0\n"
            "/* Written by 'ferry layout header'. */\n"
            "#include \"ferry/layout.h\"\n\n"
            "extern const struct ferry_layout ferry_layout;\n\n"
            "const struct ferry_layout ferry_layout = {\n"
            "    .primary_address = 0x%x,\n",
            layout->primary_address);
    print_span(out, "primary", &layout->primary);
    print_span(out, "floor", &layout->floor);
    print_span(out, "journal", &layout->journal);
    fprintf(out, "    .slot =\n        {\n");
    for (uint32_t i = 0; i < layout->slots; i++)
        fprintf(out, "            {.offset = 0x%x, .length = 0x%x},\n", layout->slot[i].offset,
                layout->slot[i].length);
    fprintf(out,
            "        },\n    .slots = %u,\n    .internal_size = 0x%x,\n    .external_size = "
            "0x%x,\n};\n",
            layout->slots, layout->internal_size, layout->external_size);
}

/* What `print` writes, to --output. */
static int write_text(struct ferry_args *args, const struct ferry_layout_file *file,
                      layout_writer *print)
{
    struct ferry_problem problem = {""};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    int status = FERRY_E_NO_MEMORY;

    if (out != NULL) {
        print(out, file, args);
        if (fclose(out) == 0)
            status = ferry_file_write(ferry_args_value(args, "output", "-"), text, size,
                                      FERRY_FILE_PUBLIC, true, &problem);
    }
    free(text);
    if (status == FERRY_E_NO_MEMORY)
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "out of memory");
    return status == FERRY_OK ? FERRY_EXIT_OK : fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
}

static int run_header(struct ferry_args *args)
{
    struct ferry_layout_device device = {.flash_base = 0};
    struct ferry_layout_file file;
    unsigned long base = 0;
    int exit = ferry_args_number(args, "flash-base", UINT32_MAX, &base);

    if (exit != FERRY_EXIT_OK)
        return exit;
    device.flash_base = (uint32_t)base;
    exit = load(args, &device, &file);
    if (exit != FERRY_EXIT_OK)
        return exit;
    exit = write_text(args, &file, print_source);
    ferry_layout_free(&file);
    return exit;
}

static int run_convert(struct ferry_args *args)
{
    const struct ferry_layout_device device = {.stock = true};
    layout_writer *writer = layout_writer_named(ferry_args_value(args, "to", ""));
    struct ferry_layout_file file;
    int exit;

    if (writer == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE, "--to is needed: yaml, dts or c");
    exit = load(args, &device, &file);
    if (exit != FERRY_EXIT_OK)
        return exit;
    exit = write_text(args, &file, writer);
    ferry_layout_free(&file);
    return exit;
}

static const struct ferry_command check_command = {
    .name = "check",
    .summary = "find what is wrong in a layout",
    .positional = "LAYOUT",
    .options = check_options,
    .run = run_check,
    .section = FERRY_SECTION_PROJECT,
};

static const struct ferry_command show_command = {
    .name = "show",
    .summary = "list what lies where, gaps included",
    .positional = "LAYOUT",
    .run = run_show,
    .section = FERRY_SECTION_PROJECT,
};

static const struct ferry_command header_command = {
    .name = "header",
    .summary = "write the layout as C source for a device",
    .positional = "LAYOUT",
    .details = "The source defines 'ferry_layout', a struct ferry_layout.",
    .options = header_options,
    .run = run_header,
    .section = FERRY_SECTION_PROJECT,
};

static const struct ferry_command convert_command = {
    .name = "convert",
    .summary = "write the layout in another grammar",
    .positional = "LAYOUT",
    .details =
        "yaml: pm_static.yml. dts: an overlay with fixed partitions under Zephyr's labels; what "
        "lies inside a slot and what is left over are no partitions there. c: a header with "
        "offset and size of every entry, for any program. Nothing is written of a layout with "
        "mistakes.",
    .options = convert_options,
    .run = run_convert,
    .section = FERRY_SECTION_PROJECT,
};

static const struct ferry_command *const verbs[] = {&check_command, &show_command, &header_command,
                                                    &convert_command, NULL};

const struct ferry_command ferry_command_layout = {
    .name = "layout",
    .summary = "check a flash layout, show it, compile it, convert it",
    .details = "LAYOUT is a file in the grammar of the partition manager's pm_static.yml and "
               "partitions.yml: named entries with address, size or end_address, and region. Or a "
               "devicetree (.dts, .dtsi, .overlay) with fixed partitions.",
    .verbs = verbs,
    .section = FERRY_SECTION_PROJECT,
};
