// SPDX-License-Identifier: Apache-2.0
/* Group 64, Ferry's own: what the standard groups have no words for. messages.cddl has the maps. */
#include <stddef.h>
#include <string.h>

#include "smp_commands.h"

/* Bytes of the log in one reply; small enough for the smallest message buffers in the field. */
#define LOG_CHUNK 128u

/* A number of a struct: its name in the reply, where it is, how wide. */
struct number {
    char key[10];
    uint8_t offset;
    uint8_t width;
};
#define NUMBER(key, type, member)                                                                  \
    {                                                                                              \
        key, (uint8_t)offsetof(struct type, member), sizeof(((struct type *)0)->member)            \
    }

static uint32_t read_number(const void *place, uint8_t width)
{
    uint32_t wide;
    uint16_t half;

    switch (width) {
    case sizeof(wide):
        memcpy(&wide, place, sizeof(wide));
        return wide;
    case sizeof(half):
        memcpy(&half, place, sizeof(half));
        return half;
    default:
        return *(const uint8_t *)place;
    }
}

static void put_numbers(struct ferry_smp_request *request, const void *from,
                        const struct number *number, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ferry_smp_put_uint(request, number[i].key,
                           read_number((const uint8_t *)from + number[i].offset, number[i].width));
    }
}

/* Our group's errors are the reason codes themselves. */
static int refuse(struct ferry_smp_request *request, int status)
{
    int result = ferry_smp_image_refuse(request, status);

    return status == FERRY_OK ? result : FERRY_SMP_ERROR(-status, result & 0xFF);
}

/* A slot's number where there is one. */
static void put_slot(struct ferry_smp_request *request, const char *key, uint8_t slot)
{
    if (slot != FERRY_NO_SLOT) {
        ferry_smp_put_uint(request, key, slot);
    }
}

static void put_session(struct ferry_smp_request *request, const struct ferry_update *update)
{
    static const struct number numbers[] = {
        NUMBER("phase", ferry_update_status, phase),
        NUMBER("percent", ferry_update_status, percent),
        NUMBER("received", ferry_update_status, received),
        NUMBER("size", ferry_update_status, size),
    };
    struct ferry_update_status status;

    ferry_update_status(update, &status);
    put_numbers(request, &status, numbers, COUNT(numbers));
    put_slot(request, "slot", status.slot);
    ferry_smp_put_uint(request, "floor", update->floor);
}

/* Why something was refused, and why the store cannot be used. */
static void put_reasons(struct ferry_smp_request *request, const struct ferry_update *update)
{
    ferry_smp_put_uint(request, "reason", update->reason);
    ferry_smp_put_uint(request, "store", (uint32_t)-update->store_status);
}

static void put_boot(struct ferry_smp_request *request, const struct ferry_retained *retained)
{
    static const struct number numbers[] = {
        NUMBER("reason", ferry_retained, reason),
        NUMBER("chip", ferry_retained, chip_status),
        NUMBER("boots", ferry_retained, boots),
        NUMBER("floor", ferry_retained, floor),
    };

    ferry_smp_map_open(request, "boot");
    put_numbers(request, retained, numbers, COUNT(numbers));
    ferry_smp_map_close(request);
}

static void put_journal(struct ferry_smp_request *request, const struct ferry_state *state)
{
    static const struct number numbers[] = {
        NUMBER("sequence", ferry_state, sequence),   NUMBER("phase", ferry_state, phase),
        NUMBER("flags", ferry_state, flags),         NUMBER("reason", ferry_state, reason),
        NUMBER("attempts", ferry_state, attempts),   NUMBER("power", ferry_state, power_attempts),
        NUMBER("installed", ferry_state, installed), NUMBER("received", ferry_state, received),
    };

    ferry_smp_map_open(request, "journal");
    put_numbers(request, state, numbers, COUNT(numbers));
    put_slot(request, "target", state->target);
    put_slot(request, "fallback", state->fallback);
    ferry_smp_put_bytes(request, "running", state->running, sizeof(state->running));
    ferry_smp_map_close(request);
}

