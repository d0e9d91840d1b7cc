# SPDX-License-Identifier: Apache-2.0
# End to end on the posix device: real processes, a real pty, real UDP. The same scenarios as on the
# emulated board (tests/e2e/scenarios.py), and what only files can be put through.
set(e2e ${CMAKE_SOURCE_DIR}/tests/e2e)
set(e2e_python ${FERRY_DEPS}/venv/bin/python)
foreach(scenario
    update back_on_trial unconfirmed crashes confirms_itself recovery recovery_asked resume bad_images noise
    udp udp_noise two_links hangs no_program wrong_key button locked
    power_losses external_chip kills cuts storm takes_over)
  add_test(NAME posix-${scenario}
    COMMAND ${e2e_python} ${e2e}/run.py --board posix --build ${CMAKE_BINARY_DIR} ${scenario})
  set_tests_properties(posix-${scenario} PROPERTIES
    TIMEOUT 300 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endforeach()
