# SPDX-License-Identifier: Apache-2.0
ferry_fuzz(sfdp ${CMAKE_CURRENT_LIST_DIR}/flash/fuzz_sfdp.c LIBS ferry_flash sim_nor)
