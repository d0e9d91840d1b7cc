# SPDX-License-Identifier: Apache-2.0
ferry_test(smp_serial ${CMAKE_CURRENT_LIST_DIR}/smp/test_smp_serial.c LIBS ferry_smp)
