// SPDX-License-Identifier: Apache-2.0
/* Ferry's own group of commands. */
#include <string.h>

#include "host/device.h"

enum {
    FERRY_STATUS = 0,
    FERRY_SLOTS = 1,
    FERRY_LOG = 2,
    FERRY_BACK = 3,
    FERRY_PREFLIGHT = 4,
    FERRY_WITHDRAW = 5,
};

enum ferry_session_result ferry_device_status(struct ferry_session *session,
                                              struct ferry_device_status *status)
{
    const struct ferry_cbor *body;
    const struct ferry_cbor *boot;
    const struct ferry_cbor *journal;
    enum ferry_session_result result;

    memset(status, 0, sizeof(*status));
    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_FERRY, FERRY_STATUS);
    result = ferry_session_call(session, true);
    if (result != FERRY_SESSION_OK)
        return result;
    body = session->reply.body;
    ferry_cbor_get_uint(body, "phase", &status->phase);
    ferry_cbor_get_uint(body, "percent", &status->percent);
    ferry_cbor_get_uint(body, "received", &status->received);
    ferry_cbor_get_uint(body, "size", &status->size);
    ferry_cbor_get_uint(body, "reason", &status->reason);
    ferry_cbor_get_uint(body, "store", &status->store);
    ferry_cbor_get_uint(body, "floor", &status->floor);
    boot = ferry_cbor_get(body, "boot");
    status->has_boot = boot != NULL;
    ferry_cbor_get_uint(boot, "reason", &status->boot_reason);
    ferry_cbor_get_uint(boot, "chip", &status->chip);
    ferry_cbor_get_uint(boot, "boots", &status->boots);
    journal = ferry_cbor_get(body, "journal");
    status->has_journal = journal != NULL;
    ferry_cbor_get_uint(journal, "sequence", &status->sequence);
    ferry_cbor_get_uint(journal, "phase", &status->journal_phase);
    ferry_cbor_get_uint(journal, "reason", &status->journal_reason);
    ferry_cbor_get_uint(journal, "attempts", &status->attempts);
    ferry_cbor_get_uint(journal, "power", &status->power_attempts);
    return FERRY_SESSION_OK;
}

static void parse_slot(const struct ferry_cbor *map, struct ferry_device_slot *slot)
{
    const struct ferry_cbor *hash = ferry_cbor_get(map, "hash");

    memset(slot, 0, sizeof(*slot));
    ferry_cbor_get_uint(map, "slot", &slot->slot);
    ferry_cbor_get_uint(map, "state", &slot->state);
    ferry_cbor_get_uint(map, "room", &slot->room);
    ferry_cbor_get_uint(map, "size", &slot->size);
    ferry_cbor_get_text(map, "version", slot->version, sizeof(slot->version), false);
    if (hash != NULL && hash->type == FERRY_CBOR_BYTES && hash->length <= sizeof(slot->hash)) {
        memcpy(slot->hash, hash->data, hash->length);
        slot->hash_length = hash->length;
    }
    ferry_cbor_get_bool(map, "current", &slot->current);
    ferry_cbor_get_bool(map, "candidate", &slot->candidate);
    ferry_cbor_get_bool(map, "previous", &slot->previous);
    ferry_cbor_get_bool(map, "fallback", &slot->fallback);
    ferry_cbor_get_bool(map, "below_floor", &slot->below_floor);
}

enum ferry_session_result ferry_device_slots(struct ferry_session *session,
                                             struct ferry_device_slots *slots)
{
    const struct ferry_cbor *list;
    enum ferry_session_result result;

    slots->count = 0;
    ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_FERRY, FERRY_SLOTS);
    result = ferry_session_call(session, true);
    if (result != FERRY_SESSION_OK)
        return result;
    list = ferry_cbor_get(session->reply.body, "slots");
    if (list == NULL || list->type != FERRY_CBOR_LIST)
        return FERRY_SESSION_BROKEN;
    for (const struct ferry_cbor *at = list->first; at != NULL; at = at->next) {
        if (slots->count < FERRY_DEVICE_SLOTS)
            parse_slot(at, &slots->slot[slots->count++]);
    }
    return FERRY_SESSION_OK;
}

enum ferry_session_result ferry_device_back(struct ferry_session *session)
{
    ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_FERRY, FERRY_BACK);
    /* Once: after it has happened a repetition could mean one further back. */
    return ferry_session_call(session, false);
}

enum ferry_session_result ferry_device_withdraw(struct ferry_session *session)
{
    ferry_session_request(session, FERRY_CLIENT_WRITE, FERRY_CLIENT_FERRY, FERRY_WITHDRAW);
    return ferry_session_call(session, false);
}

enum ferry_session_result ferry_device_preflight(struct ferry_session *session, uint32_t size)
{
    ferry_client_request_uint(
        ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_FERRY, FERRY_PREFLIGHT),
        "size", size);
    return ferry_session_call(session, true);
}

enum ferry_session_result ferry_device_log(struct ferry_session *session, uint32_t offset,
                                           char *text, size_t room, uint32_t *length)
{
    const struct ferry_cbor *node;
    enum ferry_session_result result;

    *length = 0;
    ferry_client_request_uint(
        ferry_session_request(session, FERRY_CLIENT_READ, FERRY_CLIENT_FERRY, FERRY_LOG), "off",
        offset);
    result = ferry_session_call(session, true);
    if (result != FERRY_SESSION_OK)
        return result;
    node = ferry_cbor_get(session->reply.body, "text");
    if (!ferry_cbor_get_text(session->reply.body, "text", text, room, true) || node->length >= room)
        return FERRY_SESSION_BROKEN;
    *length = (uint32_t)node->length;
    return FERRY_SESSION_OK;
}
