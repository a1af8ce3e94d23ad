#!/bin/sh
# See to it that browser tests find Chromium: install it on Debian as root, else say what to install.
set -eu
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
        exit 0
    fi
done
if [ -e "/Applications/Google Chrome.app" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..." >&2
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null
    exit 0
fi
echo "NO CHROMIUM: browser tests will fail. Debian: sudo apt-get install chromium; macOS: brew install --cask chromium;" >&2
echo "or name the program: CHROMIUM=/path/to/chromium make test" >&2
