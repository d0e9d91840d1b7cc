// SPDX-License-Identifier: Apache-2.0
/*
 * The windowed upload.
 *
 * The first chunk travels alone: it may make the device erase, and its answer may say that an
 * earlier upload goes on elsewhere. After it up to `window` messages are in flight. A server
 * handles messages in order and answers each with the offset it wants next, so an answer
 * acknowledges everything before it, and one that names another offset than the end of its chunk
 * means that something was lost: then nothing is sent until the other answers are in or
 * overdue, and the upload goes on from the last offset named.
 */
#include <string.h>

#include "host/smp_client.h"

#define COMMAND_UPLOAD 1u
#define RTO_MIN_MS     250u
#define RTO_START_MS   3000u
#define TRIES_MIN      8u /* repetitions before silence is taken for an answer */
#define BUSY_MAX       50u
#define BUSY_MS        200u
#define CLEAN_TO_GROW  16u
#define MESSAGE_MIN    128u /* the first message with its hash, and 32 bytes of image */
#define STALLS_MAX     64u
#define UNIT_MAX       32u /* the largest write unit of flash that servers cut chunks to */

enum smp_code {
    SMP_NO_MEMORY = 2,
    SMP_TOO_LONG = 7,
    SMP_CORRUPT = 9,
    SMP_BUSY = 10,
    SMP_TOO_NEW = 13,
};

void ferry_upload_start(struct ferry_upload *upload, const struct ferry_upload_config *config,
                        uint8_t version, uint8_t sequence, uint64_t now)
{
    memset(upload, 0, sizeof(*upload));
    upload->config = config;
    upload->version = version;
    upload->first_sequence = sequence;
    upload->sequence = (uint8_t)(sequence + 1);
    upload->message = config->message_max;
    upload->window = config->window < 1                         ? 1
                     : config->window > FERRY_UPLOAD_WINDOW_MAX ? FERRY_UPLOAD_WINDOW_MAX
                                                                : config->window;
    upload->heard = now;
}

static uint32_t silence_limit(const struct ferry_upload *upload)
{
    return upload->begun ? upload->config->silence_ms : upload->config->first_ms;
}

/* How long an answer may take before its message counts as lost. */
static uint32_t time_out(const struct ferry_upload *upload)
{
    uint32_t limit = silence_limit(upload) / TRIES_MIN;
    uint64_t rto = upload->srtt > 0 ? upload->srtt + 4ull * upload->rttvar : RTO_START_MS;

    if (rto < RTO_MIN_MS)
        rto = RTO_MIN_MS;
    rto <<= upload->backoff;
    return rto < limit ? (uint32_t)rto : limit;
}

static void note_round_trip(struct ferry_upload *upload, uint32_t sample)
{
    uint32_t deviation;

    if (sample < 1)
        sample = 1;
    if (upload->srtt == 0) {
        /* One message alone: with the window full an answer waits for those before it. */
        upload->srtt = sample * upload->window;
        upload->rttvar = upload->srtt / 2;
        return;
    }
    deviation = sample > upload->srtt ? sample - upload->srtt : upload->srtt - sample;
    upload->rttvar = (3 * upload->rttvar + deviation) / 4;
    upload->srtt = (7 * upload->srtt + sample) / 8;
    if (upload->srtt < 1)
        upload->srtt = 1;
}

static void note_loss(struct ferry_upload *upload)
{
    upload->losses++;
    upload->clean = 0;
    if (upload->window > 1)
        upload->window /= 2;
}

/* Goes on from `acked` once nothing is in flight any more. */
static void rewind_when_idle(struct ferry_upload *upload)
{
    if (!upload->rewinding || upload->flights > 0)
        return;
    upload->rewinding = false;
    upload->next = upload->acked;
    if (upload->next == 0)
        upload->begun = false;
    /* Every way back ends here, so here is where going in circles ends. */
    if (++upload->stalls > STALLS_MAX && upload->state == FERRY_CLIENT_BUSY)
        upload->state = FERRY_CLIENT_BROKEN;
}

/* The device seems not to take messages of this size. False where there is nothing to try. */
static bool shrink(struct ferry_upload *upload)
{
    if (upload->message <= MESSAGE_MIN || upload->message <= upload->proven)
        return false;
    upload->message = upload->message / 2 > MESSAGE_MIN ? upload->message / 2 : MESSAGE_MIN;
    return true;
}

static void drop_flights(struct ferry_upload *upload, uint32_t count)
{
    upload->flights -= count;
    memmove(upload->flight, upload->flight + count, upload->flights * sizeof(upload->flight[0]));
}

