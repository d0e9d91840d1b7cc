# SPDX-License-Identifier: Apache-2.0
set(image_kit ${CMAKE_CURRENT_LIST_DIR}/image/image_kit.c)

ferry_test(crypto ${CMAKE_CURRENT_LIST_DIR}/image/test_crypto.c LIBS ferry_crypto)
foreach(part image_parse image_verify image_der)
  ferry_test(${part} ${CMAKE_CURRENT_LIST_DIR}/image/test_${part}.c ${image_kit}
             LIBS ferry_host_image)
endforeach()

ferry_test(hex ${CMAKE_CURRENT_LIST_DIR}/host/test_hex.c LIBS ferry_host_image)
ferry_test(sign ${CMAKE_CURRENT_LIST_DIR}/host/test_sign.c ${image_kit} LIBS ferry_host_image)
ferry_test(keys ${CMAKE_CURRENT_LIST_DIR}/host/test_keys.c LIBS ferry_host_image)
ferry_test(layout ${CMAKE_CURRENT_LIST_DIR}/host/test_layout.c LIBS ferry_host_layout)
ferry_test(dump ${CMAKE_CURRENT_LIST_DIR}/host/test_dump.c ${image_kit} LIBS ferry_host_dump)
target_compile_definitions(test_layout PRIVATE FERRY_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_compile_definitions(test_keys PRIVATE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
