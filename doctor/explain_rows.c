// SPDX-License-Identifier: Apache-2.0
/* Known lines and what is behind them. The order of causes is that of experience. */
#include <stddef.h>

#include "doctor/explain.h"

const struct explain_row explain_rows[] = {
    {{"mcumgr_img_grp: Failed to open flash area ID", NULL, NULL},
     "The application cannot open the first slot of the second image. On an nRF5340 that updates "
     "both cores it lives in MCUboot's RAM: the line is harmless.",
     {{"N-08", "harmless: the network core's slot is simulated in MCUboot's RAM"},
      {"P-20", "a slot of the second image is missing in the layout"}},
     "Nothing, if both cores run their new versions. Compare the number with PM_..._ID in "
     "pm_config.h: it should be mcuboot_primary_1.",
     3},
    {{"Failed to open flash area", NULL, NULL},
     "MCUboot (or the application) cannot open a slot: it is not in its flash map (-2), or its "
     "device does not work (-19).",
     {{"K-02", "the slot does not enter MCUboot's flash map: the driver check is not satisfied"},
      {"D-01", "MCUboot's devicetree chooses no external chip"},
      {"B-01", "sysbuild keeps the second slot internal"},
      {"K-01", "MCUboot has no driver for the chip"},
      {"P-20", "the slots of a second image are missing"}},
     "Look at MCUboot's .config and zephyr.dts in the build folder, not at the application's.",
     2},
    {{"BOOT_MAX_IMG_SECTORS", NULL, NULL},
     "MCUboot could not read the sectors of a slot. It guesses that its table is too small; more "
     "often it cannot open the chip.",
     {{"S-02", "the slots have more sectors than MCUboot's table"},
      {"K-02", "the slot does not enter MCUboot's flash map: the driver check is not satisfied"},
      {"K-01", "MCUboot has no driver for the chip"},
      {"S-04", "the chip is laid out in pages of 64 KiB"}},
     "Divide the slot by 4096. If the number in the line is larger, it is a false lead (S-03): "
     "look for the driver.",
     2},
    {{"not a compatible amount of sectors", NULL, NULL},
     "MCUboot was built for swapping and refuses: the two slots do not have the same number of "
     "sectors.",
     {{"S-01", "the slots differ in size"},
      {"S-04", "the chip is laid out in pages of 64 KiB (14 sectors against 224)"},
      {"K-01", "MCUboot has no driver, so the second slot has no sectors at all"},
      {"K-02", "the second slot is missing in MCUboot's flash map"},
      {"B-05", "the build folder is older than the layout"}},
     "Compare mcuboot_primary and mcuboot_secondary in build/partitions.yml. Delete the build "
     "folder after a change, and program MCUboot again by cable: its sizes are built in.",
     2},
    {{"slots have non-compatible sectors", NULL, NULL},
     "MCUboot was built for overwriting or scratch and refuses: the slots' sectors do not match.",
     {{"S-01", "the slots differ in size"}, {"S-04", "the chip is laid out in pages of 64 KiB"}},
     "Compare mcuboot_primary and mcuboot_secondary in build/partitions.yml.",
     2},
    {{"Image in the primary slot is not valid", "Unable to find bootable image", NULL},
     "There is no good image in the first slot: nothing boots.",
     {{"I-02", "the application was built with another layout or header than MCUboot's"},
      {"R-01", "the layout changed and only the application was programmed"},
      {"I-04", "the application is signed with another key"}},
     "Program MCUboot and the application of one build (merged.hex) by cable.",
     2},
    {{"Image in the secondary slot is not valid", NULL, NULL},
     "The image arrived, and its hash or signature is wrong.",
     {{"I-04", "it is signed with another key than MCUboot has"},
      {"K-08", "bytes were written as garbage: no copy buffer for DMA"},
      {"R-01", "it was built for another layout"},
      {"S-05", "it does not fit its slot"},
      {"P-04", "the slot ends behind the end of the chip, and writes wrapped around"}},
     "imgtool verify -k KEY on the very file that was uploaded; then read the slot back and "
     "compare.",
     2},
    {{"Invalid image header magic", "INVALID_IMAGE_HEADER_MAGIC", NULL},
     "What was sent does not begin with an MCUboot header.",
     {{"I-01", "the wrong file was sent (merged.hex, zephyr.bin ...)"},
      {"I-09", "the network core's image was sent to the application core"},
      {"P-09", "the header pad has another size"}},
     "Send zephyr.signed.bin (app_update.bin up to SDK 2.6) or dfu_application.zip.",
     3},
    {{"not designated for the primary slot", "Vector table in slot", NULL},
     "The image is linked for another address than the first slot.",
     {{"I-02", "it was built with another pm_static.yml than the program on the device"},
      {"R-01", "the layout moved between the releases"}},
     "Build the update with the layout of the device.",
     3},
    {{"Image size bigger than designated area", "Not enough free space to run swap", NULL},
     "The image does not fit the slot beside MCUboot's trailer.",
     {{"S-05", "the image is too large"}, {"S-02", "the sector table is far too large"}},
     "Make the image smaller, or both slots larger.",
     3},
    {{"Insufficient version", "downgrade prevention", NULL},
     "The image is not newer than what runs, and MCUboot insists.",
     {{"I-05", "it has no version (0.0.0+0), or a lower one"}},
     "Give the application a VERSION file with a higher number.",
     3},
    {{"Secondary header magic detected in first sector", NULL, NULL},
     "MCUboot swaps using offset and found the image one sector too early.",
     {{"S-09", "the application does not know of the mode and uploads to the slot's start"}},
     "SB_CONFIG_MCUBOOT_MODE_SWAP_USING_OFFSET=y, so that both images know.",
     3},
    {{"boot_request_upgrade", "dfu_target_done error: -14", NULL},
     "The image is stored, but the request behind it could not be written (-14): the slot's last "
     "bytes are neither erased nor a request.",
     {{"D-08", "the chip is not really there: its id was made up"},
      {"H-01", "the chip does not answer"},
      {"K-08", "flags cannot be sent from internal flash: no copy buffer"},
      {"P-04", "the slot ends behind the end of the chip"}},
     "Erase the slot and read its last 16 bytes before and after.",
     2},
    {{"Secondary image: magic=bad", NULL, NULL},
     "The second slot ends in something that is neither erased nor a request.",
     {{"D-08", "the chip is not really there: its id was made up"},
      {"I-06", "old data, or a request that was written half"},
      {"P-02", "another partition lies over the slot"}},
     "Erase the slot.",
     1},
    {{"Device id 00 00 00", "JEDEC id [00 00 00]", "Device id ff ff ff"},
     "The chip does not answer: all zeros (or ones) is what an unconnected line reads.",
     {{"H-01", "chip select, MISO, power, or the board controller's switch on an nRF9160 DK"},
      {"K-11", "a regulator that MCUboot does not switch on"},
      {"D-14", "the chip sleeps: no time to wake up"}},
     "On an nRF9160 DK program the board controller (SW10 to nRF52) so that it connects the flash. "
     "Never enter 00 00 00 as the id: it hides the fault.",
     3},
    {{"does not match config", "JEDEC id [", NULL},
     "The chip has another id than the devicetree says.",
     {{"H-03", "another chip is fitted"}, {"D-08", "the id in the devicetree is wrong"}},
     "Take the id that was read into both overlays, with the chip's size.",
     2},
    {{"MPU FAULT", "Stack overflow", NULL},
     "The program broke off: a stack overflow, or a jump into nothing after a failed flash access.",
     {{"K-06", "MCUboot's stack is too small"},
      {"K-05", "the SPI driver runs without threads"},
      {"H-01", "the chip does not answer, and the error path is not survived"}},
     "Look at the last line before the fault.",
     1},
    {{"region `FLASH' overflowed by", "will not fit in region `FLASH'", NULL},
     "An image does not fit its flash. The path in the lines around it says which; with a driver "
     "and a log it is mostly MCUboot.",
     {{"P-17", "MCUboot's partition is too small for it"}},
     "If it is MCUboot: no CONFIG_DEBUG_OPTIMIZATIONS, CONFIG_SIZE_OPTIMIZATIONS=y, CONFIG_LOG=n, "
     "or "
     "a larger partition (CONFIG_PM_PARTITION_SIZE_MCUBOOT=0x10000).",
     3},
    {{"undefined reference to `__device_dts_ord", "__device_dts_ord_", NULL},
     "Code uses a device that has no driver in this image.",
     {{"D-04", "the node is disabled"},
      {"K-03", "the driver check is overridden and no driver is on"}},
     "Enable the node and the driver in the image that fails to link.",
     3},
    {{"PM_MCUBOOT_PRIMARY_1_ID", NULL, NULL},
     "Two images are to be updated, and the layout has slots for one.",
     {{"P-20", "the second pair of slots is missing"}},
     "Add mcuboot_primary_1 and mcuboot_secondary_1, or update one image.",
     3},
    {{"Incorrect amount of gaps found", NULL, NULL},
     "The static layout leaves more than one hole in the internal flash.",
     {{"P-05", "more than one gap"}},
     "Fill the others with EMPTY_n entries.",
     3},
    {{"not packed at start", NULL, NULL},
     "There is a hole between the static partitions of the external chip.",
     {{"P-06", "external partitions are not contiguous"}},
     "Move them together, or fill the hole.",
     3},
    {{"was assigned the value", NULL, NULL},
     "Kconfig did not grant an option.",
     {{"K-13", "a dependency is missing"},
      {"X-01", "a dependency of the update options is missing"}},
     "The lines behind it name what the option depends on.",
     2},
    {{"no free slot", "NO_FREE_SLOT", NULL},
     "The device refuses the upload: its second slot is taken.",
     {{"X-07", "an image there is pending, or the running one was never confirmed"}},
     "Reset, confirm, or erase the slot.",
     3},
    {{"FOTA image was not applied, rolled back", "image was not applied", NULL},
     "The application finds its old version after the reset: MCUboot did not install the image, or "
     "took it back.",
     {{"S-01", "the slots differ in size: see MCUboot's own lines above"},
      {"X-06", "the new image was installed, and did not confirm itself"}},
     "Read what MCUboot printed between the reset and the application's first line.",
     1},
    {{"old firmware continues to run", "stuck at the swap", "not being swapped"},
     "The upload went well and MCUboot installs nothing: it does not see the second slot as the "
     "application does.",
     {{"K-01", "MCUboot has no driver for the chip"},
      {"K-04", "the external slot is not asked for in both images"},
      {"S-01", "the slots differ in size"},
      {"D-01", "MCUboot's devicetree chooses no external chip"},
      {"N-01", "half of what an update of both cores needs"},
      {"N-06", "the network core has no bootloader (b0n)"}},
     "Switch on MCUboot's log (CONFIG_LOG=y, CONFIG_SERIAL=y, CONFIG_UART_CONSOLE=y): its first "
     "lines "
     "say why.",
     2},
    {{"Bootloader chainload address offset", NULL, NULL},
     "MCUboot jumps to the application. When only MCUboot's own lines come again and again, the "
     "application does not survive its first steps.",
     {{"T-02", "SDK 2.0.x: TF-M does not get along with an external second slot"},
      {"P-18", "TF-M ends off its protection border"},
      {"P-09", "the header pad has another size than the image's header"}},
     "Compare the offset with mcuboot_primary; on an nRF91 with SDK 2.0.x go to 2.1, or use SPM.",
     0},
    {{"prj_mcuboot.conf", NULL, NULL},
     "A file name that nothing looks for.",
     {{"F-03", "MCUboot's settings lie in a file that is never read"}},
     "child_image/mcuboot.conf adds to MCUboot's configuration; child_image/mcuboot/prj.conf "
     "replaces "
     "it. Under sysbuild the folder is sysbuild/.",
     2},
    {{"_mcuboot.overlay", NULL, NULL},
     "A file name that no board has.",
     {{"D-05", "MCUboot's overlay has a name that is never read"}},
     "child_image/mcuboot/boards/<board>.overlay with the secure board's exact name "
     "(nrf9160dk_nrf9160), or child_image/mcuboot.overlay.",
     2},
    {{"Swap type: none", NULL, NULL},
     "MCUboot sees no request in the second slot. After an upload that \"succeeded\" the request "
     "went "
     "elsewhere; otherwise this is normal.",
     {{"B-01", "the application writes to another slot than MCUboot reads"},
      {"X-07", "the image was never marked for installation"},
      {"D-03", "the two images use different chips"}},
     "Compare the place of the slot in both images' flash maps.",
     0},
    {{"magic mismatch", NULL, NULL},
     "The device refuses the first packet: no MCUboot header.",
     {{"I-01", "the wrong file was sent"}},
     "Send zephyr.signed.bin.",
     3},
    {{"Hash not found", NULL, NULL},
     "The device has no image with this hash.",
     {{"N-09", "the network core's image can only be confirmed, not tested"}},
     "List the images and take the hash from there.",
     2},
    /* The nRF5 SDK's Secure DFU, patched to store images in external flash. */
    {{"No copy needed", NULL, NULL},
     "The nRF5 SDK's bootloader compares the address where the image was received with the one it "
     "belongs to. They are equal, so it copies nothing: the external chip's addresses overlap "
     "those of "
     "the internal flash.",
     {{NULL,
       "bank 1 in the external chip has the same address as bank 0: the bootloader cannot tell "
       "the chips apart, so the image is never copied into internal flash"}},
     "Give external addresses a range of their own above the internal flash (for example "
     "0x0A000000 + "
     "offset), take it off in the read and write functions, and return it from "
     "nrf_dfu_bank1_start_addr().",
     4},
    {{"nrfx_is_word_aligned", NULL, NULL},
     "QSPI DMA needs buffers on a multiple of four bytes.",
     {{NULL, "the buffer for QSPI is not aligned to four bytes"}},
     "__ALIGN(4) on the buffer, and lengths rounded up to four.",
     4},
    {{"Data inconsistent at location", NULL, NULL},
     "What was read back from the external chip is not what was written; at the end of a packet "
     "this "
     "is a length that is no multiple of four.",
     {{NULL,
       "QSPI writes whole words: a packet whose length is no multiple of four loses or pads its "
       "last bytes, and an unaligned buffer shifts them"}},
     "Keep the remainder of a packet and write it with the next one; pad only the very last word, "
     "after "
     "the checksum was computed over what was received.",
     3},
    {{"Hash verification failed", NULL, NULL},
     "The image in the external chip is not the one that was signed.",
     {{NULL,
       "the hash was computed over internal flash, or over bytes that were padded or shifted on "
       "their way into the external chip"}},
     "Read the hash's input through the external chip's read function, with an aligned buffer, and "
     "over "
     "exactly the length that was announced.",
     3},
    {{"NRF_DFU_OP_OBJECT_WRITE", "on_data_obj_write_request", NULL},
     "A packet of the nRF5 SDK's DFU. Its buffer is given back by a callback when the flash write "
     "is "
     "complete; with an asynchronous external write it must be called from the driver's event.",
     {{NULL,
       "the receive buffer must live until the external write has completed: call the callback "
       "from the QSPI event handler, or write synchronously and call it afterwards"}},
     "Call p_req->callback.write from the driver's DONE event.",
     1},
    {{"FLASH_START=0x26000", "FLASH_START = 0x26000", NULL},
     "Without a SoftDevice an application of the nRF5 SDK starts at 0x1000, behind the MBR.",
     {{NULL, "the application is linked for 0x26000, where it lies only with a SoftDevice: it is "
             "stored at "
             "0x1000 and jumps into nothing"}},
     "Link it for 0x1000, or install the SoftDevice.",
     2},
    {{"--application app_settings.hex", NULL, NULL},
     "A package was made from a hex file that contains the settings page as well as the "
     "application.",
     {{"I-01",
       "the application and the settings page in one hex make an image of nearly the whole flash "
       "(0xD9324 bytes), which does not fit beside the old one"}},
     "nrfutil pkg generate --application with the application's own hex; settings are for a "
     "programmer.",
     3},
    {{"cache_too_small: true", NULL, NULL},
     "The image does not fit into bank 1 beside the running one, so the old one is given up first.",
     {{NULL,
       "the package is larger than half of the internal flash, or the external chip's size is not "
       "used in nrf_dfu_cache_prepare()"}},
     "With bank 1 in the external chip compare with that chip's size.",
     2},
};

