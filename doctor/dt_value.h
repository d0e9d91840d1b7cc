// SPDX-License-Identifier: Apache-2.0
/* What the tolerant devicetree reader is made of: values, expressions, macros. */
#ifndef FERRY_DOCTOR_DT_VALUE_H
#define FERRY_DOCTOR_DT_VALUE_H

#include "doctor/dt.h"

struct dt_macro {
    const char *name;
    const char *value;
    struct dt_macro *next;
};

/* Fills text, cells, reference ... of a property from its raw value. */
void dt_parse_value(struct dt *dt, struct dt_prop *prop, const struct dt_macro *macros);

#endif
