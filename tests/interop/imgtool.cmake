# SPDX-License-Identifier: Apache-2.0
# Images and keys against MCUboot's own tool.
set(FERRY_IMGTOOL "${FERRY_DEPS}/venv/bin/imgtool" CACHE FILEPATH "imgtool to test against")
set(imgtool_python ${FERRY_DEPS}/venv/bin/python)
if(NOT EXISTS ${imgtool_python})
  set(imgtool_python python3)
endif()
foreach(scenario accepts equal hex tampered kinds extras keys)
  add_test(NAME peer-imgtool-${scenario}
    COMMAND ${imgtool_python} ${CMAKE_CURRENT_LIST_DIR}/peer_imgtool.py
      --ferry $<TARGET_FILE:ferry> --imgtool ${FERRY_IMGTOOL} ${scenario})
  set_tests_properties(peer-imgtool-${scenario} PROPERTIES
    TIMEOUT 180 SKIP_RETURN_CODE 77 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endforeach()
