# SPDX-License-Identifier: Apache-2.0
# ferry_nor_table(TARGET [PARTS...]): a library that holds ferry_nor_parts[], compiled from the
# descriptions in this folder: all parts, or exactly the ones named.
set(FERRY_CHIPS_DIR ${CMAKE_CURRENT_LIST_DIR})

function(ferry_nor_table target)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB chips CONFIGURE_DEPENDS ${FERRY_CHIPS_DIR}/*.yaml)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${target}.c)
  add_custom_command(OUTPUT ${table}
    COMMAND ${Python3_EXECUTABLE} ${FERRY_CHIPS_DIR}/generate.py ${table} ${ARGN}
    DEPENDS ${chips} ${FERRY_CHIPS_DIR}/generate.py VERBATIM)
  ferry_library(${target} ${table})
endfunction()