int ferry_smp_ferry_status(struct ferry_smp_request *request)
{
    const struct ferry_update *update = request->config->update;

    put_reasons(request, update);
    put_session(request, update);
    if (update->config->retained != NULL) {
        put_boot(request, update->config->retained);
    }
    if (update->store_ready) {
        put_journal(request, &update->store.journal.state);
    }
    return FERRY_SMP_OK;
}

int ferry_smp_ferry_status_brief(struct ferry_smp_request *request)
{
    put_reasons(request, request->config->update);
    return FERRY_SMP_OK;
}

/* Only what is true is sent: four slots have to fit into one reply. */
static void put_if(struct ferry_smp_request *request, const char *key, bool value)
{
    if (value) {
        ferry_smp_put_bool(request, key, true);
    }
}

static void put_complete_slot(struct ferry_smp_request *request, const struct ferry_update *update,
                              uint8_t slot)
{
    const struct ferry_state *state = &update->store.journal.state;
    bool current = ferry_id_equal(state->slot[slot].id, state->running);
    struct ferry_image image;

    put_if(request, "current", current);
    put_if(request, "previous", slot == state->fallback);
    put_if(request, "candidate", !current && slot != state->fallback);
    if (ferry_image_parse(&update->store.slot[slot], &image) != FERRY_OK) {
        return; /* the journal's word stands, without a version */
    }
    ferry_smp_put_version(request, &image.version);
    ferry_smp_put_bytes(request, "hash", image.hash, sizeof(image.hash));
    put_if(request, "below_floor", image.security_counter < update->floor);
}

int ferry_smp_ferry_slots(struct ferry_smp_request *request)
{
    const struct ferry_update *update = request->config->update;
    uint8_t slots = update->store_ready ? update->store.slots : 0;

    ferry_smp_list_open(request, "slots");
    for (uint8_t slot = 0; slot < slots; slot++) {
        const struct ferry_slot_entry *entry = &update->store.journal.state.slot[slot];

        ferry_smp_map_open(request, NULL);
        ferry_smp_put_uint(request, "slot", slot);
        ferry_smp_put_uint(request, "state", entry->state);
        ferry_smp_put_uint(request, "room", update->store.slot[slot].length);
        if (entry->state >= FERRY_SLOT_RECEIVING) {
            ferry_smp_put_uint(request, "size", entry->size);
            ferry_smp_put_bytes(request, "id", entry->id, sizeof(entry->id));
        }
        if (entry->state == FERRY_SLOT_COMPLETE) {
            put_complete_slot(request, update, slot);
        }
        ferry_smp_map_close(request);
    }
    ferry_smp_list_close(request);
    return FERRY_SMP_OK;
}

int ferry_smp_ferry_log(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"off", FERRY_SMP_UINT};
    const struct ferry_retained *retained = request->config->update->config->retained;
    struct ferry_smp_value offset;
    char text[LOG_CHUNK];
    uint32_t length = 0;
    int result = ferry_smp_read(request, &field, 1, &offset);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    if (retained != NULL) {
        length = ferry_retained_log_read(retained, offset.number, text, sizeof(text));
    }
    /* RAM may hold anything, a text string of CBOR only UTF-8. */
    for (uint32_t i = 0; i < length; i++) {
        if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~')) {
            text[i] = '?';
        }
    }
    ferry_smp_put_uint(request, "off", offset.number);
    ferry_smp_put_text(request, "text", text, length);
    return FERRY_SMP_OK;
}

int ferry_smp_ferry_back(struct ferry_smp_request *request)
{
    uint8_t slot = FERRY_NO_SLOT;
    int result = refuse(request, ferry_update_back(request->config->update, &slot));

    if (result == FERRY_SMP_OK) {
        put_slot(request, "slot", slot);
    }
    return result;
}

int ferry_smp_ferry_preflight(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"size", FERRY_SMP_UINT};
    struct ferry_smp_value size;
    int result = ferry_smp_read(request, &field, 1, &size);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    return refuse(request, ferry_update_preflight(request->config->update, size.number));
}

int ferry_smp_ferry_withdraw(struct ferry_smp_request *request)
{
    return refuse(request, ferry_update_withdraw(request->config->update));
}
