# SPDX-License-Identifier: Apache-2.0
ferry_test(flash-region ${CMAKE_CURRENT_LIST_DIR}/flash/test_region.c LIBS ferry_flash sim_memflash)
ferry_test(flash-status ${CMAKE_CURRENT_LIST_DIR}/flash/test_status.c LIBS ferry_status)
target_compile_definitions(test_flash-status PRIVATE
  STATUS_HEADER="${CMAKE_SOURCE_DIR}/include/ferry/status.h")
ferry_test(flash-sfdp ${CMAKE_CURRENT_LIST_DIR}/flash/test_sfdp.c LIBS ferry_flash)

# The driver against the chip model.
ferry_test(sim-nor-chip ${CMAKE_CURRENT_LIST_DIR}/flash/test_nor_chip.c LIBS sim_nor)
foreach(part start write leftover)
  ferry_test(flash-nor-${part} ${CMAKE_CURRENT_LIST_DIR}/flash/test_nor_${part}.c
    ${CMAKE_CURRENT_LIST_DIR}/flash/bench.c LIBS ferry_flash ferry_nor_parts sim_nor)
endforeach()

# The part table.
ferry_test(flash-parts ${CMAKE_CURRENT_LIST_DIR}/flash/test_parts.c LIBS ferry_nor_parts)
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME flash-generate COMMAND ${Python3_EXECUTABLE}
  ${CMAKE_CURRENT_LIST_DIR}/flash/test_generate.py ${CMAKE_SOURCE_DIR}/data/chips)
