// SPDX-License-Identifier: Apache-2.0
/* What `ferry inspect` says of one image. */
#include <stdio.h>

#include "src/image/tlv.h"
#include "tool/image_common.h"
#include "tool/inspect.h"

#define VALUE_MAX 256u /* bytes of a TLV's value that are shown */

static const struct {
    uint32_t flag;
    const char *name;
} flags[] = {
    {0x1, "PIC"},
    {FERRY_IMAGE_ENCRYPTED_AES128, "ENCRYPTED_AES128"},
    {FERRY_IMAGE_ENCRYPTED_AES256, "ENCRYPTED_AES256"},
    {FERRY_IMAGE_NON_BOOTABLE, "NON_BOOTABLE"},
    {FERRY_IMAGE_RAM_LOAD, "RAM_LOAD"},
    {FERRY_IMAGE_ROM_FIXED, "ROM_FIXED"},
    {0x200, "COMPRESSED_LZMA1"},
    {0x400, "COMPRESSED_LZMA2"},
    {0x800, "COMPRESSED_ARM_THUMB_FLT"},
};

const char *inspect_version(const struct ferry_version *version, char text[VERSION_TEXT_SIZE])
{
    (void)snprintf(text, VERSION_TEXT_SIZE, "%u.%u.%u+%u", version->major, version->minor,
                   version->revision, version->build);
    return text;
}

json_t *inspect_reason(int status)
{
    if (status == FERRY_OK)
        return json_null();
    return json_pack("{s:i, s:s, s:s}", "code", -status, "name", ferry_status_name(status), "text",
                     ferry_status_text(status));
}

static const char *tlv_name(uint16_t type)
{
    const char *name = ferry_tlv_name(type);

    return name != NULL ? name : "-";
}

/* Lower case hexadecimal of the value's beginning. */
static const char *value_text(const struct ferry_region *region, const struct ferry_seen_tlv *tlv,
                              char text[HEX_SIZE(VALUE_MAX)])
{
    uint8_t value[VALUE_MAX];
    uint32_t length = tlv->length < VALUE_MAX ? tlv->length : VALUE_MAX;

    if (ferry_region_read(region, tlv->offset, value, length) != FERRY_OK)
        length = 0;
    return hex_text(value, length, text);
}

/* The file of the key whose hash this KEYHASH names; NULL where it is none of ours. */
static const char *key_path(const struct ferry_region *region, const struct ferry_seen_tlv *tlv,
                            const struct inspect_keys *keys)
{
    uint8_t hash[FERRY_SHA256_SIZE];

    if (tlv->type != TLV_KEYHASH || tlv->length != sizeof(hash) ||
        ferry_region_read(region, tlv->offset, hash, sizeof(hash)) != FERRY_OK)
        return NULL;
    for (uint32_t i = 0; i < keys->keys.count; i++) {
        if (ferry_compare(keys->key[i].hash, hash, sizeof(hash)) == 0)
            return keys->path[i];
    }
    return NULL;
}

static void print_header(const struct ferry_image *image)
{
    char version[VERSION_TEXT_SIZE];

    printf("  version     %s\n", inspect_version(&image->version, version));
    printf("  header      0x%x bytes\n", image->header_size);
    printf("  payload     %u bytes\n", image->payload_size);
    printf("  flags       ");
    if (image->flags == 0)
        printf("none");
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if ((image->flags & flags[i].flag) != 0)
            printf("%s ", flags[i].name);
    }
    if ((image->flags & (FERRY_IMAGE_ROM_FIXED | FERRY_IMAGE_RAM_LOAD)) != 0)
        printf("at 0x%x", image->load_address);
    printf("\n");
    if (image->has_security_counter)
        printf("  counter     %u\n", image->security_counter);
}

static void print_tlvs(const struct ferry_seen_image *seen, const struct ferry_region *region,
                       const struct inspect_keys *keys)
{
    char value[HEX_SIZE(VALUE_MAX)];

    for (uint32_t i = 0; i < seen->tlvs; i++) {
        const struct ferry_seen_tlv *tlv = &seen->tlv[i];
        const char *path = key_path(region, tlv, keys);

        printf("  %s  0x%04x %-12s %5u bytes  %.64s%s%s%s\n",
               tlv->is_protected ? "protected" : "TLV      ", tlv->type, tlv_name(tlv->type),
               tlv->length, value_text(region, tlv, value), tlv->length > 32 ? "..." : "",
               path != NULL ? "  " : "", path != NULL ? path : "");
    }
}

