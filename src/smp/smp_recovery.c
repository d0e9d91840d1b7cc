// SPDX-License-Identifier: Apache-2.0
/* What recovery serves: enough to see what there is, upload, ask for it, reset. */
#include "smp_commands.h"

static const struct ferry_smp_command os_commands[] = {
    {OS_ECHO, ferry_smp_os_echo, ferry_smp_os_echo},
    {OS_RESET, NULL, ferry_smp_os_reset},
    {OS_PARAMS, ferry_smp_os_params, NULL},
};

static const struct ferry_smp_command image_commands[] = {
    {IMAGE_STATE, ferry_smp_image_state, ferry_smp_image_set_state},
    {IMAGE_UPLOAD, NULL, ferry_smp_image_upload},
};

static const struct ferry_smp_command ferry_commands[] = {
    {FERRY_STATUS, ferry_smp_ferry_status_brief, NULL},
};

static const struct ferry_smp_group os = {OS_GROUP, COUNT(os_commands), os_commands};
static const struct ferry_smp_group image = {IMAGE_GROUP, COUNT(image_commands), image_commands};
static const struct ferry_smp_group ferry = {FERRY_SMP_GROUP_FERRY, COUNT(ferry_commands),
                                             ferry_commands};

const struct ferry_smp_group *const ferry_smp_groups_recovery[] = {&os, &image, &ferry, NULL};
