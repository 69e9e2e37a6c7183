#!/usr/bin/env bash
# Everything that must hold, in one go; `make test` and CI call this and nothing else.
#
#   tests/run.sh            all steps
#   tests/run.sh lint rust  only these: format web lint rust soak ical race openapi browser
#
# What fails fast comes first. The front end is checked beside clippy: it waits for the network
# while clippy waits for the processors. Each step prints its name and what it took.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
logs=$target/test-logs
state=$target/postgres.folder
mkdir -p "$logs"
summary=$logs/summary
: >"$summary"
begun=$SECONDS
lane=
wanted=" $* "

export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-auto} CARGO_INCREMENTAL=${CARGO_INCREMENTAL:-1}
# Settings of the person who runs the tests must not reach the programs under test.
for name in $(compgen -e | grep '^ONSHIN_' || true); do unset "$name"; done

finish() {
  local status=$?
  trap - EXIT
  # The lane is a process group of its own, so that npm's children end with it. What it has said so
  # far is shown: it may have failed as well.
  if [ -n "$lane" ]; then
    kill -- "-$lane" 2>/dev/null || true
    cat "$logs/web.log"
  fi
  tests/postgres.sh stop "$state"
  echo
  cat "$summary"
  if [ $status = 0 ]; then
    echo "all of it passed in $((SECONDS - begun)) s"
  else
    echo "FAILED after $((SECONDS - begun)) s"
  fi
  exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

on() { [ "$wanted" = "  " ] || [[ $wanted == *" $1 "* ]]; }

# Runs the rest of the line as a step: a header, its output, its time. Fails as it fails.
step() {
  local name=$1 start=$SECONDS status=0
  shift
  printf '\n=== %s\n' "$name"
  "$@" || status=$?
  printf '=== %s: %s, %d s\n' "$name" "$([ $status = 0 ] && echo ok || echo "failed ($status)")" \
    $((SECONDS - start)) | tee -a "$summary"
  return $status
}

web_steps() {
  step "web: packages" npm --prefix web ci --no-audit --no-fund --loglevel=error || return
  step "web: types, lint, catalogues" npm --prefix web run check || return
  step "web: unit tests" npm --prefix web test || return
  step "web: build" npm --prefix web run build || return
}

# Starts the front end's steps beside what follows; join_lane shows them and fails as they failed.
start_lane() {
  set -m
  web_steps >"$logs/web.log" 2>&1 &
  lane=$!
  set +m
}

join_lane() {
  local status=0
  [ -n "$lane" ] || return 0
  wait "$lane" || status=$?
  lane=
  cat "$logs/web.log"
  return $status
}

start_postgres() {
  ONSHIN_TEST_POSTGRES=$(tests/postgres.sh start "$state") || return
  export ONSHIN_TEST_POSTGRES
  echo "a private one on port ${ONSHIN_TEST_POSTGRES##*:}" | sed 's:/.*::'
}

# One suite; each test that touches the database runs on SQLite and on PostgreSQL.
# Hundreds of tests share two processors. Three that fail at most are tried once more, alone, and
# that is said: a fault fails again, a machine that was too busy does not.
rust_tests() {
  local log=$logs/rust.log names
  cargo test --locked --no-fail-fast --lib --test it 2>&1 | tee "$log" && return
  mapfile -t names < <(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log")
  [ ${#names[@]} -ge 1 ] && [ ${#names[@]} -le 3 ] || return 1
  echo "=== failed among others, now alone: ${names[*]}"
  cargo test --locked --lib --test it -- --exact "${names[@]}"
}

# Connections to each of the server's own peers, each sort in a process of its own, which is measured.
soak_tests() {
  local program status=0 echo
  program=$(cargo test --locked --test soak --no-run --message-format=json | sed -n \
    's/.*"executable":"\([^"]*soak-[^"]*\)".*/\1/p') || return
  "$program" --nocapture echo >"$logs/soak-echo.log" 2>&1 & echo=$!
  "$program" --nocapture room || status=$?
  wait "$echo" || status=$?
  cat "$logs/soak-echo.log"
  return $status
}

# What we write as iCalendar and read from it, judged by other people's code.
ical_check() {
  tests/tools.sh python tests/ical/requirements.txt "$target/ical/python" || return
  cargo test --locked --test it -- ical:: || return
  "$target/ical/python/bin/python" tests/ical/check.py "$target/tmp/ical"
}

# The same race with the application's own check compiled out: the database alone must refuse.
# A filter that matches nothing passes silently, so what it names is counted first.
race_tests() {
  local arguments=(--locked --features no-overlap-check --test it) list count
  list=$(cargo test "${arguments[@]}" -- race --list) || return
  count=$(grep -c ': test$' <<<"$list" || true)
  echo "$count tests of races"
  [ "$count" -ge 2 ] || { echo "there must be one for each engine" >&2; return 1; }
  ONSHIN_RACE_SECONDS=${ONSHIN_RACE_SECONDS:-60} cargo test "${arguments[@]}" -- race
}

# After the race: its build of the program, without the check, lies where the program belongs.
program() { cargo build --locked; }

openapi_is_fresh() {
  program || return
  "$target/debug/onshin" openapi >"$target/openapi.json" || return
  diff -u web/openapi.json "$target/openapi.json" ||
    { echo "web/openapi.json is not what the server says: make openapi" >&2; return 1; }
  npm --prefix web run --silent check:generated
}

# One file after the other; one that fails is tried once more, and that is said.
browser_tests() {
  local file failed=0
  program || return
  for file in tests/browser/*.test.mjs; do
    browser_test "$file" && continue
    echo "=== $file failed, once more"
    browser_test "$file" || failed=1
  done
  return $failed
}

browser_test() { ONSHIN_BIN=$target/debug/onshin node --test --test-concurrency=1 "$1"; }

step "tools" tests/tools.sh test
if [ "$(tests/tools.sh linker)" != mold ]; then
  # Said by environment, this replaces the linker setting of .cargo/config.toml.
  export RUSTFLAGS=${RUSTFLAGS-}
fi

if on format; then step "format" cargo fmt --check; fi
if on web; then start_lane; fi
if on lint; then
  step "clippy" cargo clippy --locked --all-targets -- -D warnings
fi
if on web; then join_lane; fi
if on rust || on race; then
  step "postgresql" start_postgres
fi
if on rust; then step "rust tests, both engines" rust_tests; fi
if on soak; then step "soak: what hundreds of connections took is given back" soak_tests; fi
if on ical; then step "ical: others read what we write, and the same as we" ical_check; fi
if on race; then step "race without the application's check" race_tests; fi
if on openapi; then step "openapi and its client are fresh" openapi_is_fresh; fi
if on browser; then step "browser tests" browser_tests; fi
