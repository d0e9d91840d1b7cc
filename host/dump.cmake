# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/image.cmake)
ferry_library(ferry_host_dump
  ${CMAKE_CURRENT_LIST_DIR}/dump.c ${CMAKE_CURRENT_LIST_DIR}/forecast.c
  LIBS ferry_host_image ferry_boot ferry_store)
target_include_directories(ferry_host_dump PUBLIC ${CMAKE_SOURCE_DIR})
