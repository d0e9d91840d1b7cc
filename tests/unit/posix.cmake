# SPDX-License-Identifier: Apache-2.0
ferry_test(posix_flash ${CMAKE_CURRENT_LIST_DIR}/posix_flash.c LIBS ferry_posix)
