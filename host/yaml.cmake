# SPDX-License-Identifier: Apache-2.0
# The YAML reader and the arena it allocates from; include() it wherever layouts are read.
include_guard(GLOBAL)
ferry_library(ferry_yaml ${CMAKE_CURRENT_LIST_DIR}/arena.c ${CMAKE_CURRENT_LIST_DIR}/yaml.c
              LIBS yaml)
target_include_directories(ferry_yaml PUBLIC ${CMAKE_SOURCE_DIR})
