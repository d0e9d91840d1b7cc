#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A signed image crosses: uploaded over SMP into the external flash of an emulated Cortex-M4 board,
# installed through a power cut, tried, confirmed; a bad one is taken back, broken ones are refused.
# Every claim is checked; the table at the end says what came of it. Exit status 0: all of it held.
#
# Needs what `make host ast1030` builds. Everything else is made below build/demo.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=demo/steps.sh
. demo/steps.sh

cut_at=500 # flash operations on the internal chip into the install of about 1000

start_demo

title "A key, and firmware for it"
run "$ferry" keygen --key "$demo/my-key.pem"
run "$ferry" getpub --key "$demo/my-key.pem" --format pem --output "$demo/my-key.pub.pem"
note "Building the mask ROM, the bootloader with this key, and three releases of the agent ..."
build_firmware
for version in 1.0.0 2.0.0 3.0.0; do
    sign "$demo/my-key.pem" "$version" "$demo/agent-$version.signed.bin"
done
run "$ferry" inspect --key "$demo/my-key.pem" "$demo/agent-2.0.0.signed.bin"
size=$(stat -c %s "$demo/agent-2.0.0.signed.bin")
check "signed agents" "at least 200 KiB each" "$((size / 1024)) KiB (2.0.0)" [ "$size" -ge 204800 ]

title "The board boots 1.0.0"
note "Internal flash: bootloader and 1.0.0. External flash: erased. The power will go at operation"
note "$cut_at on the internal flash, which nobody writes before the install."
power_on --image "$demo/agent-1.0.0.signed.bin" --reset --cut $cut_at
wait_for "app: agent 1.0.0 .*running"
run "$ferry" list "${link[@]}"
check "first boot" "1.0.0, confirmed" "$(running)" is "1.0.0, confirmed"

title "2.0.0 is uploaded, and the power is cut in the middle of its installation"
run "$ferry" update --no-reset "${link[@]}" "$demo/agent-2.0.0.signed.bin"
run "$ferry" reset "${link[@]}"
wait_for "^power cut at"
power_gone
show_half_done
run "$ferry" inspect --layout data/layouts/ast1030.yml --key "$demo/my-key.pem" --records 3 \
    --internal "$board/int.img" "$board/ext.img" >"$demo/inspect.txt"
cat "$demo/inspect.txt"
check "what inspect foretells" "starts version 2.0.0" \
    "$(grep -o 'starts version [0-9.]*' "$demo/inspect.txt")" is "starts version 2.0.0"

title "The power is back"
power_on
wait_for "app: agent 2.0.0 .*on trial"
run "$ferry" list "${link[@]}"
check "after the power cut" "2.0.0, on trial" "$(running)" is "2.0.0, on trial"
run "$ferry" confirm "${link[@]}"
run "$ferry" reset "${link[@]}"
wait_for "app: agent 2.0.0 .*running"
run "$ferry" list "${link[@]}"
check "after confirm and reset" "2.0.0, confirmed" "$(running)" is "2.0.0, confirmed"

title "3.0.0 never confirms"
note "It hangs right after its start. The watchdog resets it; after three attempts 2.0.0 is back."
run "$ferry" update "${link[@]}" "$demo/agent-3.0.0.signed.bin"
check "update to 3.0.0" "exit 5, rolled back" "exit $status" [ "$status" -eq 5 ]
run "$ferry" list "${link[@]}"
check "after the trial of 3.0.0" "2.0.0, confirmed" "$(running)" is "2.0.0, confirmed"
check "attempts of 3.0.0" "3 starts" "$(count_lines 'boot: starting 3.0.0') starts" \
    [ "$(count_lines 'boot: starting 3.0.0')" -eq 3 ]
run "$ferry" status "${link[@]}"
check "the reason" "$trial_failed" "$(boot_reason)" is "$trial_failed"

title "Images that must be refused"
note "The tool would not send them; --no-check has the device decide."
head -c 150000 "$demo/agent-3.0.0.signed.bin" >"$demo/truncated.bin"
refused "a truncated image" "$demo/truncated.bin" "TRUNCATED"
"$ferry" keygen --quiet --force --key "$demo/foreign-key.pem"
sign "$demo/foreign-key.pem" 3.0.0 "$demo/foreign.bin"
refused "a wrongly signed image" "$demo/foreign.bin" "IMAGE_KEY"
make_too_large "$demo/too-large.bin"
refused "an image of the wrong size" "$demo/too-large.bin" "TOO_LARGE"
run "$ferry" list "${link[@]}"
check "after three bad images" "2.0.0, confirmed" "$(running)" is "2.0.0, confirmed"

title "The external chip is gone"
power_off
power_on --no-external
wait_for "app: agent 2.0.0 .*running"
run "$ferry" list "${link[@]}"
check "without the external chip" "2.0.0, confirmed" "$(running)" is "2.0.0, confirmed"
refused "an upload without it" "$demo/agent-3.0.0.signed.bin" "NO_CHIP"
power_off

end_demo
