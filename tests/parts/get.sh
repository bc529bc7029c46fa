#!/usr/bin/env bash
# Gets real parts that tests need: tests/parts/get.sh PART... (see README.md). What is there already is used.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

# shellcheck source=recipes.sh
. "$here/recipes.sh"

# programs PART: what must be executable for the part to count as there.
programs() {
  case $1 in
  flask) echo python3-flask ;;
  *) echo "$1" ;;
  esac
}

have() {
  local program
  [[ -s $cache/have/$1 ]] || return 1
  for program in $(programs "$1"); do [[ -x $bin/$program ]] || return 1; done
  [[ ! -e $here/npm/$1 ]] || cmp -s "$here/npm/$1/package-lock.json" "$cache/lib/$1/package-lock.json"
}

known=$(declare -F | sed -n 's/^declare -f get_//p')
(($#)) || { printf 'usage: %s PART...\nparts: %s\n' "$0" "$(tr '\n' ' ' <<<"$known")" >&2; exit 2; }
[[ $1 != all ]] || mapfile -t all <<<"$known"
[[ $1 != all ]] || set -- "${all[@]}"

status=0
for part in "$@"; do
  grep -qx -- "$part" <<<"$known" || { printf 'parts: %s: no such part; there are: %s\n' "$part" "$(tr '\n' ' ' <<<"$known")" >&2; status=2; continue; }
  if ! have "$part"; then
    mkdir -p "$cache/log"
    log=$cache/log/$part.log
    set +e
    (
      set -e
      # One at a time: apt and npm would only wait for each other. The lock goes with this process.
      exec 8>"$cache/lock"
      flock -w 900 8 || fail 'another get.sh has been busy for 15 minutes'
      have "$part" || "get_$part" 8>&-
    ) >"$log" 2>&1
    one=$?
    set -e
    if ((one)); then
      status=1
      # fail has said why; anything else is a surprise, and the log has it.
      ((one == 3)) || printf 'parts: %s: could not be had; see %s\n' "$part" "$log" >&2
      continue
    fi
  fi
  cat "$cache/have/$part"
done
exit $status
