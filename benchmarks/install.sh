#!/bin/sh
# Install the programs of `make bench` that are not Python packages. Never fails: the benchmark itself stops with one
# sentence if one is missing.
install_debian() { # PROGRAM PACKAGE
    PATH=$PATH:/usr/sbin command -v "$1" >/dev/null 2>&1 && return
    { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 && apt-get update -qq &&
        apt-get install -y -qq --no-install-recommends "$2" >/dev/null; } ||
        echo "Could not install $1. Install the package $2."
}

install_debian wrk wrk
install_debian nginx nginx-light
exit 0
