# SPDX-License-Identifier: Apache-2.0
ferry_fuzz(overlay ${CMAKE_CURRENT_LIST_DIR}/doctor/fuzz_overlay.c LIBS ferry_doctor)
ferry_fuzz(kconfig ${CMAKE_CURRENT_LIST_DIR}/doctor/fuzz_kconfig.c LIBS ferry_doctor)
