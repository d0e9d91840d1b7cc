# SPDX-License-Identifier: Apache-2.0
target_sources(ferry PRIVATE ${CMAKE_CURRENT_LIST_DIR}/inspect_image.c
                             ${CMAKE_CURRENT_LIST_DIR}/inspect_dump.c)
target_link_libraries(ferry PRIVATE ferry_host_image ferry_host_layout ferry_host_dump)
