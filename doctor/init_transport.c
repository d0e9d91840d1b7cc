// SPDX-License-Identifier: Apache-2.0
/* The application's options for each way an image can arrive. */
#include <string.h>

#include "doctor/doctor.h"
#include "doctor/init.h"

static const char ble[] = "# Updates over Bluetooth (SMP). The sample option pulls in the server, "
                          "its image and OS groups,\n"
                          "# packet reassembly and buffers that fit together.\n"
                          "CONFIG_BT=y\n"
                          "CONFIG_BT_PERIPHERAL=y\n"
                          "CONFIG_BT_DEVICE_NAME=\"Ferry\"\n"
                          "CONFIG_NCS_SAMPLE_MCUMGR_BT_OTA_DFU=y\n"
                          "# Flash writes run on this stack.\n"
                          "CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE=4096\n";

static const char smp[] = "# The SMP server: images, reset, echo. Each line below is a dependency "
                          "of the first three; without\n"
                          "# one of them the build drops the feature with a warning.\n"
                          "CONFIG_MCUMGR=y\n"
                          "CONFIG_MCUMGR_GRP_IMG=y\n"
                          "CONFIG_MCUMGR_GRP_OS=y\n"
                          "CONFIG_NET_BUF=y\n"
                          "CONFIG_ZCBOR=y\n"
                          "CONFIG_CRC=y\n"
                          "CONFIG_BASE64=y\n"
                          "CONFIG_FLASH_MAP=y\n"
                          "# Flash writes run on this stack.\n"
                          "CONFIG_SYSTEM_WORKQUEUE_STACK_SIZE=4096\n";

static const char serial[] = "# ... over the serial port, which then is no console.\n"
                             "CONFIG_MCUMGR_TRANSPORT_UART=y\n"
                             "CONFIG_UART_CONSOLE=n\n";

static const char udp[] = "# ... over UDP, port 1337.\n"
                          "CONFIG_MCUMGR_TRANSPORT_UDP=y\n"
                          "CONFIG_MCUMGR_TRANSPORT_UDP_IPV4=y\n";

static const char images[] =
    "# Images are stored while they arrive, and erased ahead in small steps.\n"
    "CONFIG_IMG_MANAGER=y\n"
    "CONFIG_IMG_ERASE_PROGRESSIVELY=y\n"
    "CONFIG_STREAM_FLASH=y\n";

static const char fetch[] = "# The download writes into MCUboot's second slot.\n"
                            "CONFIG_FOTA_DOWNLOAD=y\n"
                            "CONFIG_DFU_TARGET=y\n"
                            "CONFIG_DFU_TARGET_MCUBOOT=y\n";

static const char lwm2m[] =
    "# LwM2M: the firmware update object (5). A server offers only versions that are newer.\n"
    "CONFIG_LWM2M=y\n"
    "CONFIG_LWM2M_CLIENT_UTILS=y\n"
    "CONFIG_LWM2M_CLIENT_UTILS_FIRMWARE_UPDATE_OBJ_SUPPORT=y\n"
    "CONFIG_LWM2M_COAP_BLOCK_SIZE=512\n"
    "CONFIG_HEAP_MEM_POOL_SIZE=16384\n";

static const char cellular[] = "# The modem is the network.\n"
                               "CONFIG_NETWORKING=y\n"
                               "CONFIG_NET_SOCKETS=y\n"
                               "CONFIG_NRF_MODEM_LIB=y\n"
                               "CONFIG_LTE_LINK_CONTROL=y\n";

static const char wifi[] = "# The nRF7002 on QSPI is the network; the flash chip is on SPI.\n"
                           "CONFIG_WIFI=y\n"
                           "CONFIG_WIFI_NRF70=y\n"
                           "CONFIG_NETWORKING=y\n"
                           "CONFIG_NET_SOCKETS=y\n";

static const char *join(struct ferry_arena *arena, const char *a, const char *b)
{
    return ferry_arena_format(arena, "%s%s%s", a, a[0] == '\0' ? "" : "\n", b);
}

