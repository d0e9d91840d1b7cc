// SPDX-License-Identifier: Apache-2.0
/* Everything: what an application serves. */
#include "smp_commands.h"

static const struct ferry_smp_command os_commands[] = {
    {OS_ECHO, ferry_smp_os_echo, ferry_smp_os_echo}, {OS_RESET, NULL, ferry_smp_os_reset},
    {OS_PARAMS, ferry_smp_os_params, NULL},          {OS_INFO, ferry_smp_os_info, NULL},
    {OS_BOOTLOADER, ferry_smp_os_bootloader, NULL},
};

static const struct ferry_smp_command image_commands[] = {
    {IMAGE_STATE, ferry_smp_image_state, ferry_smp_image_set_state},
    {IMAGE_UPLOAD, NULL, ferry_smp_image_upload},
    {IMAGE_ERASE, NULL, ferry_smp_image_erase},
    {IMAGE_SLOTS, ferry_smp_image_slots, NULL},
};

static const struct ferry_smp_command ferry_commands[] = {
    {FERRY_STATUS, ferry_smp_ferry_status, NULL},
    {FERRY_SLOTS, ferry_smp_ferry_slots, NULL},
    {FERRY_LOG, ferry_smp_ferry_log, NULL},
    {FERRY_BACK, NULL, ferry_smp_ferry_back},
    {FERRY_PREFLIGHT, ferry_smp_ferry_preflight, ferry_smp_ferry_preflight},
    {FERRY_WITHDRAW, NULL, ferry_smp_ferry_withdraw},
};

static const struct ferry_smp_group os = {OS_GROUP, COUNT(os_commands), os_commands};
static const struct ferry_smp_group image = {IMAGE_GROUP, COUNT(image_commands), image_commands};
static const struct ferry_smp_group ferry = {FERRY_SMP_GROUP_FERRY, COUNT(ferry_commands),
                                             ferry_commands};

const struct ferry_smp_group *const ferry_smp_groups_all[] = {&os, &image, &ferry, NULL};
