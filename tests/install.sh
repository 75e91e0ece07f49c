#!/bin/sh
# Find or install the programs that some tests need: Chromium, faketime, PostgreSQL, nginx, Node.js with jose and pyright,
# systemd-analyze, fail2ban, promtool and PgBouncer. Never fails: tests whose program is missing are skipped and say so.
# Usage: install.sh PATH-OF-PLAYWRIGHT
playwright=$1

is_debian_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

has_headless() { command -v chromium-headless-shell; } >/dev/null 2>&1

has_chromium() { command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1

has_postgres() { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; } >/dev/null 2>&1

has_npm() { { command -v node || command -v nodejs; } && command -v npm; } >/dev/null 2>&1

debian() { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

if ! has_headless; then # the headless shell takes a third of the time of the whole browser
    { is_debian_root && debian chromium-headless-shell; } || has_chromium || "$playwright" install chromium ||
        echo "Could not install Chromium; the browser tests will be skipped."
fi
if ! command -v faketime >/dev/null 2>&1; then
    { is_debian_root && debian faketime; } || echo "Could not install faketime; nodes will be tested with identical clocks."
fi
if ! has_postgres; then
    { is_debian_root && debian postgresql; } ||
        echo "Could not install PostgreSQL; tests on it will be skipped. Install the package postgresql."
fi
if ! command -v nginx >/dev/null 2>&1 && ! [ -x /usr/sbin/nginx ]; then
    { is_debian_root && debian nginx-light; } ||
        echo "Could not install nginx; the tests with it will be skipped. Install the package nginx."
fi
if ! has_npm; then
    { is_debian_root && debian nodejs npm; } || echo "Could not install Node.js. Install the packages nodejs and npm."
fi
if ! command -v systemd-analyze >/dev/null 2>&1; then
    { is_debian_root && debian systemd; } || echo "Could not install systemd-analyze; the systemd unit will not be checked."
fi
if ! command -v fail2ban-regex >/dev/null 2>&1; then
    { is_debian_root && debian fail2ban; } || echo "Could not install fail2ban; its filters will not be tested."
fi
if ! command -v promtool >/dev/null 2>&1; then
    # the package would start the service; RUNLEVEL=1 makes Debian's invoke-rc.d leave it alone
    { is_debian_root && RUNLEVEL=1 debian prometheus; } ||
        echo "Could not install promtool; the alarms will not be checked. Install the package prometheus."
fi
if ! { command -v pgbouncer || [ -x /usr/sbin/pgbouncer ]; } >/dev/null 2>&1; then
    { is_debian_root && RUNLEVEL=1 debian pgbouncer; } ||
        echo "Could not install PgBouncer; the test behind it will be skipped. Install the package pgbouncer."
fi
(cd "$(dirname "$0")/helpers/node" && npm install --silent --no-package-lock --no-audit --no-fund) ||
    echo "Could not install jose and pyright; the tests with them will be skipped."
exit 0
