#!/usr/bin/env bash
# Fetches PeerServer and y-webrtc-signaling, by name, into FOLDER.
#
#   install.sh FOLDER
set -euo pipefail
folder=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ -e "$folder/.complete" ] && [ "$folder/.complete" -nt "$here/package.json" ] && exit 0
rm -rf "$folder"
mkdir -p "$folder"
cp "$here/package.json" "$folder/"
cd "$folder"
npm install --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel=error
touch .complete
