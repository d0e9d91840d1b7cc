// SPDX-License-Identifier: Apache-2.0
/* Group 0, os: what the device and its bootloader are called. */
#include <string.h>

#include "smp_commands.h"

#define INVALID_FORMAT FERRY_SMP_ERROR(2, FERRY_SMP_EINVAL)
#define NO_ANSWER      FERRY_SMP_ERROR(3, FERRY_SMP_ENOENT)

/* In the order of the output, as uname(1) has it; `a` stands for all of them. */
static const char letters[] = "snrvbmpio";
#define LETTERS (sizeof(letters) - 1)

#define OUTPUT_SIZE 128u

struct output {
    char text[OUTPUT_SIZE];
    uint32_t length;
};

/* What does not fit is left out: a name of a board that long is a mistake, not a reason to fail. */
static void add(struct output *output, const char *text, uint32_t length)
{
    uint32_t space = output->length > 0 ? 1 : 0;

    if (length + space > OUTPUT_SIZE - output->length) {
        return;
    }
    output->text[output->length] = ' ';
    memcpy(output->text + output->length + space, text, length);
    output->length += space + length;
}

static void add_version(struct output *output, const struct ferry_update *update)
{
    char text[VERSION_TEXT_SIZE];
    uint32_t start = ferry_smp_version_text(&update->image.version, text);

    add(output, text + start, VERSION_TEXT_SIZE - start);
}

static void add_letter(struct output *output, const struct ferry_smp_config *config, char letter)
{
    const char *text = letter == 's' || letter == 'o' ? config->kernel
                       : letter == 'i'                ? config->hardware
                                                      : NULL;

    if (letter == 'v' && config->update->primary_valid) {
        add_version(output, config->update);
        return;
    }
    if (text == NULL) {
        text = "unknown";
    }
    add(output, text, (uint32_t)strlen(text));
}

/* The letter's place in the output, or its end. */
static uint32_t place_of(uint8_t letter)
{
    uint32_t place = 0;

    while (place < LETTERS && letters[place] != (char)letter) {
        place++;
    }
    return place;
}

/* Which letters are asked for, a bit each. False for a letter that does not exist. */
static bool read_format(const struct ferry_smp_value *format, uint32_t *wanted)
{
    *wanted = 0;
    for (uint32_t i = 0; i < format->length; i++) {
        uint32_t place = place_of(format->data[i]);

        if (format->data[i] == 'a') {
            *wanted = (1u << LETTERS) - 1;
        } else if (place < LETTERS) {
            *wanted |= 1u << place;
        } else {
            return false;
        }
    }
    return true;
}

int ferry_smp_os_info(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"format", FERRY_SMP_TEXT};
    struct ferry_smp_value format;
    struct output output = {.length = 0};
    uint32_t wanted;
    int result = ferry_smp_read(request, &field, 1, &format);

    if (result != FERRY_SMP_OK) {
        return result;
    }
    if (!read_format(&format, &wanted)) {
        return INVALID_FORMAT;
    }
    if (wanted == 0) {
        wanted = 1; /* s */
    }
    for (uint32_t i = 0; i < LETTERS; i++) {
        if ((wanted & (1u << i)) != 0) {
            add_letter(&output, request->config, letters[i]);
        }
    }
    ferry_smp_put_text(request, "output", output.text, output.length);
    return FERRY_SMP_OK;
}

/*
 * The name is the configuration's. Clients take a device for MCUboot, with MCUboot's modes, only
 * under that name; under any other they use the plain flow of test, reset and confirm, which is
 * Ferry's. So no query about modes has an answer.
 */
int ferry_smp_os_bootloader(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"query", FERRY_SMP_TEXT};
    const char *name = request->config->bootloader;
    struct ferry_smp_value query;
    int result = ferry_smp_read(request, &field, 1, &query);

    if (name == NULL) {
        return FERRY_SMP_ENOTSUP;
    }
    if (result != FERRY_SMP_OK) {
        return result;
    }
    if (query.present) {
        return NO_ANSWER;
    }
    ferry_smp_put_text(request, "bootloader", name, (uint32_t)strlen(name));
    return FERRY_SMP_OK;
}
