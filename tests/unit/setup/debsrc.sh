#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Package source lists in, source package lists out: debsrc.sh AWK-PROGRAM
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
failed=0

expect() { # case, name of the list; stdin: the list, a line "=>", what comes out
    local name=$1 list=$folder/$2
    awk -v list="$list" -v wanted="$folder/wanted" '/^=>$/ { list = wanted; next } { print >list }'
    touch "$folder/wanted"
    awk -v codename=bookworm -v suite=trixie -f "$program" "$list" >"$folder/got"
    if ! diff -u "$folder/wanted" "$folder/got"; then
        echo "FAILED: $name" >&2
        failed=1
    fi
    rm "$folder"/*
}

expect "one line, options kept, add-on suites dropped" a.list <<'END'
# deb http://commented.example/debian bookworm main
deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm contrib main # ours
deb http://mirror.example/debian bookworm-updates main
deb http://security.example/debian-security bookworm-security main
deb http://vendor.example/linux bookworm stable
deb cdrom:[Debian 12]/ bookworm main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian stable main
=>
deb-src [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian trixie main
deb-src http://mirror.example/debian trixie main
END

expect "deb822, embedded key kept" a.sources <<'END'
# Ours
Types: deb deb-src
URIs: mirror+file:/lists/debian
Suites: bookworm bookworm-updates
# between the fields
Components: main contrib
Architectures: amd64
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
=>
Types: deb-src
Suites: trixie
Components: main
uris: mirror+file:/lists/debian
signed-by:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

END

expect "deb822, disabled or of others" b.sources <<'END'
Enabled: no
Types: deb
URIs: http://mirror.example/debian
Suites: bookworm
Components: main

Types: deb
URIs: http://vendor.example/node
Suites: nodistro
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
=>
END

exit $failed
