# SPDX-License-Identifier: Apache-2.0
# SMP from the other end: client without I/O, links, and what joins them.
ferry_library(ferry_client
  cbor_tree.c smp_message.c smp_errors.c smp_call.c smp_upload.c
  transport_serial.c transport_udp.c session.c device.c device_ferry.c progress.c
  LIBS zcbor ferry_status ferry_smp)
target_include_directories(ferry_client PUBLIC ${CMAKE_SOURCE_DIR})
