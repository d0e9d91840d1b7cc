# SPDX-License-Identifier: Apache-2.0
ferry_test(update ${CMAKE_CURRENT_LIST_DIR}/test_update.c LIBS sim_machine ferry_host_image)
ferry_test(update_trouble ${CMAKE_CURRENT_LIST_DIR}/test_update_trouble.c LIBS sim_machine ferry_host_image)