static const char *check_text(int status)
{
    switch (status) {
    case FERRY_OK:
        return "right";
    case FERRY_E_STATE:
        return "not checked";
    case FERRY_E_IMAGE_UNSIGNED:
        return "none";
    case FERRY_E_IMAGE_KEY:
        return "by a key that was not given";
    case FERRY_E_IMAGE_UNSUPPORTED:
        return "of a kind that cannot be checked";
    default:
        return "WRONG";
    }
}

void inspect_print_image(const struct ferry_seen_image *seen, const struct ferry_region *region,
                         const struct inspect_keys *keys)
{
    if (seen->has_header) {
        print_header(&seen->image);
        print_tlvs(seen, region, keys);
    }
    if (seen->structure == FERRY_OK) {
        printf("  size        %u bytes\n", seen->image.total_size);
        printf("  hash        %s\n", check_text(seen->hash));
        printf("  signature   %s%s%s\n", check_text(seen->signature),
               seen->signer != FERRY_NO_KEY ? ", by " : "",
               seen->signer != FERRY_NO_KEY ? keys->path[seen->signer]
               : seen->hash != FERRY_OK     ? ""
               : keys->keys.count == 0      ? " (which key? Give --key FILE)"
                                            : "");
    }
    if (seen->verdict != FERRY_OK)
        printf("  A bootloader refuses it: %s (%s)\n", ferry_status_text(seen->verdict),
               ferry_status_name(seen->verdict));
    else if (seen->signature == FERRY_OK)
        printf("  A bootloader with this key accepts it, if it fits its slot and floor\n");
}

static json_t *flags_json(uint32_t value)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if ((value & flags[i].flag) != 0)
            json_array_append_new(list, json_string(flags[i].name));
    }
    return list;
}

static json_t *tlvs_json(const struct ferry_seen_image *seen, const struct ferry_region *region,
                         const struct inspect_keys *keys)
{
    char value[HEX_SIZE(VALUE_MAX)];
    json_t *list = json_array();

    for (uint32_t i = 0; i < seen->tlvs; i++) {
        const struct ferry_seen_tlv *tlv = &seen->tlv[i];
        const char *path = key_path(region, tlv, keys);
        json_t *entry = json_pack("{s:i, s:s?, s:b, s:i, s:s}", "type", tlv->type, "name",
                                  ferry_tlv_name(tlv->type), "protected", tlv->is_protected,
                                  "length", tlv->length, "value", value_text(region, tlv, value));

        if (path != NULL)
            json_object_set_new(entry, "key", json_string(path));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *check_json(int status)
{
    return status == FERRY_E_STATE ? json_null() : json_boolean(status == FERRY_OK);
}

static void add_header_json(json_t *object, const struct ferry_seen_image *seen)
{
    const struct ferry_image *image = &seen->image;
    char hash[HEX_SIZE(FERRY_SHA256_SIZE)];
    char version[VERSION_TEXT_SIZE];

    json_object_update_new(object, json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:o, s:s}", "version",
                                             inspect_version(&image->version, version),
                                             "header_size", (json_int_t)image->header_size,
                                             "payload_size", (json_int_t)image->payload_size,
                                             "protected_size", (json_int_t)image->protected_size,
                                             "size", (json_int_t)image->total_size, "load_address",
                                             (json_int_t)image->load_address, "flags",
                                             flags_json(image->flags), "hash",
                                             hex_text(image->hash, sizeof(image->hash), hash)));
    json_object_set_new(object, "security_counter",
                        image->has_security_counter
                            ? json_integer((json_int_t)image->security_counter)
                            : json_null());
}

json_t *inspect_image_json(const struct ferry_seen_image *seen, const struct ferry_region *region,
                           const struct inspect_keys *keys)
{
    json_t *object = json_object();

    if (seen->has_header) {
        add_header_json(object, seen);
        json_object_set_new(object, "tlvs", tlvs_json(seen, region, keys));
    }
    json_object_set_new(object, "hash_ok", check_json(seen->hash));
    json_object_set_new(object, "signature_ok", check_json(seen->signature));
    json_object_set_new(object, "signed_by",
                        seen->signer != FERRY_NO_KEY ? json_string(keys->path[seen->signer])
                                                     : json_null());
    json_object_set_new(object, "accepted", json_boolean(seen->verdict == FERRY_OK));
    json_object_set_new(object, "reason", inspect_reason(seen->verdict));
    return object;
}
