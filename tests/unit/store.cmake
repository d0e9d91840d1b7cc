# SPDX-License-Identifier: Apache-2.0
ferry_test(journal ${CMAKE_CURRENT_LIST_DIR}/test_journal.c LIBS ferry_store ferry_flash sim_memflash)
ferry_test(floor ${CMAKE_CURRENT_LIST_DIR}/test_floor.c LIBS ferry_store ferry_flash sim_memflash)
ferry_test(retained ${CMAKE_CURRENT_LIST_DIR}/test_retained.c LIBS ferry_store ferry_flash)
ferry_test(decide ${CMAKE_CURRENT_LIST_DIR}/test_decide.c LIBS ferry_boot ferry_store ferry_flash)
ferry_test(copy ${CMAKE_CURRENT_LIST_DIR}/test_copy.c LIBS ferry_boot ferry_store ferry_flash sim_memflash)
