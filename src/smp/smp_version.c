// SPDX-License-Identifier: Apache-2.0
#include "smp_commands.h"

/* Written from the end: decimal digits come that way, and nothing has to be counted first. */
uint32_t ferry_smp_version_text(const struct ferry_version *version, char *text)
{
    const uint32_t part[] = {version->build, version->revision, version->minor, version->major};
    uint32_t at = VERSION_TEXT_SIZE;

    for (uint32_t i = version->build != 0 ? 0 : 1; i < COUNT(part); i++) {
        uint32_t rest = part[i];

        do {
            text[--at] = (char)('0' + rest % 10);
            rest /= 10;
        } while (rest > 0);
        if (i + 1 < COUNT(part)) {
            text[--at] = '.';
        }
    }
    return at;
}

void ferry_smp_put_version(struct ferry_smp_request *request, const struct ferry_version *version)
{
    char text[VERSION_TEXT_SIZE];
    uint32_t start = ferry_smp_version_text(version, text);

    ferry_smp_put_text(request, "version", text + start, VERSION_TEXT_SIZE - start);
}
