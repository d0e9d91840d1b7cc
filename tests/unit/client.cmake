# SPDX-License-Identifier: Apache-2.0
ferry_test(smp_upload test_smp_upload.c smp_peer.c LIBS ferry_client)
ferry_test(cbor_tree test_cbor_tree.c LIBS ferry_client)
ferry_test(progress test_progress.c LIBS ferry_client)
target_compile_definitions(test_progress PRIVATE _POSIX_C_SOURCE=200809L)
ferry_test(command_line test_command_line.c LIBS ferry_tool)
