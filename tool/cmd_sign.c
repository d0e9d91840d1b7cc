// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/hex.h"
#include "host/sign.h"
#include "tool/image_common.h"

#define INPUT_MAX (256u * 1024u * 1024u)

static const struct ferry_option options[] = {
    {"key", 'k', "FILE", "private key to sign with"},
    {"version", 'v', "VERSION", "the image's version, 1.2.3 or 1.2.3+4"},
    {"header-size", 'H', "BYTES", "room for the header in front of the program (default 0x200)"},
    {"pad-header", 0, NULL, "put that room in front; without it the program was linked with it"},
    {"slot-size", 'S', "BYTES", "refuse an image that does not fit"},
    {"align", 0, "1|2|4|8|16|32", "leave room in the slot for MCUboot's trailer, too"},
    {"security-counter", 's', "N", "lowest floor the image can stand on; 'auto': from the version"},
    {"rom-fixed", 'F', "ADDRESS", "the image runs at this flash address and nowhere else"},
    {"load-addr", 'L', "ADDRESS", "the image is copied to this address in RAM to run"},
    FERRY_OPTIONS_END,
};

static bool is_hex_name(const char *path)
{
    size_t length = strlen(path);

    return length > 4 && strcasecmp(path + length - 4, ".hex") == 0;
}

/* The program as bytes. `*based` tells whether the file says at which address they lie. */
static int read_input(struct ferry_args *args, const char *path, struct ferry_bytes *input,
                      bool *based, uint32_t *address)
{
    struct ferry_problem problem;
    struct ferry_bytes text;
    int status;

    *based = is_hex_name(path);
    if (ferry_file_read(path, INPUT_MAX, &text, &problem) != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_INPUT, &problem);
    if (!*based) {
        *input = text;
        return FERRY_EXIT_OK;
    }
    status = ferry_hex_decode(path, &text, input, address, &problem);
    ferry_bytes_free(&text);
    return status == FERRY_OK ? FERRY_EXIT_OK : fail_problem(args, FERRY_EXIT_INPUT, &problem);
}

static int read_counter(struct ferry_args *args, struct ferry_sign_options *sign)
{
    const char *text = ferry_args_value(args, "security-counter", NULL);
    unsigned long number = 0;
    int exit;

    if (text == NULL)
        return FERRY_EXIT_OK;
    sign->has_security_counter = true;
    if (strcmp(text, "auto") == 0) {
        sign->security_counter = ferry_sign_auto_counter(&sign->version);
        return FERRY_EXIT_OK;
    }
    exit = ferry_args_number(args, "security-counter", UINT32_MAX, &number);
    sign->security_counter = (uint32_t)number;
    return exit;
}

static int read_options(struct ferry_args *args, struct ferry_sign_options *sign)
{
    const char *version = ferry_args_value(args, "version", NULL);
    unsigned long header_size = 0x200;
    unsigned long slot_size = 0;
    unsigned long align = 0;
    unsigned long address = 0;
    struct ferry_problem problem;
    int exit;

    if (version == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE, "which version? Give '--version 1.2.3'");
    if (ferry_sign_version(version, &sign->version, &problem) != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_USAGE, &problem);
    exit = ferry_args_number(args, "header-size", UINT32_MAX, &header_size);
    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "slot-size", UINT32_MAX, &slot_size);
    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "align", 32, &align);
    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "rom-fixed", UINT32_MAX, &address);
    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "load-addr", UINT32_MAX, &address);
    sign->header_size = (uint32_t)header_size;
    sign->slot_size = (uint32_t)slot_size;
    sign->align = (uint32_t)align;
    sign->load_address = (uint32_t)address;
    sign->pad_header = ferry_args_has(args, "pad-header");
    sign->has_rom_fixed = ferry_args_has(args, "rom-fixed");
    sign->has_load = ferry_args_has(args, "load-addr");
    return exit == FERRY_EXIT_OK ? read_counter(args, sign) : exit;
}

