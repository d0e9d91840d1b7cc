# SPDX-License-Identifier: Apache-2.0
# Releases of the agent. A product links a cryptographic library for its connections; the agent
# links one for its self test, so that an image has the size and the content of a real one.

set(selftest_files
  aes aria asn1parse asn1write base64 bignum bignum_core block_cipher camellia ccm chacha20
  chachapoly cipher cipher_wrap cmac constant_time ctr_drbg des dhm ecdh ecdsa ecp ecp_curves
  gcm hmac_drbg md md5 memory_buffer_alloc nist_kw oid pkcs5 platform platform_util poly1305 ripemd160 rsa
  rsa_alt_helpers sha1 sha512)
list(TRANSFORM selftest_files PREPEND ${MBEDTLS_DIR}/library/)
list(TRANSFORM selftest_files APPEND .c)
mbedtls_library(mbedtls_selftest ${CMAKE_CURRENT_SOURCE_DIR}/selftest_config.h ${selftest_files})
target_compile_options(mbedtls_selftest PRIVATE -O3) # its users wait for it
set_target_properties(mbedtls_selftest PROPERTIES INTERPROCEDURAL_OPTIMIZATION OFF)
target_compile_definitions(mbedtls_selftest PRIVATE rand=selftest_random)

# The demo key's private half is here, so builds for it sign, too: NAME.signed.bin.
function(agent_signed name version)
  set(signed ${CMAKE_BINARY_DIR}/${name}.signed.bin)
  set(private ${CMAKE_SOURCE_DIR}/data/keys/demo.pem)
  add_custom_command(OUTPUT ${signed}
    COMMAND ${FERRY_TOOL} sign --quiet --key ${private} --version ${version} --pad-header
      --slot-size 0x80000 --rom-fixed 0x20000 ${CMAKE_BINARY_DIR}/${name}.bin ${signed}
    DEPENDS ${CMAKE_BINARY_DIR}/${name}.bin ${private} VERBATIM)
  add_custom_target(${name}-signed ALL DEPENDS ${signed})
endfunction()

# agent(VERSION BEHAVIOUR RELEASE [SUFFIX]): build/<preset>/agent-VERSIONSUFFIX.bin, to be signed.
# RELEASE is what its self test covers: selftest_RELEASE.c.
function(agent version behaviour release)
  set(name agent-${version}${ARGN})
  add_executable(${name} agent_main.c selftest.c selftest_${release}.c)
  target_compile_definitions(${name} PRIVATE
    AGENT_VERSION="${version}" AGENT_BEHAVIOUR=${behaviour})
  # The self test's Mbed TLS first: its platform_util knows the heap, the device's has none.
  target_link_libraries(${name} PRIVATE mbedtls_selftest
    ferry_options ast1030_board ferry_app_agent ferry_status)
  board_script(${name} image.ld)
  board_binary(${name})
  if(NOT FERRY_KEY)
    agent_signed(${name} ${version})
  endif()
endfunction()

agent(1.0.0 AGENT_NORMAL 1)
agent(2.0.0 AGENT_NORMAL 2)
agent(3.0.0 AGENT_HANGS 2) # the one that a device takes back

# For the tests.
agent(3.0.0 AGENT_GIVES_UP 2 -gives-up)
agent(3.1.0 AGENT_CRASHES 2 -crashes)
agent(3.2.0 AGENT_HANGS 2 -hangs)
agent(4.0.0 AGENT_CONFIRMS 2 -confirms)

# Not an agent: a program that tries the bootloader's lock.
add_executable(trespass trespass_main.c)
target_link_libraries(trespass PRIVATE ferry_options ast1030_board)
board_script(trespass image.ld)
board_binary(trespass)
