# SPDX-License-Identifier: Apache-2.0
# zcbor: CBOR without a heap, for the device and the host.

set(ZCBOR_DIR "${FERRY_DEPS}/zcbor" CACHE PATH "zcbor source tree")
if(NOT EXISTS ${ZCBOR_DIR}/include/zcbor_decode.h)
  message(FATAL_ERROR "no zcbor in ${ZCBOR_DIR}: run 'make setup'")
endif()
add_library(zcbor STATIC
  ${ZCBOR_DIR}/src/zcbor_common.c ${ZCBOR_DIR}/src/zcbor_decode.c ${ZCBOR_DIR}/src/zcbor_encode.c)
target_include_directories(zcbor SYSTEM PUBLIC ${ZCBOR_DIR}/include)
