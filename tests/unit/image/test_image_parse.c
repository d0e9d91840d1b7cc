// SPDX-License-Identifier: Apache-2.0
/* Header and TLV areas: every field at its limits, every truncation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/image/tlv.h"
#include "tests/unit/image/image_kit.h"
#include "tests/vectors/image_p256.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void the_vector_parses_into_its_fields(void **state)
{
    struct ferry_image image;
    struct kit kit;

    (void)state;
    kit_vector(&kit);
    assert_int_equal(kit_parse(&kit, &image), FERRY_OK);
    assert_int_equal(image.load_address, 0);
    assert_int_equal(image.flags, 0);
    assert_int_equal(image.header_size, 32);
    assert_int_equal(image.payload_size, 13);
    assert_int_equal(image.protected_size, 12);
    assert_int_equal(image.hashed_size, AT_UNPROTECTED);
    assert_int_equal(image.total_size, VECTOR_SIZE);
    assert_int_equal(image.security_counter, 7);
    assert_true(image.has_security_counter);
    assert_true(image.has_signature);
    assert_int_equal(image.version.major, 1);
    assert_int_equal(image.version.minor, 2);
    assert_int_equal(image.version.revision, 3);
    assert_int_equal(image.version.build, 4);
    assert_memory_equal(image.hash, vector_image + AT_SHA256 + 4, FERRY_SHA256_SIZE);
}

/* One field set to one value, and what the parser has to say. */
struct change {
    uint32_t at;
    uint32_t width;
    uint32_t value;
    int status;
};

