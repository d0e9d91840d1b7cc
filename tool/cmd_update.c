// SPDX-License-Identifier: Apache-2.0
/*
 * The whole way: check the file and the device, upload, ask for the image, reset, wait, look what
 * runs, confirm. Each step first looks whether it is done already, so that a repeated call goes on
 * where the last one ended.
 */
#include <string.h>

#include "ferry/status.h"
#include "tool/send_image.h"

#define WAIT_S           180ul
#define CODE_UNSUPPORTED 8u

struct update {
    struct ferry_args *args;
    struct ferry_session *session;
    struct image_file file;
    struct ferry_device_images images;
    struct send_result sent;
    uint32_t image;
    uint32_t window;
    uint32_t wait_ms;
    bool permanent, no_confirm, no_reset, only_newer;
    bool was_sent;   /* the upload was needed */
    bool ferry;      /* the device has Ferry's group */
    uint32_t boots;  /* before the reset, where it has */
    char before[48]; /* version that ran */
};

static bool is_new(const struct update *update, const struct ferry_device_image *image)
{
    const struct ferry_image *wanted = &update->file.image;

    return image != NULL && image->hash_length == sizeof(wanted->hash) &&
           memcmp(image->hash, wanted->hash, sizeof(wanted->hash)) == 0;
}

static const struct ferry_device_image *active(const struct update *update)
{
    return ferry_device_active(&update->images, update->image);
}

/* The new image where it waits, NULL where it is not there or runs. */
static const struct ferry_device_image *staged(const struct update *update)
{
    const struct ferry_image *wanted = &update->file.image;
    const struct ferry_device_image *found =
        ferry_device_find(&update->images, wanted->hash, sizeof(wanted->hash));

    return found == active(update) ? NULL : found;
}

static int read_list(struct update *update)
{
    return device_fail(update->args, update->session,
                       ferry_device_list(update->session, &update->images),
                       "reading the image list");
}

static int finish(struct update *update, const char *result, const char *sentence)
{
    json_t *object;

    if (!update->args->json) {
        ferry_say(update->args, "%s %s", update->file.version, sentence);
        return FERRY_EXIT_OK;
    }
    object = json_pack("{s:s, s:s, s:b}", "result", result, "before", update->before, "uploaded",
                       update->was_sent);
    send_result_json(object, &update->file, &update->sent);
    json_object_set_new(object, "images", device_images_json(&update->images));
    return ferry_print_json(update->args, object);
}

/* What is known before the first byte: what runs, and whether the image can go there. */
static int preflight(struct update *update)
{
    struct ferry_device_status status;
    enum ferry_session_result result;
    int exit = read_list(update);

    if (exit != FERRY_EXIT_OK)
        return exit;
    if (active(update) != NULL)
        strcpy(update->before, active(update)->version);
    result = ferry_device_status(update->session, &status);
    update->ferry = result == FERRY_SESSION_OK && status.has_boot;
    update->boots = status.boots;
    if (result != FERRY_SESSION_OK && result != FERRY_SESSION_REFUSED)
        return device_fail(update->args, update->session, result, "asking for its status");
    if (is_new(update, active(update)) || staged(update) != NULL)
        return FERRY_EXIT_OK;
    if (active(update) != NULL && strcmp(active(update)->version, update->file.version) == 0)
        ferry_say(update->args, "note: the device runs another build of the same version %s",
                  update->file.version);
    return send_check_size(update->args, update->session, &update->file, update->image);
}

static int upload(struct update *update)
{
    int exit;

    if (staged(update) != NULL) {
        ferry_say(update->args, "the device has %s already", update->file.version);
        return FERRY_EXIT_OK;
    }
    ferry_say(update->args, "updating from %s to %s",
              update->before[0] != 0 ? update->before : "(nothing)", update->file.version);
    update->was_sent = true;
    exit = send_image(update->args, update->session, &update->file, update->image, update->window,
                      update->only_newer, &update->sent);
    if (exit != FERRY_EXIT_OK)
        return exit;
    send_result_say(update->args, &update->file, &update->sent);
    exit = read_list(update);
    if (exit != FERRY_EXIT_OK || staged(update) != NULL || is_new(update, active(update)))
        return exit;
    return ferry_fail(update->args, FERRY_EXIT_FAILED,
                      "the device took all bytes of %s but lists no image with its hash; ask it "
                      "with 'ferry status' or 'ferry log'",
                      update->file.path);
}

static int request(struct update *update)
{
    const struct ferry_image *wanted = &update->file.image;
    enum ferry_session_result result;

    result = ferry_device_set_state(update->session, wanted->hash, sizeof(wanted->hash),
                                    update->permanent, &update->images);
    /* Recovery modes write the slot that runs and know nothing to ask for. */
    if (result == FERRY_SESSION_REFUSED && !update->session->reply.error.group_known &&
        update->session->reply.error.code == CODE_UNSUPPORTED && is_new(update, active(update)))
        return FERRY_EXIT_OK;
    return device_fail(update->args, update->session, result, "asking it to install the image");
}

/* The device came back with another image. Its reason tells which of two stories this is. */
static int came_back(struct update *update)
{
    const char *runs = active(update) != NULL ? active(update)->version : "another image";
    struct ferry_device_status status;
    int reason = 0;

    if (ferry_device_status(update->session, &status) == FERRY_SESSION_OK)
        reason = device_reason(&status);
    if (reason == 0)
        return ferry_fail(update->args, FERRY_EXIT_ROLLED_BACK,
                          "the device runs %s and not %s: it went back, or refused the image; its "
                          "console tells why",
                          runs, update->file.version);
    if (reason <= FERRY_R_TRIAL_FAILED)
        return ferry_fail_reason(update->args, FERRY_EXIT_ROLLED_BACK, reason,
                                 "%s was installed, but the device went back to %s",
                                 update->file.version, runs);
    return ferry_fail_reason(update->args, FERRY_EXIT_FAILED, reason,
                             "the device did not install %s and runs %s", update->file.version,
                             runs);
}

