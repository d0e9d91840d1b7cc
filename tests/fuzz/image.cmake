# SPDX-License-Identifier: Apache-2.0
ferry_fuzz(image ${CMAKE_CURRENT_LIST_DIR}/image/fuzz_image.c LIBS ferry_host_image)
ferry_fuzz(hex ${CMAKE_CURRENT_LIST_DIR}/image/fuzz_hex.c LIBS ferry_host_image)
ferry_fuzz(layout ${CMAKE_CURRENT_LIST_DIR}/image/fuzz_layout.c LIBS ferry_host_layout)
