// SPDX-License-Identifier: Apache-2.0
/* I: images, packages and dumps. */
#include <string.h>

#include "doctor/rules.h"

enum { NETWORK_CORE = 0x01000000, NETWORK_CORE_END = 0x01040000 };

static const char *what_it_is(const struct artifact *one)
{
    switch (one->kind) {
    case ARTIFACT_HEX:
        return strstr(one->file, "merged") != NULL
                   ? "Intel HEX of everything, the bootloader included: it is for a programmer"
                   : "Intel HEX, which is for a programmer";
    case ARTIFACT_ELF:
        return "an ELF file, which is for a debugger";
    case ARTIFACT_ZIP:
        return "a zip without a manifest.json";
    case ARTIFACT_LEGACY:
        return "a package for the nRF5 SDK's bootloader";
    default:
        return "no MCUboot image: its first four bytes are not 3d b8 f3 96";
    }
}

static bool cannot_be_update(const struct doctor_case *c, const struct artifact *one)
{
    if (!one->given)
        return false;
    if (one->kind == ARTIFACT_LEGACY)
        return c->bootloader;
    return one->kind == ARTIFACT_HEX || one->kind == ARTIFACT_ELF || one->kind == ARTIFACT_ZIP ||
           one->kind == ARTIFACT_BINARY;
}

static void i01(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        struct finding *finding;

        if (!cannot_be_update(c, one))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "This is %s. A device that receives it refuses it (error 23, \"Invalid "
                         "image header magic\"), or stores it and never boots it.",
                         one->problem != NULL ? "no package that can be read" : what_it_is(one));
        seen(c, finding, one->file, 0, one->problem != NULL ? one->problem : what_it_is(one),
             is_sysbuild(c) ? "zephyr.signed.bin or dfu_application.zip"
                            : "app_update.bin, zephyr.signed.bin or dfu_application.zip");
        fix(c, finding, "Send %s.",
            is_sysbuild(c) ? "build/<application>/zephyr/zephyr.signed.bin or "
                             "build/dfu_application.zip"
                           : "build/zephyr/app_update.bin or build/zephyr/dfu_application.zip");
    }
}

static bool for_network_core(const struct image_header *header)
{
    return header->reset_vector >= NETWORK_CORE && header->reset_vector < NETWORK_CORE_END;
}

static void check_header(const struct doctor_case *c, const char *file,
                         const struct image_header *header)
{
    const struct pm *pm = layout_of(c);
    const struct pm_part *pad = pm_find(pm, "mcuboot_pad");
    const struct pm_part *slot = pm_find(pm, "mcuboot_primary");
    struct finding *finding;

    if (pad != NULL && pad->has_size && pad->size != header->header_size) {
        finding = report(c, SEVERITY_ERROR,
                         "The image's header has %s bytes, the layout's mcuboot_pad %s: the "
                         "application would start beside its vector table.",
                         hex(c, header->header_size), hex(c, pad->size));
        seen(c, finding, file, 0, text(c, "header of %s", hex(c, header->header_size)),
             hex(c, pad->size));
        fix(c, finding, "Build and sign the image with the layout of the device.");
        return;
    }
    if (slot == NULL || !slot->has_address || !slot->has_size || !pm_in(slot, PM_INTERNAL) ||
        header->reset_vector == 0 || for_network_core(header) || (header->flags & 0xc) != 0)
        return;
    if (header->reset_vector >= slot->address && header->reset_vector < pm_end(slot))
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The image is linked for %s, outside the first slot (%s..%s): it was built "
                     "with another layout, and MCUboot says \"not designated for the primary "
                     "slot\", or jumps into nothing.",
                     hex(c, header->reset_vector), hex(c, slot->address), hex(c, pm_end(slot)));
    seen(c, finding, file, 0, text(c, "reset vector %s", hex(c, header->reset_vector)),
         text(c, "%s..%s", hex(c, slot->address), hex(c, pm_end(slot))));
    seen(c, finding, slot->file, slot->line, "mcuboot_primary", NULL);
    fix(c, finding, "Build the image with the same pm_static.yml as the program on the device.");
}

