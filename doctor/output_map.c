// SPDX-License-Identifier: Apache-2.0
/* The flash map: what is where, what overlaps, what nobody uses. */
#include <stdlib.h>
#include <string.h>

#include "doctor/output.h"
#include "doctor/rules.h"

enum { ROWS_MAX = 512 };

struct row {
    const char *name;
    uint64_t start;
    uint64_t end;
    bool overlaps;
    bool free;
};

struct device {
    const char *title;
    const char *region;
    uint64_t base;
    uint64_t size; /* 0 = unknown: up to the last partition */
    struct row rows[ROWS_MAX];
    size_t count;
    uint64_t unused;
};

static void add_row(struct device *device, const char *name, uint64_t start, uint64_t end,
                    bool overlaps, bool unused)
{
    if (device->count >= ROWS_MAX)
        return;
    device->rows[device->count++] = (struct row){name, start, end, overlaps, unused};
    if (unused)
        device->unused += end - start;
}

static bool is_unused_name(const struct pm_part *part)
{
    return text_starts(part->name, "EMPTY_") || strcmp(part->name, part->region) == 0;
}

static void fill(const struct doctor_case *c, struct device *device)
{
    size_t count;
    const struct pm_part **leaves = leaves_of(c, layout_of(c), device->region, &count);
    uint64_t at = device->base;

    for (size_t i = 0; i < count; i++) {
        bool overlaps = leaves[i]->address < at;

        if (leaves[i]->address > at)
            add_row(device, "(free)", at, leaves[i]->address, false, true);
        if (i + 1 < count && pm_end(leaves[i]) > leaves[i + 1]->address)
            overlaps = true;
        add_row(device, leaves[i]->name, leaves[i]->address, pm_end(leaves[i]), overlaps,
                is_unused_name(leaves[i]));
        if (pm_end(leaves[i]) > at)
            at = pm_end(leaves[i]);
    }
    if (device->size == 0)
        device->size = at - device->base;
    else if (count > 0 && at < device->base + device->size)
        add_row(device, "(free)", at, device->base + device->size, false, true);
}

static size_t devices_of(const struct doctor_case *c, struct device *devices)
{
    const struct chip *chip = NULL;
    const struct dt_prop *id = dt_get(c->chip, "jedec-id");
    uint64_t base = 0;
    uint64_t size = 0;
    size_t used = 0;

    if (id != NULL && id->count == 3)
        chip = chip_by_id((uint32_t)(id->cells[0] << 16 | id->cells[1] << 8 | id->cells[2]));
    internal_flash(c, &base, &size);
    devices[0] = (struct device){
        .title = "internal flash", .region = PM_INTERNAL, .base = base, .size = size};
    devices[1] = (struct device){.title = chip == NULL ? "external flash"
                                                       : text(c, "external flash (%s)", chip->name),
                                 .region = PM_EXTERNAL,
                                 .size = external_size(c)};
    for (size_t i = 0; i < 2; i++) {
        fill(c, &devices[i]);
        if (devices[i].count > 0)
            devices[used++] = devices[i];
    }
    return used;
}

static void print_device(FILE *out, const struct device *device)
{
    fprintf(out, "%s, %llu KiB, %llu KiB unused\n", device->title,
            (unsigned long long)device->size / 1024, (unsigned long long)device->unused / 1024);
    for (size_t i = 0; i < device->count; i++) {
        const struct row *row = &device->rows[i];

        fprintf(out, "  0x%08llx  0x%08llx  %8.1f KiB  %s%s%s\n", (unsigned long long)row->start,
                (unsigned long long)row->end, (double)(row->end - row->start) / 1024.0, row->name,
                row->overlaps ? "  ** overlaps **" : "",
                row->end > device->base + device->size ? "  ** beyond the end **" : "");
    }
}

bool output_map(FILE *out, const struct doctor_case *c)
{
    struct device *devices = ferry_arena_take(c->arena, 2 * sizeof(*devices));
    size_t count = devices_of(c, devices);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            fputc('\n', out);
        print_device(out, &devices[i]);
    }
    return count > 0;
}

/* ---- SVG: one column per device, addresses downwards ---- */

enum { COLUMN = 360, BAR = 150, TOP = 50, HEIGHT = 640, LEAST = 15 };

static void put_escaped(FILE *out, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name == '<')
            fputs("&lt;", out);
        else if (*name == '&')
            fputs("&amp;", out);
        else if (*name == '"')
            fputs("&quot;", out);
        else if ((unsigned char)*name >= 32)
            fputc(*name, out);
    }
}

static const char *color_of(const struct row *row)
{
    if (row->overlaps)
        return "#d9534f";
    if (row->free)
        return "#eeeeee";
    if (strstr(row->name, "secondary") != NULL || strstr(row->name, "ferry") != NULL)
        return "#5b9bd5";
    if (strcmp(row->name, "mcuboot") == 0)
        return "#f0ad4e";
    return "#8fbc8f";
}

/* Small partitions get a least height, so that each can be read; the rest share what is left. */
static double height_of(const struct device *device, const struct row *row)
{
    double free_height = HEIGHT - (double)LEAST * (double)device->count;
    double total = 0;

    for (size_t i = 0; i < device->count; i++)
        total += (double)(device->rows[i].end - device->rows[i].start);
    if (free_height < 0 || total <= 0)
        return LEAST;
    return LEAST + free_height * (double)(row->end - row->start) / total;
}

static void draw_device(FILE *out, const struct device *device, unsigned column)
{
    double x = 20 + (double)column * COLUMN;
    double y = TOP;

    fprintf(out, "<text x=\"%.0f\" y=\"30\" font-weight=\"bold\">", x);
    put_escaped(out, device->title);
    fprintf(out, ", %llu KiB</text>\n", (unsigned long long)device->size / 1024);
    for (size_t i = 0; i < device->count; i++) {
        const struct row *row = &device->rows[i];
        double height = height_of(device, row);

        fprintf(out,
                "<rect x=\"%.0f\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"%s\" "
                "stroke=\"#444\"/>\n<text x=\"%.0f\" y=\"%.1f\">",
                x, y, BAR, height, color_of(row), x + BAR + 8, y + 11);
        fprintf(out, "0x%llx ", (unsigned long long)row->start);
        put_escaped(out, row->name);
        fprintf(out, " (%llu KiB)%s</text>\n", (unsigned long long)(row->end - row->start) / 1024,
                row->overlaps ? " overlaps" : "");
        y += height;
    }
}

bool output_map_svg(FILE *out, const struct doctor_case *c)
{
    struct device *devices = ferry_arena_take(c->arena, 2 * sizeof(*devices));
    size_t count = devices_of(c, devices);
    size_t most = 0;

    if (count == 0)
        return false;
    for (size_t i = 0; i < count; i++)
        most = devices[i].count > most ? devices[i].count : most;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%zu\" height=\"%zu\" "
            "font-family=\"sans-serif\" font-size=\"11\">\n",
            count * COLUMN + 60, (size_t)HEIGHT + TOP + 40 + (most > 40 ? most * LEAST : 0));
    for (size_t i = 0; i < count; i++)
        draw_device(out, &devices[i], (unsigned)i);
    fprintf(out, "</svg>\n");
    return true;
}
