// SPDX-License-Identifier: Apache-2.0
#include "host/sign.h"

#include <stdlib.h>
#include <string.h>

#include "host/buffer_flash.h"
#include "src/image/tlv.h"

#define IMAGE_MAX (1u << 28) /* what a record of the store can name */

/* What MCUboot's swap modes keep at the end of a slot, as imgtool reckons it: 128 sectors. */
#define TRAILER_SECTORS 128u

/* A growing image; room was taken for all of it before. */
struct writer {
    uint8_t *at;
};

static void put(struct writer *writer, const void *data, size_t length)
{
    memcpy(writer->at, data, length);
    writer->at += length;
}

static void put8(struct writer *writer, uint32_t value)
{
    *writer->at++ = (uint8_t)value;
}

static void put16(struct writer *writer, uint32_t value)
{
    put8(writer, value);
    put8(writer, value >> 8);
}

static void put32(struct writer *writer, uint32_t value)
{
    put16(writer, value);
    put16(writer, value >> 16);
}

static void put_tlv(struct writer *writer, uint16_t type, const void *value, size_t length)
{
    put16(writer, type);
    put16(writer, (uint32_t)length);
    put(writer, value, length);
}

/* One decimal part of a version, without leading zeros, as imgtool wants it. */
static const char *take_number(const char *at, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    const char *start = at;

    while (*at >= '0' && *at <= '9' && value <= most)
        value = value * 10 + (uint64_t)(*at++ - '0');
    if (at == start || value > most || (*start == '0' && at - start > 1))
        return NULL;
    *number = (uint32_t)value;
    return at;
}

int ferry_sign_version(const char *text, struct ferry_version *version,
                       struct ferry_problem *problem)
{
    static const uint32_t most[4] = {UINT8_MAX, UINT8_MAX, UINT16_MAX, UINT32_MAX};
    uint32_t part[4] = {0};
    const char *at = text;

    for (int i = 0; i < 4 && at != NULL; i++) {
        at = take_number(at, most[i], &part[i]);
        if (at == NULL || *at == 0)
            break;
        at = i < 3 && *at == (i < 2 ? '.' : '+') ? at + 1 : NULL;
    }
    if (at == NULL || *at != 0)
        return ferry_problem_set(problem, FERRY_E_ARGUMENT,
                                 "'%s' is no version; write it as MAJOR.MINOR.REVISION+BUILD, for "
                                 "example 1.2.3+4 (at most 255.255.65535+4294967295)",
                                 text);
    version->major = (uint8_t)part[0];
    version->minor = (uint8_t)part[1];
    version->revision = (uint16_t)part[2];
    version->build = part[3];
    return FERRY_OK;
}

uint32_t ferry_sign_auto_counter(const struct ferry_version *version)
{
    return ((uint32_t)version->major << 24) + ((uint32_t)version->minor << 16) + version->revision;
}

/* What lies before the payload in the input must be the room for the header, and nothing else. */
static int check_room(const struct ferry_sign_options *options, const char *name,
                      const struct ferry_bytes *input, struct ferry_problem *problem)
{
    if (input->size >= 4 && ferry_get_le32(input->data) == FERRY_IMAGE_MAGIC)
        return ferry_problem_set(problem, FERRY_E_ARGUMENT,
                                 "%s has an image header already; give the unsigned binary", name);
    if (options->pad_header)
        return FERRY_OK;
    for (uint32_t i = 0; i < options->header_size && i < input->size; i++) {
        if (input->data[i] != 0)
            return ferry_problem_set(
                problem, FERRY_E_ARGUMENT,
                "%s does not begin with %u zero bytes for the header (byte %u is 0x%02x); link it "
                "with that room (Zephyr: CONFIG_ROM_START_OFFSET=0x%x), or add --pad-header",
                name, options->header_size, i, input->data[i], options->header_size);
    }
    return FERRY_OK;
}

static int check_input(const struct ferry_sign_options *options, const struct ferry_key_file *key,
                       const char *name, const struct ferry_bytes *input,
                       struct ferry_problem *problem)
{
    size_t room = options->pad_header ? 0 : options->header_size;

    if (!key->has_secret)
        return ferry_problem_set(
            problem, FERRY_E_STATE,
            "signing needs the private key; this file has the public one only");
    if (options->header_size < FERRY_IMAGE_HEADER_SIZE ||
        options->header_size > FERRY_HEADER_SIZE_MAX || options->header_size % 4 != 0)
        return ferry_problem_set(problem, FERRY_E_ARGUMENT,
                                 "the header size 0x%x is not a multiple of 4 from 0x%x to 0x%x; "
                                 "0x200 suits most Cortex-M vector tables",
                                 options->header_size, FERRY_IMAGE_HEADER_SIZE,
                                 FERRY_HEADER_SIZE_MAX & ~3u);
    if (options->has_rom_fixed && options->has_load)
        return ferry_problem_set(
            problem, FERRY_E_ARGUMENT,
            "an image runs from flash (--rom-fixed) or from RAM (--load-addr), "
            "not from both");
    if (input->size <= room)
        return ferry_problem_set(problem, FERRY_E_SIZE,
                                 "%s is %zu bytes long: there is no program behind its header",
                                 name, input->size);
    if (input->size > IMAGE_MAX)
        return ferry_problem_set(problem, FERRY_E_SIZE, "%s is larger than %u MiB", name,
                                 IMAGE_MAX >> 20);
    return check_room(options, name, input, problem);
}

