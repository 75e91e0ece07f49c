#!/bin/sh
# Find what tests need, a Chromium, a PostgreSQL server, Node.js with jose, nginx, or install it. Never fails: the tests
# that lack one say so and are skipped.
# usage: install.sh PATH-OF-PLAYWRIGHT
playwright=$1

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1

has_postgres() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1

has_npm() { { command -v node || command -v nodejs; } && command -v npm; } >/dev/null 2>&1

debian() { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

if ! has_chromium; then
    { is_debian_root && debian chromium; } || "$playwright" install chromium ||
        echo "No Chromium could be installed; the browser tests will be skipped."
fi
if ! command -v faketime >/dev/null 2>&1; then
    { is_debian_root && debian faketime; } || echo "No faketime could be installed; nodes are tested with clocks alike."
fi
if ! has_postgres; then
    { is_debian_root && debian postgresql; } ||
        echo "No PostgreSQL could be installed; the tests on it will be skipped. Install the package postgresql."
fi
if ! command -v nginx >/dev/null 2>&1 && ! [ -x /usr/sbin/nginx ]; then
    { is_debian_root && debian nginx-light; } ||
        echo "No nginx could be installed; the tests behind it will be skipped. Install the package nginx."
fi
if ! has_npm; then
    { is_debian_root && debian nodejs npm; } || echo "No Node.js could be installed. Install the packages nodejs and npm."
fi
if ! command -v systemd-analyze >/dev/null 2>&1; then
    { is_debian_root && debian systemd; } || echo "No systemd-analyze could be found; the unit is not held against it."
fi
(cd "$(dirname "$0")/helpers/node" && npm install --silent --no-package-lock --no-audit --no-fund) ||
    echo "No jose could be installed; the tests that verify tokens in Node.js will be skipped."
exit 0
