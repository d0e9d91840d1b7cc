# SPDX-License-Identifier: Apache-2.0
# What every room uses: warnings, library and test helpers, third-party libraries.

set(FERRY_TARGET "host" CACHE STRING "host or ast1030")
set(FERRY_DEPS "${CMAKE_SOURCE_DIR}/build/deps" CACHE PATH "where make setup put third-party sources")

set(FERRY_KEY "" CACHE FILEPATH "public key (PEM) firmware is built for; empty = a demo key")
option(FERRY_SANITIZE "instrument host code with AddressSanitizer and UBSan" OFF)

# Programs land in build/<preset>/ (build/host/ferry), tests in their own room's folder.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

if(FERRY_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()

# Everything Ferry's own code is compiled with. Third-party code is not.
add_library(ferry_options INTERFACE)
target_compile_options(ferry_options INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror)
target_include_directories(ferry_options INTERFACE ${CMAKE_SOURCE_DIR}/include)

# A room takes part as soon as it has a CMakeLists.txt.
function(ferry_room folder)
  if(EXISTS ${CMAKE_SOURCE_DIR}/${folder}/CMakeLists.txt)
    add_subdirectory(${folder})
  endif()
endfunction()

# ferry_library(NAME SOURCES... [LIBS ...]): a static library of our own code.
function(ferry_library name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ferry_options PUBLIC ${arg_LIBS})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR}/include)
endfunction()

# ferry_test(NAME SOURCES... [LIBS ...]): a cmocka test program, registered with ctest.
function(ferry_test name)
  cmake_parse_arguments(arg "" "" "LIBS" ${ARGN})
  add_executable(test_${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(test_${name} PRIVATE ferry_options ${arg_LIBS} cmocka)
  target_include_directories(test_${name} PRIVATE ${CMAKE_SOURCE_DIR})
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
  add_test(NAME ${name} COMMAND test_${name})
endfunction()

# ferry_link_static(NAME): a program that needs no file of the host's when it is started. With
# sanitizers it stays dynamic, because their runtime cannot be linked statically.
function(ferry_link_static name)
  if(NOT FERRY_SANITIZE)
    target_link_options(${name} PRIVATE -static)
  endif()
endfunction()

include(mbedtls)
include(zcbor)
