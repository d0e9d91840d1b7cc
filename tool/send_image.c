// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>
#include <string.h>

#include "ferry/status.h"
#include "host/progress.h"
#include "tool/send_image.h"

#define SILENCE_MS 10000u /* an upload waits longer than a call: the device may be erasing */
#define UNSURE_MAX 3      /* times an upload is repeated because nobody knows how it ended */

int send_check_size(struct ferry_args *args, struct ferry_session *session,
                    const struct image_file *file, uint32_t image)
{
    enum ferry_session_result result;
    uint32_t most = 0;

    result = ferry_device_max_size(session, image, &most);
    if (result != FERRY_SESSION_OK && result != FERRY_SESSION_REFUSED)
        return device_fail(args, session, result, "asking for the size of the slots");
    if (result == FERRY_SESSION_OK && most > 0 && file->bytes.size > most)
        return ferry_fail_reason(args, FERRY_EXIT_INPUT, FERRY_E_IMAGE_TOO_LARGE,
                                 "%s has %zu bytes, the device takes %u", file->path,
                                 file->bytes.size, most);
    /* A Ferry device also says now whether its external flash is fit; others do not know this. */
    result = ferry_device_preflight(session, (uint32_t)file->bytes.size);
    if (result == FERRY_SESSION_REFUSED && session->reply.error.group_known &&
        session->reply.error.group == FERRY_CLIENT_FERRY)
        return device_fail(args, session, result, "checking whether it can take the image");
    if (result != FERRY_SESSION_OK && result != FERRY_SESSION_REFUSED)
        return device_fail(args, session, result, "checking whether it can take the image");
    return FERRY_EXIT_OK;
}

static void on_progress(void *context, const struct ferry_upload *upload)
{
    struct ferry_progress *progress = context;

    if (upload->begun)
        ferry_progress_update(progress, upload->acked, ferry_link_now());
}

/* One sentence for an upload that ended early. What is on the device stays there. */
static int fail_upload(struct ferry_args *args, struct ferry_session *session,
                       enum ferry_session_result result, const struct ferry_upload *upload)
{
    uint32_t at = upload->acked;
    uint32_t size = upload->config->size;

    switch (result) {
    case FERRY_SESSION_REFUSED:
        return device_refused(args, session, &upload->error, "receiving the image");
    case FERRY_SESSION_STOPPED:
        return ferry_fail(args, FERRY_EXIT_INTERRUPTED,
                          "stopped at byte %u of %u; nothing is lost, run it again to go on", at,
                          size);
    case FERRY_SESSION_LOST:
        return ferry_fail(args, FERRY_EXIT_NO_ANSWER,
                          "the connection (%s) was lost at byte %u of %u; nothing is lost, connect "
                          "the device and run it again to go on",
                          session->link->name, at, size);
    case FERRY_SESSION_SILENT:
        return ferry_fail(args, FERRY_EXIT_NO_ANSWER,
                          "the device on %s stopped answering at byte %u of %u; nothing is lost, "
                          "run it again to go on",
                          session->link->name, at, size);
    default:
        break;
    }
    if (upload->mismatch)
        return ferry_fail_reason(args, FERRY_EXIT_FAILED, FERRY_E_DIGEST,
                                 "the device received something else than was sent; run it again");
    return ferry_fail(args, FERRY_EXIT_FAILED,
                      "the device on %s keeps asking for byte %u of %u; erase its slot with 'ferry "
                      "erase' and run it again",
                      session->link->name, at, size);
}

/* The answer to the last chunk was lost. The list tells whether the image is there. */
static bool is_there(struct ferry_session *session, const struct image_file *file)
{
    struct ferry_device_images images;

    return file->checked && ferry_device_list(session, &images) == FERRY_SESSION_OK &&
           ferry_device_find(&images, file->image.hash, sizeof(file->image.hash)) != NULL;
}

static enum ferry_session_result run_upload(struct ferry_args *args, struct ferry_session *session,
                                            const struct image_file *file,
                                            struct ferry_upload_config *config, uint32_t window,
                                            struct ferry_upload *upload)
{
    bool silent = args->quiet || args->json;
    enum ferry_session_result result = FERRY_SESSION_BROKEN;
    uint32_t timeout_ms = session->timeout_ms;

    if (!ferry_args_has(args, "timeout"))
        session->timeout_ms = SILENCE_MS;
    for (int i = 0; i < UNSURE_MAX; i++) {
        struct ferry_progress progress;

        ferry_progress_start(&progress, silent ? NULL : stdout, "uploading", config->size,
                             ferry_link_now());
        result = ferry_session_upload(session, upload, config, window, on_progress, &progress);
        ferry_progress_end(&progress, upload->acked, ferry_link_now());
        if (result != FERRY_SESSION_OK || !upload->unsure || is_there(session, file))
            break;
        result = FERRY_SESSION_BROKEN;
    }
    session->timeout_ms = timeout_ms;
    return result;
}

int send_image(struct ferry_args *args, struct ferry_session *session,
               const struct image_file *file, uint32_t image, uint32_t window, bool only_newer,
               struct send_result *sent)
{
    struct ferry_upload_config config = {.data = file->bytes.data,
                                         .size = (uint32_t)file->bytes.size,
                                         .image = image,
                                         .only_newer = only_newer};
    struct ferry_upload upload;
    enum ferry_session_result result;
    uint64_t start = ferry_link_now();

    memcpy(config.sha, file->sha, sizeof(config.sha));
    result = run_upload(args, session, file, &config, window, &upload);
    if (result != FERRY_SESSION_OK)
        return fail_upload(args, session, result, &upload);
    sent->resumed = upload.resumed;
    sent->losses = upload.losses;
    sent->already = upload.messages <= 1 && upload.resumed == config.size;
    sent->ms = ferry_link_now() - start;
    return FERRY_EXIT_OK;
}

static uint32_t sent_bytes(const struct image_file *file, const struct send_result *sent)
{
    return (uint32_t)file->bytes.size - sent->resumed;
}

void send_result_json(json_t *object, const struct image_file *file, const struct send_result *sent)
{
    char hash[HASH_TEXT];
    double seconds = (double)sent->ms / 1000;

    json_object_set_new(object, "file", json_string(file->path));
    if (file->checked) {
        json_object_set_new(object, "version", json_string(file->version));
        json_object_set_new(
            object, "hash",
            json_string(device_hex(file->image.hash, sizeof(file->image.hash), hash)));
    }
    json_object_set_new(object, "size", json_integer((json_int_t)file->bytes.size));
    json_object_set_new(object, "sent", json_integer(sent_bytes(file, sent)));
    json_object_set_new(object, "resumed_at", json_integer(sent->resumed));
    json_object_set_new(object, "losses", json_integer(sent->losses));
    json_object_set_new(object, "seconds", json_real(seconds));
}

void send_result_say(const struct ferry_args *args, const struct image_file *file,
                     const struct send_result *sent)
{
    double seconds = (double)(sent->ms > 0 ? sent->ms : 1) / 1000;
    uint32_t bytes = sent_bytes(file, sent);

    if (sent->already)
        ferry_say(args, "the device has all of it already");
    else if (sent->resumed > 0)
        ferry_say(args, "went on at byte %u, sent %u bytes in %.1f s (%.1f KiB/s)", sent->resumed,
                  bytes, seconds, bytes / 1024.0 / seconds);
    else
        ferry_say(args, "sent %u bytes in %.1f s (%.1f KiB/s)", bytes, seconds,
                  bytes / 1024.0 / seconds);
}
