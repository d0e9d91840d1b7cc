// SPDX-License-Identifier: Apache-2.0
/* The files of a project, each line with its reason. */
#include <string.h>

#include "doctor/doctor.h"
#include "doctor/init.h"

#define HASH_HEAD  "# SPDX-License-Identifier: Apache-2.0\n"
#define BLOCK_HEAD "/* SPDX-License-Identifier: Apache-2.0 */\n"

void init_add(struct init_choice *c, const char *path, const char *text)
{
    struct init_file *file = ferry_arena_take(c->arena, sizeof(*file));

    file->path = path;
    file->text = text;
    *c->plan->tail = file;
    c->plan->tail = &file->next;
}

/* ---- options ---- */

static const char *child_image_options(const struct init_choice *c)
{
    if (c->sysbuild)
        return "";
    return ferry_arena_format(
        c->arena,
        "\n# The bootloader, and its second slot in the external chip: both images must be told.\n"
        "CONFIG_BOOTLOADER_MCUBOOT=y\n"
        "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n"
        "%s"
        "# A server and a bootloader compare versions; an image without one is 0.0.0.\n"
        "CONFIG_MCUBOOT_IMGTOOL_SIGN_VERSION=\"1.0.0\"\n",
        c->options->both_cores ? "# Both cores in one transaction.\n"
                                 "CONFIG_NRF53_UPGRADE_NETWORK_CORE=y\n"
                                 "CONFIG_UPDATEABLE_IMAGE_NUMBER=2\n"
                               : "");
}

static void write_prj(struct init_choice *c)
{
    init_add(c, "prj.conf",
             ferry_arena_format(
                 c->arena,
                 HASH_HEAD "# The application.\n\n%s\n"
                           "# The external chip. MCUboot has the same lines in a file of its "
                           "own: it is a program of its own.\nCONFIG_FLASH=y\n%s%s",
                 init_transport_options(c), init_driver_options(c, false), child_image_options(c)));
}

static const char *both_core_sysbuild(const struct init_choice *c)
{
    if (!c->options->both_cores)
        return c->overwrite ? "# The new image replaces the old one; there is no way back.\n"
                              "SB_CONFIG_MCUBOOT_MODE_OVERWRITE_ONLY=y\n"
                            : "";
    return "# Both cores in one transaction: these belong together. It is overwrite only, because "
           "going back\n"
           "# would restore the network core from RAM.\n"
           "SB_CONFIG_SECURE_BOOT_NETCORE=y\n"
           "SB_CONFIG_NETCORE_APP_UPDATE=y\n"
           "SB_CONFIG_MCUBOOT_UPDATEABLE_IMAGES=2\n"
           "SB_CONFIG_MCUBOOT_NRF53_MULTI_IMAGE_UPDATE=y\n"
           "SB_CONFIG_MCUBOOT_MODE_OVERWRITE_ONLY=y\n";
}

static void write_sysbuild(struct init_choice *c)
{
    const char *slot = c->devicetree ? ""
                                     : "# sysbuild owns the place of the second slot: without this "
                                       "line it writes =n into both images.\n"
                                       "SB_CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n";
    const char *manager = c->version >= SDK_VERSION(3, 3, 0) && !c->devicetree
                              ? "# The layout is pm_static.yml's.\nSB_CONFIG_PARTITION_MANAGER=y\n"
                              : "";
    const char *check = c->spi && !c->devicetree
                            ? "# A chip on SPI enters the flash map only with this line.\n"
                              "SB_CONFIG_PM_OVERRIDE_EXTERNAL_DRIVER_CHECK=y\n"
                            : "";

    init_add(c, "sysbuild.conf",
             ferry_arena_format(c->arena, HASH_HEAD "SB_CONFIG_BOOTLOADER_MCUBOOT=y\n%s%s%s%s",
                                manager, slot, check, both_core_sysbuild(c)));
}

static const char *child_image_boot(const struct init_choice *c)
{
    if (c->sysbuild)
        return "";
    return ferry_arena_format(
        c->arena,
        "\n# The second slot is in the external chip.\n"
        "CONFIG_PM_EXTERNAL_FLASH_MCUBOOT_SECONDARY=y\n%s%s",
        c->options->both_cores
            ? "# The network core's image passes through simulated flash in RAM.\n"
              "CONFIG_NRF53_MULTI_IMAGE_UPDATE=y\n"
              "CONFIG_UPDATEABLE_IMAGE_NUMBER=2\n"
              "CONFIG_PCD_APP=y\n"
              "CONFIG_FLASH_SIMULATOR=y\n"
              "CONFIG_FLASH_SIMULATOR_DOUBLE_WRITES=y\n"
              "CONFIG_FLASH_SIMULATOR_STATS=n\n"
            : "",
        c->overwrite ? "# No way back: two images cannot be swapped.\nCONFIG_BOOT_UPGRADE_ONLY=y\n"
                     : "");
}

