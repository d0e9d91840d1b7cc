# SPDX-License-Identifier: Apache-2.0
ferry_fuzz(smp_server ${CMAKE_CURRENT_LIST_DIR}/smp/server.c LIBS smp_rig)
ferry_fuzz(smp_serial ${CMAKE_CURRENT_LIST_DIR}/smp/serial.c LIBS ferry_smp)
