// SPDX-License-Identifier: Apache-2.0
/* Makes signed MCUboot images, byte for byte as imgtool does, apart from the signature's choice. */
#ifndef FERRY_HOST_SIGN_H
#define FERRY_HOST_SIGN_H

#include "host/file.h"
#include "host/keys.h"

#define FERRY_HEADER_SIZE_MAX 0xFFFFu

struct ferry_sign_options {
    struct ferry_version version;
    uint32_t header_size;
    uint32_t slot_size; /* the image must fit; 0 = not checked */
    uint32_t align;  /* not 0: leave room in the slot for MCUboot's trailer, write size `align` */
    bool pad_header; /* put the header's room in front; otherwise it is there, all zeros */
    bool has_security_counter;
    uint32_t security_counter;
    bool has_rom_fixed; /* the image runs from `load_address` in flash */
    bool has_load;      /* the image runs from `load_address` in RAM */
    uint32_t load_address;
};

/* Parses "1", "1.2", "1.2.3" or "1.2.3+4". FERRY_OK or FERRY_E_ARGUMENT with the sentence. */
int ferry_sign_version(const char *text, struct ferry_version *version,
                       struct ferry_problem *problem);

/* The security counter that imgtool makes of a version with "auto". */
uint32_t ferry_sign_auto_counter(const struct ferry_version *version);

/*
 * Signs `input` (the content of a binary named `name`). `*image` is the whole file; the caller
 * frees it. The result is verified before it is returned. FERRY_OK, or FERRY_E_ARGUMENT,
 * FERRY_E_SIZE, FERRY_E_STATE (public key), FERRY_E_NO_MEMORY with the sentence.
 */
int ferry_sign_image(const struct ferry_sign_options *options, const struct ferry_key_file *key,
                     const char *name, const struct ferry_bytes *input, struct ferry_bytes *image,
                     struct ferry_problem *problem);

#endif
