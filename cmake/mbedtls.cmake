# SPDX-License-Identifier: Apache-2.0
# Mbed TLS, one version for host and MCU. See setup/ for where it comes from.

set(MBEDTLS_DIR "${FERRY_DEPS}/mbedtls" CACHE PATH "Mbed TLS 3.6 source tree")
if(NOT EXISTS ${MBEDTLS_DIR}/include/mbedtls/build_info.h)
  message(FATAL_ERROR "no Mbed TLS in ${MBEDTLS_DIR}: run 'make setup', or give MBEDTLS_DIR=")
endif()

# What a device links: SHA-256 and P-256 verification, no heap, nothing else.
add_library(mbedtls_device STATIC
  ${MBEDTLS_DIR}/library/sha256.c
  ${MBEDTLS_DIR}/library/platform_util.c
  ${MBEDTLS_DIR}/3rdparty/p256-m/p256-m/p256-m.c)
target_include_directories(mbedtls_device SYSTEM PUBLIC
  ${MBEDTLS_DIR}/include ${MBEDTLS_DIR}/3rdparty/p256-m/p256-m)
target_include_directories(mbedtls_device PRIVATE ${MBEDTLS_DIR}/library)
target_compile_definitions(mbedtls_device PUBLIC
  MBEDTLS_CONFIG_FILE="${CMAKE_SOURCE_DIR}/src/crypto/mbedtls_device_config.h")
