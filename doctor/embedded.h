// SPDX-License-Identifier: Apache-2.0
/* Text files that the build puts into the program: boards and the rules' pages. */
#ifndef FERRY_DOCTOR_EMBEDDED_H
#define FERRY_DOCTOR_EMBEDDED_H

struct doctor_embedded {
    const char *name; /* the file's name without folder and extension; NULL ends the table */
    const char *text;
};

extern const struct doctor_embedded doctor_embedded_boards[];
extern const struct doctor_embedded doctor_embedded_pages[];

#endif
