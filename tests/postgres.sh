#!/usr/bin/env bash
# A private PostgreSQL for tests: its own folder, a random port, never a server that is there already.
#
#   tests/postgres.sh start [STATE]      starts one and prints its URL; STATE remembers its folder
#   tests/postgres.sh again [STATE]      starts it again, where it was killed
#   tests/postgres.sh stop [STATE]       stops it and removes the folder
#   tests/postgres.sh with COMMAND…      runs COMMAND with its URL in ONSHIN_TEST_POSTGRES
#
# It keeps what it was given, since the program refuses a database that may not, and listens on
# 127.0.0.1 alone, with a password. ONSHIN_POSTGRES_OPTIONS adds to its settings: -c NAME=VALUE.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
default_state=${CARGO_TARGET_DIR:-$here/../target}/postgres.folder

# PostgreSQL refuses to be root, so root becomes the user that Debian's package made for it.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid=postgres --regid=postgres --init-groups -- env HOME=/ LC_ALL=C.UTF-8 "$@"
  else
    env LC_ALL=C.UTF-8 "$@"
  fi
}

random_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Makes the folder. Its parents must be open to the user postgres, and its path short: a Unix
# socket's name has 107 bytes at most. So it lies in the system's folder for such things.
make_folder() {
  local base folder
  for base in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
    folder=$(mktemp -d "$base/onshin-pg.XXXXXX" 2>/dev/null) || continue
    if [ "$(id -u)" = 0 ]; then chown postgres: "$folder"; fi
    if [ ${#folder} -lt 85 ] && as_postgres test -w "$folder" 2>/dev/null; then
      echo "$folder"
      return 0
    fi
    rmdir "$folder"
  done
  echo "no folder found that PostgreSQL can write to" >&2
  return 1
}

# Starts what lies in the folder. The log is PostgreSQL's own; its output must not hold our caller's
# pipe open.
launch() {
  local bin=$1 folder=$2
  as_postgres "$bin/pg_ctl" -D "$folder/data" -w -t 60 -l "$folder/log" \
    -o "$(cat "$folder/options")" start >"$folder/start.log" 2>&1 </dev/null
}

start() {
  local state=$1 bin folder password port attempt
  stop "$state"
  bin=$("$here/tools.sh" postgres)
  if [ ! -x "$bin/postgres" ]; then
    echo "PostgreSQL is missing: tests/tools.sh test installs it" >&2
    return 1
  fi
  folder=$(make_folder)
  mkdir -p "$(dirname "$state")"
  echo "$folder" >"$state"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  cd "$folder"
  printf '%s\n' "$password" | as_postgres tee "$folder/password" >/dev/null
  if ! as_postgres "$bin/initdb" -D "$folder/data" -U postgres -A scram-sha-256 \
    --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1; then
    cat "$folder/initdb.log" >&2
    stop "$state"
    return 1
  fi
  for attempt in 1 2 3 4 5; do
    port=$(random_port)
    printf '%s\n' "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder \
      -c max_connections=400 -c shared_buffers=64MB ${ONSHIN_POSTGRES_OPTIONS:-}" \
      | as_postgres tee "$folder/options" >/dev/null
    if launch "$bin" "$folder"; then
      echo "postgres://postgres:$password@127.0.0.1:$port/postgres"
      return 0
    fi
    grep -q 'could not bind\|Address already in use' "$folder/log" || break
    echo "port $port was taken meanwhile (attempt $attempt)" >&2
  done
  cat "$folder/start.log" "$folder/log" >&2
  stop "$state"
  return 1
}

# After a kill the memory that its processes shared may be in use for a moment.
again() {
  local state=$1 bin folder attempt
  folder=$(cat "$state")
  bin=$("$here/tools.sh" postgres)
  cd "$folder"
  for attempt in $(seq 50); do
    if launch "$bin" "$folder"; then return 0; fi
    sleep 0.2
  done
  echo "PostgreSQL did not start in $attempt attempts" >&2
  tail -n 20 "$folder/start.log" "$folder/log" >&2
  return 1
}

stop() {
  local state=$1 bin folder
  [ -f "$state" ] || return 0
  folder=$(cat "$state")
  bin=$("$here/tools.sh" postgres)
  case $folder in
    */onshin-pg.*)
      cd /
      if [ -f "$folder/data/postmaster.pid" ]; then
        as_postgres "$bin/pg_ctl" -D "$folder/data" -w -m immediate stop >/dev/null 2>&1 || true
      fi
      rm -rf "$folder"
      ;;
  esac
  rm -f "$state"
}

with() {
  local state status=0
  state=$(mktemp "${TMPDIR:-/tmp}/onshin-pg-state.XXXXXX")
  trap 'stop "$state"' EXIT
  trap 'exit 130' INT TERM
  ONSHIN_TEST_POSTGRES=$(start "$state")
  export ONSHIN_TEST_POSTGRES
  "$@" || status=$?
  exit "$status"
}

case ${1:-} in
  start) start "$(realpath -m "${2:-$default_state}")" ;;
  again) again "$(realpath -m "${2:-$default_state}")" ;;
  stop) stop "$(realpath -m "${2:-$default_state}")" ;;
  with) shift; with "$@" ;;
  *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