/* A hex file knows where it runs. Where that contradicts --rom-fixed one of the two is wrong. */
static int check_address(struct ferry_args *args, const struct ferry_sign_options *sign,
                         const char *path, uint32_t address)
{
    uint32_t start = sign->pad_header ? address - sign->header_size : address;

    if (!sign->has_rom_fixed || start == sign->load_address)
        return FERRY_EXIT_OK;
    return ferry_fail(args, FERRY_EXIT_INPUT,
                      "%s is linked for an image at 0x%x (its header included), not for "
                      "--rom-fixed 0x%x; link it again or correct the address",
                      path, start, sign->load_address);
}

static int report(struct ferry_args *args, const char *path, const struct ferry_sign_options *sign,
                  const struct ferry_bytes *image)
{
    const struct ferry_version *version = &sign->version;
    char digest_text[HEX_SIZE(FERRY_SHA256_SIZE)];
    uint8_t digest[FERRY_SHA256_SIZE];
    char number[40];

    ferry_sha256(image->data, image->size, digest);
    hex_text(digest, sizeof(digest), digest_text);
    (void)snprintf(number, sizeof(number), "%u.%u.%u+%u", version->major, version->minor,
                   version->revision, version->build);
    ferry_say(args, "%s: version %s, %zu bytes, signed", path, number, image->size);
    if (!args->json)
        return FERRY_EXIT_OK;
    return ferry_print_json(args,
                            json_pack("{s:s, s:s, s:I, s:s}", "file", path, "version", number,
                                      "size", (json_int_t)image->size, "sha256", digest_text));
}

static int sign_and_write(struct ferry_args *args, const struct ferry_sign_options *sign,
                          const struct ferry_key_file *key, const struct ferry_bytes *input)
{
    struct ferry_problem problem;
    struct ferry_bytes image;
    int status = ferry_sign_image(sign, key, args->operand[0], input, &image, &problem);
    int exit;

    if (status != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_INPUT, &problem);
    status = ferry_file_write(args->operand[1], image.data, image.size, FERRY_FILE_PUBLIC, true,
                              &problem);
    if (status != FERRY_OK)
        exit = fail_problem(args, FERRY_EXIT_SYSTEM, &problem);
    else
        exit = report(args, args->operand[1], sign, &image);
    ferry_bytes_free(&image);
    return exit;
}

static int run(struct ferry_args *args)
{
    struct ferry_sign_options sign = {.header_size = 0};
    const char *key_path = ferry_args_value(args, "key", NULL);
    struct ferry_bytes input = {.data = NULL};
    struct ferry_problem problem;
    struct ferry_key_file key;
    uint32_t address = 0;
    bool based = false;
    int exit = read_options(args, &sign);

    if (exit != FERRY_EXIT_OK)
        return exit;
    if (key_path == NULL)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "which key? Give '--key FILE'; 'ferry keygen' makes one");
    if (is_hex_name(args->operand[1]))
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "%s: signed images are written as binaries; choose a name in .bin",
                          args->operand[1]);
    if (ferry_keys_load(key_path, &key, &problem) != FERRY_OK)
        return fail_problem(args, FERRY_EXIT_INPUT, &problem);
    exit = read_input(args, args->operand[0], &input, &based, &address);
    if (exit == FERRY_EXIT_OK && based)
        exit = check_address(args, &sign, args->operand[0], address);
    if (exit == FERRY_EXIT_OK)
        exit = sign_and_write(args, &sign, &key, &input);
    ferry_keys_forget(&key);
    ferry_bytes_free(&input);
    return exit;
}

const struct ferry_command ferry_command_sign = {
    .name = "sign",
    .summary = "make a signed image of a program",
    .positional = "INPUT OUTPUT",
    .details =
        "INPUT is a binary, or Intel HEX by the name .hex; OUTPUT is a signed MCUboot image, "
        "the same bytes that imgtool makes. Signing the same program twice gives the same "
        "file (RFC 6979).",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_IMAGE,
};