/* The oldest message is overdue: what is in flight counts as lost. */
static void on_time_out(struct ferry_upload *upload)
{
    note_loss(upload);
    drop_flights(upload, upload->flights);
    upload->rewinding = true;
    rewind_when_idle(upload);
    if (upload->backoff < 4)
        upload->backoff++;
    /* Twice nothing at the same place: perhaps the message is what the device cannot take. */
    if (++upload->strikes % 2 == 0)
        shrink(upload);
}

static void check_time(struct ferry_upload *upload, uint64_t now)
{
    if (now - upload->heard >= silence_limit(upload))
        upload->state = FERRY_CLIENT_SILENT;
    else if (upload->flights > 0 && now - upload->flight[0].sent >= time_out(upload))
        on_time_out(upload);
}

static bool may_send(const struct ferry_upload *upload, uint64_t now)
{
    if (upload->state != FERRY_CLIENT_BUSY || upload->rewinding || now < upload->resume)
        return false;
    if (!upload->begun)
        return upload->flights == 0;
    return upload->flights < upload->window && upload->next < upload->config->size;
}

static void put_first(const struct ferry_upload *upload, struct ferry_client_request *request)
{
    const struct ferry_upload_config *config = upload->config;

    if (config->image != 0)
        ferry_client_request_uint(request, "image", config->image);
    ferry_client_request_uint(request, "len", config->size);
    if (upload->message >= MESSAGE_MIN)
        ferry_client_request_bytes(request, "sha", config->sha, sizeof(config->sha));
    if (config->only_newer)
        ferry_client_request_bool(request, "upgrade", true);
}

static size_t build(const struct ferry_upload *upload, uint8_t *message, size_t room,
                    struct ferry_upload_flight *flight)
{
    uint32_t size = upload->config->size;
    struct ferry_client_header header = {.version = upload->version,
                                         .op = FERRY_CLIENT_WRITE,
                                         .group = FERRY_CLIENT_IMAGE,
                                         .sequence = flight->sequence,
                                         .command = COMMAND_UPLOAD};
    struct ferry_client_request request;
    size_t length;

    ferry_client_request_start(&request, message, room < upload->message ? room : upload->message,
                               &header);
    ferry_client_request_uint(&request, "off", flight->offset);
    if (flight->offset == 0)
        put_first(upload, &request);
    length = ferry_client_request_left(&request, "data");
    if (length == 0)
        return 0;
    if (length > size - flight->offset)
        length = size - flight->offset;
    if (upload->chunk > 0 && flight->offset > 0 && length > upload->chunk)
        length = upload->chunk;
    ferry_client_request_bytes(&request, "data", upload->config->data + flight->offset, length);
    flight->end = flight->offset + (uint32_t)length;
    return ferry_client_request_end(&request);
}

size_t ferry_upload_send(struct ferry_upload *upload, uint64_t now, uint8_t *message, size_t room)
{
    struct ferry_upload_flight flight = {.offset = upload->next, .sent = now};

    if (upload->state == FERRY_CLIENT_BUSY)
        check_time(upload, now);
    if (!may_send(upload, now))
        return 0;
    /* The first chunk keeps its number when it is repeated: any answer to it is good. */
    flight.offset = upload->next;
    flight.sequence = flight.offset == 0 ? upload->first_sequence : upload->sequence++;
    flight.length = (uint32_t)build(upload, message, room, &flight);
    if (flight.length == 0) {
        upload->state = FERRY_CLIENT_BROKEN;
        return 0;
    }
    upload->flight[upload->flights++] = flight;
    upload->next = flight.end;
    upload->messages++;
    if (flight.end == upload->config->size)
        upload->finals++;
    return flight.length;
}

/* The flight this reply answers, or -1: late, doubled, or of someone else. */
static int find_flight(const struct ferry_upload *upload, const struct ferry_client_header *header)
{
    if (header->group != FERRY_CLIENT_IMAGE || header->command != COMMAND_UPLOAD)
        return -1;
    for (uint32_t i = 0; i < upload->flights; i++) {
        if (upload->flight[i].sequence == header->sequence)
            return (int)i;
    }
    return -1;
}

