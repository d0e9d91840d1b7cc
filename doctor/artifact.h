// SPDX-License-Identifier: Apache-2.0
/* What a build leaves behind and a user brings: images, packages, logs, dumps. */
#ifndef FERRY_DOCTOR_ARTIFACT_H
#define FERRY_DOCTOR_ARTIFACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "doctor/tree.h"

enum artifact_kind {
    ARTIFACT_IMAGE,  /* starts with MCUboot's magic */
    ARTIFACT_BINARY, /* a .bin that does not */
    ARTIFACT_HEX,    /* Intel HEX */
    ARTIFACT_ELF,
    ARTIFACT_PACKAGE, /* zip with a manifest.json */
    ARTIFACT_ZIP,     /* zip without one */
    ARTIFACT_LEGACY,  /* zip of the nRF5 SDK: manifest with init packet (.dat) */
    ARTIFACT_DUMP,    /* bytes of a flash chip */
    ARTIFACT_LOG,     /* text */
};

struct image_header {
    uint32_t load_address;
    uint16_t header_size;
    uint16_t protected_size;
    uint32_t body_size;
    uint32_t flags;
    uint8_t major, minor;
    uint16_t revision;
    uint32_t build;
    uint64_t total; /* header, body and both TLV areas; 0 where the areas are malformed */
    bool has_hash;
    uint16_t signature; /* TLV type, 0 = unsigned */
    uint8_t keyhash[32];
    bool has_keyhash;
    uint32_t reset_vector; /* second word of the body, 0 if absent */
};

/* One entry of a package's manifest. */
struct manifest_file {
    const char *file;
    const char *board;
    const char *version;                    /* MCUboot version, or NULL */
    long long image_index;                  /* -1 = not said */
    long long slot_primary, slot_secondary; /* -1 = not said */
    long long load_address;                 /* -1 = not said */
    long long size;                         /* -1 = not said */
    long long actual_size;                  /* -1 = the file is missing */
    bool has_header;
    struct image_header header;
};

struct artifact {
    enum artifact_kind kind;
    const char *file;
    const char *problem; /* why it could not be read to the end, or NULL */
    bool given;          /* named by the user */
    const uint8_t *data;
    size_t length;
    bool has_header;
    struct image_header header;
    struct manifest_file *files;
    size_t file_count;
    const char *nrf_revision; /* manifest: firmware.nrf.revision, or NULL */
    struct artifact *next;
};

struct artifacts {
    struct artifact *first;
    struct artifact **tail;
};

void artifacts_init(struct artifacts *artifacts);

/* Reads a file and adds it as what it is. `given`: also as a log when it is nothing else. */
void artifacts_add(struct artifacts *artifacts, struct tree *tree, struct tree_file *file,
                   bool given);

/* Reads MCUboot's header and TLV areas. false when the magic is not there. */
bool image_header_read(struct image_header *header, const uint8_t *data, size_t length);

const char *signature_name(uint16_t tlv);

#endif