static const struct change changes[] = {
    {AT_MAGIC, 4, 0x96f3b83c, FERRY_E_IMAGE_MAGIC}, /* the format before this one */
    {AT_MAGIC, 4, 0xFFFFFFFF, FERRY_E_IMAGE_MAGIC},
    {AT_MAGIC, 4, 0, FERRY_E_IMAGE_MAGIC},

    {AT_HEADER_SIZE, 2, 0, FERRY_E_IMAGE_HEADER},
    {AT_HEADER_SIZE, 2, 31, FERRY_E_IMAGE_HEADER},
    {AT_HEADER_SIZE, 2, 33, FERRY_E_IMAGE_TLV},
    {AT_HEADER_SIZE, 2, VECTOR_SIZE - 25 - 3, FERRY_E_IMAGE_TOO_LARGE},
    {AT_HEADER_SIZE, 2, VECTOR_SIZE - 25 - 4, FERRY_E_IMAGE_TLV},
    {AT_HEADER_SIZE, 2, 0xFFFF, FERRY_E_IMAGE_TOO_LARGE},

    {AT_PROTECTED_SIZE, 2, 0, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED_SIZE, 2, 1, FERRY_E_IMAGE_HEADER},
    {AT_PROTECTED_SIZE, 2, 3, FERRY_E_IMAGE_HEADER},
    {AT_PROTECTED_SIZE, 2, 4, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED_SIZE, 2, 11, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED_SIZE, 2, 13, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED_SIZE, 2, 0xFFFF, FERRY_E_IMAGE_TOO_LARGE},

    {AT_PAYLOAD_SIZE, 4, 12, FERRY_E_IMAGE_TLV},
    {AT_PAYLOAD_SIZE, 4, 14, FERRY_E_IMAGE_TLV},
    {AT_PAYLOAD_SIZE, 4, VECTOR_SIZE - 32 - 12 - 4, FERRY_E_IMAGE_TLV},
    {AT_PAYLOAD_SIZE, 4, VECTOR_SIZE - 32 - 12 - 3, FERRY_E_IMAGE_TOO_LARGE},
    {AT_PAYLOAD_SIZE, 4, 0x7FFFFFFF, FERRY_E_IMAGE_TOO_LARGE},
    {AT_PAYLOAD_SIZE, 4, UINT32_MAX - 32 - 12 - 4, FERRY_E_IMAGE_TOO_LARGE},
    {AT_PAYLOAD_SIZE, 4, UINT32_MAX - 32 - 12 - 3, FERRY_E_IMAGE_HEADER},
    {AT_PAYLOAD_SIZE, 4, UINT32_MAX - 44 + 1, FERRY_E_IMAGE_HEADER}, /* the sum would be 0 */
    {AT_PAYLOAD_SIZE, 4, UINT32_MAX, FERRY_E_IMAGE_HEADER},

    {AT_FLAGS, 4, 0x1, FERRY_OK}, /* position independent: nobody asks */
    {AT_FLAGS, 4, 0x4, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_FLAGS, 4, 0x8, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_FLAGS, 4, 0xC, FERRY_E_IMAGE_HEADER},
    {AT_FLAGS, 4, 0x10, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_FLAGS, 4, 0x20, FERRY_OK},
    {AT_FLAGS, 4, 0x100, FERRY_OK},
    {AT_FLAGS, 4, 0x120, FERRY_E_IMAGE_HEADER},
    {AT_FLAGS, 4, 0x200, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_FLAGS, 4, 0x400, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_FLAGS, 4, 0x600, FERRY_E_IMAGE_HEADER},
    {AT_FLAGS, 4, 0x800, FERRY_E_IMAGE_UNSUPPORTED},

    {AT_PROTECTED, 2, TLV_MAGIC_UNPROTECTED, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED, 2, 0xFFFF, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED + 2, 2, 0, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED + 2, 2, 4, FERRY_E_IMAGE_TLV}, /* makes sense alone, but not to the header */
    {AT_PROTECTED + 2, 2, 11, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED + 2, 2, 13, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED + 2, 2, VECTOR_SIZE - AT_PROTECTED, FERRY_E_IMAGE_TLV},
    {AT_PROTECTED + 2, 2, VECTOR_SIZE - AT_PROTECTED + 1, FERRY_E_IMAGE_TOO_LARGE},
    {AT_SEC_CNT, 2, TLV_KEYHASH, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT, 2, TLV_SHA256, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT, 2, TLV_ECDSA_SIG, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT, 2, 0x00A0, FERRY_OK}, /* a vendor's own */
    {AT_SEC_CNT, 2, 0x0150, FERRY_OK}, /* not the counter, although it ends like it */
    {AT_SEC_CNT + 2, 2, 3, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT + 2, 2, 5, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT + 2, 2, 0, FERRY_E_IMAGE_TLV},
    {AT_SEC_CNT + 2, 2, 0xFFFF, FERRY_E_IMAGE_TLV},

    {AT_UNPROTECTED, 2, TLV_MAGIC_PROTECTED, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED, 2, 0xFFFF, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 0, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 3, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 4, FERRY_E_IMAGE_NO_HASH},
    {AT_UNPROTECTED + 2, 2, 5, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 7, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 4 + 35, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 4 + 36, FERRY_OK},              /* the hash alone: unsigned */
    {AT_UNPROTECTED + 2, 2, 4 + 36 + 3, FERRY_E_IMAGE_TLV}, /* less than an entry's header */
    {AT_UNPROTECTED + 2, 2, 151, FERRY_E_IMAGE_TLV},
    {AT_UNPROTECTED + 2, 2, 153, FERRY_E_IMAGE_TOO_LARGE},
    {AT_UNPROTECTED + 2, 2, 0xFFFF, FERRY_E_IMAGE_TOO_LARGE},

    {AT_SHA256, 2, TLV_SHA384, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_SHA256, 2, TLV_SHA512, FERRY_E_IMAGE_UNSUPPORTED},
    {AT_SHA256, 2, TLV_KEYHASH, FERRY_E_IMAGE_NO_HASH},
    {AT_SHA256, 2, 0x0110, FERRY_E_IMAGE_TLV},
    {AT_SHA256 + 2, 2, 31, FERRY_E_IMAGE_TLV},
    {AT_SHA256 + 2, 2, 33, FERRY_E_IMAGE_TLV},
    {AT_SHA256 + 2, 2, 0xFFFF, FERRY_E_IMAGE_TLV},
    {AT_KEYHASH, 2, TLV_SHA256, FERRY_E_IMAGE_NO_HASH}, /* two */
    {AT_SIGNATURE + 2, 2, 0x47, FERRY_E_IMAGE_TLV},
    {AT_SIGNATURE + 2, 2, 0x49, FERRY_E_IMAGE_TLV},
};

