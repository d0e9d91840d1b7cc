# SPDX-License-Identifier: Apache-2.0
target_link_libraries(ferry PRIVATE ferry_doctor)
