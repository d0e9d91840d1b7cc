// SPDX-License-Identifier: Apache-2.0
#include "smp_commands.h"

static uint32_t put_decimal(char *text, uint32_t at, uint32_t value)
{
    uint32_t tens = 1;

    while (value / tens >= 10) {
        tens *= 10;
    }
    for (; tens > 0; tens /= 10) {
        text[at++] = (char)('0' + value / tens % 10);
    }
    return at;
}

uint32_t ferry_smp_version_text(const struct ferry_version *version, char *text)
{
    uint32_t part[] = {version->major, version->minor, version->revision, version->build};
    uint32_t parts = version->build != 0 ? 4 : 3;
    uint32_t length = 0;

    for (uint32_t i = 0; i < parts; i++) {
        if (i > 0) {
            text[length++] = '.';
        }
        length = put_decimal(text, length, part[i]);
    }
    return length;
}

void ferry_smp_put_version(struct ferry_smp_request *request, const struct ferry_version *version)
{
    char text[VERSION_TEXT_SIZE];

    ferry_smp_put_text(request, "version", text, ferry_smp_version_text(version, text));
}