static void every_field_is_checked_at_its_limits(void **state)
{
    struct ferry_image image;
    struct kit kit;

    (void)state;
    for (size_t i = 0; i < COUNT(changes); i++) {
        const struct change *change = &changes[i];
        int status;

        kit_vector(&kit);
        if (change->width == 2)
            kit_put16(kit.bytes + change->at, change->value);
        else
            kit_put32(kit.bytes + change->at, change->value);
        status = kit_parse(&kit, &image);
        if (status != change->status)
            fail_msg("offset %u = 0x%x: %d instead of %d", change->at, change->value, status,
                     change->status);
    }
}

/* What may stand in the area that no hash covers: MCUboot's list, less what this build lacks. */
static int allowed(uint32_t type)
{
    switch (type) {
    case 0x01:
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
        return FERRY_OK;
    case 0x10:
        return FERRY_E_IMAGE_TLV; /* a hash of the wrong length here */
    case 0x02:
    case 0x11:
    case 0x12:
    case 0x25:
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
        return FERRY_E_IMAGE_UNSUPPORTED;
    default:
        return FERRY_E_IMAGE_TLV;
    }
}

static void the_unprotected_area_takes_its_own_types_only(void **state)
{
    struct ferry_image image;
    struct kit kit;

    (void)state;
    for (uint32_t type = 0; type <= 0xFFFF; type++) {
        kit_vector(&kit);
        kit_put16(kit.bytes + AT_SIGNATURE, type);
        if (type == TLV_SHA256)
            kit_put16(kit.bytes + AT_SHA256, TLV_KEYHASH);
        if (kit_parse(&kit, &image) != allowed(type))
            fail_msg("type 0x%04x: %d", type, kit_parse(&kit, &image));
        if (allowed(type) == FERRY_OK)
            assert_int_equal(image.has_signature, type != TLV_KEYHASH);
    }
}

static void the_security_counter_counts_only_where_it_is_protected(void **state)
{
    static const uint8_t counter[4] = {0xFF, 0xFF, 0xFF, 0xFF};
    uint8_t digest[FERRY_SHA256_SIZE];
    struct ferry_image image;
    struct kit kit;

    (void)state;
    kit_begin(&kit, 8, 0);
    kit_area(&kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&kit, digest);
    kit_tlv(&kit, TLV_SEC_CNT, counter, 4);
    kit_area_end(&kit);
    assert_int_equal(kit_parse(&kit, &image), FERRY_E_IMAGE_TLV);
    assert_false(image.has_security_counter);

    kit_begin(&kit, 8, 0);
    kit_area(&kit, TLV_MAGIC_PROTECTED);
    kit_tlv(&kit, TLV_SEC_CNT, counter, 4);
    kit_tlv(&kit, TLV_SEC_CNT, counter, 4);
    kit_area_end(&kit);
    kit_area(&kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&kit, digest);
    kit_area_end(&kit);
    assert_int_equal(kit_parse(&kit, &image), FERRY_E_IMAGE_TLV);
}

