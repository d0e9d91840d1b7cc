# SPDX-License-Identifier: Apache-2.0
# Writes OUT: the text of LAYOUT and KEY as C arrays that end in a zero.
function(array name file text)
  file(READ ${file} hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1, " bytes "${hex}")
  set(${text} "const char ${name}[] = {${bytes}0};\n" PARENT_SCOPE)
endfunction()

array(default_layout ${LAYOUT} layout)
array(default_key ${KEY} key)
file(WRITE ${OUT} "#include \"ports/posix/defaults.h\"\n\n${layout}${key}"
     "const bool default_key_is_demo = ${DEMO_KEY};\n")
