// SPDX-License-Identifier: Apache-2.0
/* Takes the place of recovery where it is not wanted: waits, then tries a boot again. */
#include "apps/bootloader/bootloader.h"

#define RETRY_US 10000000u

int recovery_run(struct bootloader *bootloader, int reason)
{
    const struct bootloader_port *port = bootloader->port;

    (void)reason;
    port->clock->sleep_us(port->clock->context, RETRY_US);
    port->reset(port->context);
    return FERRY_E_STATE; /* not reached: reset does not return */
}
