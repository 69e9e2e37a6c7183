#!/usr/bin/env bash
# Fetches cal.com's published slot engine and the date library that it calls, by name, into FOLDER.
#
#   install.sh FOLDER
#
# The package names two others of its own kind that the registry does not have; its slot engine
# needs neither. So it is unpacked beside its date library instead of installed.
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e "$folder/.complete" ] && [ "$folder/.complete" -nt "$here/package.json" ] && exit 0
rm -rf "$folder"
mkdir -p "$folder"
cp "$here/package.json" "$folder/"
cd "$folder"
npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error
engine=$(node -p 'Object.entries(require("./package.json").engine).map(pair => pair.join("@"))[0]')
npm pack "$engine" --silent >/dev/null
tar xzf ./*.tgz
rm -f ./*.tgz
touch .complete