static void put_header(struct writer *writer, const struct ferry_sign_options *options,
                       uint32_t payload_size, uint32_t protected_size)
{
    uint32_t flags = options->has_rom_fixed ? FERRY_IMAGE_ROM_FIXED : 0;

    if (options->has_load)
        flags |= FERRY_IMAGE_RAM_LOAD;
    put32(writer, FERRY_IMAGE_MAGIC);
    put32(writer, flags != 0 ? options->load_address : 0);
    put16(writer, options->header_size);
    put16(writer, protected_size);
    put32(writer, payload_size);
    put32(writer, flags);
    put8(writer, options->version.major);
    put8(writer, options->version.minor);
    put16(writer, options->version.revision);
    put32(writer, options->version.build);
    put32(writer, 0);
}

/* Header, payload and protected TLVs: all that is hashed. */
static void put_hashed(struct writer *writer, const struct ferry_sign_options *options,
                       const struct ferry_bytes *input)
{
    uint32_t room = options->pad_header ? 0 : options->header_size;
    uint32_t payload_size = (uint32_t)input->size - room;
    uint32_t protected_size =
        options->has_security_counter ? TLV_INFO_SIZE + TLV_ENTRY_SIZE + 4u : 0;
    size_t rest = options->header_size - FERRY_IMAGE_HEADER_SIZE;

    put_header(writer, options, payload_size, protected_size);
    memset(writer->at, options->pad_header ? 0xFF : 0, rest);
    writer->at += rest;
    put(writer, input->data + room, payload_size);
    if (options->has_security_counter) {
        put16(writer, TLV_MAGIC_PROTECTED);
        put16(writer, protected_size);
        put16(writer, TLV_SEC_CNT);
        put16(writer, 4);
        put32(writer, options->security_counter);
    }
}

static int put_signature(struct writer *writer, const struct ferry_key_file *key,
                         const uint8_t *image)
{
    uint8_t digest[FERRY_SHA256_SIZE];
    uint8_t der[FERRY_P256_DER_MAX];
    size_t length;
    int status;

    ferry_sha256(image, (size_t)(writer->at - image), digest);
    status = ferry_keys_sign(key, digest, der, &length);
    if (status != FERRY_OK)
        return status;
    put16(writer, TLV_MAGIC_UNPROTECTED);
    put16(writer, (uint32_t)(TLV_INFO_SIZE + 3 * TLV_ENTRY_SIZE + 2 * FERRY_SHA256_SIZE + length));
    put_tlv(writer, TLV_SHA256, digest, sizeof(digest));
    put_tlv(writer, TLV_KEYHASH, key->public_key.hash, FERRY_SHA256_SIZE);
    put_tlv(writer, TLV_ECDSA_SIG, der, length);
    return FERRY_OK;
}

static uint32_t trailer_size(uint32_t align)
{
    uint32_t field = align < 8 ? 8 : align;

    if (align == 0)
        return 0;
    return TRAILER_SECTORS * 3 * align + 4 * field + (field < 16 ? 16 : field);
}

static int check_slot(const struct ferry_sign_options *options, const char *name, size_t size,
                      struct ferry_problem *problem)
{
    uint32_t trailer = trailer_size(options->align);

    if (options->slot_size == 0 || size + trailer <= options->slot_size)
        return FERRY_OK;
    if (trailer == 0)
        return ferry_problem_set(
            problem, FERRY_E_SIZE,
            "%s signed is 0x%zx bytes, 0x%zx more than the slot's 0x%x; make it "
            "smaller or the slot larger",
            name, size, size - options->slot_size, options->slot_size);
    return ferry_problem_set(problem, FERRY_E_SIZE,
                             "%s signed is 0x%zx bytes and MCUboot's trailer 0x%x, together more "
                             "than the slot's 0x%x; make it smaller or the slot larger (Ferry's "
                             "slots have no trailer: leave out --align)",
                             name, size, trailer, options->slot_size);
}

/* Nothing leaves this file that the bootloader would not take. */
static int check_result(const struct ferry_key_file *key, const struct ferry_bytes *image)
{
    struct ferry_keys keys = {.key = &key->public_key, .count = 1};
    struct ferry_image_rules rules = {.max_size = (uint32_t)image->size};
    struct ferry_buffer_flash buffer;
    struct ferry_region region;
    struct ferry_image parsed;
    uint8_t work[4096];

    ferry_buffer_flash_open(&buffer, image->data, (uint32_t)image->size);
    region = ferry_buffer_flash_region(&buffer);
    if (ferry_image_parse(&region, &parsed) == FERRY_OK)
        rules.primary_address = parsed.load_address;
    return ferry_image_verify(&region, &rules, &keys, work, sizeof(work), &parsed);
}

int ferry_sign_image(const struct ferry_sign_options *options, const struct ferry_key_file *key,
                     const char *name, const struct ferry_bytes *input, struct ferry_bytes *image,
                     struct ferry_problem *problem)
{
    struct writer writer;
    int status = check_input(options, key, name, input, problem);

    memset(image, 0, sizeof(*image));
    if (status != FERRY_OK)
        return status;
    image->data = malloc(options->header_size + input->size + 256);
    if (image->data == NULL)
        return ferry_problem_set(problem, FERRY_E_NO_MEMORY, "%s: out of memory", name);
    writer.at = image->data;
    put_hashed(&writer, options, input);
    status = put_signature(&writer, key, image->data);
    image->size = (size_t)(writer.at - image->data);
    if (status == FERRY_OK)
        status = check_result(key, image);
    if (status != FERRY_OK)
        (void)ferry_problem_set(problem, status, "the signature of %s does not verify", name);
    else
        status = check_slot(options, name, image->size, problem);
    if (status != FERRY_OK)
        ferry_bytes_free(image);
    return status;
}
