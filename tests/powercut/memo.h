// SPDX-License-Identifier: Apache-2.0
/*
 * Hashes and signature checks that remember their answers: a campaign verifies the same few images
 * a million times. Answers come from the real functions, once per content. Linked with --wrap.
 */
#ifndef TESTS_POWERCUT_MEMO_H
#define TESTS_POWERCUT_MEMO_H

#include <stdbool.h>
#include <stdint.h>

/* Called for each signature found good, with the digest; may be NULL. */
extern void (*memo_on_verified)(const uint8_t digest[32]);

/* Runs inside of runs keep their unfinished digests apart by this depth. */
extern uint32_t memo_depth;

/* Forgets everything and uses the real functions from now on. */
extern bool memo_off;

#endif
