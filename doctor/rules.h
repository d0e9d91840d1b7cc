// SPDX-License-Identifier: Apache-2.0
/* The rule families, and small helpers they share. One file per family; a rule is one function. */
#ifndef FERRY_DOCTOR_RULES_H
#define FERRY_DOCTOR_RULES_H

#include "doctor/case.h"

extern const struct rule doctor_rules_f[];
extern const struct rule doctor_rules_b[];
extern const struct rule doctor_rules_d[];
extern const struct rule doctor_rules_d_chip[];
extern const struct rule doctor_rules_k[];
extern const struct rule doctor_rules_p[];
extern const struct rule doctor_rules_p_slots[];
extern const struct rule doctor_rules_s[];
extern const struct rule doctor_rules_n[];
extern const struct rule doctor_rules_t[];
extern const struct rule doctor_rules_i[];
extern const struct rule doctor_rules_x[];
extern const struct rule doctor_rules_h[];
extern const struct rule doctor_rules_r[];

#define PAGE 4096u

typedef unsigned long long ull;

/* The table a user can edit: the static file where there is one, else the one that counts. */
const struct pm *layout_of(const struct doctor_case *c);

/* Leaf partitions of a region, sorted by address; `*count` of them. */
const struct pm_part **leaves_of(const struct doctor_case *c, const struct pm *pm,
                                 const char *region, size_t *count);

/* A span by its entry, or by its name: these hold others even where the file forgets to say so. */
bool is_container(const struct pm_part *part);

/* The first line of a given log that contains `needle`: where it is; NULL if nowhere. */
const struct artifact *log_has(const struct doctor_case *c, const char *needle, unsigned *line);

/* "FILE should get this line" for an image: fix text, and the edit where the file exists or not. */
void ask_for(const struct doctor_case *c, struct finding *finding, const struct image *image,
             const char *lines);

/* Replaces an option's line where it is written, else asks for a new line. */
void set_option(const struct doctor_case *c, struct finding *finding, const struct image *image,
                const char *name, const char *value);

const char *hex(const struct doctor_case *c, uint64_t number);

/* Whether the chip on the bus may be reasoned about: the slot is external and MCUboot is there. */
bool external_boot(const struct doctor_case *c);

/* The edit distance of two short words, at most `limit` + 1. */
unsigned word_distance(const char *a, const char *b, unsigned limit);

/*
 * The edits that give an entry of a partition file another place, in the lines as they are written:
 * a key of its own line or all of them between braces. None where a line holds more than that.
 */
void edit_part(const struct doctor_case *c, struct finding *finding, const struct pm_part *part,
               uint64_t address, uint64_t size);

/*
 * The line that names the key MCUboot is built with, and the hash of its public half; NULL where
 * no ECDSA P-256 key lies there. (signature_key.c)
 */
const struct kconf_line *signature_key(const struct doctor_case *c, uint8_t hash[32]);

#endif
