// SPDX-License-Identifier: Apache-2.0
/* Group 0, os: what every device has. */
#include "smp_commands.h"

int ferry_smp_os_echo(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field field = {"d", FERRY_SMP_TEXT};
    struct ferry_smp_value text;
    int result = ferry_smp_read(request, &field, 1, &text);

    if (result == FERRY_SMP_OK) {
        ferry_smp_put_text(request, "r", (const char *)text.data, text.length);
    }
    return result;
}

int ferry_smp_os_reset(struct ferry_smp_request *request)
{
    static const struct ferry_smp_field fields[] = {
        {"force", FERRY_SMP_BOOL},
        {"boot_mode", FERRY_SMP_UINT},
    };
    enum { FORCE, BOOT_MODE };
    const struct ferry_smp_config *config = request->config;
    struct ferry_smp_value value[COUNT(fields)];
    int status = FERRY_OK;

    if (config->reset == NULL) {
        return FERRY_SMP_ENOTSUP;
    }
    /* Parameters of a wrong type do not keep a device from its reset. */
    (void)ferry_smp_read(request, fields, COUNT(fields), value);
    if (config->allow_reset != NULL) {
        status = config->allow_reset(config->context, value[FORCE].number != 0);
    }
    if (status != FERRY_OK) {
        (void)ferry_update_refuse(config->update, status);
        return FERRY_SMP_EBUSY;
    }
    config->reset(config->context, value[BOOT_MODE].number == FERRY_BOOT_RECOVERY
                                       ? FERRY_BOOT_RECOVERY
                                       : FERRY_BOOT_NORMAL);
    return FERRY_SMP_OK;
}

int ferry_smp_os_params(struct ferry_smp_request *request)
{
    ferry_smp_put_uint(request, "buf_size", request->config->buffer_size);
    ferry_smp_put_uint(request, "buf_count", request->config->buffer_count);
    return FERRY_SMP_OK;
}
