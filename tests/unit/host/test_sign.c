// SPDX-License-Identifier: Apache-2.0
/* Signing: the bytes of the vector image come out, and what cannot be an image is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "host/sign.h"
#include "src/image/tlv.h"
#include "tests/unit/image/image_kit.h"
#include "tests/vectors/image_p256.h"

static uint8_t program[] = {0x00, 0x20, 0x00, 0x20, 0x09, 0x00, 0x00,
                            0x20, 'f',  'e',  'r',  'r',  'y'};

static struct ferry_sign_options vector_options(void)
{
    struct ferry_sign_options options = {
        .version = {1, 2, 3, 4},
        .header_size = 0x20,
        .pad_header = true,
        .has_security_counter = true,
        .security_counter = 7,
    };

    return options;
}

static int sign(const struct ferry_sign_options *options, const void *data, size_t size,
                struct ferry_bytes *image, struct ferry_problem *problem)
{
    struct ferry_bytes input = {.data = (uint8_t *)(uintptr_t)data, .size = size};
    struct ferry_key_file key;

    kit_key(&key);
    memset(problem, 0, sizeof(*problem));
    memcpy(key.spki + FERRY_SPKI_SIZE - 64, vector_key_point, 64);
    return ferry_sign_image(options, &key, "app.bin", &input, image, problem);
}

static void the_vector_comes_out_byte_for_byte(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_OK);
    assert_int_equal(image.size, VECTOR_SIZE);
    assert_memory_equal(image.data, vector_image, VECTOR_SIZE);
    ferry_bytes_free(&image);
}

/* imgtool fills the header's room with erased flash where it makes it, else it was zeros. */
static void the_rest_of_the_header_is_filled(void **state)
{
    struct ferry_sign_options options = vector_options();
    uint8_t with_room[0x40 + sizeof(program)] = {0};
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    options.header_size = 0x40;
    for (int pad = 0; pad < 2; pad++) {
        options.pad_header = pad != 0;
        assert_int_equal(sign(&options, options.pad_header ? program : with_room,
                              options.pad_header ? sizeof(program) : sizeof(with_room), &image,
                              &problem),
                         FERRY_OK);
        for (size_t i = 32; i < 0x40; i++)
            assert_int_equal(image.data[i], options.pad_header ? 0xFF : 0);
        ferry_bytes_free(&image);
    }
}

static void room_in_the_program_is_used(void **state)
{
    struct ferry_sign_options options = vector_options();
    uint8_t with_room[32 + sizeof(program)] = {0};
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    options.pad_header = false;
    memcpy(with_room + 32, program, sizeof(program));
    assert_int_equal(sign(&options, with_room, sizeof(with_room), &image, &problem), FERRY_OK);
    assert_memory_equal(image.data, vector_image, VECTOR_SIZE);
    ferry_bytes_free(&image);

    with_room[31] = 1;
    assert_int_equal(sign(&options, with_room, sizeof(with_room), &image, &problem),
                     FERRY_E_ARGUMENT);
    assert_non_null(strstr(problem.text, "byte 31 is 0x01"));
}

static void flags_and_addresses_reach_the_header(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    options.load_address = 0x08020000;
    options.has_rom_fixed = true;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_OK);
    assert_int_equal(ferry_get_le32(image.data + AT_FLAGS), FERRY_IMAGE_ROM_FIXED);
    assert_int_equal(ferry_get_le32(image.data + AT_LOAD_ADDRESS), 0x08020000);
    ferry_bytes_free(&image);

    options.has_load = true;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_E_ARGUMENT);
    options.has_rom_fixed = false;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_OK);
    assert_int_equal(ferry_get_le32(image.data + AT_FLAGS), FERRY_IMAGE_RAM_LOAD);
    ferry_bytes_free(&image);
}

static void expect_refusal(const struct ferry_sign_options *options, size_t size, int status,
                           const char *sentence)
{
    static uint8_t data[4096];
    struct ferry_problem problem;
    struct ferry_bytes image;

    assert_int_equal(sign(options, data, size, &image, &problem), status);
    assert_null(image.data);
    if (strstr(problem.text, sentence) == NULL)
        fail_msg("'%s' does not say '%s'", problem.text, sentence);
}

static void sizes_are_checked(void **state)
{
    static const uint32_t wrong[] = {0, 4, 31, 33, 0x10000, UINT32_MAX};
    struct ferry_sign_options options = vector_options();

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        options.header_size = wrong[i];
        expect_refusal(&options, 100, FERRY_E_ARGUMENT, "the header size");
    }
    options = vector_options();
    expect_refusal(&options, 0, FERRY_E_SIZE, "no program");
    options.pad_header = false;
    expect_refusal(&options, 32, FERRY_E_SIZE, "no program");
}

