# SPDX-License-Identifier: Apache-2.0
# The host tool, and a third-party client, against the posix device over a pty and over UDP.
set(client_python ${FERRY_DEPS}/venv/bin/python)

function(client_test name link)
  add_test(NAME client-${name}-${link}
    COMMAND ${client_python} ${CMAKE_CURRENT_LIST_DIR}/client.py
      --build ${CMAKE_BINARY_DIR} --link ${link} ${name})
  set_tests_properties(client-${name}-${link} PROPERTIES
    TIMEOUT 180 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endfunction()

foreach(link serial udp)
  foreach(scenario commands update update_options rolls_back back_on_trial bad_files
      bad_images refusals device_dies port_vanishes interrupted silence closed progress)
    client_test(${scenario} ${link})
  endforeach()
  add_test(NAME peer-smpmgr-${link}
    COMMAND ${client_python} ${CMAKE_CURRENT_LIST_DIR}/peer_smpmgr.py
      --build ${CMAKE_BINARY_DIR} --link ${link} --smpmgr ${FERRY_DEPS}/venv/bin/smpmgr)
  set_tests_properties(peer-smpmgr-${link} PROPERTIES
    TIMEOUT 300 SKIP_RETURN_CODE 77 ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endforeach()
client_test(command_line serial)
client_test(port_in_use serial)
client_test(other_link serial)
client_test(recovery serial)
client_test(empty_device serial)
client_test(generated serial)
client_test(bad_network udp)

# smpmgr knows one port only.
set_tests_properties(peer-smpmgr-udp PROPERTIES RESOURCE_LOCK udp-port-1337)
