#!/usr/bin/env bash
# Ends what start.sh started, by its process id: tests/parts/stop.sh all | PART...
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"

(($#)) || { printf 'usage: %s all | PART...\n' "$0" >&2; exit 2; }
if [[ $* == all ]]; then
  shopt -s nullglob
  set -- "$run"/*/
fi
for part in "$@"; do
  part=$(basename "$part")
  at=$(cd "$run/$part" 2>/dev/null && pwd -P) || continue
  # dockerd first: it ends its containers and its containerd. That one only when dockerd could not.
  for pid in "$at/pid" "$at/containerd"; do
    [[ ! -s $pid ]] || end "$pid" || fail "process $(cut -d ' ' -f 1 "$pid") does not end"
  done
  if [[ -s $at/bridge ]]; then
    ip link delete "$(<"$at/bridge")" 2>/dev/null || true
    # A killed dockerd leaves the containers to their shims, which carry this Engine's socket in their arguments.
    grep -lsF -- "$at/exec/containerd/containerd.sock" /proc/[0-9]*/cmdline | cut -d / -f 3 | while read -r shim; do
      [[ $(cat "/proc/$shim/comm" 2>/dev/null) == containerd-shim* ]] || continue
      for pid in $(cat "/proc/$shim/task/"*/children 2>/dev/null) "$shim"; do kill -s KILL "$pid" 2>/dev/null || true; done
    done || true
    # What it left mounted would keep the folder from being removed.
    awk -v at="$at/" 'index($2, at) == 1 { print $2 }' /proc/self/mounts | sort -r | xargs -r umount --lazy -- || true
    # The Engine's images stay, so the next start need not import the base image again.
    rm -f "$at/pid" "$at/containerd" "$at/bridge" "$at/environment"
  else
    rm -rf "$at"
  fi
done
