#!/bin/sh
# Find a Chromium for the browser tests, or install one. Never fails: without one those tests say so and are skipped.
# usage: install.sh PATH-OF-PLAYWRIGHT
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null && exit 0
fi
"$1" install chromium || echo "No Chromium could be installed; the browser tests will be skipped."
