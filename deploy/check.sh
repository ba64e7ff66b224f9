#!/bin/sh
# Lets the programs that the files of this folder are for read them: those that are on this machine.
set -eu
cd "$(dirname "$0")"

checked_by() {
    if command -v "$1" >/dev/null; then
        "$@" && echo "$1: ok"
    else
        echo "$1: not on this machine"
    fi
}

for script in *.sh; do sh -n "$script"; done
checked_by promtool check rules alerts.yml
POSTGRES_PASSWORD="$$" checked_by docker-compose -f compose.yaml config --quiet
units=$(mktemp -d)
trap 'rm -r "$units"' EXIT
for unit in plait.service plait-tend.service; do
    # The program need not be installed here.
    sed "s|/opt/plait/bin/plait|$(command -v true)|" "$unit" > "$units/$unit"
    checked_by systemd-analyze verify --man=no "$units/$unit"
done
