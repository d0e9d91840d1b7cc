// SPDX-License-Identifier: Apache-2.0
/* X: the transport and the application's side of an update. */
#include <string.h>

#include "doctor/rules.h"

static bool app_yes(const struct doctor_case *c, const char *name)
{
    return option_yes(c, &c->application, name);
}

/* The sample option pulls everything SMP over Bluetooth needs. */
static bool bundled(const struct doctor_case *c)
{
    return app_yes(c, "NCS_SAMPLE_MCUMGR_BT_OTA_DFU") ||
           app_yes(c, "NCS_SAMPLE_MCUMGR_BT_OTA_DFU_SPEEDUP") || c->cmake_overrides ||
           app_yes(c, "CHIP_DFU_OVER_BT_SMP");
}

static void need(const struct doctor_case *c, const char *because, const char *name)
{
    const struct image *app = &c->application;
    enum tri state = option_is(c, app, name);
    const struct kconf_line *line = option(c, app, name);
    struct finding *finding;

    if (state == YES || !app_yes(c, because) || (line != NULL && line->is_default))
        return;
    finding = report(c, state == NO ? SEVERITY_ERROR : SEVERITY_WARNING,
                     "CONFIG_%s depends on CONFIG_%s; without it the build drops it with a "
                     "warning, and the device offers no updates.",
                     because, name);
    seen_option(c, finding, app, name, "y");
    seen_option(c, finding, app, because, NULL);
    set_option(c, finding, app, name, "y");
}

static void x01(const struct doctor_case *c)
{
    /* Before 2.3 the options selected what they need. */
    if (bundled(c) || c->application.built || before(c, SDK_VERSION(2, 3, 0)))
        return;
    need(c, "MCUMGR", "ZCBOR");
    if (!app_yes(c, "BT") && !app_yes(c, "NETWORKING"))
        need(c, "MCUMGR", "NET_BUF");
    need(c, "MCUMGR_GRP_IMG", "IMG_MANAGER");
    need(c, "MCUMGR_GRP_IMG", "STREAM_FLASH");
    if (app_yes(c, "MCUMGR_TRANSPORT_UART")) {
        need(c, "MCUMGR_TRANSPORT_UART", "BASE64");
        need(c, "MCUMGR_TRANSPORT_UART", "CRC");
    }
}

static void x02(const struct doctor_case *c)
{
    ull mtu;
    ull receive;
    struct finding *finding;

    if (!option_number(c, &c->application, "BT_L2CAP_TX_MTU", &mtu) ||
        !option_number(c, &c->application, "BT_BUF_ACL_RX_SIZE", &receive) || receive >= mtu + 4 ||
        (!app_yes(c, "MCUMGR_TRANSPORT_BT") && !bundled(c)))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "Bluetooth packets of %llu bytes are announced and %llu can be received: "
                     "uploads stop at their first full packet.",
                     mtu, receive);
    seen_option(c, finding, &c->application, "BT_BUF_ACL_RX_SIZE", text(c, "%llu", mtu + 4));
    seen_option(c, finding, &c->application, "BT_L2CAP_TX_MTU", NULL);
    set_option(c, finding, &c->application, "BT_BUF_ACL_RX_SIZE", text(c, "%llu", mtu + 4));
}

static void x03(const struct doctor_case *c)
{
    static const char *const names[][2] = {{"SYSTEM_WORKQUEUE_STACK_SIZE", "4096"},
                                           {"MCUMGR_TRANSPORT_WORKQUEUE_STACK_SIZE", "4608"},
                                           {"DOWNLOAD_CLIENT_STACK_SIZE", "4096"},
                                           {"DOWNLOADER_STACK_SIZE", "4096"}};
    bool updates = app_yes(c, "MCUMGR_GRP_IMG") || bundled(c) || app_yes(c, "DFU_TARGET") ||
                   app_yes(c, "FOTA_DOWNLOAD");

    for (size_t i = 0; c->external && updates && i < 4; i++) {
        ull size;
        struct finding *finding;

        if (!option_number(c, &c->application, names[i][0], &size) || size >= 2048 ||
            (i == 0 && !app_yes(c, "MCUMGR_GRP_IMG") && !bundled(c)))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The stack that writes the external chip has %llu bytes: it overflows in "
                         "the middle of an upload, and the device resets.",
                         size);
        seen_option(c, finding, &c->application, names[i][0], names[i][1]);
        set_option(c, finding, &c->application, names[i][0], names[i][1]);
    }
}

