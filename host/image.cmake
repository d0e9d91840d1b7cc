# SPDX-License-Identifier: Apache-2.0
# Keys, signing and looking at images. Mbed TLS stays PRIVATE here as it does on the device.
include_guard(GLOBAL)
ferry_library(ferry_host_image
  ${CMAKE_CURRENT_LIST_DIR}/problem.c ${CMAKE_CURRENT_LIST_DIR}/file.c
  ${CMAKE_CURRENT_LIST_DIR}/keys.c ${CMAKE_CURRENT_LIST_DIR}/hex.c
  ${CMAKE_CURRENT_LIST_DIR}/buffer_flash.c ${CMAKE_CURRENT_LIST_DIR}/sign.c ${CMAKE_CURRENT_LIST_DIR}/image_inspect.c
  LIBS ferry_image)
target_include_directories(ferry_host_image PUBLIC ${CMAKE_SOURCE_DIR})
target_link_libraries(ferry_host_image PRIVATE mbedtls_host)
