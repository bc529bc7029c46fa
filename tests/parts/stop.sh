#!/usr/bin/env bash
# Ends what start.sh started, by its process id: tests/parts/stop.sh all | PART...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=lib.sh
. "$here/lib.sh"

(($#)) || { printf 'usage: %s all | PART...\n' "$0" >&2; exit 2; }
if [[ $* == all ]]; then
  shopt -s nullglob
  set -- "$run"/*/
fi
for part in "$@"; do
  part=$(basename "$part")
  at=$run/$part
  [[ -d $at ]] || continue
  # dockerd first: it ends its containers and its containerd. That one only when dockerd could not.
  for pid in "$at/pid" "$at/containerd"; do
    [[ ! -s $pid ]] || end "$pid" || fail "process $(cut -d ' ' -f 1 "$pid") does not end"
  done
  if [[ -s $at/bridge ]]; then
    ip link delete "$(<"$at/bridge")" 2>/dev/null || true
    # The Engine's images stay, so the next start need not import the base image again.
    rm -f "$at/pid" "$at/containerd" "$at/bridge" "$at/environment"
  else
    rm -rf "$at"
  fi
done
