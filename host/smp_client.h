// SPDX-License-Identifier: Apache-2.0
/*
 * An SMP client without I/O: single calls, and the windowed upload. Messages and the time go in,
 * messages and a deadline come out. The caller owns the link, the clock (milliseconds, any origin)
 * and the waiting.
 *
 * What the peer may be: Ferry, Zephyr, MCUboot serial recovery, Mynewt. Requests are SMP v2;
 * replies of either version are understood.
 */
#ifndef FERRY_HOST_SMP_CLIENT_H
#define FERRY_HOST_SMP_CLIENT_H

#include "host/smp_message.h"

#define FERRY_CLIENT_NEVER UINT64_MAX /* a deadline that is none */

/* What a call or an upload has come to. */
enum ferry_client_state {
    FERRY_CLIENT_BUSY = 0,   /* go on */
    FERRY_CLIENT_DONE = 1,   /* a call: the reply is there, without an error */
    FERRY_CLIENT_ERROR = 2,  /* the peer refused: see `error` */
    FERRY_CLIENT_SILENT = 3, /* no answer within the time given */
    FERRY_CLIENT_BROKEN = 4, /* the answers make no sense */
};

/* One request, repeated until it is answered. */
struct ferry_client_call {
    const uint8_t *message; /* complete; the caller's, outlives the call */
    size_t length;
    uint32_t repeat_ms; /* send again after this; 0 = never */
    uint64_t end;       /* give up */
    uint64_t due;       /* next transmission */
    enum ferry_client_state state;
};

/* Starts a call that is answered within `timeout_ms` or fails. */
void ferry_client_call_start(struct ferry_client_call *call, const uint8_t *message, size_t length,
                             uint32_t repeat_ms, uint32_t timeout_ms, uint64_t now);

/* True when the message is to be sent now. */
bool ferry_client_call_send(struct ferry_client_call *call, uint64_t now);

/* When to call again at the latest. */
uint64_t ferry_client_call_deadline(const struct ferry_client_call *call);

/* Takes a message from the link. True if it is the reply, parsed into `reply`. */
bool ferry_client_call_receive(struct ferry_client_call *call, const uint8_t *message,
                               size_t length, struct ferry_client_reply *reply);

#define FERRY_UPLOAD_WINDOW_MAX 16

/* What to upload and how. Read-only for the upload; outlives it. */
struct ferry_upload_config {
    const uint8_t *data;
    uint32_t size;
    uint8_t sha[32];      /* of the whole file */
    uint32_t image;       /* image number; 0 is not sent */
    bool only_newer;      /* ask the device to refuse an older version */
    uint32_t message_max; /* largest message the device takes, header included */
    uint32_t window;      /* messages in flight, 1..16 */
    uint32_t first_ms;    /* how long the first answer may take: some devices erase the slot */
    uint32_t silence_ms;  /* later: give up after this long without an answer */
};

struct ferry_upload_flight {
    uint32_t offset;
    uint32_t end;
    uint32_t length; /* of the message */
    uint64_t sent;
    uint8_t sequence;
};

/* The upload. Look, do not touch. */
struct ferry_upload {
    const struct ferry_upload_config *config;
    enum ferry_client_state state;
    struct ferry_client_error error; /* FERRY_CLIENT_ERROR */
    bool mismatch;                   /* BROKEN: the device says its content does not match */
    bool match;                      /* the device compared the whole content */
    bool unsure;            /* DONE, but the last answer was lost: look for the image's hash */
    uint8_t version;        /* of SMP */
    uint8_t sequence;       /* of the next message */
    uint8_t first_sequence; /* of the first chunk, however often it is sent */

    uint32_t acked;   /* the device has this many bytes */
    uint32_t next;    /* offset of the next chunk */
    uint32_t resumed; /* where it began: > 0 where an earlier upload went on */
    bool begun;       /* the first chunk was answered */
    bool rewinding;   /* waiting for the last answers before going on from `acked` */
    uint32_t chunk;   /* bytes per message at most, learned from short answers; 0 = what fits */
    uint32_t message; /* bytes per message at most; halved where the device does not take more */
    uint32_t proven;  /* the longest message that was answered */
    uint32_t best;    /* the highest offset ever acknowledged */
    uint32_t stalls;  /* times it had to go back since */
    uint32_t finals;  /* times the last chunk was sent */
    uint32_t window;
    uint32_t clean;   /* answers since the last loss */
    uint32_t busy;    /* "busy" answers in a row */
    uint32_t strikes; /* losses in a row at the same offset */
    uint64_t resume;  /* nothing is sent before */
    uint64_t heard;   /* last answer */
    uint32_t srtt;    /* smoothed round trip and its deviation, ms; 0 = no sample yet */
    uint32_t rttvar;
    uint32_t backoff; /* doublings of the time-out since the last answer */

    uint32_t flights;
    struct ferry_upload_flight flight[FERRY_UPLOAD_WINDOW_MAX];
    uint32_t losses;   /* statistics: messages or answers lost */
    uint32_t messages; /* statistics: messages sent */
};

void ferry_upload_start(struct ferry_upload *upload, const struct ferry_upload_config *config,
                        uint8_t version, uint8_t sequence, uint64_t now);

/*
 * Writes the next message into `message` (room for config->message_max) and returns its length; 0
 * when nothing may be sent now. Call until 0. Also notices that time has passed.
 */
size_t ferry_upload_send(struct ferry_upload *upload, uint64_t now, uint8_t *message, size_t room);

/* Takes a message from the link; anything else than an answer to this upload is ignored. */
void ferry_upload_receive(struct ferry_upload *upload, uint64_t now, const uint8_t *message,
                          size_t length, struct ferry_client_reply *reply);

/* When to call ferry_upload_send again at the latest. */
uint64_t ferry_upload_deadline(const struct ferry_upload *upload);

#endif
