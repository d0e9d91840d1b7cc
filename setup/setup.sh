#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Brings what Ferry is built and tested with: Debian packages (packages.txt), Mbed TLS and zcbor
# sources, the schema of SARIF, third-party clients in a Python environment. Everything but the
# packages goes below build/deps. What is there already is left alone, so a second run needs neither
# network nor root.
#
# MBEDTLS_DIR=dir uses a Mbed TLS 3.6 source tree of your own instead of fetching one.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
deps=$(dirname "$here")/build/deps
downloads=$deps/downloads
# shellcheck source=setup/pins
. "$here/pins"

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$@" >&2; exit 1; }

# --- Debian packages ---------------------------------------------------------------------------

package_names() { sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$here/packages.txt"; }

refuse_to_install() {
    printf 'setup: %s\nInstall these yourself (names as in Debian 12), then run this again:\n' "$1" >&2
    sed -e '/^#/d' -e 's/^/  /' "$here/packages.txt" >&2
    exit 1
}

missing_packages() {
    package_names | grep -vxFf <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' |
        sed -n 's/^installed //p') || true
}

install_packages() { # names...
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        [ -n "$(command -v sudo)" ] || refuse_to_install "not root and no sudo here: cannot install packages"
        as_root=(sudo)
    fi
    say "these Debian packages are needed and not installed:"
    printf '^%s \n' "$@" | grep -f - "$here/packages.txt" | sed 's/^/  /'
    say "installing them with: ${as_root:+sudo }apt-get install $*"
    # A third-party list that fails to update is no reason to stop: the install tells.
    "${as_root[@]}" apt-get -q update || say "apt-get update reported errors; going on with the lists there are"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends \
        -o DPkg::Lock::Timeout=120 install "$@" ||
        refuse_to_install "apt-get could not install them (see above)"
}

