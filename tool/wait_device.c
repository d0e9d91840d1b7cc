// SPDX-License-Identifier: Apache-2.0
/*
 * Waiting for a device that was reset. It may still answer for a moment, then be silent while it
 * installs, its port may vanish and come back, and what comes back may be the old image.
 */
#include <string.h>
#include <time.h>

#include "tool/send_image.h"

#define TRY_MS    1000u /* one question */
#define PAUSE_MS  250u
#define SETTLE_MS 5000u /* without any sign of a reset: after this it counts as one */

struct waiting {
    struct ferry_session *session;
    const struct image_file *file;
    uint32_t image;
    bool known; /* `boots` is what the device counted before */
    uint32_t boots;
    uint64_t start;
    bool gone; /* it was silent or its link vanished: it has restarted */
    bool lost; /* the link has to be opened again */
    struct ferry_device_images *images;
};

static void pause_ms(unsigned ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&time, NULL);
}

static bool restarted(struct waiting *waiting)
{
    struct ferry_device_status status;

    if (waiting->known && ferry_device_status(waiting->session, &status) == FERRY_SESSION_OK &&
        status.has_boot)
        return status.boots != waiting->boots;
    return waiting->gone || ferry_link_now() - waiting->start >= SETTLE_MS;
}

/* Looks at a list that has arrived. True where `*outcome` is known. */
static bool judge(struct waiting *waiting, enum wait_outcome *outcome)
{
    const struct ferry_image *wanted = &waiting->file->image;
    const struct ferry_device_image *active = ferry_device_active(waiting->images, waiting->image);
    const struct ferry_device_image *found =
        ferry_device_find(waiting->images, wanted->hash, sizeof(wanted->hash));

    if (active != NULL && active->hash_length == sizeof(wanted->hash) &&
        memcmp(active->hash, wanted->hash, sizeof(wanted->hash)) == 0) {
        *outcome = WAIT_ACTIVE;
        return true;
    }
    /* Still asked for: it has not restarted yet, or not got to it. */
    if (found != NULL && found->pending)
        return false;
    *outcome = WAIT_OTHER;
    return restarted(waiting);
}

/* One try. True where `*outcome` is known. */
static bool ask(struct waiting *waiting, enum wait_outcome *outcome)
{
    struct ferry_link *link = waiting->session->link;
    enum ferry_session_result result;

    if (waiting->lost && link->api->reopen(link) != 0) {
        pause_ms(PAUSE_MS);
        return false;
    }
    waiting->lost = false;
    result = ferry_device_list(waiting->session, waiting->images);
    if (result == FERRY_SESSION_OK && judge(waiting, outcome))
        return true;
    if (result == FERRY_SESSION_LOST)
        waiting->lost = true;
    if (result == FERRY_SESSION_LOST || result == FERRY_SESSION_SILENT)
        waiting->gone = true;
    else
        pause_ms(PAUSE_MS);
    return false;
}

enum wait_outcome wait_for_image(struct ferry_args *args, struct ferry_session *session,
                                 const struct image_file *file, uint32_t image, bool known,
                                 uint32_t boots, uint32_t wait_ms,
                                 struct ferry_device_images *images)
{
    struct waiting waiting = {.session = session,
                              .file = file,
                              .image = image,
                              .known = known,
                              .boots = boots,
                              .start = ferry_link_now(),
                              .images = images};
    uint32_t timeout_ms = session->timeout_ms;
    enum wait_outcome outcome = WAIT_SILENT;
    bool done = false;

    ferry_say(args, "waiting for the device");
    session->timeout_ms = TRY_MS;
    while (!done && !device_stopped() && ferry_link_now() - waiting.start < wait_ms)
        done = ask(&waiting, &outcome);
    session->timeout_ms = timeout_ms;
    if (done)
        return outcome;
    return device_stopped() ? WAIT_STOPPED : WAIT_SILENT;
}