static void write_mcuboot(struct init_choice *c)
{
    const char *folder = c->sysbuild ? "sysbuild" : "child_image";

    init_add(c, ferry_arena_format(c->arena, "%s/mcuboot.conf", folder),
             ferry_arena_format(
                 c->arena,
                 HASH_HEAD
                 "# MCUboot. This file adds to its own configuration.\n\nCONFIG_FLASH=y\n%s"
                 "# The table of a slot's sectors: %llu are needed.\n%s"
                 "CONFIG_BOOT_MAX_IMG_SECTORS=%u\n%s",
                 init_driver_options(c, true), (unsigned long long)c->slot / 4096,
                 c->devicetree ? "CONFIG_BOOT_MAX_IMG_SECTORS_AUTO=n\n" : "", c->sectors,
                 child_image_boot(c)));
}

/* ---- overlays ---- */

static const char *own_node(const struct init_choice *c)
{
    if (!c->own_node)
        return "";
    return ferry_arena_format(
        c->arena,
        "\n/* The chip of the later production run takes the place of the one in the board's file. "
        "*/\n"
        "/delete-node/ &%s;\n\n"
        "&%s {\n\tstatus = \"okay\";\n\tupdate_flash: flash@%llu {\n"
        "\t\tcompatible = \"jedec,spi-nor\";\n\t\treg = <%llu>;\n"
        "\t\tspi-max-frequency = <8000000>;\n\t\tsize = <%llu>; /* bits */\n"
        "\t\tjedec-id = [%02x %02x %02x];\n"
        "\t\thas-dpd;\n\t\tt-enter-dpd = <3000>;\n\t\tt-exit-dpd = <30000>;\n\t};\n};\n",
        c->board->flash.label, c->board->flash.bus, (unsigned long long)c->board->flash.reg,
        (unsigned long long)c->board->flash.reg, (unsigned long long)c->chip->bytes * 8,
        (unsigned)c->chip->jedec >> 16, (unsigned)c->chip->jedec >> 8 & 0xff,
        (unsigned)c->chip->jedec & 0xff);
}

static const char *chosen(const struct init_choice *c, bool mcuboot)
{
    const char *more = "";

    if (mcuboot && c->devicetree)
        more = "\t\t/* MCUboot's own place; its app.overlay would say so, but this file may "
               "replace it. */\n"
               "\t\tzephyr,code-partition = &boot_partition;\n";
    return ferry_arena_format(c->arena,
                              "/ {\n\tchosen {\n"
                              "\t\t/* The chip that holds the second slot. */\n"
                              "\t\tnordic,pm-ext-flash = &%s;\n%s\t};\n};\n",
                              c->label, more);
}

static const char *enabled(const struct init_choice *c)
{
    if (c->own_node)
        return "";
    return ferry_arena_format(c->arena,
                              "\n/* Some boards have the chip disabled until it is asked for. */\n"
                              "&%s {\n\tstatus = \"okay\";\n};\n",
                              c->label);
}

static const char *serial_choice(const struct init_choice *c)
{
    if (strcmp(c->options->transport, "smp-serial") != 0)
        return "";
    return ferry_arena_format(c->arena,
                              "\n/* Updates come in here; the console is off. */\n"
                              "/ {\n\tchosen {\n\t\tzephyr,uart-mcumgr = &%s;\n\t};\n};\n",
                              strcmp(c->board->family, "nrf54l") == 0 ? "uart20" : "uart0");
}

static const char *dt_second_image(const struct init_choice *c)
{
    if (!c->options->both_cores)
        return "";
    return ferry_arena_format(c->arena,
                              "\t\tslot3_partition: partition@%llx {\n\t\t\tlabel = \"image-3\";\n"
                              "\t\t\treg = <0x%llx 0x40000>;\n\t\t};\n",
                              (unsigned long long)c->slot, (unsigned long long)c->slot);
}

