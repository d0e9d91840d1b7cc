// SPDX-License-Identifier: Apache-2.0
#include "doctor/artifact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

enum { FILE_MAX = 128 << 20, MANIFEST_MAX = 1 << 20, ENTRY_MAX = 64 << 20, FILES_MAX = 64 };

static const uint32_t MAGIC = 0x96f3b83d;

void artifacts_init(struct artifacts *artifacts)
{
    artifacts->first = NULL;
    artifacts->tail = &artifacts->first;
}

static uint32_t le32(const uint8_t *data)
{
    return (uint32_t)data[0] | (uint32_t)data[1] << 8 | (uint32_t)data[2] << 16 |
           (uint32_t)data[3] << 24;
}

static uint16_t le16(const uint8_t *data)
{
    return (uint16_t)(data[0] | data[1] << 8);
}

static void read_tlv(struct image_header *header, uint16_t type, const uint8_t *value,
                     uint16_t length)
{
    if (type >= 0x10 && type <= 0x12)
        header->has_hash = true;
    if (type >= 0x20 && type <= 0x24)
        header->signature = type;
    if (type == 0x01 && length == sizeof(header->keyhash)) {
        memcpy(header->keyhash, value, length);
        header->has_keyhash = true;
    }
}

/* One TLV area at `at`; 0 when it is malformed, else where it ends. */
static uint64_t read_area(struct image_header *header, const uint8_t *data, size_t length,
                          uint64_t at, uint16_t magic)
{
    uint64_t end;

    if (at + 4 > length || le16(data + at) != magic)
        return 0;
    end = at + le16(data + at + 2);
    if (end > length || end < at + 4)
        return 0;
    for (at += 4; at + 4 <= end;) {
        uint16_t size = le16(data + at + 2);

        if (at + 4 + size > end)
            return 0;
        read_tlv(header, le16(data + at), data + at + 4, size);
        at += 4u + size;
    }
    return at == end ? end : 0;
}

bool image_header_read(struct image_header *header, const uint8_t *data, size_t length)
{
    uint64_t at;

    memset(header, 0, sizeof(*header));
    if (length < 32 || le32(data) != MAGIC)
        return false;
    header->load_address = le32(data + 4);
    header->header_size = le16(data + 8);
    header->protected_size = le16(data + 10);
    header->body_size = le32(data + 12);
    header->flags = le32(data + 16);
    header->major = data[20];
    header->minor = data[21];
    header->revision = le16(data + 22);
    header->build = le32(data + 24);
    if (header->body_size >= 8 && (size_t)header->header_size + 8 <= length)
        header->reset_vector = le32(data + header->header_size + 4);
    at = (uint64_t)header->header_size + header->body_size;
    if (header->protected_size != 0)
        at = read_area(header, data, length, at, 0x6908);
    if (at != 0)
        header->total = read_area(header, data, length, at, 0x6907);
    return true;
}

const char *signature_name(uint16_t tlv)
{
    switch (tlv) {
    case 0x20:
        return "RSA-2048";
    case 0x22:
        return "ECDSA-P256";
    case 0x23:
        return "RSA-3072";
    case 0x24:
        return "Ed25519";
    case 0:
        return "none";
    default:
        return "unknown";
    }
}

static const uint8_t *read_entry(struct ferry_arena *arena, zip_t *zip, const char *name,
                                 size_t max, size_t *length)
{
    struct zip_stat status;
    zip_file_t *entry;
    uint8_t *data;
    zip_int64_t got;

    zip_stat_init(&status);
    if (zip_stat(zip, name, 0, &status) != 0 || (status.valid & ZIP_STAT_SIZE) == 0 ||
        status.size > max)
        return NULL;
    entry = zip_fopen(zip, name, 0);
    if (entry == NULL)
        return NULL;
    data = ferry_arena_take(arena, (size_t)status.size + 1);
    got = zip_fread(entry, data, status.size);
    zip_fclose(entry);
    *length = got < 0 ? 0 : (size_t)got;
    return got == (zip_int64_t)status.size ? data : NULL;
}

/* Manifests write numbers as numbers, and indices as strings. */
static long long number_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (json_is_integer(value))
        return json_integer_value(value);
    if (json_is_string(value) && json_string_value(value)[0] != '\0')
        return strtoll(json_string_value(value), NULL, 0);
    return -1;
}

static const char *string_of(struct ferry_arena *arena, const json_t *object, const char *key)
{
    return ferry_arena_string(arena, json_string_value(json_object_get(object, key)));
}

