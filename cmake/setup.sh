#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building, testing and the demo need, and nothing that is there already.
# usage: cmake/setup.sh [--dry-run]     --dry-run says what it would install
set -eu

dry_run=false
case "${1-}" in
    "") ;;
    --dry-run) dry_run=true ;;
    *) echo "usage: $0 [--dry-run]" >&2; exit 2 ;;
esac

# root needs no sudo, and Homebrew refuses root.
as_root=""
if [ "$(id -u)" -ne 0 ]; then as_root="sudo"; fi

# For each package manager: how to ask whether a package is there, how to install, what it is called.
if command -v apt-get >/dev/null; then
    manager="apt-get"
    packages="g++ cmake ninja-build pkg-config portaudio19-dev libsndfile1-dev libcli11-dev nlohmann-json3-dev catch2
              python3-numba python3-cffi python3-dev python3-venv alsa-utils jackd2 doxygen"
    installed() { [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | cut -c1-2)" = "ii" ]; }
    # jackd2 asks whether it may run in real time; the tests do not need that.
    install() {
        $as_root apt-get update
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
    }
elif command -v dnf >/dev/null; then
    manager="dnf"
    packages="gcc-c++ cmake ninja-build pkgconf-pkg-config portaudio-devel libsndfile-devel cli11-devel json-devel
              catch-devel python3-numba python3-cffi python3-devel alsa-utils jack-audio-connection-kit doxygen"
    installed() { rpm -q "$1" >/dev/null 2>&1; }
    install() { $as_root dnf install -y "$@"; }
elif command -v pacman >/dev/null; then
    manager="pacman"
    packages="gcc cmake ninja pkgconf portaudio libsndfile cli11 nlohmann-json catch2 python-numba python-cffi
              alsa-utils jack2 doxygen"
    installed() { pacman -Q "$1" >/dev/null 2>&1; }
    install() { $as_root pacman -S --needed --noconfirm "$@"; }
elif command -v brew >/dev/null; then
    manager="brew"
    as_root=""
    packages="cmake ninja pkg-config portaudio libsndfile cli11 nlohmann-json catch2 numba doxygen"
    installed() { brew list "$1" >/dev/null 2>&1; }
    install() { brew install "$@"; }
else
    cat >&2 <<'TEXT'
setup.sh: found none of apt-get, dnf, pacman and brew. Install by hand:
  a C++20 compiler (g++ 12, clang 14 or newer), CMake 3.25, Ninja, pkg-config,
  PortAudio, libsndfile, CLI11, nlohmann-json and Catch2 with their development files,
  a Python 3 with Numba (python3 -m pip install numba) for the demo and the Numba tests,
  Doxygen for the documentation.
TEXT
    exit 1
fi

missing=""
for package in $packages; do
    installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo "setup.sh: everything is installed ($manager)"
    exit 0
fi
if $dry_run; then
    echo "setup.sh: would install with $manager:$missing"
    exit 0
fi
if [ -n "$as_root" ] && ! command -v sudo >/dev/null; then
    echo "setup.sh: neither root nor sudo. Ask an administrator to run: $manager install$missing" >&2
    exit 1
fi
echo "setup.sh: installing with $manager:$missing"
# shellcheck disable=SC2086 # one word a package
if ! install $missing; then
    echo "setup.sh: $manager could not install all of:$missing" >&2
    echo "setup.sh: install them by hand (what $manager said is above), then run this again" >&2
    exit 1
fi
