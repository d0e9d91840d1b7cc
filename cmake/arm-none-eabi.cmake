# SPDX-License-Identifier: Apache-2.0
# Cortex-M4 with gcc and picolibc. Ports add their start-up code and linker script.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY) # nothing links without a port

# One section per function and object, so that what nobody calls costs nothing.
set(CMAKE_C_FLAGS_INIT
  "-mcpu=cortex-m4 -mthumb --specs=picolibc.specs -ffunction-sections -fdata-sections")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,--gc-sections")
# Debug data stays in the ELF file. What is switched off makes code for Thumb larger: inlining what
# is called once costs registers, and so do copies of functions for constants and hoisted values.
set(CMAKE_C_FLAGS_MINSIZEREL_INIT "-Os -g -fno-inline-functions-called-once -fno-ipa-cp \
-fno-ipa-sra -fno-move-loop-invariants -fno-schedule-insns2")
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)   # a twentieth of a bootloader's size

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
