#!/usr/bin/env bash
# Starts a real server on loopback: tests/parts/start.sh PART. Prints NAME=value lines for the environment of the tests.
# A second call gives the same answer while it runs. Whoever wants one of his own sets SECOPS_PARTS_RUN to a folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"
# shellcheck source=servers.sh
. "$here/servers.sh"

part=${1:-}
known=$(declare -F | sed -n 's/^declare -f start_//p')
if (($# != 1)) || ! grep -qxF -- "$part" <<<"$known"; then
  printf 'usage: %s PART\nparts: %s\n' "$0" "${known//$'\n'/ }" >&2
  exit 2
fi
case $part in
docker-containerd) "$here/get.sh" docker ;;
registry-auth) "$here/get.sh" registry ;;
*) "$here/get.sh" "$part" ;;
esac >&2

mkdir -p "$run/$part"
at=$(cd "$run/$part" && pwd -P)
log=$at/log
exec 8>"$at.lock"
flock -w 120 8 || fail 'another start.sh has been busy with it for two minutes'
if alive "$at/pid"; then
  cat "$at/environment"
  exit
fi

for _ in 1 2 3; do
  says=() ready=() patience=30
  "start_$part"
  if ((${#server[@]})); then
    # A session of its own: Ctrl+C in the terminal of the tests is not for it.
    setsid "${server[@]}" >"$log" 2>&1 </dev/null 8>&- 9>&- &
    remember $! >"$at/pid"
  fi
  for ((waited = 0; waited < patience * 10; waited++)); do
    if "${ready[@]}" >/dev/null 2>&1; then
      settle "$part"
      printf '%s\n' "${says[@]}" | tee "$at/environment"
      exit
    fi
    alive "$at/pid" || break
    sleep 0.1
  done
  words=$(tail -n 1 "$log" 2>/dev/null) || true
  "$here/stop.sh" "$part" 8>&- || true
  mkdir -p "$at"
done
fail "does not answer; its last words: ${words:-none}"
