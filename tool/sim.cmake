# SPDX-License-Identifier: Apache-2.0
# `ferry sim`: runs an emulated board.
target_sources(ferry PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/sim_board.c ${CMAKE_CURRENT_LIST_DIR}/sim_console.c
  ${CMAKE_CURRENT_LIST_DIR}/sim_cut.c ${CMAKE_CURRENT_LIST_DIR}/sim_gdb.c
  ${CMAKE_CURRENT_LIST_DIR}/sim_qemu.c)
target_link_libraries(ferry PRIVATE ferry_host_image)
