// SPDX-License-Identifier: Apache-2.0
/* What `ferry inspect` says of dumps of a device's flash chips. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/buffer_flash.h"
#include "host/dump.h"
#include "host/layout.h"
#include "tool/image_common.h"
#include "tool/inspect.h"
#include "tool/layout_text.h"

#define DUMP_MAX      (512u * 1024u * 1024u)
#define RECORDS_SHOWN 8u

static const char *const phase_names[] = {"idle", "requested", "installing", "trial"};
static const char *const slot_names[] = {"unknown", "erased", "receiving", "complete", "copying"};

/* Everything that is looked at. */
struct dump {
    struct ferry_args *args;
    const struct inspect_keys *keys;
    struct ferry_layout_file layout;
    const struct ferry_bytes *external;
    struct ferry_bytes internal;
    struct ferry_buffer_flash outside;
    struct ferry_buffer_flash inside;
    struct ferry_seen_journal journal;
    uint32_t shown; /* records */
};

static struct ferry_region region_of(const struct ferry_buffer_flash *flash,
                                     const struct ferry_span *span)
{
    struct ferry_region region = {&flash->flash, span->offset, span->length};

    return region;
}

static const char *id_text(const uint8_t id[FERRY_ID_SIZE], char text[HEX_SIZE(FERRY_ID_SIZE)])
{
    return hex_text(id, FERRY_ID_SIZE, text);
}

static void print_slot_entry(uint32_t number, const struct ferry_slot_entry *entry)
{
    char id[HEX_SIZE(FERRY_ID_SIZE)];

    printf("      slot %u  %s", number, slot_names[entry->state]);
    if (entry->state > FERRY_SLOT_ERASED)
        printf("  %.16s  %u bytes", id_text(entry->id, id), entry->size);
    printf("\n");
}

/* The first line of a state: what is under way. */
static void print_phase(const struct ferry_state *state)
{
    printf("%s", phase_names[state->phase]);
    if (state->target != FERRY_NO_SLOT)
        printf(" slot %u", state->target);
    if (state->phase == FERRY_PHASE_INSTALLING)
        printf(", %u x 64 KiB done", state->installed);
    if (state->phase == FERRY_PHASE_TRIAL)
        printf(", attempts %u, power losses %u", state->attempts, state->power_attempts);
    if (state->fallback != FERRY_NO_SLOT)
        printf(", way back slot %u", state->fallback);
    printf("%s%s%s", (state->flags & FERRY_STATE_PERMANENT) != 0 ? ", permanent" : "",
           (state->flags & FERRY_STATE_REVERT) != 0 ? ", going back" : "",
           (state->flags & FERRY_STATE_CONFIRMED) != 0 ? ", confirmed" : "");
    if (state->reason != 0)
        printf(", reason: %s", ferry_status_name(-(int)state->reason));
    printf("\n");
}

static void print_record(const struct ferry_seen_record *record, bool whole)
{
    char id[HEX_SIZE(FERRY_ID_SIZE)];

    printf("    #%u at 0x%x  ", record->state.sequence, record->position * FERRY_RECORD_SIZE);
    print_phase(&record->state);
    if (!whole)
        return;
    printf("      running %.16s\n", id_text(record->state.running, id));
    for (uint32_t i = 0; i < record->state.slots; i++)
        print_slot_entry(i, &record->state.slot[i]);
}

static void print_journal(const struct dump *dump)
{
    const struct ferry_seen_journal *journal = &dump->journal;

    printf("  journal: %u records, %u positions erased, %u used up, %u torn\n", journal->records,
           journal->erased, journal->used, journal->torn);
    if (journal->records == 0)
        printf("    no readable record: the application makes a new journal at its next start\n");
    for (uint32_t i = 0; i < journal->records && i < dump->shown; i++)
        print_record(&journal->record[i], i == 0);
    if (journal->records > dump->shown)
        printf("    ... and %u older ones\n", journal->records - dump->shown);
}

