// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ferry/status.h"
#include "tool/device.h"

#define TIMEOUT_MS     5000u
#define TIMEOUT_MAX_MS 3600000.0

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

bool device_stopped(void)
{
    return stop != 0;
}

/* No SA_RESTART: poll has to return, so that what is under way can say how it ends. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static int get_timeout(struct ferry_args *args, uint32_t *timeout_ms)
{
    const char *text = ferry_args_value(args, "timeout", NULL);
    char *end;
    double seconds;

    *timeout_ms = TIMEOUT_MS;
    if (text == NULL)
        return FERRY_EXIT_OK;
    seconds = strtod(text, &end);
    if (end == text || *end != 0 || !(seconds > 0) || seconds * 1000 > TIMEOUT_MAX_MS)
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "--timeout takes seconds above 0 and up to 3600, not '%s'; see '%s "
                          "--help'",
                          text, args->path);
    *timeout_ms = seconds < 0.001 ? 1 : (uint32_t)(seconds * 1000);
    return FERRY_EXIT_OK;
}

static int open_link(struct ferry_args *args, struct ferry_link **link)
{
    const char *serial = ferry_args_value(args, "serial", NULL);
    const char *udp = ferry_args_value(args, "udp", NULL);
    enum ferry_link_problem problem;
    char why[4608];

    if ((serial == NULL) == (udp == NULL))
        return ferry_fail(args, FERRY_EXIT_USAGE,
                          "give one connection, --serial PATH or --udp HOST; see '%s --help'",
                          args->path);
    *link = serial != NULL ? ferry_link_serial(serial, &problem, why, sizeof(why))
                           : ferry_link_udp(udp, &problem, why, sizeof(why));
    if (*link == NULL)
        return ferry_fail(args,
                          problem == FERRY_LINK_ADDRESS ? FERRY_EXIT_USAGE : FERRY_EXIT_NO_ANSWER,
                          "%s", why);
    return FERRY_EXIT_OK;
}

int device_open(struct ferry_args *args, struct ferry_session **session)
{
    struct ferry_link *link = NULL;
    enum ferry_session_result result;
    uint32_t timeout_ms;
    int status = get_timeout(args, &timeout_ms);

    *session = NULL;
    if (status == FERRY_EXIT_OK)
        status = open_link(args, &link);
    if (status != FERRY_EXIT_OK || link == NULL)
        return status;
    catch_signals();
    *session = ferry_session_new(link, timeout_ms, &stop);
    if (*session == NULL) {
        link->api->close(link);
        return ferry_fail(args, FERRY_EXIT_SYSTEM, "no memory for a connection");
    }
    result = ferry_session_open(*session);
    if (result == FERRY_SESSION_OK)
        return FERRY_EXIT_OK;
    status = device_fail(args, *session, result, "saying hello");
    ferry_session_free(*session);
    *session = NULL;
    return status;
}

static int fail_silent(struct ferry_args *args, const struct ferry_session *session,
                       const char *doing)
{
    const char *name = session->link->name;

    if (session->link->refused)
        return ferry_fail(args, FERRY_EXIT_NO_ANSWER,
                          "nothing listens on %s while %s; check address and port, and that the "
                          "device runs",
                          name, doing);
    return ferry_fail(args, FERRY_EXIT_NO_ANSWER,
                      "no answer on %s for %.3g s while %s; check power, cable and baud rate, or "
                      "give a longer --timeout",
                      name, session->timeout_ms / 1000.0, doing);
}

int device_fail(struct ferry_args *args, struct ferry_session *session,
                enum ferry_session_result result, const char *doing)
{
    struct ferry_client_error error = session->reply.error;

    switch (result) {
    case FERRY_SESSION_OK:
        return FERRY_EXIT_OK;
    case FERRY_SESSION_REFUSED:
        return device_refused(args, session, &error, doing);
    case FERRY_SESSION_SILENT:
        return fail_silent(args, session, doing);
    case FERRY_SESSION_LOST:
        return ferry_fail(args, FERRY_EXIT_NO_ANSWER,
                          "the connection was lost (%s) while %s; connect the device again and "
                          "repeat",
                          session->link->name, doing);
    case FERRY_SESSION_STOPPED:
        return ferry_fail(args, FERRY_EXIT_INTERRUPTED, "stopped by a signal while %s", doing);
    default:
        return ferry_fail(args, FERRY_EXIT_FAILED,
                          "the answer on %s makes no sense while %s; check that an SMP server "
                          "listens there",
                          session->link->name, doing);
    }
}

/* Only errors of groups come from Ferry's update session; the others speak for themselves. */
static int reason_of(struct ferry_session *session, const struct ferry_client_error *error)
{
    struct ferry_device_status status;

    if (error->group_known && error->group == FERRY_CLIENT_FERRY && error->code < 256)
        return -(int)error->code;
    if (!error->group_known || error->group != FERRY_CLIENT_IMAGE ||
        ferry_device_status(session, &status) != FERRY_SESSION_OK)
        return 0;
    return -(int)status.reason;
}

int device_refused(struct ferry_args *args, struct ferry_session *session,
                   const struct ferry_client_error *kept, const char *doing)
{
    struct ferry_client_error error = *kept;
    int reason = reason_of(session, &error);
    char text[256];

    if (reason != 0)
        return ferry_fail_reason(args, FERRY_EXIT_FAILED, reason, "the device refused while %s",
                                 doing);
    ferry_client_error_text(&error, text, sizeof(text));
    return ferry_fail(args, FERRY_EXIT_FAILED, "the device refused while %s: %s", doing, text);
}

const char *device_hex(const uint8_t *bytes, size_t length, char *text)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = 0;
    return text;
}

int device_reset(struct ferry_args *args, struct ferry_session *session, bool force, bool recovery)
{
    enum ferry_session_result result = ferry_device_reset(session, force, recovery);

    /* A device may be gone before its answer is out: silence and a vanished port are a reset. */
    if (result == FERRY_SESSION_SILENT || result == FERRY_SESSION_LOST)
        result = FERRY_SESSION_OK;
    return device_fail(args, session, result, "asking for a reset");
}