static void x04(const struct doctor_case *c)
{
    const struct kconf_line *line = written(c, &c->application, "IMG_ERASE_PROGRESSIVELY");
    struct finding *finding;

    if (!c->external || line == NULL || strcmp(line->value, "n") != 0)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "The whole slot is erased at the first packet, half a minute and more on SPI "
                     "flash: the phone gives up, or the watchdog bites.");
    seen_option(c, finding, &c->application, "IMG_ERASE_PROGRESSIVELY", "y");
    set_option(c, finding, &c->application, "IMG_ERASE_PROGRESSIVELY", "y");
}

struct app_mode {
    const char *option;
    enum boot_mode mode;
};

static void x05(const struct doctor_case *c)
{
    static const struct app_mode modes[] = {
        {"MCUBOOT_BOOTLOADER_MODE_OVERWRITE_ONLY", MODE_OVERWRITE},
        {"MCUBOOT_BOOTLOADER_MODE_SWAP_WITHOUT_SCRATCH", MODE_SWAP_MOVE},
        {"MCUBOOT_BOOTLOADER_MODE_SWAP_USING_MOVE", MODE_SWAP_MOVE},
        {"MCUBOOT_BOOTLOADER_MODE_SWAP_USING_OFFSET", MODE_SWAP_OFFSET},
        {"MCUBOOT_BOOTLOADER_MODE_SWAP_SCRATCH", MODE_SWAP_SCRATCH},
        {"MCUBOOT_BOOTLOADER_MODE_DIRECT_XIP", MODE_DIRECT_XIP}};
    enum boot_mode boot = boot_mode(c);

    for (size_t i = 0; boot != MODE_UNKNOWN && i < sizeof(modes) / sizeof(modes[0]); i++) {
        const struct kconf_line *line = written(c, &c->application, modes[i].option);
        struct finding *finding;

        if (line == NULL || strcmp(line->value, "y") != 0 || modes[i].mode == boot ||
            (is_sysbuild(c) && boot == MODE_SWAP_OFFSET))
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The application is built for a bootloader with %s, MCUboot uses %s: the "
                         "application writes requests MCUboot does not read.",
                         boot_mode_name(modes[i].mode), boot_mode_name(boot));
        seen(c, finding, line->file, line->line, text(c, "%s=y", line->name), boot_mode_name(boot));
        fix(c, finding, "Delete the line; under sysbuild the application is told.");
    }
}

/* Whether any C source of the application holds one of the words. */
static bool source_has(const struct doctor_case *c, const char *const *words, size_t count,
                       bool *any_source)
{
    for (size_t i = tree_lower(c->tree, c->app); i < c->tree->count; i++) {
        struct tree_file *file = &c->tree->files[i];
        const char *problem;
        const char *content;

        if (!text_starts(file->path, c->app))
            break;
        if (c->build != NULL && text_starts(file->path, c->build))
            continue;
        if (!text_ends(file->path, ".c") && !text_ends(file->path, ".cpp"))
            continue;
        *any_source = true;
        content = tree_read(c->tree, file, &problem);
        for (size_t k = 0; content != NULL && k < count; k++) {
            if (strstr(content, words[k]) != NULL)
                return true;
        }
    }
    return false;
}

static void x06(const struct doctor_case *c)
{
    static const char *const words[] = {"boot_write_img_confirmed", "boot_set_confirmed",
                                        "ConfirmImage", "mcumgr_"};
    bool any = false;
    struct finding *finding;

    if (!external_boot(c) || !is_swap(boot_mode(c)) || app_yes(c, "MCUMGR_GRP_IMG") ||
        app_yes(c, "MCUMGR_CMD_IMG_MGMT") || bundled(c) || app_yes(c, "AZURE_FOTA") ||
        app_yes(c, "NRF_CLOUD_FOTA") || app_yes(c, "NRF_CLOUD") || app_yes(c, "AWS_FOTA") ||
        app_yes(c, "CHIP") || app_yes(c, "LWM2M_CLIENT_UTILS") ||
        (!app_yes(c, "DFU_TARGET") && !app_yes(c, "IMG_MANAGER")))
        return;
    if (source_has(c, words, sizeof(words) / sizeof(words[0]), &any) || !any)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "Nothing in the application confirms a new image: it runs once, and the next "
                     "reset brings the old one back.");
    seen(c, finding, text(c, "%ssrc", c->app), 0, "no call of boot_write_img_confirmed()",
         "one, when the application has proved that it works");
    fix(c, finding, "Call boot_write_img_confirmed() when the new image has reached its server.");
}

