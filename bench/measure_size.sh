#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Flash and static RAM of what build/ast1030 linked. size-* are the library without a board
# (size.cmake); ast1030 is the whole bootloader of that board: drivers, log texts, table of chips.
set -euo pipefail
build=build/ast1030

figure() { # NAME PROGRAM COLUMNS: adds up columns of size(1): text, data, bss
    local sizes
    sizes=$(arm-none-eabi-size $build/"$2".elf)
    awk -v name="$1" -v columns="$3" 'END {
        for (n = split(columns, c, "+"); n > 0; n--) sum += $c[n]
        print name, sum }' <<<"$sizes"
}

figure size.boot_no_crypto_bytes size-boot-no-crypto 1+2
figure size.bootloader_p256_bytes size-boot-p256 1+2
figure size.bootloader_recovery_bytes size-recovery 1+2
figure size.ast1030_bootloader_bytes bootloader 1+2
figure ram.bootloader_bytes bootloader 2+3