static int restart(struct update *update)
{
    int exit = device_reset(update->args, update->session, false, false);

    if (exit != FERRY_EXIT_OK)
        return exit;
    switch (wait_for_image(update->args, update->session, &update->file, update->image,
                           update->ferry, update->boots, update->wait_ms, &update->images)) {
    case WAIT_ACTIVE:
        return FERRY_EXIT_OK;
    case WAIT_OTHER:
        return came_back(update);
    case WAIT_STOPPED:
        return ferry_fail(update->args, FERRY_EXIT_INTERRUPTED,
                          "stopped while the device restarts with %s; it goes back unless it is "
                          "confirmed with 'ferry confirm'",
                          update->file.version);
    default:
        return ferry_fail(update->args, FERRY_EXIT_NO_ANSWER,
                          "the device on %s did not answer for %u s after its reset; it may still "
                          "be installing: ask with 'ferry list', or give a longer --wait",
                          update->session->link->name, update->wait_ms / 1000);
    }
}

static int confirm(struct update *update)
{
    const struct ferry_image *wanted = &update->file.image;
    enum ferry_session_result result;

    if (active(update)->confirmed)
        return finish(update, "confirmed", "runs and is confirmed");
    if (update->no_confirm)
        return finish(update, "trial", "runs on trial; 'ferry confirm' keeps it");
    result = ferry_device_set_state(update->session, wanted->hash, sizeof(wanted->hash), true,
                                    &update->images);
    if (result == FERRY_SESSION_REFUSED && !update->session->reply.error.group_known &&
        update->session->reply.error.code == CODE_UNSUPPORTED)
        return finish(update, "active", "runs; this device knows no confirmation");
    if (result != FERRY_SESSION_OK)
        return device_fail(update->args, update->session, result, "confirming the new image");
    if (active(update) == NULL || !is_new(update, active(update)) || !active(update)->confirmed)
        return ferry_fail(update->args, FERRY_EXIT_FAILED,
                          "%s runs, but the device did not confirm it; confirm it with 'ferry "
                          "confirm' before the next reset",
                          update->file.version);
    return finish(update, "confirmed", "runs and is confirmed");
}

static int carry_out(struct update *update)
{
    int exit = preflight(update);

    if (exit != FERRY_EXIT_OK)
        return exit;
    if (is_new(update, active(update))) {
        ferry_say(update->args, "the device runs this image already");
        return confirm(update);
    }
    exit = upload(update);
    if (exit == FERRY_EXIT_OK)
        exit = request(update);
    if (exit != FERRY_EXIT_OK)
        return exit;
    if (update->no_reset)
        return finish(update, "requested", "is installed at the next reset");
    exit = restart(update);
    return exit == FERRY_EXIT_OK ? confirm(update) : exit;
}

static int read_options(struct update *update)
{
    struct ferry_args *args = update->args;
    unsigned long image = 0;
    unsigned long window = 0;
    unsigned long wait = WAIT_S;
    int exit = ferry_args_number(args, "image", 255, &image);

    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "window", FERRY_UPLOAD_WINDOW_MAX, &window);
    if (exit == FERRY_EXIT_OK)
        exit = ferry_args_number(args, "wait", 86400, &wait);
    update->image = (uint32_t)image;
    update->window = (uint32_t)window;
    update->wait_ms = (uint32_t)wait * 1000;
    update->permanent = ferry_args_has(args, "permanent");
    update->no_confirm = ferry_args_has(args, "no-confirm");
    update->no_reset = ferry_args_has(args, "no-reset");
    update->only_newer = ferry_args_has(args, "only-newer");
    return exit;
}

static int run(struct ferry_args *args)
{
    struct update update = {.args = args};
    int exit = read_options(&update);

    if (exit != FERRY_EXIT_OK)
        return exit;
    exit = image_file_open(args, args->operand[0], false, &update.file);
    if (exit == FERRY_EXIT_OK)
        exit = device_open(args, &update.session);
    if (exit == FERRY_EXIT_OK) {
        exit = carry_out(&update);
        ferry_session_free(update.session);
    }
    image_file_close(&update.file);
    return exit;
}

static const struct ferry_option options[] = {
    {"no-confirm", 0, NULL, "leave the new image on trial"},
    {"no-reset", 0, NULL, "upload and ask for the image, but do not restart the device"},
    {"permanent", 'p', NULL, "install for good, without a trial"},
    {"only-newer", 0, NULL, "have the device refuse an image older than the one that runs"},
    {"wait", 0, "SECONDS", "how long the restart with the installation may take (default 180)"},
    {"image", 'i', "NUMBER", "image number, for devices with several cores (default 0)"},
    {"window", 'w', "COUNT", "messages in flight at most (default: what the device can queue)"},
    FERRY_OPTIONS_END,
};

extern const struct ferry_command ferry_command_update;
const struct ferry_command ferry_command_update = {
    .name = "update",
    .summary = "bring an image onto a device, start it, check it, keep it",
    .positional = "IMAGE",
    .details = "Checks the file and the device, uploads, restarts the device, waits until the new "
               "image answers, and confirms it. If the device goes back to the image before, the "
               "reason is printed and the exit status is 5. Run again after any failure: it goes "
               "on where it ended.",
    .options = options,
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
