# SPDX-License-Identifier: Apache-2.0
ferry_test(smp_upload test_smp_upload.c smp_peer.c LIBS ferry_client)
