// SPDX-License-Identifier: Apache-2.0
/* Layouts in the grammars people have: read from YAML or devicetree, written as either or as C. */
#ifndef FERRY_TOOL_LAYOUT_TEXT_H
#define FERRY_TOOL_LAYOUT_TEXT_H

#include <stdio.h>

#include "host/layout.h"
#include "tool/command.h"

/* ferry_layout_load for files of both grammars; the name tells which. */
int layout_read(struct ferry_layout_file *file, const char *path,
                const struct ferry_layout_device *device, struct ferry_problem *problem);

/* Writes the layout; what it needs to know besides stands in the options. */
typedef void layout_writer(FILE *out, const struct ferry_layout_file *file,
                           const struct ferry_args *args);

/* The writer for "yaml", "dts" or "c", NULL for another name. */
layout_writer *layout_writer_named(const char *name);

#endif
