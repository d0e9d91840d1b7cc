#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Builds bootloader and agent for the board with a key of the user's own.
#   firmware.sh KEY OUT [cmake options...]   KEY: public key in PEM, empty for the demo key
set -euo pipefail
key=$1 out=$2
shift 2

if [ -z "$key" ]; then
    echo "firmware: no KEY=public.pem given: built with the demo key, which anyone has. Not for a product."
elif [ ! -f "$key" ]; then
    echo "firmware: KEY=$key is not there. Make one: ferry keygen, then ferry getpub --format pem" >&2
    exit 1
else
    key=$(realpath "$key")
fi
cmake --preset ast1030 -B build/firmware -DFERRY_KEY="$key" --log-level=WARNING "$@"
cmake --build build/firmware
mkdir -p "$out"
find build/firmware -maxdepth 1 -type f \( -name '*.elf' -o -name '*.bin' -o -name '*.hex' \) -exec cp -t "$out" {} +
echo "firmware: in $out:"
ls -l "$out"
echo "firmware: sign the agent before it is installed: build/host/ferry sign --help"