static void print_place(const struct dump *dump, const char *name,
                        const struct ferry_region *region)
{
    char version[VERSION_TEXT_SIZE];
    char hash[HEX_SIZE(FERRY_SHA256_SIZE)];
    struct ferry_seen_image seen;

    ferry_image_inspect(region, false, &dump->keys->keys, &seen);
    printf("  %-15s ", name);
    if (seen.structure == FERRY_E_IMAGE_MAGIC) {
        printf("no image\n");
        return;
    }
    hex_text(seen.image.hash, sizeof(seen.image.hash), hash);
    printf("%s  %.16s  %u bytes  ", inspect_version(&seen.image.version, version), hash,
           seen.image.total_size);
    if (seen.verdict != FERRY_OK)
        printf("REFUSED: %s\n", ferry_status_text(seen.verdict));
    else if (seen.signer != FERRY_NO_KEY)
        printf("good, signed by %s\n", dump->keys->path[seen.signer]);
    else
        printf("hash right, signature not checked\n");
}

static void print_places(const struct dump *dump)
{
    const struct ferry_layout *layout = &dump->layout.layout;
    struct ferry_region region;

    if (dump->internal.size > 0) {
        region = region_of(&dump->inside, &layout->primary);
        print_place(dump, "primary", &region);
    }
    for (uint32_t i = 0; i < layout->slots; i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "slot %u", i);
        region = region_of(&dump->outside, &layout->slot[i]);
        print_place(dump, name, &region);
    }
}

/* Records that only say how far an install has come are not worth a line. */
static bool is_news(const struct ferry_state *state, const struct ferry_state *before)
{
    uint8_t record[2][FERRY_RECORD_SIZE];
    struct ferry_state both[2] = {*state, *before};

    for (int i = 0; i < 2; i++) {
        both[i].sequence = 0;
        both[i].installed = 0;
        ferry_record_encode(&both[i], false, record[i]);
    }
    return memcmp(record[0], record[1], FERRY_RECORD_SIZE) != 0;
}

static void print_forecast(const struct ferry_forecast *forecast)
{
    const struct ferry_state *before = &forecast->before;
    char version[VERSION_TEXT_SIZE];

    for (uint32_t i = 0; i < forecast->appends; i++) {
        if (is_news(&forecast->appended[i], before)) {
            printf("    records: ");
            print_phase(&forecast->appended[i]);
        }
        before = &forecast->appended[i];
    }
    if (forecast->internal_erased != 0 || forecast->internal_programmed != 0)
        printf("    erases %u KiB and programs %u KiB of the internal flash\n",
               forecast->internal_erased / 1024, forecast->internal_programmed / 1024);
    if (forecast->external_erased != 0 || forecast->external_programmed > 1024)
        printf("    erases %u KiB and programs %u KiB of the external flash\n",
               forecast->external_erased / 1024, forecast->external_programmed / 1024);
    if (forecast->status == FERRY_OK)
        printf("    starts version %s\n", inspect_version(&forecast->image.version, version));
    else
        printf("    stays in recovery\n");
    if (forecast->reason != 0)
        printf("    because: %s (%s)\n", ferry_status_text(-(int)forecast->reason),
               ferry_status_name(-(int)forecast->reason));
}