static void i02(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        if (one->kind == ARTIFACT_IMAGE)
            check_header(c, one->file, &one->header);
        for (size_t i = 0; i < one->file_count; i++) {
            if (one->files[i].has_header && one->files[i].image_index <= 0)
                check_header(c, one->file, &one->files[i].header);
        }
    }
}

static void i03(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        struct finding *finding;

        if (one->kind != ARTIFACT_IMAGE || one->header.total != 0)
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The image ends before its signature does, or its lengths contradict "
                         "each other: MCUboot erases it after the upload.");
        seen(c, finding, one->file, 0,
             text(c, "%zu bytes; the header announces %llu and a signature", one->length,
                  (ull)one->header.header_size + one->header.body_size),
             "a whole image");
        fix(c, finding, "Sign it again, and compare its size with the file that was uploaded.");
    }
}

struct key_type {
    const char *option;
    uint16_t tlv;
};

static const struct key_type key_types[] = {{"BOOT_SIGNATURE_TYPE_RSA", 0x20},
                                            {"BOOT_SIGNATURE_TYPE_ECDSA_P256", 0x22},
                                            {"BOOT_SIGNATURE_TYPE_ED25519", 0x24}};

static const struct key_type *expected_type(const struct doctor_case *c)
{
    const struct image *image = c->mcuboot.built || !is_sysbuild(c) ? &c->mcuboot : &c->sysbuild;

    for (size_t i = 0; i < 3; i++) {
        if (option_yes(c, image, key_types[i].option))
            return &key_types[i];
    }
    return NULL;
}

static bool same_type(uint16_t tlv, uint16_t expected)
{
    return tlv == expected || (tlv == 0x23 && expected == 0x20);
}

static const char *first_bytes(const struct doctor_case *c, const uint8_t hash[32])
{
    return text(c, "%02x%02x%02x%02x…", hash[0], hash[1], hash[2], hash[3]);
}

/* The right kind of key: is it the one MCUboot is built with, as far as that lies here? */
static void check_key(const struct doctor_case *c, const char *file,
                      const struct image_header *header)
{
    uint8_t hash[32];
    const struct kconf_line *line;
    struct finding *finding;

    if (!header->has_keyhash || header->signature != 0x22)
        return;
    line = signature_key(c, hash);
    if (line == NULL || memcmp(hash, header->keyhash, 32) == 0)
        return;
    finding = report(c, SEVERITY_ERROR,
                     "The image is signed with another key than the one MCUboot is built with: "
                     "\"Image in the secondary slot is not valid!\", and it is erased.");
    seen(c, finding, file, 0, text(c, "key hash %s", first_bytes(c, header->keyhash)),
         text(c, "%s, of %s", first_bytes(c, hash), line->value));
    seen(c, finding, line->file, line->line, line->value, NULL);
    fix(c, finding, "Sign it with the key whose public half is in the device's MCUboot.");
}

static void check_keys(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        if (one->kind == ARTIFACT_IMAGE)
            check_key(c, one->file, &one->header);
        for (size_t i = 0; i < one->file_count; i++) {
            if (one->files[i].has_header)
                check_key(c, one->file, &one->files[i].header);
        }
    }
}

static void i04(const struct doctor_case *c)
{
    const struct key_type *type = expected_type(c);

    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        uint16_t tlv = one->header.signature;
        struct finding *finding;

        if (one->kind != ARTIFACT_IMAGE || one->header.total == 0 ||
            (tlv != 0 && (type == NULL || same_type(tlv, type->tlv))))
            continue;
        if (tlv == 0 && option_yes(c, &c->mcuboot, "BOOT_SIGNATURE_TYPE_NONE"))
            continue;
        finding = report(c, SEVERITY_ERROR,
                         "The image is %s, and MCUboot checks %s: \"Image in the secondary slot is "
                         "not valid!\", and it is erased.",
                         tlv == 0 ? "not signed" : text(c, "signed with %s", signature_name(tlv)),
                         type == NULL ? "a signature" : signature_name(type->tlv));
        seen(c, finding, one->file, 0, text(c, "signature: %s", signature_name(tlv)),
             type == NULL ? "a signature" : signature_name(type->tlv));
        fix(c, finding, "Sign it with the key whose public half is in the device's MCUboot.");
    }
    check_keys(c);
}

