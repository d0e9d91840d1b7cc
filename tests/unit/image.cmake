# SPDX-License-Identifier: Apache-2.0
ferry_test(crypto ${CMAKE_CURRENT_LIST_DIR}/image/test_crypto.c LIBS ferry_crypto)
foreach(part image_parse image_verify image_der)
  ferry_test(${part} ${CMAKE_CURRENT_LIST_DIR}/image/test_${part}.c
             ${CMAKE_CURRENT_LIST_DIR}/image/image_kit.c LIBS ferry_host_image)
endforeach()