static void x07(const struct doctor_case *c)
{
    static const char *const needles[] = {"no free slot", "NO_FREE_SLOT", "No free slot"};

    for (size_t i = 0; i < 3; i++) {
        unsigned line;
        const struct artifact *log = log_has(c, needles[i], &line);
        struct finding *finding;

        if (log == NULL)
            continue;
        finding = report(c, SEVERITY_WARNING,
                         "The device refuses the upload because its second slot is taken: an image "
                         "there is pending, or the one that runs was never confirmed.");
        seen(c, finding, log->file, line, needles[i], NULL);
        fix(c, finding,
            "Reset the device to install what is pending; confirm what runs; or erase "
            "the slot (`mcumgr image erase`).");
        return;
    }
}

static void x08(const struct doctor_case *c)
{
    if (c->application.built || c->cmake_overrides)
        return;
    if (app_yes(c, "FOTA_DOWNLOAD")) {
        need(c, "FOTA_DOWNLOAD", "IMG_MANAGER");
        if (option_no(c, &c->application, "DFU_TARGET"))
            need(c, "FOTA_DOWNLOAD", "DFU_TARGET");
        if (option_no(c, &c->application, "DFU_TARGET_MCUBOOT"))
            need(c, "FOTA_DOWNLOAD", "DFU_TARGET_MCUBOOT");
    }
}

static void x09(const struct doctor_case *c)
{
    const struct dt *dt = &c->application.dt;
    const struct dt_prop *smp = dt_chosen(dt, "zephyr,uart-mcumgr");
    const char *mcumgr = dt_chosen_name(dt, "zephyr,uart-mcumgr");
    const char *console = dt_chosen_name(dt, "zephyr,console");
    struct finding *finding;

    if (mcumgr == NULL || console == NULL || strcmp(mcumgr, console) != 0 ||
        !app_yes(c, "MCUMGR_TRANSPORT_UART") ||
        (option_no(c, &c->application, "UART_CONSOLE") && !option_yes(c, &c->application, "SHELL")))
        return;
    finding = report(c, SEVERITY_WARNING,
                     "Updates and the console share %s: log lines fall between the frames of an "
                     "upload, which then never ends.",
                     mcumgr);
    seen(c, finding, smp->file, smp->line, text(c, "zephyr,uart-mcumgr = &%s", mcumgr),
         "a UART of its own");
    seen_option(c, finding, &c->application, "UART_CONSOLE", "n");
    set_option(c, finding, &c->application, "UART_CONSOLE", "n");
}

static void x10(const struct doctor_case *c)
{
    const struct image *app = &c->application;
    bool smp = app_yes(c, "MCUMGR_GRP_IMG") && !bundled(c);
    bool fetch = app_yes(c, "FOTA_DOWNLOAD") || app_yes(c, "LWM2M_CLIENT_UTILS");
    const char *name = smp ? "MCUMGR_GRP_OS" : "REBOOT";
    struct finding *finding;

    if (smp ? app_yes(c, name) : !fetch || !option_no(c, app, name))
        return;
    if (!smp && app->built)
        return;
    finding = report(c, SEVERITY_WARNING,
                     "Nothing can reset the device after an upload (CONFIG_%s): the update waits "
                     "for somebody to cut the power.",
                     name);
    seen_option(c, finding, app, name, "y");
    set_option(c, finding, app, name, "y");
}

const struct rule doctor_rules_x[] = {
    {"X-01", "A dependency of the update options is missing", SEVERITY_ERROR, 90, "B-07", x01},
    {"X-02", "Bluetooth buffers smaller than packets", SEVERITY_WARNING, 91, NULL, x02},
    {"X-03", "A stack too small for flash writes", SEVERITY_WARNING, 91, NULL, x03},
    {"X-04", "The slot is erased in one go", SEVERITY_WARNING, 92, NULL, x04},
    {"X-05", "The application expects another mode", SEVERITY_WARNING, 62, "S-09", x05},
    {"X-06", "Nobody confirms the image", SEVERITY_WARNING, 92, NULL, x06},
    {"X-07", "No free slot", SEVERITY_WARNING, 93, NULL, x07},
    {"X-08", "A download that has nowhere to go", SEVERITY_WARNING, 91, NULL, x08},
    {"X-09", "Updates share a UART with the console", SEVERITY_WARNING, 92, NULL, x09},
    {"X-10", "Nothing resets the device", SEVERITY_WARNING, 93, "B-07", x10},
    {NULL, NULL, SEVERITY_NOTE, 0, NULL, NULL}};