static json_t *state_json(const struct ferry_state *state)
{
    char id[HEX_SIZE(FERRY_ID_SIZE)];
    json_t *slots = json_array();

    for (uint32_t i = 0; i < state->slots; i++)
        json_array_append_new(slots, json_pack("{s:s, s:s, s:I}", "state",
                                               slot_names[state->slot[i].state], "id",
                                               id_text(state->slot[i].id, id), "size",
                                               (json_int_t)state->slot[i].size));
    return json_pack(
        "{s:I, s:s, s:b, s:b, s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:s, s:o, s:o}", "sequence",
        (json_int_t)state->sequence, "phase", phase_names[state->phase], "permanent",
        (state->flags & FERRY_STATE_PERMANENT) != 0, "revert",
        (state->flags & FERRY_STATE_REVERT) != 0, "confirmed",
        (state->flags & FERRY_STATE_CONFIRMED) != 0, "target",
        state->target == FERRY_NO_SLOT ? -1 : state->target, "fallback",
        state->fallback == FERRY_NO_SLOT ? -1 : state->fallback, "attempts", state->attempts,
        "power_attempts", state->power_attempts, "installed", state->installed, "received",
        state->received, "running", id_text(state->running, id), "reason",
        state->reason != 0 ? inspect_reason(-(int)state->reason) : json_null(), "slots", slots);
}

static json_t *journal_json(const struct dump *dump)
{
    const struct ferry_seen_journal *journal = &dump->journal;
    json_t *list = json_array();

    for (uint32_t i = 0; i < journal->records && i < dump->shown; i++) {
        json_t *record = state_json(&journal->record[i].state);

        json_object_set_new(
            record, "offset",
            json_integer((json_int_t)journal->record[i].position * FERRY_RECORD_SIZE));
        json_array_append_new(list, record);
    }
    return json_pack("{s:I, s:I, s:I, s:I, s:o}", "count", (json_int_t)journal->records, "erased",
                     (json_int_t)journal->erased, "used", (json_int_t)journal->used, "torn",
                     (json_int_t)journal->torn, "records", list);
}

static json_t *place_json(const struct dump *dump, const struct ferry_region *region)
{
    struct ferry_seen_image seen;

    ferry_image_inspect(region, false, &dump->keys->keys, &seen);
    return inspect_image_json(&seen, region, dump->keys);
}

static json_t *forecast_json(const struct ferry_forecast *forecast)
{
    char version[VERSION_TEXT_SIZE];
    json_t *appended = json_array();

    for (uint32_t i = 0; i < forecast->appends; i++)
        json_array_append_new(appended, state_json(&forecast->appended[i]));
    return json_pack(
        "{s:s, s:s?, s:o, s:I, s:I, s:I, s:I, s:o}", "action",
        forecast->status == FERRY_OK ? "boot" : "recovery", "version",
        forecast->status == FERRY_OK ? inspect_version(&forecast->image.version, version) : NULL,
        "reason", forecast->reason != 0 ? inspect_reason(-(int)forecast->reason) : json_null(),
        "internal_erased", (json_int_t)forecast->internal_erased, "internal_programmed",
        (json_int_t)forecast->internal_programmed, "external_erased",
        (json_int_t)forecast->external_erased, "external_programmed",
        (json_int_t)forecast->external_programmed, "appended", appended);
}

static json_t *dump_json(const struct dump *dump)
{
    const struct ferry_layout *layout = &dump->layout.layout;
    json_t *slots = json_array();
    json_t *object;
    struct ferry_region region;

    for (uint32_t i = 0; i < layout->slots; i++) {
        region = region_of(&dump->outside, &layout->slot[i]);
        json_array_append_new(slots, place_json(dump, &region));
    }
    object = json_pack("{s:o, s:o}", "journal", journal_json(dump), "slots", slots);
    if (dump->internal.size > 0) {
        region = region_of(&dump->inside, &layout->primary);
        json_object_set_new(object, "primary", place_json(dump, &region));
    }
    return object;
}

static enum ferry_reset_cause cause_of(const struct ferry_args *args)
{
    static const char *const names[] = {"power", "software", "watchdog", "lockup"};
    const char *name = ferry_args_value(args, "cause", names[0]);
    int cause = 3;

    while (cause > 0 && strcmp(name, names[cause]) != 0)
        cause--;
    return (enum ferry_reset_cause)cause;
}

