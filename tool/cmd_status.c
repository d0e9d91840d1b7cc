// SPDX-License-Identifier: Apache-2.0
#include <stdio.h>

#include "ferry/status.h"
#include "ferry/store.h"
#include "ferry/update.h"
#include "tool/device.h"

#define CODE_UNSUPPORTED 8u

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
    return value < count ? names[value] : "unknown";
}

static const char *phase_name(uint32_t phase)
{
    static const char *const names[] = {
        [FERRY_UPDATE_IDLE] = "idle",         [FERRY_UPDATE_RECEIVING] = "receiving",
        [FERRY_UPDATE_COMPLETE] = "complete", [FERRY_UPDATE_REQUESTED] = "requested",
        [FERRY_UPDATE_TRIAL] = "trial",
    };

    return name_of(names, sizeof(names) / sizeof(names[0]), phase);
}

static const char *slot_state_name(uint32_t state)
{
    static const char *const names[] = {
        [FERRY_SLOT_UNKNOWN] = "unknown",     [FERRY_SLOT_ERASED] = "erased",
        [FERRY_SLOT_RECEIVING] = "receiving", [FERRY_SLOT_COMPLETE] = "complete",
        [FERRY_SLOT_COPYING] = "copying",
    };

    return name_of(names, sizeof(names) / sizeof(names[0]), state);
}

static const char *role_of(const struct ferry_device_slot *slot)
{
    if (slot->below_floor)
        return "below the security floor";
    if (slot->current)
        return "the image that runs";
    if (slot->candidate)
        return "candidate";
    if (slot->fallback)
        return "the way back";
    return slot->previous ? "previous" : "";
}

static json_t *slot_json(const struct ferry_device_slot *slot)
{
    char hash[HASH_TEXT];
    json_t *object = json_pack(
        "{s:i, s:s, s:I, s:I, s:b, s:b, s:b, s:b, s:b}", "slot", (int)slot->slot, "state",
        slot_state_name(slot->state), "room", (json_int_t)slot->room, "size",
        (json_int_t)slot->size, "current", slot->current, "candidate", slot->candidate, "previous",
        slot->previous, "fallback", slot->fallback, "below_floor", slot->below_floor);

    json_object_set_new(object, "version",
                        slot->version[0] != 0 ? json_string(slot->version) : json_null());
    json_object_set_new(object, "hash",
                        slot->hash_length > 0
                            ? json_string(device_hex(slot->hash, slot->hash_length, hash))
                            : json_null());
    return object;
}

static json_t *status_json(const struct ferry_device_status *status,
                           const struct ferry_device_slots *slots)
{
    json_t *object =
        json_pack("{s:s, s:i, s:I, s:I, s:o, s:o, s:I}", "phase", phase_name(status->phase),
                  "percent", (int)status->percent, "received", (json_int_t)status->received, "size",
                  (json_int_t)status->size, "reason", device_reason_json(status->reason), "store",
                  device_reason_json(status->store), "floor", (json_int_t)status->floor);
    json_t *list = json_array();

    if (status->has_boot)
        json_object_set_new(
            object, "boot",
            json_pack("{s:o, s:o, s:I}", "reason", device_reason_json(status->boot_reason), "chip",
                      device_reason_json(status->chip), "boots", (json_int_t)status->boots));
    if (status->has_journal)
        json_object_set_new(object, "journal",
                            json_pack("{s:I, s:o, s:I, s:I}", "sequence",
                                      (json_int_t)status->sequence, "reason",
                                      device_reason_json(status->journal_reason), "attempts",
                                      (json_int_t)status->attempts, "power_attempts",
                                      (json_int_t)status->power_attempts));
    for (uint32_t i = 0; i < slots->count; i++)
        json_array_append_new(list, slot_json(&slots->slot[i]));
    json_object_set_new(object, "slots", list);
    return object;
}

static void say_reason(const struct ferry_args *args, const char *label, uint32_t reason)
{
    if (reason != 0)
        ferry_say(args, "%-11s  %s (%s)", label, ferry_status_text(-(int)reason),
                  ferry_status_name(-(int)reason));
}

static void print(const struct ferry_args *args, const struct ferry_device_status *status,
                  const struct ferry_device_slots *slots)
{
    ferry_say(args, "%-11s  %s", "update:", phase_name(status->phase));
    if (status->phase == FERRY_UPDATE_RECEIVING)
        ferry_say(args, "%-11s  %u of %u bytes (%u %%)", "received:", status->received,
                  status->size, status->percent);
    say_reason(args, "refused:", status->reason);
    say_reason(args, "last boot:", status->boot_reason);
    say_reason(args, "journal:", status->journal_reason);
    say_reason(args, "flash chip:", status->chip);
    say_reason(args, "store:", status->store);
    if (slots->count > 0)
        ferry_say(args, "slot  %-10s  %-12s  %10s  role", "state", "version", "bytes");
    for (uint32_t i = 0; i < slots->count; i++) {
        const struct ferry_device_slot *slot = &slots->slot[i];
        char size[16] = "";

        if (slot->size > 0)
            snprintf(size, sizeof(size), "%u", slot->size);
        ferry_say(args, "%4u  %-10s  %-12s  %10s  %s", slot->slot, slot_state_name(slot->state),
                  slot->version, size, role_of(slot));
    }
}

static int ask(struct ferry_args *args, struct ferry_session *session)
{
    struct ferry_device_status status;
    struct ferry_device_slots slots = {0};
    enum ferry_session_result result = ferry_device_status(session, &status);
    int exit;

    if (result == FERRY_SESSION_REFUSED && !session->reply.error.group_known &&
        session->reply.error.code == CODE_UNSUPPORTED)
        return ferry_fail(args, FERRY_EXIT_FAILED,
                          "this device does not have Ferry's commands; 'ferry list' works on any "
                          "SMP server");
    exit = device_fail(args, session, result, "asking for its status");
    if (exit != FERRY_EXIT_OK)
        return exit;
    result = ferry_device_slots(session, &slots);
    if (result != FERRY_SESSION_REFUSED) /* recovery does not list its slots */
        exit = device_fail(args, session, result, "asking for its slots");
    if (exit != FERRY_EXIT_OK)
        return exit;
    if (args->json)
        return ferry_print_json(args, status_json(&status, &slots));
    print(args, &status, &slots);
    return FERRY_EXIT_OK;
}

static int run(struct ferry_args *args)
{
    struct ferry_session *session;
    int status = device_open(args, &session);

    if (status != FERRY_EXIT_OK)
        return status;
    status = ask(args, session);
    ferry_session_free(session);
    return status;
}

extern const struct ferry_command ferry_command_status;
const struct ferry_command ferry_command_status = {
    .name = "status",
    .summary = "show a Ferry device's update, slots and last reasons",
    .run = run,
    .section = FERRY_SECTION_DEVICE,
    .connects = true,
};
