# SPDX-License-Identifier: Apache-2.0
# ferry_nor_table(TARGET [PARTS...]): a library that holds ferry_nor_parts[], compiled from the
# descriptions in this folder: all parts, or exactly the ones named.
set(FERRY_CHIPS_DIR ${CMAKE_CURRENT_LIST_DIR})

function(ferry_nor_table target)
  set(Python3_FIND_VIRTUALENV STANDARD) # PyYAML is a package of the system
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB chips CONFIGURE_DEPENDS ${FERRY_CHIPS_DIR}/*.yaml)
  set(table ${CMAKE_CURRENT_BINARY_DIR}/${target}.c)
  add_custom_command(OUTPUT ${table}
    COMMAND ${Python3_EXECUTABLE} ${FERRY_CHIPS_DIR}/generate.py ${table} ${ARGN}
    DEPENDS ${chips} ${FERRY_CHIPS_DIR}/generate.py VERBATIM)
  ferry_library(${target} ${table} LIBS ferry_flash)
endfunction()

# What runs under QEMU without guest errors: its own models, and parts whose models are complete.
set(FERRY_QEMU_PARTS
  qemu-w25q80bl qemu-w25q32 qemu-w25q64 qemu-w25q256 qemu-gd25q32 qemu-gd25q64
  qemu-is25lp032 qemu-is25lp064 qemu-is25lp128 qemu-mx25l25635 qemu-mx66l1g45g qemu-n25q128
  W25Q512JV W25Q01JV N25Q256A MT25QL512 S25SL128-64K S25FL512S EN25Q64)