static void the_slot_is_checked_to_the_byte(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    options.slot_size = VECTOR_SIZE;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_OK);
    ferry_bytes_free(&image);
    options.slot_size--;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_E_SIZE);
    assert_non_null(strstr(problem.text, "0x1 more than the slot's 0xd0"));

    /* write size 4: 128 x 3 x 4 bytes of status, 4 fields of 8 bytes, 16 of magic */
    options.align = 4;
    options.slot_size = VECTOR_SIZE + 128 * 3 * 4 + 32 + 16;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_OK);
    ferry_bytes_free(&image);
    options.slot_size--;
    assert_int_equal(sign(&options, program, sizeof(program), &image, &problem), FERRY_E_SIZE);
    assert_non_null(strstr(problem.text, "trailer"));
}

static void what_is_signed_already_is_refused(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_problem problem;
    struct ferry_bytes image;

    (void)state;
    assert_int_equal(sign(&options, vector_image, VECTOR_SIZE, &image, &problem), FERRY_E_ARGUMENT);
    assert_non_null(strstr(problem.text, "has an image header already"));
}

static void a_public_key_cannot_sign(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_bytes input = {.data = program, .size = sizeof(program)};
    struct ferry_problem problem;
    struct ferry_key_file key;
    struct ferry_bytes image;

    (void)state;
    kit_key(&key);
    ferry_keys_forget(&key);
    assert_int_equal(ferry_sign_image(&options, &key, "app.bin", &input, &image, &problem),
                     FERRY_E_STATE);
    assert_non_null(strstr(problem.text, "private key"));
}

/* A key file whose halves do not belong together would give images that no device takes. */
static void a_signature_that_does_not_verify_is_not_given_out(void **state)
{
    struct ferry_sign_options options = vector_options();
    struct ferry_bytes input = {.data = program, .size = sizeof(program)};
    struct ferry_problem problem;
    struct ferry_key_file key;
    struct ferry_bytes image;

    (void)state;
    kit_key(&key);
    key.secret[31] ^= 1;
    assert_int_equal(ferry_sign_image(&options, &key, "app.bin", &input, &image, &problem),
                     FERRY_E_IMAGE_SIGNATURE);
    assert_null(image.data);
}

static void versions_are_read_as_imgtool_reads_them(void **state)
{
    static const struct {
        const char *text;
        struct ferry_version version;
    } good[] = {
        {"0", {0, 0, 0, 0}},       {"7", {7, 0, 0, 0}},
        {"1.2", {1, 2, 0, 0}},     {"1.2.3", {1, 2, 3, 0}},
        {"1.2.3+4", {1, 2, 3, 4}}, {"255.255.65535+4294967295", {255, 255, 65535, 4294967295u}},
    };
    static const char *const bad[] = {
        "",
        "v1.2.3",
        "1.",
        "1.2.",
        "1.2.3+",
        "1.2.3.4",
        "1+2",
        "1.2+3",
        "1.2.3+4+5",
        "256.0.0",
        "0.256.0",
        "0.0.65536",
        "01.2.3",
        "1.2.3 ",
        "0.0.0+4294967296",
        "-1.0.0",
        "1..2",
        "1.2.3-rc1",
        "99999999999999999999999.0.0",
    };
    struct ferry_version version;
    struct ferry_problem problem;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        memset(&version, 0xAA, sizeof(version));
        assert_int_equal(ferry_sign_version(good[i].text, &version, &problem), FERRY_OK);
        assert_int_equal(version.major, good[i].version.major);
        assert_int_equal(version.minor, good[i].version.minor);
        assert_int_equal(version.revision, good[i].version.revision);
        assert_int_equal(version.build, good[i].version.build);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (ferry_sign_version(bad[i], &version, &problem) != FERRY_E_ARGUMENT)
            fail_msg("'%s' passed", bad[i]);
    }
    version = (struct ferry_version){1, 2, 3, 4};
    assert_int_equal(ferry_sign_auto_counter(&version), 0x01020003);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_comes_out_byte_for_byte),
        cmocka_unit_test(the_rest_of_the_header_is_filled),
        cmocka_unit_test(room_in_the_program_is_used),
        cmocka_unit_test(flags_and_addresses_reach_the_header),
        cmocka_unit_test(sizes_are_checked),
        cmocka_unit_test(the_slot_is_checked_to_the_byte),
        cmocka_unit_test(what_is_signed_already_is_refused),
        cmocka_unit_test(a_public_key_cannot_sign),
        cmocka_unit_test(a_signature_that_does_not_verify_is_not_given_out),
        cmocka_unit_test(versions_are_read_as_imgtool_reads_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
