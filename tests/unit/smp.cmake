# SPDX-License-Identifier: Apache-2.0
set(smp_rig ${CMAKE_CURRENT_LIST_DIR}/smp)
add_library(smp_rig STATIC ${smp_rig}/device.c ${smp_rig}/check_replies.c ${smp_rig}/message.c
            ${smp_rig}/samples.c)
target_link_libraries(smp_rig PRIVATE ferry_options PUBLIC ferry_smp ferry_update sim_memflash zcbor)
target_include_directories(smp_rig PUBLIC ${CMAKE_SOURCE_DIR})

ferry_test(smp_serial ${smp_rig}/test_smp_serial.c LIBS smp_rig)
ferry_test(smp_server ${smp_rig}/test_smp_server.c LIBS smp_rig)
ferry_test(smp_image ${smp_rig}/test_smp_image.c LIBS smp_rig)
ferry_test(smp_receive ${smp_rig}/test_smp_receive.c LIBS smp_rig)
ferry_test(smp_ferry ${smp_rig}/test_smp_ferry.c LIBS smp_rig)
ferry_test(smp_robust ${smp_rig}/test_smp_robust.c LIBS smp_rig)
