#!/usr/bin/env bash
# Starts a real server on loopback: tests/parts/start.sh PART. Prints NAME=value lines for the environment of the tests.
# A second call gives the same answer while it runs. Whoever wants one of his own sets SECOPS_PARTS_RUN to a folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
# shellcheck source-path=SCRIPTDIR source=servers.sh
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

# runs: ours is still there, or none was needed because the machine has one.
runs() { ((${#server[@]} == 0)) || alive "$at/pid"; }

why='does not answer in time'
for _ in 1 2 3; do
  says=() ready=() patience=30
  "start_$part"
  if ((${#server[@]})); then
    # A session of its own: Ctrl+C in the terminal of the tests is not for it.
    setsid "${server[@]}" >"$log" 2>&1 </dev/null 8>&- 9>&- &
    remember $! >"$at/pid"
  fi
  for ((waited = 0; waited < patience * 10; waited++)); do
    if "${ready[@]}" >/dev/null 2>&1 && runs; then
      settle "$part" || { why='started, but could not be set up' && break 2; }
      printf '%s\n' "${says[@]}" | tee "$at/environment"
      exit
    fi
    # Ended at once: perhaps somebody else took the port between the look and the start. Another one, then.
    runs || { why='ends at once' && continue 2; }
    sleep 0.1
  done
  break
done
words=$(tail -n 1 "$log" 2>/dev/null) || true
"$here/stop.sh" "$part" 8>&- || true
fail "$why; its last words: ${words:-none}"
