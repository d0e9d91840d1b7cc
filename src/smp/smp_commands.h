// SPDX-License-Identifier: Apache-2.0
/* The handlers, for the lists of groups, and what several of them share. */
#ifndef FERRY_SMP_COMMANDS_H
#define FERRY_SMP_COMMANDS_H

#include "ferry/smp_group.h"

int ferry_smp_os_echo(struct ferry_smp_request *request);
int ferry_smp_os_reset(struct ferry_smp_request *request);
int ferry_smp_os_params(struct ferry_smp_request *request);
int ferry_smp_os_info(struct ferry_smp_request *request);
int ferry_smp_os_bootloader(struct ferry_smp_request *request);

int ferry_smp_image_state(struct ferry_smp_request *request);
int ferry_smp_image_set_state(struct ferry_smp_request *request);
int ferry_smp_image_upload(struct ferry_smp_request *request);
int ferry_smp_image_erase(struct ferry_smp_request *request);
int ferry_smp_image_slots(struct ferry_smp_request *request);

int ferry_smp_ferry_status(struct ferry_smp_request *request);
int ferry_smp_ferry_status_brief(struct ferry_smp_request *request);
int ferry_smp_ferry_slots(struct ferry_smp_request *request);
int ferry_smp_ferry_log(struct ferry_smp_request *request);
int ferry_smp_ferry_back(struct ferry_smp_request *request);
int ferry_smp_ferry_preflight(struct ferry_smp_request *request);
int ferry_smp_ferry_withdraw(struct ferry_smp_request *request);

/* Command ids. */
enum {
    OS_ECHO = 0,
    OS_RESET = 5,
    OS_PARAMS = 6,
    OS_INFO = 7,
    OS_BOOTLOADER = 8,

    IMAGE_STATE = 0,
    IMAGE_UPLOAD = 1,
    IMAGE_ERASE = 5,
    IMAGE_SLOTS = 6,

    FERRY_STATUS = 0,
    FERRY_SLOTS = 1,
    FERRY_LOG = 2,
    FERRY_BACK = 3,
    FERRY_PREFLIGHT = 4,
    FERRY_WITHDRAW = 5,
};

#define OS_GROUP    0
#define IMAGE_GROUP 1

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "255.255.65535.4294967295" */
#define VERSION_TEXT_SIZE 24u

/* Writes "major.minor.revision", and ".build" where it is not 0, under "version". */
void ferry_smp_put_version(struct ferry_smp_request *request, const struct ferry_version *version);

/* The same into `text`, which has VERSION_TEXT_SIZE bytes, up to its end. Returns where it starts.
 */
uint32_t ferry_smp_version_text(const struct ferry_version *version, char *text);

/*
 * Notes `status` as the reason of a refusal and returns the error of the image group that says it
 * best; 0 for FERRY_OK.
 */
int ferry_smp_image_refuse(struct ferry_smp_request *request, int status);

/* The same with a certain code of the image group. */
int ferry_smp_image_refuse_as(struct ferry_smp_request *request, int status, uint8_t code);

#endif
