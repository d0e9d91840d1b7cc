// SPDX-License-Identifier: Apache-2.0
#include "src/image/tlv.h"

int ferry_tlv_open(struct ferry_tlv_walk *walk, const struct ferry_region *region, uint32_t offset,
                   uint16_t magic)
{
    uint8_t info[TLV_INFO_SIZE];
    uint32_t total;
    int status;

    status = ferry_region_read(region, offset, info, sizeof(info));
    if (status != FERRY_OK)
        return status;
    total = ferry_get_le16(info + 2);
    if (ferry_get_le16(info) != magic || total < TLV_INFO_SIZE)
        return FERRY_E_IMAGE_TLV;
    if (total > region->length - offset)
        return FERRY_E_IMAGE_TOO_LARGE;
    walk->region = region;
    walk->next = offset + TLV_INFO_SIZE;
    walk->end = offset + total;
    return FERRY_OK;
}

int ferry_tlv_next(struct ferry_tlv_walk *walk, struct ferry_tlv *tlv)
{
    uint8_t entry[TLV_ENTRY_SIZE];
    int status;

    if (walk->end - walk->next < TLV_ENTRY_SIZE)
        return FERRY_E_IMAGE_TLV;
    status = ferry_region_read(walk->region, walk->next, entry, sizeof(entry));
    if (status != FERRY_OK)
        return status;
    tlv->type = ferry_get_le16(entry);
    tlv->length = ferry_get_le16(entry + 2);
    tlv->offset = walk->next + TLV_ENTRY_SIZE;
    if (tlv->length > walk->end - tlv->offset)
        return FERRY_E_IMAGE_TLV;
    walk->next = tlv->offset + tlv->length;
    return FERRY_OK;
}