static int report(struct dump *dump)
{
    bool can_boot = dump->internal.size > 0 && dump->keys->keys.count > 0;
    struct ferry_forecast forecast;
    int status = FERRY_OK;

    if (can_boot)
        status = ferry_forecast(&dump->layout.layout, &dump->internal, dump->external,
                                &dump->keys->keys, cause_of(dump->args), &forecast);
    if (status != FERRY_OK)
        return ferry_fail_reason(dump->args, FERRY_EXIT_SYSTEM, status, "the next boot");
    if (dump->args->json) {
        json_t *object = dump_json(dump);

        json_object_set_new(object, "next_boot", can_boot ? forecast_json(&forecast) : json_null());
        return ferry_print_json(dump->args, object);
    }
    if (dump->args->quiet)
        return FERRY_EXIT_OK;
    printf("%s\n", dump->args->operand[0]);
    print_journal(dump);
    print_places(dump);
    printf("  the next boot%s\n",
           can_boot ? "" : " cannot be told: add --internal DUMP and --key FILE");
    if (can_boot)
        print_forecast(&forecast);
    return FERRY_EXIT_OK;
}

/* The dump has to hold all of the layout's flash of that chip. */
static int check_size(struct ferry_args *args, const char *path, const struct ferry_bytes *bytes,
                      uint32_t needed, const char *chip)
{
    if (bytes->size >= needed)
        return FERRY_EXIT_OK;
    return ferry_fail(args, FERRY_EXIT_INPUT,
                      "%s has %zu bytes, but the layout needs %u of the %s flash; dump the whole "
                      "chip, or give the layout that belongs to it",
                      path, bytes->size, needed, chip);
}

static int open_internal(struct dump *dump)
{
    const char *path = ferry_args_value(dump->args, "internal", NULL);
    struct ferry_problem problem;
    int exit;

    if (path == NULL)
        return FERRY_EXIT_OK;
    if (ferry_file_read(path, DUMP_MAX, &dump->internal, &problem) != FERRY_OK)
        return fail_problem(dump->args, FERRY_EXIT_INPUT, &problem);
    exit = check_size(dump->args, path, &dump->internal, dump->layout.layout.internal_size,
                      "internal");
    if (exit == FERRY_EXIT_OK)
        ferry_buffer_flash_open(&dump->inside, dump->internal.data, (uint32_t)dump->internal.size);
    return exit;
}

static int look(struct dump *dump)
{
    const struct ferry_layout *layout = &dump->layout.layout;
    unsigned long shown = RECORDS_SHOWN;
    struct ferry_region region;
    int exit = ferry_args_number(dump->args, "records", FERRY_RECORDS_MAX, &shown);

    if (exit == FERRY_EXIT_OK)
        exit = check_size(dump->args, dump->args->operand[0], dump->external, layout->external_size,
                          "external");
    if (exit == FERRY_EXIT_OK)
        exit = open_internal(dump);
    if (exit != FERRY_EXIT_OK)
        return exit;
    dump->shown = (uint32_t)shown;
    ferry_buffer_flash_open(&dump->outside, dump->external->data, (uint32_t)dump->external->size);
    region = region_of(&dump->outside, &layout->journal);
    if (ferry_dump_journal(&region, &dump->journal) != FERRY_OK)
        return ferry_fail(dump->args, FERRY_EXIT_SYSTEM, "out of memory");
    exit = report(dump);
    free(dump->journal.record);
    return exit;
}

int inspect_dump(struct ferry_args *args, const struct ferry_bytes *external,
                 const struct inspect_keys *keys)
{
    struct dump dump = {.args = args, .external = external, .keys = keys};
    struct ferry_problem problem;
    int exit;

    if (layout_read(&dump.layout, ferry_args_value(args, "layout", NULL), NULL, &problem) ==
        FERRY_OK)
        exit = look(&dump);
    else
        exit = fail_problem(args, FERRY_EXIT_INPUT, &problem);
    ferry_bytes_free(&dump.internal);
    ferry_layout_free(&dump.layout);
    return exit;
}