static bool compares_versions(const struct doctor_case *c)
{
    return option_yes(c, &c->mcuboot, "MCUBOOT_DOWNGRADE_PREVENTION") ||
           option_yes(c, &c->mcuboot, "BOOT_UPGRADE_ONLY_DOWNGRADE_PREVENTION") ||
           option_yes(c, &c->application, "LWM2M_CLIENT_UTILS_FIRMWARE_UPDATE_OBJ_SUPPORT") ||
           option_yes(c, &c->sysbuild, "MCUBOOT_DOWNGRADE_PREVENTION");
}

static void i05(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        const struct image_header *header = &one->header;
        struct finding *finding;

        if (one->kind != ARTIFACT_IMAGE || !compares_versions(c) || header->major != 0 ||
            header->minor != 0 || header->revision != 0 || header->build != 0)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The image has version 0.0.0+0, as any that nobody gave a version: what "
                         "compares versions takes it for no update, and drops it.");
        seen(c, finding, one->file, 0, "0.0.0+0", "higher than what runs");
        fix(c, finding,
            at_least(c, SDK_VERSION(2, 7, 0))
                ? "Add a VERSION file to the application."
                : "CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=\"1.0.1\" in prj.conf.");
    }
}

static void i06(const struct doctor_case *c)
{
    unsigned line;
    const struct artifact *log = log_has(c, "Secondary image: magic=bad", &line);
    struct finding *finding;

    if (log == NULL)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The second slot ends in neither a request nor erased flash: the write of the "
                     "request failed, or old data lies there. No request can be placed until it "
                     "is erased.");
    seen(c, finding, log->file, line, "Secondary image: magic=bad", "magic=good or magic=unset");
    fix(c, finding,
        "Erase the slot; then look for the failed write (jedec-id, copy buffer, bounds: "
        "D-08, K-08, P-04).");
}

static void report_package(const struct doctor_case *c, const struct artifact *one,
                           const struct manifest_file *file, const char *observed,
                           const char *required)
{
    struct finding *finding = report(c, SEVERITY_ERROR,
                                     "The package contradicts itself or the project: whoever "
                                     "sends it sends the wrong bytes, or to the wrong slot.");

    seen(c, finding, one->file, 0,
         text(c, "%s: %s", file->file == NULL ? "a file without a name" : file->file, observed),
         required);
    fix(c, finding, "Build the package again; do not edit or repack it.");
}

static void check_package_file(const struct doctor_case *c, const struct artifact *one,
                               const struct manifest_file *file)
{
    const struct pm_part *slot = pm_find(layout_of(c), "mcuboot_primary");
    unsigned images = updateable_images(c);

    if (file->actual_size < 0)
        report_package(c, one, file, "is not in the zip", "the file");
    else if (file->size >= 0 && file->size != file->actual_size)
        report_package(c, one, file, text(c, "%lld bytes", file->actual_size),
                       text(c, "%lld, as the manifest says", file->size));
    else if (file->image_index >= 0 && images != 0 && file->image_index >= (long long)images &&
             file->image_index != 2)
        report_package(c, one, file, text(c, "image_index %lld", file->image_index),
                       text(c, "below %u, the images MCUboot updates", images));
    else if (file->slot_primary > 0 && file->image_index >= 0 &&
             file->slot_primary != 2 * file->image_index + 1)
        report_package(
            c, one, file, text(c, "slot_index_primary %lld", file->slot_primary),
            text(c, "%lld for image %lld", 2 * file->image_index + 1, file->image_index));
    else if (file->image_index <= 0 && file->load_address > 0 && slot != NULL &&
             slot->has_address && pm_in(slot, PM_INTERNAL) &&
             ((uint64_t)file->load_address < slot->address ||
              (uint64_t)file->load_address >= pm_end(slot)))
        report_package(c, one, file,
                       text(c, "load_address %s", hex(c, (uint64_t)file->load_address)),
                       text(c, "%s..%s", hex(c, slot->address), hex(c, pm_end(slot))));
}

static bool same_board(const struct doctor_case *c, const char *board)
{
    const struct board *named = boards_find(c->boards, board);

    return named == NULL || c->board == NULL || named == c->board;
}

