#!/bin/sh
# venv.sh FOLDER: make a virtual environment there from nothing but a Python, 3.11 or later.
# The one rule: whatever is missing is named in one sentence, with what to do about it.
# PYTHON says which interpreter to take; otherwise the first on PATH that is new enough.
set -eu
folder=$1

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    echo "Shoal needs Python 3.11 or later, and ${PYTHON:-python3} is" \
        "$("${PYTHON:-python3}" --version 2>&1 | head -n 1): install a newer one, or name it: make PYTHON=/path/to/python" >&2
    return 1
}

# Debian ships venv without ensurepip, in a package of its own.
can_make() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

python=$(find_python)
if ! can_make "$python"; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "installing $package, which Debian keeps apart from Python"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq || true
        apt-get install -y -qq --no-install-recommends "$package" </dev/null >/dev/null || true
    fi
    if ! can_make "$python"; then
        echo "$python cannot make virtual environments: install $package (apt-get install $package)" >&2
        exit 1
    fi
fi
"$python" -m venv "$folder"
# Before Python 3.12 an environment comes with setuptools, which nothing here uses and which every start-up pays for.
"$folder"/bin/python -m pip --disable-pip-version-check --no-input -q uninstall -y setuptools >/dev/null 2>&1 || true
