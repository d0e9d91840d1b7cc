# SPDX-License-Identifier: Apache-2.0
include(${CMAKE_CURRENT_LIST_DIR}/yaml.cmake)
include(${CMAKE_CURRENT_LIST_DIR}/image.cmake)
ferry_library(ferry_host_layout
  ${CMAKE_CURRENT_LIST_DIR}/layout.c ${CMAKE_CURRENT_LIST_DIR}/layout_check.c
  LIBS ferry_host_image ferry_yaml)
target_include_directories(ferry_host_layout PUBLIC ${CMAKE_SOURCE_DIR})
