#!/bin/sh
# Installs Plait into a folder of its own, with a user and a folder for workspaces. What the image does, and what a
# machine with systemd needs; run as root on Debian 12 or newer, or any Linux with Python 3.11, venv and useradd.
#
#     deploy/install.sh [SOURCE]                  SOURCE: a checkout or a wheel, the checkout of this script by default
#
#     PLAIT_PREFIX=/opt/plait                     where the programs go
#     PLAIT_DATA=/var/lib/plait                   where workspaces are
#     PLAIT_EXTRAS=postgresql,tracing             extras that are installed as well, "" for none
#     PYTHON=python3
#
# pip asks the index that it is configured for; PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu spares machines
# without a GPU some gigabytes. The weights of the compact bundle are packages
# like all others: what runs afterwards fetches nothing.
set -eu

source=${1:-$(cd "$(dirname "$0")/.." && pwd)}
prefix=${PLAIT_PREFIX:-/opt/plait}
data=${PLAIT_DATA:-/var/lib/plait}
extras=${PLAIT_EXTRAS-postgresql,tracing}
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "$python is older than 3.11: set PYTHON" >&2; exit 1; }

# implicit is built with OpenMP; small systems lack its library.
if ! ldconfig -p | grep -q 'libgomp\.so\.1'; then
    command -v apt-get >/dev/null || { echo "libgomp.so.1 is missing: install libgomp" >&2; exit 1; }
    apt-get update -q && apt-get install -qy --no-install-recommends libgomp1
    rm -rf /var/lib/apt/lists/*
fi

id plait >/dev/null 2>&1 ||
    useradd --system --user-group --no-create-home --home-dir "$data" --shell /usr/sbin/nologin plait
install -d -o plait -g plait -m 0750 "$data"

"$python" -m venv "$prefix"
"$prefix/bin/pip" install --no-cache-dir "$source${extras:+[$extras]}"
# What is loaded only when it is needed must be loadable, too.
"$prefix/bin/python" -c 'import faiss, implicit.als, open_clip, soundfile, torchvision, plait.flows.train'
"$prefix/bin/plait" --version