/* One table, included by both images: they cannot disagree. */
static const char *dt_table(const struct init_choice *c)
{
    const char *internal = strcmp(c->board->family, "nrf54l") == 0 ? "cpuapp_rram" : "flash0";

    return ferry_arena_format(
        c->arena,
        BLOCK_HEAD "/* The flash of both chips, for the application and MCUboot alike. */\n"
                   "/delete-node/ &slot0_partition;\n/delete-node/ &slot1_partition;\n\n"
                   "&%s {\n\tpartitions {\n\t\tcompatible = \"fixed-partitions\";\n"
                   "\t\t#address-cells = <1>;\n\t\t#size-cells = <1>;\n"
                   "\t\tboot_partition: partition@0 {\n\t\t\tlabel = \"mcuboot\";\n"
                   "\t\t\treg = <0x0 0x%llx>;\n\t\t};\n"
                   "\t\tslot0_partition: partition@%llx {\n\t\t\tlabel = \"image-0\";\n"
                   "\t\t\treg = <0x%llx 0x%llx>;\n\t\t};\n"
                   "\t\tstorage_partition: partition@%llx {\n\t\t\tlabel = \"storage\";\n"
                   "\t\t\treg = <0x%llx 0x%llx>;\n\t\t};\n\t};\n};\n\n"
                   "&%s {\n\tpartitions {\n\t\tcompatible = \"fixed-partitions\";\n"
                   "\t\t#address-cells = <1>;\n\t\t#size-cells = <1>;\n"
                   "\t\tslot1_partition: partition@0 {\n\t\t\tlabel = \"image-1\";\n"
                   "\t\t\treg = <0x0 0x%llx>; /* as large as slot 0 */\n\t\t};\n%s\t};\n};\n",
        internal, (unsigned long long)c->boot, (unsigned long long)c->boot,
        (unsigned long long)c->boot, (unsigned long long)c->slot,
        (unsigned long long)(c->boot + c->slot), (unsigned long long)(c->boot + c->slot),
        (unsigned long long)c->storage, c->label, (unsigned long long)c->slot, dt_second_image(c));
}

static void write_overlays(struct init_choice *c)
{
    const char *folder = c->sysbuild ? "sysbuild" : "child_image";
    const char *table = c->devicetree ? "\n#include \"../update_flash.dtsi\"\n" : "";

    if (c->devicetree)
        init_add(c, "update_flash.dtsi", dt_table(c));
    init_add(c, ferry_arena_format(c->arena, "boards/%s.overlay", c->target),
             ferry_arena_format(c->arena, BLOCK_HEAD "%s%s%s%s%s", chosen(c, false), own_node(c),
                                enabled(c), serial_choice(c), table));
    init_add(c, ferry_arena_format(c->arena, "%s/mcuboot.overlay", folder),
             ferry_arena_format(c->arena,
                                BLOCK_HEAD
                                "/* MCUboot does not see the application's overlay. */\n%s%s%s%s",
                                chosen(c, true), own_node(c), enabled(c), table));
}

static void write_source(struct init_choice *c)
{
    init_add(c, "CMakeLists.txt",
             HASH_HEAD "cmake_minimum_required(VERSION 3.20.0)\n"
                       "find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})\nproject(app)\n\n"
                       "target_sources(app PRIVATE src/main.c)\n");
    init_add(
        c, "src/main.c",
        "// SPDX-License-Identifier: Apache-2.0\n"
        "#include <zephyr/dfu/mcuboot.h>\n#include <zephyr/kernel.h>\n\n"
        "int main(void)\n{\n"
        "\t/* Confirm when this image has proved that it works: here, that it got this far. */\n"
        "\tboot_write_img_confirmed();\n\treturn 0;\n}\n");
    if (c->sysbuild)
        init_add(c, "VERSION",
                 "VERSION_MAJOR = 1\nVERSION_MINOR = 0\nPATCHLEVEL = 0\nVERSION_TWEAK = 0\n");
    init_add(c, "west.yml",
             ferry_arena_format(
                 c->arena,
                 HASH_HEAD "manifest:\n  remotes:\n    - name: ncs\n"
                           "      url-base: https://github.com/nrfconnect\n  projects:\n"
                           "    - name: sdk-nrf\n      remote: ncs\n      revision: v%u.%u.%u\n"
                           "      import: true\n",
                 c->version / 10000, c->version / 100 % 100, c->version % 100));
}

void init_write_files(struct init_choice *c)
{
    write_prj(c);
    if (c->sysbuild)
        write_sysbuild(c);
    write_mcuboot(c);
    write_overlays(c);
    write_source(c);
}
