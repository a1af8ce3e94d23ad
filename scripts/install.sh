#!/bin/sh
# Install a list of pinned packages into .venv, which is made at the first call.
#
#     scripts/install.sh requirements/demo.txt
#
# uv does this in seconds. Where uv cannot be had, or cannot reach a package index that pip can, pip does it.
set -eu
cd "$(dirname "$0")/.."
list=$1
python=.venv/bin/python

find_python() {
    for name in "${PYTHON:-}" python3.11 python3 python; do
        if [ -n "$name" ] && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Skyledger needs Python 3.11 or newer; install it, or name one: make PYTHON=/path/to/python3.11 ..." >&2
    exit 1
}

if ! "$python" -m pip --version >/dev/null 2>&1; then
    found=$(find_python)
    "$found" -m venv .venv || {
        rm -rf .venv
        echo "This Python cannot make a virtual environment; on Debian: apt-get install python3-venv" >&2
        exit 1
    }
fi

echo "Installing $list into .venv ..." >&2
if ! "$python" -m uv --version >/dev/null 2>&1; then
    "$python" -m pip install --quiet --disable-pip-version-check "$(grep '^uv==' requirements.txt)" >/dev/null 2>&1 || true
fi
"$python" -m uv pip install --quiet --python "$python" --requirement "$list" 2>/dev/null ||
    "$python" -m pip install --quiet --disable-pip-version-check --requirement "$list"