/* An error answer: some are about this message and not about the upload. */
static void on_error(struct ferry_upload *upload, uint64_t now,
                     const struct ferry_client_error *error)
{
    bool message =
        !error->group_known &&
        (error->code == SMP_CORRUPT || error->code == SMP_NO_MEMORY || error->code == SMP_TOO_LONG);

    if (!error->group_known && error->code == SMP_BUSY && ++upload->busy <= BUSY_MAX) {
        upload->resume = now + BUSY_MS;
        upload->rewinding = true;
    } else if (!error->group_known && error->code == SMP_TOO_NEW && upload->version > 0) {
        upload->version = 0;
        upload->rewinding = true;
    } else if (message && shrink(upload)) {
        note_loss(upload);
        upload->rewinding = true;
    } else {
        upload->error = *error;
        upload->state = FERRY_CLIENT_ERROR;
    }
    rewind_when_idle(upload);
}

static void on_complete(struct ferry_upload *upload, const struct ferry_client_reply *reply)
{
    bool match = true;

    upload->match = ferry_cbor_get_bool(reply->body, "match", &match) && match;
    upload->mismatch = !match;
    upload->state = match ? FERRY_CLIENT_DONE : FERRY_CLIENT_BROKEN;
}

static void on_progress(struct ferry_upload *upload, uint32_t offset)
{
    upload->best = offset;
    upload->stalls = 0;
    upload->strikes = 0;
    upload->busy = 0;
    if (++upload->clean >= CLEAN_TO_GROW && upload->window < upload->config->window &&
        upload->window < FERRY_UPLOAD_WINDOW_MAX) {
        upload->clean = 0;
        upload->window++;
    }
}

/* The device wants something else than what follows `flight`. */
static void on_other_offset(struct ferry_upload *upload, const struct ferry_upload_flight *flight,
                            uint32_t offset)
{
    bool part = offset > flight->offset && flight->end - offset < UNIT_MAX;

    if (offset == 0 && upload->finals > 0) {
        /* It has no upload under way: the answer to the last chunk may be what got lost. */
        upload->unsure = true;
        upload->state = FERRY_CLIENT_DONE;
        return;
    }
    /* It took a part, as devices do that write whole units only: send what it takes. */
    if (part && flight->end < upload->config->size)
        upload->chunk = offset - flight->offset;
    else if (!part && !upload->rewinding)
        note_loss(upload);
    upload->rewinding = true;
}

/* The device wants to go on at `offset`, in answer to `flight`. */
static void on_offset(struct ferry_upload *upload, const struct ferry_upload_flight *flight,
                      uint32_t offset)
{
    bool first = !upload->begun;

    upload->begun = true;
    upload->acked = offset;
    if (offset > upload->best)
        on_progress(upload, offset);
    if (first) {
        upload->next = offset;
        if (offset > flight->end)
            upload->resumed = offset;
        if (offset == 0)
            upload->rewinding = true;
    } else if (offset < flight->end) {
        on_other_offset(upload, flight, offset);
    } else if (offset > upload->next) {
        upload->next = offset; /* ahead of us: it had more than its answers told */
    }
    rewind_when_idle(upload);
}

void ferry_upload_receive(struct ferry_upload *upload, uint64_t now, const uint8_t *message,
                          size_t length, struct ferry_client_reply *reply)
{
    struct ferry_client_header header;
    struct ferry_upload_flight flight;
    uint32_t offset;
    int index;

    if (upload->state != FERRY_CLIENT_BUSY || !ferry_client_header_get(message, length, &header))
        return;
    index = find_flight(upload, &header);
    if (index < 0 || !ferry_client_reply_parse(reply, message, length))
        return;
    flight = upload->flight[index];
    drop_flights(upload, (uint32_t)index + 1);
    upload->heard = now;
    upload->backoff = 0;
    if (flight.length > upload->proven && reply->error.code == 0)
        upload->proven = flight.length;
    note_round_trip(upload, (uint32_t)(now - flight.sent));
    if (reply->error.code != 0) {
        on_error(upload, now, &reply->error);
    } else if (!ferry_cbor_get_uint(reply->body, "off", &offset) || offset > upload->config->size) {
        upload->state = FERRY_CLIENT_BROKEN;
    } else if (offset == upload->config->size) {
        upload->acked = offset;
        on_complete(upload, reply);
    } else {
        on_offset(upload, &flight, offset);
    }
}

uint64_t ferry_upload_deadline(const struct ferry_upload *upload)
{
    uint64_t deadline = upload->heard + silence_limit(upload);

    if (upload->flights > 0 && upload->flight[0].sent + time_out(upload) < deadline)
        deadline = upload->flight[0].sent + time_out(upload);
    if (upload->flights == 0 && upload->resume < deadline)
        deadline = upload->resume;
    return deadline;
}
