# SPDX-License-Identifier: Apache-2.0
target_sources(ferry PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/device.c ${CMAKE_CURRENT_LIST_DIR}/device_print.c
  ${CMAKE_CURRENT_LIST_DIR}/device_operand.c ${CMAKE_CURRENT_LIST_DIR}/image_file.c
  ${CMAKE_CURRENT_LIST_DIR}/send_image.c ${CMAKE_CURRENT_LIST_DIR}/wait_device.c)
target_link_libraries(ferry PRIVATE ferry_client ferry_host_image)