const size_t explain_row_count = sizeof(explain_rows) / sizeof(explain_rows[0]);

static const char *const generic_errors[] = {
    NULL,
    "unknown error; old clients hide image errors behind it (no such hash, flash)",
    "out of memory on the device: its buffers are smaller than the packet",
    "invalid value: a field is missing or malformed; for uploads mostly a wrong hash or offset",
    "timeout on the device",
    "no such entry",
    "bad state: no free slot, an image is pending already, or the running version is newer",
    "the reply does not fit: ask for less, or enlarge MCUMGR_TRANSPORT_NETBUF_SIZE",
    "not supported: the command group is not built in (CONFIG_MCUMGR_GRP_IMG, "
    "CONFIG_MCUMGR_GRP_OS)",
    "the packet arrived damaged or incomplete",
    "busy: try again",
    "access denied by the application",
    "the protocol version is too old for the device",
    "the protocol version is too new for the device"};

static const char *const image_errors[] = {
    NULL,
    "unknown",
    "the slot's sectors cannot be read",
    "no image in the slot",
    "the image has no TLVs",
    "the image has a malformed TLV",
    "the image has several hashes",
    "the image has a TLV of the wrong size",
    "no image with this hash",
    "no free slot: an image is pending, or the running one is not confirmed",
    "the slot cannot be opened: not in the flash map, or the chip does not work",
    "the slot cannot be read",
    "the slot cannot be written",
    "the slot cannot be erased",
    "no such slot",
    "out of memory",
    "flash context already set",
    "flash context not set",
    "the flash device is missing",
    "invalid page offset",
    "the packet's offset is missing",
    "the packet's length is missing",
    "the first packet is shorter than a header",
    "this is no MCUboot image: wrong file",
    "the hash in the packet is malformed",
    "the image is linked for another address",
    "the running version cannot be read",
    "the running version is newer",
    "an image is pending already: reset the device first",
    "the image's vector table is wrong",
    "the image is too large for the slot",
    "the packet goes beyond the image's size",
    "confirming is denied",
    "the running image cannot be set to test",
    "the active slot is not known"};

const char *explain_smp_error(bool image_group, unsigned long code)
{
    size_t count = image_group ? sizeof(image_errors) / sizeof(image_errors[0])
                               : sizeof(generic_errors) / sizeof(generic_errors[0]);

    if (code == 0 || code >= count)
        return NULL;
    return image_group ? image_errors[code] : generic_errors[code];
}