static void other_protected_entries_are_somebody_elses(void **state)
{
    uint8_t digest[FERRY_SHA256_SIZE];
    uint8_t value[40] = {0};
    struct ferry_image image;
    struct kit kit;

    (void)state;
    kit_begin(&kit, 0, 0);
    kit_area(&kit, TLV_MAGIC_PROTECTED);
    kit_tlv(&kit, 0x40, value, 12);
    kit_tlv(&kit, 0x60, value, 40);
    kit_tlv(&kit, 0xABA0, NULL, 0);
    kit_area_end(&kit);
    kit_area(&kit, TLV_MAGIC_UNPROTECTED);
    kit_hash(&kit, digest);
    kit_area_end(&kit);
    assert_int_equal(kit_parse(&kit, &image), FERRY_OK);
    assert_false(image.has_security_counter);
    assert_int_equal(image.security_counter, 0);
    assert_false(image.has_signature);
    assert_int_equal(image.total_size, kit.size);
}

static void an_image_that_is_cut_off_never_parses(void **state)
{
    struct ferry_image image;
    struct kit kit;

    (void)state;
    for (uint32_t size = 0; size < VECTOR_SIZE; size++) {
        kit_vector(&kit);
        kit.size = size;
        assert_int_equal(kit_parse(&kit, &image), FERRY_E_IMAGE_TOO_LARGE);
    }
    kit.size = VECTOR_SIZE;
    assert_int_equal(kit_parse(&kit, &image), FERRY_OK);
}

static void the_header_alone_is_checked_as_it_arrives(void **state)
{
    struct ferry_image image;

    (void)state;
    assert_int_equal(ferry_image_parse_header(vector_image, AT_UNPROTECTED + 4, &image), FERRY_OK);
    assert_int_equal(image.hashed_size, AT_UNPROTECTED);
    assert_int_equal(image.total_size, 0);
    assert_int_equal(ferry_image_parse_header(vector_image, AT_UNPROTECTED + 3, &image),
                     FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(ferry_image_parse_header(vector_image, 0, &image), FERRY_E_IMAGE_TOO_LARGE);
    assert_int_equal(ferry_image_parse_header(vector_image, UINT32_MAX, &image), FERRY_OK);
}

/* A device that fails at the n-th read. */
struct failing {
    uint32_t reads_left;
};

static int failing_read(void *context, uint32_t offset, void *data, uint32_t length)
{
    struct failing *failing = context;

    if (failing->reads_left == 0)
        return FERRY_E_ECC;
    failing->reads_left--;
    memcpy(data, vector_image + offset, length);
    return FERRY_OK;
}

static void a_read_error_travels_up_unchanged(void **state)
{
    static const struct ferry_flash_api api = {.read = failing_read};
    static const struct ferry_geometry geometry = {
        .size = VECTOR_SIZE, .erase_types = 1, .erase = {{.size = 1}}};
    struct ferry_image_rules rules = {.max_size = VECTOR_SIZE};
    struct failing failing;
    struct ferry_flash flash = {.api = &api, .context = &failing, .geometry = &geometry};
    struct ferry_region region = {.flash = &flash, .length = VECTOR_SIZE};
    struct ferry_key_file key;
    struct ferry_keys keys = {.key = &key.public_key, .count = 1};
    struct ferry_image image;
    uint8_t work[64];
    uint32_t reads = 0;
    int status;

    (void)state;
    kit_key(&key);
    do {
        failing.reads_left = reads++;
        status = ferry_image_verify(&region, &rules, &keys, work, sizeof(work), &image);
    } while (status == FERRY_E_ECC && reads < 100);
    assert_int_equal(status, FERRY_OK);
    assert_true(reads > 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector_parses_into_its_fields),
        cmocka_unit_test(every_field_is_checked_at_its_limits),
        cmocka_unit_test(the_unprotected_area_takes_its_own_types_only),
        cmocka_unit_test(the_security_counter_counts_only_where_it_is_protected),
        cmocka_unit_test(other_protected_entries_are_somebody_elses),
        cmocka_unit_test(an_image_that_is_cut_off_never_parses),
        cmocka_unit_test(the_header_alone_is_checked_as_it_arrives),
        cmocka_unit_test(a_read_error_travels_up_unchanged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