setup_packages() {
    if [ -z "$(command -v dpkg-query)" ] || [ -z "$(command -v apt-get)" ]; then
        refuse_to_install "this is not a Debian system: cannot install packages"
    fi
    local missing
    mapfile -t missing < <(missing_packages)
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# --- Sources: downloaded once, checked, unpacked below build/deps ------------------------------

is_stamped() { [ "$(cat "$deps/$1/.ferry-stamp" 2>/dev/null)" = "$2" ]; } # folder stamp

has_sum() { [ -f "$1" ] && echo "$2  $1" | sha256sum --status --check -; } # file sha256

check_sum() { # file sha256
    has_sum "$1" "$2" && return
    mv "$1" "$1.refused"
    die "$1 does not have the SHA-256 in setup/pins ($2)." "It is kept as ${1##*/}.refused; nothing was unpacked."
}

# In place in one step: a build that runs meanwhile sees the old tree or the new one.
unpack() { # tarball folder stamp
    local fresh=$deps/.$2.new
    rm -rf "$fresh" "$deps/.$2.old"
    mkdir -p "$fresh"
    tar -x --no-same-owner --strip-components=1 -C "$fresh" -f "$1"
    echo "$3" >"$fresh/.ferry-stamp"
    [ ! -e "$deps/$2" ] || mv "$deps/$2" "$deps/.$2.old"
    mv "$fresh" "$deps/$2"
    rm -rf "$deps/.$2.old"
}

# --- Mbed TLS: Debian's source package, from wherever this system gets its packages ------------

apt_private() { APT_CONFIG=$deps/apt/apt.conf apt-get "$@"; }

write_private_apt() {
    local sourcelist sourceparts codename file target n=0
    eval "$(apt-config shell sourcelist Dir::Etc::sourcelist/f sourceparts Dir::Etc::sourceparts/d)"
    codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
    rm -rf "$deps/apt"
    mkdir -p "$deps"/apt/{lists,cache/archives}/partial "$deps/apt/sources"
    for file in "$sourcelist" "$sourceparts"/*.list "$sourceparts"/*.sources; do
        [ -f "$file" ] || continue
        target=$deps/apt/sources/$((n += 1)).${file##*.}
        awk -v codename="$codename" -v suite="$MBEDTLS_SUITE" -f "$here/debsrc.awk" "$file" >"$target"
        [ -s "$target" ] || rm "$target"
    done
    [ -n "$(ls "$deps/apt/sources")" ] ||
        die "apt's source lists name no Debian archive to take Mbed TLS from." "$(mbedtls_by_hand)"
    # Downloads run as the caller: apt's own download user need not see this folder.
    cat >"$deps/apt/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$deps/apt/sources";
Dir::State::lists "$deps/apt/lists";
Dir::Cache "$deps/apt/cache";
APT::Sandbox::User "root";
END
}

mbedtls_by_hand() {
    echo "Put $MBEDTLS_TARBALL into build/deps/downloads, or give MBEDTLS_DIR=<Mbed TLS 3.6 source tree>."
}

download_mbedtls() {
    local log=$deps/apt/log offered
    say "fetching $MBEDTLS_TARBALL (Debian's source package in $MBEDTLS_SUITE)"
    write_private_apt
    apt_private update >"$log" 2>&1 || true # what matters is whether the package is found
    offered=$(apt_private -qq source --print-uris mbedtls 2>>"$log" |
        sed -n "s/^'[^']*' \([^ ]*\.orig\.tar\.[a-z0-9]*\) .*/\1/p") || true
    if [ -z "$offered" ]; then
        cat "$log" >&2
        die "no source package mbedtls was found (apt's words are above)." "$(mbedtls_by_hand)"
    fi
    [ "$offered" = "$MBEDTLS_TARBALL" ] ||
        die "the archive has $offered now, Ferry is pinned to $MBEDTLS_TARBALL (setup/pins)." "$(mbedtls_by_hand)"
    (cd "$downloads" && apt_private -qq source --tar-only --download-only mbedtls) >>"$log" 2>&1 ||
        { cat "$log" >&2; die "fetching $MBEDTLS_TARBALL failed (apt's words are above)." "$(mbedtls_by_hand)"; }
}

setup_mbedtls() {
    if [ -n "${MBEDTLS_DIR:-}" ]; then
        [ -f "$MBEDTLS_DIR/include/mbedtls/build_info.h" ] ||
            die "MBEDTLS_DIR=$MBEDTLS_DIR holds no Mbed TLS 3.6: include/mbedtls/build_info.h is missing"
        return
    fi
    is_stamped mbedtls "$MBEDTLS_SHA256" && return
    local tarball=$downloads/$MBEDTLS_TARBALL
    has_sum "$tarball" "$MBEDTLS_SHA256" || { rm -f "$tarball"; download_mbedtls; }
    check_sum "$tarball" "$MBEDTLS_SHA256"
    unpack "$tarball" mbedtls "$MBEDTLS_SHA256"
}

# --- Python: the third-party clients; zcbor and SARIF's schema come in Python packages ---------

pip() { PIP_DISABLE_PIP_VERSION_CHECK=1 "$deps/venv/bin/python" -m pip "$@"; }

setup_venv() {
    # The environment keeps absolute paths, so it belongs to this folder too.
    local stamp python=/usr/bin/python3
    stamp="$(cat "$here"/requirements-*.txt | sha256sum) $deps"
    is_stamped venv "$stamp" && [ -x "$deps/venv/bin/python" ] && return
    [ -x "$python" ] || python=python3
    say "fetching the Python packages of setup/requirements-*.txt into build/deps/venv"
    rm -rf "$deps/venv"
    "$python" -m venv "$deps/venv"
    if ! pip -q install --require-hashes --no-deps -r "$here/requirements-build.txt" ||
        ! pip -q install --require-hashes --no-deps --no-build-isolation -r "$here/requirements-peers.txt"; then
        die "pip could not install them (see above)"
    fi
    echo "$stamp" >"$deps/venv/.ferry-stamp"
}

# A source distribution, for what it carries besides Python.
setup_sdist() { # package version sha256 folder
    is_stamped "$4" "$3" && return
    local tarball=$downloads/${1//-/_}-$2.tar.gz
    if ! has_sum "$tarball" "$3"; then
        rm -f "$tarball"
        say "fetching $1 $2"
        pip -q download --no-deps --no-build-isolation --no-binary "$1" -d "$downloads" \
            "$1==$2" || die "pip could not fetch $1 $2 (see above)"
    fi
    check_sum "$tarball" "$3"
    unpack "$tarball" "$4" "$3"
}

mkdir -p "$downloads"
exec 9>"$deps/.lock"
flock 9
setup_packages
setup_mbedtls
setup_venv
setup_sdist zcbor "$ZCBOR_VERSION" "$ZCBOR_SHA256" zcbor
setup_sdist sarif-pydantic "$SARIF_VERSION" "$SARIF_SHA256" sarif
