#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the doctor's own tests count and time in the host build: its rules, the one-line mutations
# that brought up their rule and no other, the fixes that healed, a build folder of 5,000 files.
set -euo pipefail
tests=${1:-build/host}/tests/doctor
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT

for name in mutations output; do # a test that fails gives no figures
    "$tests/test_doctor_$name" >>"$log/out" 2>"$log/err" || { cat "$log/err" >&2; exit 1; }
done
for figure in rules mutations fixes_healed build_5000_files_s; do
    grep -E "^doctor\.$figure [0-9.]+$" "$log/out" || {
        echo "measure_doctor: no test printed doctor.$figure" >&2
        exit 1
    }
done
