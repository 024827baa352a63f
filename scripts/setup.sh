#!/bin/sh
# Sees to Debian's packages: a C linker, Postgres, node and Chromium. As root, or where sudo asks no
# password, it installs what is missing; otherwise it says exactly what to install.
set -eu

missing=""
need() { # need PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}

need cc gcc
need make make
need node nodejs
need npm npm
need chromium chromium
need git git
# A compiler without the C library's headers cannot link either.
[ -e /usr/include/stdlib.h ] || missing="$missing libc6-dev"
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then
        sudo=""
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo="sudo"
    else
        echo "These Debian packages are missing:$missing" >&2
        echo "Install them and try again: sudo apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "· Debian packages:$missing"
    $sudo apt-get update -qq
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

if ! command -v cargo >/dev/null 2>&1; then
    [ -x "$HOME/.cargo/bin/cargo" ] && echo "cargo is in ~/.cargo/bin: add it to PATH with '. ~/.cargo/env'" >&2
    echo "cargo is missing: install rustup from your distribution (apt-get install rustup) and run 'rustup default stable'" >&2
    exit 1
fi
# Everything else is in Rust, and what does it is compiled first.
[ -x target/debug/xtask ] || echo "· xtask, which does the rest"
