# SPDX-License-Identifier: Apache-2.0
# What demo.sh is told with: a board that is switched on and off, checks, a table.
# shellcheck shell=bash

ferry=build/host/ferry
demo=build/demo
board=$demo/board
log=$demo/board.log # what the board said since the last power-up
link=(--serial "$board/serial")
primary=$((0x20000)) # where the primary slot lies in the internal flash
trial_failed=FERRY_R_TRIAL_FAILED
patience=90 # seconds; a busy computer may take its time

sim=   # process of `ferry sim run`, empty while the power is off
status=0 # of the last command run
failures=0
rows=()

bold= plain=
if [ -t 1 ]; then
    bold=$'\e[1m' plain=$'\e[0m'
fi

title() { printf '\n%s== %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '   %s\n' "$*"; }

# Shows a command and runs it; the story goes on whatever it comes to.
run() {
    printf '%s$ ferry %s%s\n' "$bold" "${*:2}" "$plain"
    "$@"
    status=$?
}

# check WHAT EXPECTED SEEN COMMAND...: a row of the table; COMMAND decides.
check() {
    local what=$1 expected=$2 seen=$3 result=ok
    shift 3
    if ! "$@"; then
        result=FAILED
        failures=$((failures + 1))
        printf '%s!! %s: expected %s, got %s%s\n' "$bold" "$what" "$expected" "$seen" "$plain"
    fi
    rows+=("$what|$expected|$seen|$result")
}

# Whether the last value checked is this.
is() { [ "$seen" = "$1" ]; }

fatal() {
    printf '\n%s!! %s%s\n' "$bold" "$*" "$plain" >&2
    exit 1
}

start_demo() {
    [ -x $ferry ] || fatal "$ferry is not there: run 'make demo', which builds it"
    mkdir -p $demo
    rm -rf "$board" $demo/*.bin $demo/*.pem
    trap 'switch_off KILL' EXIT
    trap 'exit 130' INT TERM
    begun=$SECONDS
}

build_firmware() {
    local options=()
    [ -z "${MBEDTLS_DIR:-}" ] || options=("-DMBEDTLS_DIR=$MBEDTLS_DIR")
    {
        cmake --preset ast1030 -B $demo/firmware "-DFERRY_KEY=$PWD/$demo/my-key.pub.pem" \
            --log-level=WARNING "${options[@]}" && cmake --build $demo/firmware
    } >$demo/build.log 2>&1 || { tail -20 $demo/build.log; fatal "the firmware does not build"; }
}

# sign KEY VERSION OUTPUT: the agent of that version, for the primary slot of the board.
sign() {
    run "$ferry" sign --key "$1" --version "$2" --pad-header --slot-size 0x80000 \
        --rom-fixed 0x20000 "$demo/firmware/agent-$2.bin" "$3"
    [ $status -eq 0 ] || fatal "cannot sign"
}

# A correctly signed image that fits no slot.
make_too_large() {
    { cat $demo/firmware/agent-3.0.0.bin && head -c 400000 /dev/zero; } >$demo/large-program.bin
    run "$ferry" sign --key $demo/my-key.pem --version 3.0.1 --pad-header \
        $demo/large-program.bin "$1"
}

# --- the board ---------------------------------------------------------------------------------

power_on() {
    note "Power on."
    : >$log
    $ferry sim run --board ast1030 --dir $board --firmware $demo/firmware "$@" \
        > >(tee -a $log | sed -u 's/^/   | /') 2>&1 &
    sim=$!
    wait_for "^serial: "
}

# Waits until the board has said something, since its last power-up.
wait_for() {
    local deadline=$((SECONDS + patience))
    until grep -Eq "$1" $log; do
        [ $SECONDS -lt $deadline ] || fatal "waited in vain for the board to say: $1"
        kill -0 $sim 2>/dev/null || grep -Eq "$1" $log || fatal "the board ended before: $1"
        sleep 0.05
    done
}

switch_off() {
    [ -n "$sim" ] || return 0
    kill -"$1" $sim 2>/dev/null
    wait $sim
    status=$?
    sim=
}

power_off() {
    note "Power off."
    switch_off TERM
    check "complaints of the chip models" "none" "exit $status" [ $status -eq 0 ]
}

# The board ended by itself, because its power was cut.
power_gone() {
    wait $sim
    status=$?
    sim=
    check "complaints of the chip models" "none" "exit $status" [ $status -eq 0 ]
}

# "2.0.0, confirmed" or "2.0.0, on trial", as the device says.
running() {
    $ferry list --json "${link[@]}" | python3 -c '
import json, sys
image = json.load(sys.stdin)["images"][0]
print(image["version"] + (", confirmed" if image["confirmed"] else ", on trial"))' 2>/dev/null ||
        echo "no answer"
}

boot_reason() {
    $ferry status --json "${link[@]}" | grep -Eo "$trial_failed" | head -1 || echo "none"
}

count_lines() { grep -c "$1" $log; }

# refused WHAT IMAGE REASON: the device does not take it, and says why.
refused() {
    local answer
    printf '%s$ ferry upload --no-check %s%s\n' "$bold" "$2" "$plain"
    answer=$($ferry upload --no-check "${link[@]}" --json "$2" 2>$demo/answer.txt)
    status=$?
    cat $demo/answer.txt
    check "$1" "refused: $3" "exit $status: $(grep -Eo "FERRY_E_[A-Z_]*" <<<"$answer" | head -1)" \
        refused_for "$3" "$answer"
}

refused_for() { [ $status -eq 1 ] && grep -q "FERRY_E_[A-Z_]*$1" <<<"$2"; }

# --- the proof that an install was cut ---------------------------------------------------------

# First byte in which the primary slot differs from an image, counted from 0.
differs_at() {
    cmp -i $primary:0 -n "$(stat -c %s "$1")" $board/int.img "$1" |
        sed -E 's/.*(byte|char) ([0-9]+),.*/\2/' | awk '{print $1 - 1}'
}

# First block from which on the primary slot still holds an image to its end.
same_from() {
    local at=0 size
    size=$(stat -c %s "$1")
    while [ $at -lt "$size" ]; do
        if cmp -s -i $((primary + at)):$at -n $((size - at)) $board/int.img "$1"; then
            echo $at
            return
        fi
        at=$((at + 4096))
    done
    echo "$size"
}

show_half_done() {
    local new old size
    size=$(stat -c %s $demo/agent-1.0.0.signed.bin)
    new=$(differs_at $demo/agent-2.0.0.signed.bin)
    old=$(same_from $demo/agent-1.0.0.signed.bin)
    note "The primary slot in the file of the internal flash ($board/int.img):"
    note "  bytes 0 to $((new - 1)) are those of 2.0.0,"
    note "  bytes $old to $((size - 1)) are still those of 1.0.0."
    check "the install, by the image files" "half done" "2.0.0 up to $new, 1.0.0 from $old of $size" \
        half_done "${new:-0}" "$old" "$size"
}

half_done() { [ "$1" -ge 65536 ] && [ "$2" -lt "$3" ] && [ "$1" -le "$2" ]; }

# --- the end -----------------------------------------------------------------------------------

# Columns as wide as what is in them.
table() {
    awk -F '|' '
        { for (i = 1; i <= 4; i++) { cell[NR, i] = $i; if (length($i) > width[i]) width[i] = length($i) } }
        END { for (n = 1; n <= NR; n++)
                printf "  %-*s  %-*s  %-*s  %s\n", width[1], cell[n, 1], width[2], cell[n, 2],
                       width[3], cell[n, 3], cell[n, 4] }'
}

end_demo() {
    title "What happened (in $((SECONDS - begun)) s)"
    printf '%s\n' "what|expected|seen|" "${rows[@]}" | table
    if [ $failures -gt 0 ]; then
        printf '\n%s%d of %d checks failed.%s\n' "$bold" $failures ${#rows[@]} "$plain"
        exit 1
    fi
    printf '\n%sAll %d checks held.%s\n' "$bold" ${#rows[@]} "$plain"
}
