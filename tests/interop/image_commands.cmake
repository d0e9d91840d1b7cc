# SPDX-License-Identifier: Apache-2.0
# The commands around keys, images, dumps and layouts, as a user calls them.
foreach(scenario keys sign addresses inspect dump layout)
  add_test(NAME image-commands-${scenario}
    COMMAND python3 ${CMAKE_CURRENT_LIST_DIR}/image_commands.py --ferry $<TARGET_FILE:ferry>
      --source ${CMAKE_SOURCE_DIR} --cc ${CMAKE_C_COMPILER} ${scenario})
  set_tests_properties(image-commands-${scenario} PROPERTIES
    TIMEOUT 120 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endforeach()
