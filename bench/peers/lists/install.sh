#!/usr/bin/env bash
# Makes a virtual environment in FOLDER with what requirements.txt pins, by name.
#
#   install.sh FOLDER
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e "$folder/.complete" ] && [ "$folder/.complete" -nt "$here/requirements.txt" ] && exit 0
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
touch "$folder/.complete"
