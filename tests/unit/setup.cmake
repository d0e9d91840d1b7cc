# SPDX-License-Identifier: Apache-2.0
add_test(NAME setup_debsrc COMMAND ${CMAKE_CURRENT_LIST_DIR}/setup/debsrc.sh
         ${CMAKE_SOURCE_DIR}/setup/debsrc.awk)
