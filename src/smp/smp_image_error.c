// SPDX-License-Identifier: Apache-2.0
/* What the image group calls our refusals. */
#include "smp_image_error.h"
#include "smp_commands.h"

/* Indexed by the status without its sign. What is not here is UNKNOWN. */
static const uint8_t codes[] = {
    [-FERRY_E_RANGE] = IMAGE_DATA_OVERRUN,
    [-FERRY_E_NO_MEMORY] = IMAGE_NO_FREE_MEMORY,

    [-FERRY_E_IO] = IMAGE_FLASH_READ_FAILED,
    [-FERRY_E_TIMEOUT] = IMAGE_FLASH_READ_FAILED,
    [-FERRY_E_NO_CHIP] = IMAGE_FLASH_OPEN_FAILED,
    [-FERRY_E_CHIP_UNKNOWN] = IMAGE_FLASH_OPEN_FAILED,
    [-FERRY_E_CHIP_SIZE] = IMAGE_FLASH_OPEN_FAILED,
    [-FERRY_E_PROTECTED] = IMAGE_FLASH_WRITE_FAILED,
    [-FERRY_E_PROGRAM] = IMAGE_FLASH_WRITE_FAILED,
    [-FERRY_E_ERASE] = IMAGE_FLASH_ERASE_FAILED,
    [-FERRY_E_READBACK] = IMAGE_FLASH_WRITE_FAILED,
    [-FERRY_E_ECC] = IMAGE_FLASH_READ_FAILED,
    [-FERRY_E_FLOATING] = IMAGE_FLASH_OPEN_FAILED,

    [-FERRY_E_IMAGE_MAGIC] = IMAGE_INVALID_MAGIC,
    [-FERRY_E_IMAGE_HEADER] = IMAGE_INVALID_HEADER,
    [-FERRY_E_IMAGE_TLV] = IMAGE_INVALID_TLV,
    [-FERRY_E_IMAGE_NO_HASH] = IMAGE_HASH_NOT_FOUND,
    [-FERRY_E_IMAGE_HASH] = IMAGE_INVALID_HASH,
    [-FERRY_E_IMAGE_UNSIGNED] = IMAGE_NO_TLVS,
    [-FERRY_E_IMAGE_KEY] = IMAGE_INVALID_TLV,
    [-FERRY_E_IMAGE_SIGNATURE] = IMAGE_INVALID_TLV,
    [-FERRY_E_IMAGE_TOO_LARGE] = IMAGE_TOO_LARGE,
    [-FERRY_E_IMAGE_ADDRESS] = IMAGE_INVALID_ADDRESS,
    [-FERRY_E_IMAGE_FLOOR] = IMAGE_CURRENT_IS_NEWER,
    [-FERRY_E_IMAGE_UNSUPPORTED] = IMAGE_INVALID_HEADER,
    [-FERRY_E_IMAGE_TRUNCATED] = IMAGE_INVALID_LENGTH,
    [-FERRY_E_IMAGE_DOWNGRADE] = IMAGE_CURRENT_IS_NEWER,

    [-FERRY_E_JOURNAL_NONE] = IMAGE_FLASH_OPEN_FAILED,
    [-FERRY_E_JOURNAL_FOREIGN] = IMAGE_FLASH_OPEN_FAILED,
    [-FERRY_E_JOURNAL_WRITE] = IMAGE_FLASH_WRITE_FAILED,
    [-FERRY_E_SLOT_IN_USE] = IMAGE_NO_FREE_SLOT,
    [-FERRY_E_SLOT_NONE] = IMAGE_NO_FREE_SLOT,
    [-FERRY_E_SLOT_EMPTY] = IMAGE_NO_IMAGE,
    [-FERRY_E_LAYOUT] = IMAGE_FLASH_OPEN_FAILED,

    [-FERRY_E_OFFSET] = IMAGE_INVALID_OFFSET,
    [-FERRY_E_SIZE] = IMAGE_DATA_OVERRUN,
    [-FERRY_E_DIGEST] = IMAGE_INVALID_HASH,
    [-FERRY_E_NO_FALLBACK] = IMAGE_NO_FREE_SLOT,
    [-FERRY_E_ON_TRIAL] = IMAGE_ALREADY_PENDING,
    [-FERRY_E_SAME_IMAGE] = IMAGE_TEST_OF_ACTIVE,
    [-FERRY_E_PENDING] = IMAGE_ALREADY_PENDING,
};

/* A version 1 client knows no codes of groups; this is how the field translates them. */
static int with_version_1(uint8_t code)
{
    enum ferry_smp_rc rc = FERRY_SMP_EUNKNOWN;

    switch (code) {
    case IMAGE_NO_IMAGE:
    case IMAGE_NO_TLVS:
        rc = FERRY_SMP_ENOENT;
        break;
    case IMAGE_NO_FREE_SLOT:
    case IMAGE_CURRENT_IS_NEWER:
    case IMAGE_ALREADY_PENDING:
        rc = FERRY_SMP_EBADSTATE;
        break;
    case IMAGE_NO_FREE_MEMORY:
        rc = FERRY_SMP_ENOMEM;
        break;
    case IMAGE_INVALID_SLOT:
    case IMAGE_INVALID_OFFSET:
    case IMAGE_INVALID_LENGTH:
    case IMAGE_INVALID_HEADER:
    case IMAGE_INVALID_HASH:
    case IMAGE_INVALID_ADDRESS:
        rc = FERRY_SMP_EINVAL;
        break;
    default:
        break;
    }
    return FERRY_SMP_ERROR(code, (int)rc);
}

int ferry_smp_image_refuse_as(struct ferry_smp_request *request, int status, uint8_t code)
{
    (void)ferry_update_refuse(request->config->update, status);
    return with_version_1(code);
}

int ferry_smp_image_refuse(struct ferry_smp_request *request, int status)
{
    uint32_t index = (uint32_t)-status;
    uint8_t code = index < COUNT(codes) ? codes[index] : 0;

    if (status == FERRY_OK) {
        return FERRY_SMP_OK;
    }
    (void)ferry_update_refuse(request->config->update, status);
    if (status == FERRY_E_UNSUPPORTED) {
        return FERRY_SMP_ENOTSUP;
    }
    if (status == FERRY_E_DENIED) {
        return FERRY_SMP_EACCESSDENIED;
    }
    return with_version_1(code != 0 ? code : IMAGE_UNKNOWN);
}
