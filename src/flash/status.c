// SPDX-License-Identifier: Apache-2.0
#include "ferry/status.h"

struct status_row {
    int status;
    const char *name;
    const char *text;
};

/* What happened, and what to do about it. */
static const struct status_row rows[] = {
    {FERRY_OK, "FERRY_OK", "success"},

    {FERRY_E_ARGUMENT, "FERRY_E_ARGUMENT",
     "a parameter is outside its documented range; check the call or the option"},
    {FERRY_E_RANGE, "FERRY_E_RANGE",
     "offset and length leave the flash region; check both against the layout"},
    {FERRY_E_STATE, "FERRY_E_STATE",
     "this does not fit what is under way; ask for the status, finish or abort that first"},
    {FERRY_E_NO_MEMORY, "FERRY_E_NO_MEMORY",
     "the data does not fit the buffer it was given; use a larger buffer or smaller pieces"},
    {FERRY_E_UNSUPPORTED, "FERRY_E_UNSUPPORTED",
     "this build or this chip cannot do that; build with the feature or use another way"},

    {FERRY_E_IO, "FERRY_E_IO",
     "the flash bus reports an error; check wiring, pins, power and clock of the chip"},
    {FERRY_E_TIMEOUT, "FERRY_E_TIMEOUT",
     "the flash chip stayed busy longer than it ever may; switch its power off and on, then check "
     "wiring and supply"},
    {FERRY_E_NO_CHIP, "FERRY_E_NO_CHIP",
     "no flash chip answers (its id reads all zeros or all ones); check power, chip select and "
     "data pins"},
    {FERRY_E_CHIP_UNKNOWN, "FERRY_E_CHIP_UNKNOWN",
     "the flash chip has no usable SFDP and its id is in no table; add a row to data/chips"},
    {FERRY_E_CHIP_SIZE, "FERRY_E_CHIP_SIZE",
     "the flash chip is smaller than the layout needs; fit the larger part or correct the layout"},
    {FERRY_E_PROTECTED, "FERRY_E_PROTECTED",
     "the flash chip refuses to be written; check its WP# pin and its block protection bits"},
    {FERRY_E_PROGRAM, "FERRY_E_PROGRAM",
     "the flash chip reports a failed program; try again, and replace the chip if it stays so"},
    {FERRY_E_ERASE, "FERRY_E_ERASE",
     "the flash chip reports a failed erase; try again, and replace the chip if it stays so"},
    {FERRY_E_READBACK, "FERRY_E_READBACK",
     "what was written to flash reads back differently; check wiring and bus speed, or the block "
     "is worn out"},
    {FERRY_E_ECC, "FERRY_E_ECC",
     "a flash word cannot be read because its write was interrupted; erase its block and write "
     "again"},
    {FERRY_E_FLOATING, "FERRY_E_FLOATING",
     "the flash chip answers differently at every read; look for a floating or shorted data pin"},

    {FERRY_E_IMAGE_MAGIC, "FERRY_E_IMAGE_MAGIC",
     "no MCUboot image starts here; sign the binary first, with `ferry sign`"},
    {FERRY_E_IMAGE_HEADER, "FERRY_E_IMAGE_HEADER",
     "the lengths or flags in the image header contradict each other; sign the image again"},
    {FERRY_E_IMAGE_TLV, "FERRY_E_IMAGE_TLV",
     "the data behind the image (its TLV area) is malformed or too long; sign the image again"},
    {FERRY_E_IMAGE_NO_HASH, "FERRY_E_IMAGE_NO_HASH",
     "the image does not name exactly one SHA-256 of itself; sign the image again"},
    {FERRY_E_IMAGE_HASH, "FERRY_E_IMAGE_HASH",
     "the image does not have the hash it names, so it was damaged; transfer it again"},
    {FERRY_E_IMAGE_UNSIGNED, "FERRY_E_IMAGE_UNSIGNED",
     "the image carries no signature; sign it with a key that the device knows"},
    {FERRY_E_IMAGE_KEY, "FERRY_E_IMAGE_KEY",
     "the image is signed with a key that the device does not know; sign it with the device's own "
     "key"},
    {FERRY_E_IMAGE_SIGNATURE, "FERRY_E_IMAGE_SIGNATURE",
     "the signature of the image is wrong; do not use this file, get or sign it again"},
    {FERRY_E_IMAGE_TOO_LARGE, "FERRY_E_IMAGE_TOO_LARGE",
     "the image does not fit the primary slot or its place in the store; make it smaller or change "
     "the layout"},
    {FERRY_E_IMAGE_ADDRESS, "FERRY_E_IMAGE_ADDRESS",
     "the image is linked for another address than the primary slot; link it for this device"},
    {FERRY_E_IMAGE_FLOOR, "FERRY_E_IMAGE_FLOOR",
     "the security counter of the image is below what this device accepts; use a newer image"},
    {FERRY_E_IMAGE_UNSUPPORTED, "FERRY_E_IMAGE_UNSUPPORTED",
     "the image is encrypted, compressed or of a kind that this build cannot handle; build the "
     "bootloader with that feature"},
    {FERRY_E_IMAGE_TRUNCATED, "FERRY_E_IMAGE_TRUNCATED",
     "the data ends before the image does; transfer the whole file"},
    {FERRY_E_IMAGE_DOWNGRADE, "FERRY_E_IMAGE_DOWNGRADE",
     "the image is older than the one that runs, and downgrades were excluded; use a newer image "
     "or allow the downgrade"},

    {FERRY_E_JOURNAL_NONE, "FERRY_E_JOURNAL_NONE",
     "the journal holds no readable record; the application formats it when it starts"},
    {FERRY_E_JOURNAL_FOREIGN, "FERRY_E_JOURNAL_FOREIGN",
     "the journal speaks of images that are not on this device, so the chip comes from another "
     "one; let the application format it"},
    {FERRY_E_JOURNAL_WRITE, "FERRY_E_JOURNAL_WRITE",
     "the journal could not be written; check the external flash chip"},
    {FERRY_E_SLOT_IN_USE, "FERRY_E_SLOT_IN_USE",
     "the slot holds the running image or the way back; use another slot"},
    {FERRY_E_SLOT_NONE, "FERRY_E_SLOT_NONE",
     "there is no such slot, or none is free; list the slots and erase one"},
    {FERRY_E_SLOT_EMPTY, "FERRY_E_SLOT_EMPTY",
     "the slot holds no complete image; upload one first"},
    {FERRY_E_LAYOUT, "FERRY_E_LAYOUT",
     "the flash layout contradicts itself or the chip; correct the layout file"},

    {FERRY_E_OFFSET, "FERRY_E_OFFSET",
     "this is not the offset that comes next; continue where the device says"},
    {FERRY_E_SIZE, "FERRY_E_SIZE",
     "more data than announced, or a size out of bounds; start the upload again with the right "
     "size"},
    {FERRY_E_DIGEST, "FERRY_E_DIGEST",
     "the data received is not what was announced; upload it again"},
    {FERRY_E_NO_FALLBACK, "FERRY_E_NO_FALLBACK",
     "there is no verified image to go back to and none could be made; let the running image be "
     "copied to the store first"},
    {FERRY_E_ON_TRIAL, "FERRY_E_ON_TRIAL", "an image is on trial; confirm it or go back first"},
    {FERRY_E_SAME_IMAGE, "FERRY_E_SAME_IMAGE", "this image already runs; nothing is to be done"},
    {FERRY_E_PENDING, "FERRY_E_PENDING",
     "another request is pending; reset the device to carry it out, or withdraw it"},
    {FERRY_E_DENIED, "FERRY_E_DENIED",
     "the application or its access lock does not allow this now; unlock it or ask again later"},

    {FERRY_R_TRIAL_FAILED, "FERRY_R_TRIAL_FAILED",
     "the new image used up its attempts without a confirm, so the device went back; find out why "
     "it does not confirm"},
    {FERRY_R_TRIAL_POWER, "FERRY_R_TRIAL_POWER",
     "the new image lost power too often without a confirm, so the device went back; check the "
     "supply, then update again"},
    {FERRY_R_UNRECORDED, "FERRY_R_UNRECORDED",
     "an attempt of the new image could not be recorded, so the device went back; check the "
     "external flash chip"},
    {FERRY_R_RESTORED, "FERRY_R_RESTORED",
     "the image in internal flash was not valid and was restored from the store"},
    {FERRY_R_NOTHING_BOOTS, "FERRY_R_NOTHING_BOOTS",
     "there is no valid image anywhere; upload one in recovery mode"},
    {FERRY_R_RECOVERY_ASKED, "FERRY_R_RECOVERY_ASKED",
     "the device is in recovery because a button or a request asked for it; reset it to leave"},
    {FERRY_R_WENT_BACK, "FERRY_R_WENT_BACK",
     "the device went back to its previous image, as it was asked to"},
    {FERRY_R_TRIAL_STUCK, "FERRY_R_TRIAL_STUCK",
     "the new image used up its attempts, but there is no verified image to go back to, so it "
     "stays; upload a good one"},
    {FERRY_R_INSTALL_FAILED, "FERRY_R_INSTALL_FAILED",
     "the new image did not verify after it was copied to internal flash, so the device went "
     "back; upload it again"},
};

static const struct status_row unknown = {0, "FERRY_E_UNKNOWN", "unknown status"};

static const struct status_row *find(int status)
{
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].status == status)
            return &rows[i];
    return &unknown;
}

const char *ferry_status_text(int status)
{
    return find(status)->text;
}

const char *ferry_status_name(int status)
{
    return find(status)->name;
}