static const char *network(const struct init_choice *c)
{
    const char *lines = c->options->wifi ? wifi : cellular;

    /* Before 2.7 the driver had the chip's full name. */
    if (c->options->wifi && c->version < SDK_VERSION(2, 7, 0))
        return "# The nRF7002 on QSPI is the network; the flash chip is on SPI.\n"
               "CONFIG_WIFI=y\nCONFIG_WIFI_NRF700X=y\nCONFIG_NETWORKING=y\nCONFIG_NET_SOCKETS=y\n";
    return lines;
}

static const char *downloader(const struct init_choice *c)
{
    if (c->version >= SDK_VERSION(3, 0, 0))
        return "CONFIG_DOWNLOADER=y\nCONFIG_DOWNLOADER_STACK_SIZE=4096\n";
    return "CONFIG_DOWNLOAD_CLIENT=y\nCONFIG_DOWNLOAD_CLIENT_STACK_SIZE=4096\n";
}

const char *init_transport_options(const struct init_choice *c)
{
    const char *transport = c->options->transport;
    const char *lines = "";

    if (strcmp(transport, "smp-ble") == 0)
        return ble;
    if (strcmp(transport, "smp-serial") == 0)
        return join(c->arena, join(c->arena, smp, serial), images);
    lines = join(c->arena, lines, network(c));
    if (strcmp(transport, "smp-udp") == 0)
        return join(c->arena, join(c->arena, join(c->arena, lines, smp), udp), images);
    lines = join(c->arena, join(c->arena, lines, fetch), downloader(c));
    lines = join(c->arena, lines, images);
    lines = join(c->arena, lines,
                 "# The application resets the device when the image is there.\n"
                 "CONFIG_REBOOT=y\n");
    return strcmp(transport, "lwm2m") == 0 ? join(c->arena, lines, lwm2m) : lines;
}

const char *init_driver_options(const struct init_choice *c, bool mcuboot)
{
    const char *lines;

    if (!c->spi)
        lines = "# The chip is on QSPI. Pages of 4 KiB, as in the internal flash: slots are "
                "compared page\n"
                "# by page.\n"
                "CONFIG_NORDIC_QSPI_NOR=y\n"
                "CONFIG_NORDIC_QSPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096\n"
                "# DMA cannot read the internal flash: constants are copied through this buffer.\n"
                "CONFIG_NORDIC_QSPI_NOR_STACK_WRITE_BUFFER_SIZE=16\n";
    else
        lines = ferry_arena_format(
            c->arena,
            "# The chip is on SPI. Pages of 4 KiB, as in the internal flash (the default is 64 "
            "KiB): slots\n"
            "# are compared page by page.\n"
            "CONFIG_SPI=y\n"
            "CONFIG_SPI_NOR=y\n"
            "CONFIG_SPI_NOR_FLASH_LAYOUT_PAGE_SIZE=4096\n"
            "%s"
            "# The other flash driver is off; it would answer for this one.\n"
            "CONFIG_NORDIC_QSPI_NOR=n\n"
            "# DMA cannot read the internal flash: constants are copied through this buffer.\n"
            "%s",
            c->board->flash.sfdp && !c->own_node ? "# The chip's parameters stand in the "
                                                   "devicetree.\nCONFIG_SPI_NOR_SFDP_DEVICETREE=y\n"
                                                 : "",
            strcmp(c->board->family, "nrf54l") == 0 ? "" : "CONFIG_SPI_NRFX_RAM_BUFFER_SIZE=32\n");
    if (!mcuboot)
        return lines;
    return ferry_arena_format(c->arena,
                              "%s%s# Driver, signature and log need more than the default.\n"
                              "CONFIG_MAIN_STACK_SIZE=10240\n",
                              lines,
                              "# The driver waits for its interrupt by a semaphore.\n"
                              "CONFIG_MULTITHREADING=y\n"
                              "CONFIG_GPIO=y\n");
}
