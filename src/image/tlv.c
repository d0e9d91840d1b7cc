// SPDX-License-Identifier: Apache-2.0
#include "src/image/tlv.h"

/* Info headers and entries both begin with two numbers of 16 bits, read as they lie in flash. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "images are little endian");

int ferry_tlv_walk(const struct ferry_region *region, uint32_t offset, uint16_t magic,
                   ferry_tlv_take *take, void *context, uint32_t *end)
{
    struct ferry_tlv tlv;

    int status = ferry_region_read(region, offset, &tlv, TLV_INFO_SIZE);
    if (status != FERRY_OK)
        return status;
    if (tlv.type != magic || tlv.length < TLV_INFO_SIZE)
        return FERRY_E_IMAGE_TLV;
    if (tlv.length > region->length - offset)
        return FERRY_E_IMAGE_TOO_LARGE;
    *end = offset + tlv.length;
    offset += TLV_INFO_SIZE;
    while (status == FERRY_OK && offset < *end) {
        tlv.offset = offset + TLV_ENTRY_SIZE;
        if (tlv.offset > *end)
            return FERRY_E_IMAGE_TLV;
        status = ferry_region_read(region, offset, &tlv, TLV_ENTRY_SIZE);
        if (status != FERRY_OK)
            return status;
        if (tlv.length > *end - tlv.offset)
            return FERRY_E_IMAGE_TLV;
        offset = tlv.offset + tlv.length;
        status = take(region, &tlv, context);
    }
    return status;
}
