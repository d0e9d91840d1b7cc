// SPDX-License-Identifier: Apache-2.0
/* Real parts as models of chips. Their SFDP bytes are what the parts answer. */
#ifndef SIM_NOR_MODELS_H
#define SIM_NOR_MODELS_H

#include "sim/nor_chip.h"

extern const struct nor_model nor_mx25r6435f;
extern const struct nor_model nor_w25q64jv;
extern const struct nor_model nor_w25q128jv;
extern const struct nor_model nor_w25q256fv; /* SFDP without times, no 4-byte program opcodes */
extern const struct nor_model nor_w25q512jv; /* 4-byte opcodes, but none for 32 KiB */
extern const struct nor_model nor_is25wp256; /* 4-byte opcodes that its SFDP does not list */
extern const struct nor_model nor_mx66l1g45g;
extern const struct nor_model nor_mx25l25635e; /* SFDP without times, no reset commands */
extern const struct nor_model nor_n25q256a;
extern const struct nor_model nor_w25q64bv;   /* no SFDP */
extern const struct nor_model nor_s25sl12801; /* no SFDP, no reset, 64 KiB only */

/* One of each kind, ended by NULL. MX66L1G45G is left out: 128 MiB take their time. */
#define NOR_MODELS 10
extern const struct nor_model *const nor_models[NOR_MODELS + 1];

#endif