static void read_file_entry(struct manifest_file *file, struct ferry_arena *arena, zip_t *zip,
                            const json_t *object)
{
    const uint8_t *data;
    size_t length = 0;
    long long slot = number_of(object, "slot_index_primary");

    file->file = string_of(arena, object, "file");
    file->board = string_of(arena, object, "board");
    file->version = string_of(arena, object, "version_MCUBOOT");
    if (file->version == NULL)
        file->version = string_of(arena, object, "version");
    file->image_index = number_of(object, "image_index");
    file->slot_primary = slot;
    file->slot_secondary = number_of(object, "slot_index_secondary");
    file->load_address = number_of(object, "load_address");
    file->size = number_of(object, "size");
    file->actual_size = -1;
    data = file->file == NULL ? NULL : read_entry(arena, zip, file->file, ENTRY_MAX, &length);
    if (data == NULL)
        return;
    file->actual_size = (long long)length;
    file->has_header = image_header_read(&file->header, data, length);
}

static void read_manifest(struct artifact *artifact, struct ferry_arena *arena, zip_t *zip,
                          const json_t *root)
{
    const json_t *files = json_object_get(root, "files");
    const json_t *nrf = json_object_get(json_object_get(root, "firmware"), "nrf");
    size_t count = json_array_size(files);

    artifact->nrf_revision = string_of(arena, nrf, "revision");
    if (json_object_get(root, "manifest") != NULL) {
        artifact->kind = ARTIFACT_LEGACY;
        return;
    }
    artifact->kind = ARTIFACT_PACKAGE;
    if (count > FILES_MAX)
        count = FILES_MAX;
    artifact->files = ferry_arena_take(arena, (count + 1) * sizeof(*artifact->files));
    artifact->file_count = count;
    for (size_t i = 0; i < count; i++)
        read_file_entry(&artifact->files[i], arena, zip, json_array_get(files, i));
}

static void read_zip(struct artifact *artifact, struct ferry_arena *arena, const char *full)
{
    size_t length = 0;
    json_error_t error;
    json_t *root;
    const uint8_t *text;
    zip_t *zip = zip_open(full, ZIP_RDONLY, NULL);

    artifact->kind = ARTIFACT_ZIP;
    if (zip == NULL) {
        artifact->problem = "it is a damaged zip file";
        return;
    }
    text = read_entry(arena, zip, "manifest.json", MANIFEST_MAX, &length);
    root = text == NULL ? NULL : json_loadb((const char *)text, length, 0, &error);
    if (root != NULL && json_is_object(root))
        read_manifest(artifact, arena, zip, root);
    else if (text != NULL)
        artifact->problem = "its manifest.json is not JSON";
    json_decref(root);
    zip_discard(zip);
}

static bool is_text(const uint8_t *data, size_t length)
{
    size_t odd = 0;

    if (length > 65536)
        length = 65536;
    for (size_t i = 0; i < length; i++)
        odd += data[i] == 0 || data[i] > 0xf4 ||
               (data[i] < 32 && strchr("\t\r\n\x1b\b\f", data[i]) == NULL);
    return odd * 50 <= length;
}

static bool ends(const char *text, const char *end)
{
    size_t length = strlen(text);

    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static enum artifact_kind kind_of(const char *file, const uint8_t *data, size_t length)
{
    if (length >= 4 && memcmp(data, "\177ELF", 4) == 0)
        return ARTIFACT_ELF;
    if (length >= 11 && data[0] == ':' && is_text(data, length) &&
        strspn((const char *)data + 1, "0123456789abcdefABCDEF") >= 10)
        return ARTIFACT_HEX;
    if (is_text(data, length))
        return ARTIFACT_LOG;
    return length >= (1u << 20) && !ends(file, "zephyr.bin") ? ARTIFACT_DUMP : ARTIFACT_BINARY;
}

void artifacts_add(struct artifacts *artifacts, struct tree *tree, struct tree_file *file,
                   bool given)
{
    struct artifact *artifact = ferry_arena_take(tree->arena, sizeof(*artifact));

    artifact->file = file->shown;
    artifact->given = given;
    if (file->text != NULL) {
        artifact->data = (const uint8_t *)file->text;
        artifact->length = file->length;
    } else {
        artifact->data = tree_bytes(tree, file, FILE_MAX, &artifact->length, &artifact->problem);
    }
    if (artifact->data == NULL)
        artifact->kind = ARTIFACT_BINARY;
    else if (artifact->length >= 4 && memcmp(artifact->data, "PK\3\4", 4) == 0)
        read_zip(artifact, tree->arena, file->full);
    else if (image_header_read(&artifact->header, artifact->data, artifact->length))
        artifact->kind = ARTIFACT_IMAGE;
    else
        artifact->kind = kind_of(file->path, artifact->data, artifact->length);
    artifact->has_header = artifact->kind == ARTIFACT_IMAGE;
    *artifacts->tail = artifact;
    artifacts->tail = &artifact->next;
}
