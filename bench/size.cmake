# SPDX-License-Identifier: Apache-2.0
# Programs that are linked to be weighed, never run: the library without a board. What a port
# provides is left open and given an address here, so that it weighs nothing.
set(size_open
  bench_spi bench_clock bench_boot_port bench_port bench_layout bench_keys bench_retained)
set(size_crypto
  ferry_sha256_start ferry_sha256_update ferry_sha256_finish ferry_sha256 ferry_p256_verify
  ferry_compare)

# size_program(NAME SOURCE LIBS... [OPEN SYMBOLS...])
function(size_program name source)
  cmake_parse_arguments(arg "" "" "OPEN" ${ARGN})
  add_executable(${name} ${CMAKE_SOURCE_DIR}/bench/${source})
  target_link_libraries(${name} PRIVATE ferry_options ${arg_UNPARSED_ARGUMENTS})
  target_link_options(${name} PRIVATE -nostartfiles -Wl,-e,main -Wl,--no-warn-rwx-segments
    -Wl,-Map=${CMAKE_CURRENT_BINARY_DIR}/${name}.map)
  foreach(symbol ${size_open} ${arg_OPEN})
    target_link_options(${name} PRIVATE -Wl,--defsym=${symbol}=0x20000000)
  endforeach()
  set_target_properties(${name} PROPERTIES SUFFIX .elf)
endfunction()

size_program(size-boot-no-crypto size_boot.c ferry_boot OPEN ${size_crypto})
size_program(size-boot-p256 size_boot.c ferry_boot)
size_program(size-recovery size_recovery.c ferry_app_bootloader)