static void i07(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        for (size_t i = 0; one->kind == ARTIFACT_PACKAGE && i < one->file_count; i++) {
            const struct manifest_file *file = &one->files[i];

            check_package_file(c, one, file);
            if (file->board != NULL && !same_board(c, file->board))
                report_package(c, one, file, text(c, "for %s", file->board), c->board->name);
        }
    }
}

static bool all_bytes(const uint8_t *data, size_t length, uint8_t value)
{
    for (size_t i = 0; i < length; i++) {
        if (data[i] != value)
            return false;
    }
    return true;
}

/* What a dump of the external chip says about the second slot; NULL = nothing wrong. */
static const char *dump_verdict(const uint8_t *slot, size_t size)
{
    static const uint8_t magic[16] = {0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f,
                                      0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80};
    struct image_header header;

    if (all_bytes(slot, 4096, 0xff))
        return "erased: no upload ever arrived here";
    if (all_bytes(slot, 4096, 0x00))
        return "all zeros: the chip was not read";
    if (!image_header_read(&header, slot, size))
        return "no image starts here: it was written elsewhere, or over";
    if (memcmp(slot + size - 16, magic, 16) != 0)
        return "an image, but no request at the end: nobody marked it for installation";
    return NULL;
}

static void i08(const struct doctor_case *c)
{
    const struct pm_part *slot = pm_find(layout_of(c), "mcuboot_secondary");

    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        const char *verdict;
        struct finding *finding;

        if (slot == NULL || !pm_in(slot, PM_EXTERNAL) || slot->size < 8192 || !one->given ||
            (one->kind != ARTIFACT_DUMP &&
             (one->kind != ARTIFACT_IMAGE || one->length < pm_end(slot))) ||
            pm_end(slot) > one->length)
            continue;
        verdict = dump_verdict(one->data + slot->address, (size_t)slot->size);
        if (verdict == NULL)
            continue;
        finding = report(c, SEVERITY_WARNING, "In this dump mcuboot_secondary is %s.", verdict);
        seen(c, finding, one->file, 0, text(c, "at %s: %s", hex(c, slot->address), verdict),
             "an image and, in the slot's last 16 bytes, a request");
        fix(c, finding,
            "Compare with where the application writes: its layout, its chip, its size "
            "(S-01, D-03, P-04).");
    }
}

static void report_core(const struct doctor_case *c, const char *file, const char *what)
{
    struct finding *finding = report(
        c, SEVERITY_ERROR,
        "%s: written to the application core's slot it is refused; the cores are swapped.", what);

    seen(c, finding, file, 0, what, "image 1 (the second slot pair)");
    fix(c, finding, "Upload it as image 1 (`mcumgr image upload -n 1`), or send the package.");
}

static void i09(const struct doctor_case *c)
{
    for (const struct artifact *one = c->artifacts->first; one != NULL; one = one->next) {
        if (one->kind == ARTIFACT_IMAGE && for_network_core(&one->header) && one->given)
            report_core(c, one->file, "This is the network core's image");
        for (size_t i = 0; i < one->file_count; i++) {
            const struct manifest_file *file = &one->files[i];

            if (file->has_header && file->image_index == 0 && for_network_core(&file->header))
                report_core(c, one->file, "Image 0 of the package is the network core's");
        }
    }
}

const struct rule doctor_rules_i[] = {
    {"I-01", "A file that is no update", SEVERITY_ERROR, 6, NULL, i01},
    {"I-02", "An image of another layout", SEVERITY_ERROR, 81, "I-03 I-09", i02},
    {"I-03", "A truncated image", SEVERITY_ERROR, 80, "I-08", i03},
    {"I-04", "Signed with another key", SEVERITY_ERROR, 81, "I-08", i04},
    {"I-05", "No version", SEVERITY_WARNING, 84, "I-08", i05},
    {"I-06", "The request could not be written", SEVERITY_WARNING, 83, NULL, i06},
    {"I-07", "A package that contradicts itself", SEVERITY_ERROR, 81, "N-11", i07},
    {"I-08", "What a dump says about the slot", SEVERITY_WARNING, 82, NULL, i08},
    {"I-09", "The network core's image in the wrong place", SEVERITY_ERROR, 80, NULL, i09},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
