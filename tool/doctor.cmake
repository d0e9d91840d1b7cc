# SPDX-License-Identifier: Apache-2.0
target_link_libraries(ferry PRIVATE ferry_doctor)
target_sources(ferry PRIVATE ${CMAKE_CURRENT_LIST_DIR}/layout_read.c
  ${CMAKE_CURRENT_LIST_DIR}/layout_write.c)
