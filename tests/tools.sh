#!/usr/bin/env bash
# Installs what a build or a test run needs and is not there yet, with Debian's package manager.
#
#   tests/tools.sh build     what `make run` needs: a C compiler, the linker mold
#   tests/tools.sh test      also what `make test` needs: PostgreSQL, Chromium, fonts, PDF tools, networks,
#                            coturn
#   tests/tools.sh bench     peers of `make bench` that Debian has
#   tests/tools.sh python REQUIREMENTS FOLDER
#                            a virtual environment in FOLDER with just what REQUIREMENTS names
#   tests/tools.sh linker    prints `mold` when a program links with it, else `default`
#
# What is there already is left alone, so a second run neither asks for root nor for the network.
set -euo pipefail

# The newest PostgreSQL that Debian put beside the others, or none.
postgres_folder() {
  find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1
}

has() {
  case $1 in
    postgres) command -v postgres >/dev/null || [ -x "$(postgres_folder)/postgres" ] ;;
    cjk-fonts) fc-list :lang=ja 2>/dev/null | grep -q . ;;
    c-headers) [ -e /usr/include/stdio.h ] || echo '#include <stdio.h>' | cc -E - >/dev/null 2>&1 ;;
    python-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
    chromium) [ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null ;;
    *) command -v "$1" >/dev/null ;;
  esac
}

# Whether a program really links with mold: gcc knows the name only since version 12.
links_with_mold() {
  command -v mold >/dev/null || return 1
  local out
  out=$(mktemp)
  if echo 'int main(void) { return 0; }' | cc -fuse-ld=mold -x c -o "$out" - 2>/dev/null; then
    rm -f "$out"
  else
    rm -f "$out"
    return 1
  fi
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    sudo -n "$@"
  else
    return 1
  fi
}

apt_install() {
  command -v apt-get >/dev/null || return 1
  local options=(-y -q --no-install-recommends -o DPkg::Lock::Timeout=300)
  # Lists that were fetched long ago name packages that are gone: fetch them and try again.
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null \
    || { as_root apt-get update -q </dev/null &&
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install "${options[@]}" "$@" </dev/null; }
}

# Installs those of the pairs `what=package` that are missing.
ensure() {
  local missing=() pair
  for pair in "$@"; do
    has "${pair%%=*}" || missing+=("${pair#*=}")
  done
  [ ${#missing[@]} = 0 ] && return 0
  echo "installing: ${missing[*]}" >&2
  if apt_install "${missing[@]}" >&2; then return 0; fi
  echo "could not install ${missing[*]}: run as root, allow sudo without a password, or install by hand" >&2
  return 1
}

build_tools() {
  ensure cc=gcc c-headers=libc6-dev
  # A faster linker is welcome, not needed.
  links_with_mold || ensure mold=mold || echo "going on without mold: linking takes longer" >&2
}

# Makes the environment again when the requirements change; a half-made one has no stamp.
python_environment() {
  local requirements=$1 folder=$2
  cmp -s "$requirements" "$folder/requirements.txt" && return 0
  ensure python3=python3 python-venv=python3-venv
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$requirements"
  cp "$requirements" "$folder/requirements.txt"
}

case ${1:-} in
  build) build_tools ;;
  test)
    build_tools
    ensure postgres=postgresql chromium=chromium cjk-fonts=fonts-noto-cjk fc-list=fontconfig \
      pdftotext=poppler-utils setpriv=util-linux ip=iproute2 tc=iproute2 turnserver=coturn
    ;;
  # Peers of the bench that Debian has; one that cannot be had is skipped there.
  bench) ensure janus=janus || true ;;
  python) python_environment "${2:?requirements}" "${3:?folder}" ;;
  linker) if links_with_mold; then echo mold; else echo default; fi ;;
  postgres) command -v postgres >/dev/null && dirname "$(readlink -f "$(command -v postgres)")" || postgres_folder ;;
  *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
