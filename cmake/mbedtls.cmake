# SPDX-License-Identifier: Apache-2.0
# Mbed TLS, one version for host and MCU. See setup/ for where it comes from.

set(MBEDTLS_DIR "${FERRY_DEPS}/mbedtls" CACHE PATH "Mbed TLS 3.6 source tree")
if(NOT EXISTS ${MBEDTLS_DIR}/include/mbedtls/build_info.h)
  message(FATAL_ERROR "no Mbed TLS in ${MBEDTLS_DIR}: run 'make setup', or give MBEDTLS_DIR=")
endif()

# mbedtls_library(NAME CONFIG SOURCES...): some files of Mbed TLS under one configuration header.
function(mbedtls_library name config)
  add_library(${name} STATIC ${ARGN})
  target_include_directories(${name} SYSTEM PUBLIC
    ${MBEDTLS_DIR}/include ${MBEDTLS_DIR}/3rdparty/p256-m/p256-m)
  target_include_directories(${name} PRIVATE ${MBEDTLS_DIR}/library)
  target_compile_definitions(${name} PUBLIC MBEDTLS_CONFIG_FILE="${config}")
  target_compile_options(${name} PRIVATE -ffunction-sections -fdata-sections)
endfunction()

# What a device links: SHA-256 and P-256 verification, no heap, nothing else.
mbedtls_library(mbedtls_device ${CMAKE_SOURCE_DIR}/src/crypto/mbedtls_device_config.h
  ${MBEDTLS_DIR}/library/sha256.c
  ${MBEDTLS_DIR}/library/platform_util.c
  ${MBEDTLS_DIR}/3rdparty/p256-m/p256-m/p256-m.c
  ${CMAKE_SOURCE_DIR}/src/crypto/no_random.c)

# What the host adds to that: keys in PEM and signing. The files of mbedtls_device are not built a
# second time but linked from there, so no symbol exists twice; the host's configuration includes
# the device's, so both agree on every structure they share.
if(FERRY_TARGET STREQUAL "host")
  set(mbedtls_host_files
    asn1parse asn1write base64 bignum bignum_core constant_time ecdsa ecp ecp_curves
    hmac_drbg md oid pem pk pk_ecc pk_wrap pkparse)
  list(TRANSFORM mbedtls_host_files PREPEND ${MBEDTLS_DIR}/library/)
  list(TRANSFORM mbedtls_host_files APPEND .c)
  mbedtls_library(mbedtls_host ${CMAKE_SOURCE_DIR}/host/mbedtls_host_config.h ${mbedtls_host_files})
  target_link_libraries(mbedtls_host INTERFACE $<LINK_ONLY:mbedtls_device>)
endif()
