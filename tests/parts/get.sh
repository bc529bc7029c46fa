#!/usr/bin/env bash
# Gets real parts that tests need: tests/parts/get.sh PART... (README.md has the list). What is there already is used.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=recipes.sh
. "$here/recipes.sh"

# have PART: complete, by what its recipe left behind; cheap, since every test run asks.
have() {
  local file
  [[ -s $cache/have/$1 ]] || return 1
  for file in $(files "$1"); do [[ -e $cache/$file ]] || return 1; done
  [[ ! -e $here/npm/$1 ]] || cmp -s "$here/npm/$1/package-lock.json" "$cache/lib/$1/package-lock.json"
}

known=$(declare -F | sed -n 's/^declare -f get_//p')
if (($# == 0)); then
  printf 'usage: %s all | PART...\nparts: %s\n' "$0" "${known//$'\n'/ }" >&2
  exit 2
fi
if [[ $* == all ]]; then
  mapfile -t all <<<"$known"
  set -- "${all[@]}"
fi

status=0
for part in "$@"; do
  if ! grep -qxF -- "$part" <<<"$known"; then
    printf 'parts: %s: no such part; there are: %s\n' "$part" "${known//$'\n'/ }" >&2
    status=2
    continue
  fi
  if ! have "$part"; then
    mkdir -p "$cache/log"
    log=$cache/log/$part.log
    # Not in a condition: there, bash would ignore set -e within.
    set +e
    (
      set -e
      # One at a time: apt and npm would only wait for each other. The lock goes with this subshell.
      exec 8>"$cache/lock"
      flock -w 900 8 || fail 'another get.sh has been busy for 15 minutes'
      have "$part" || "get_$part"
    ) >"$log" 2>&1
    one=$?
    set -e
    if ((one)); then
      status=1
      # fail has said why; anything else is a surprise, and the log has it.
      ((one == 3)) || printf 'parts: %s: could not be had; the log is %s\n' "$part" "$log" >&2
      continue
    fi
  fi
  cat "$cache/have/$part"
done
exit "$status"
