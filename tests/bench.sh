#!/usr/bin/env bash
# Measures what secops promises about speed and memory, each as a ratio to something measured in the same run.
# Usage: bash tests/bench.sh [findings] [growth] [merge]      default: all
# Needs the corpus of real reports (../shared/corpus), python3 and GNU time; merge also jq and sarif-multitool (tests/parts/get.sh jq sarif-multitool).
# Close other programs first. Every figure is the median of RUNS (default 3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export PATH=${SECOPS_PARTS:-$HOME/.cache/secops-parts}/bin:$PATH

corpus=$PWD/../shared/corpus runs=${RUNS:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# As it is packed: compiled ahead for this platform.
prepare() {
  [[ -f $corpus/make_big.py ]] || { echo "bench: the corpus is not at $corpus" >&2; exit 1; }
  dotnet publish src/SecOps -c Release -r linux-x64 --self-contained false -o "$work/secops" -v quiet >&2
  dotnet publish tests/SecOps.Benchmarks -c Release -o "$work/bench" -v quiet >&2
  secops=$work/secops/secops bench=$work/bench/SecOps.Benchmarks
}

big() { python3 "$corpus/make_big.py" "$1" "$2" "$3" >/dev/null; }

# SECONDS MEGABYTES of a command: medians. A command may end with 1 (the gate failed) and nothing else.
measure() {
  local i seconds=() memory=()
  for ((i = 0; i < runs; i++)); do
    local code=0
    /usr/bin/time -q -f '%e %M' -o "$work/time" "$@" >/dev/null 2>"$work/error" || code=$?
    ((code <= 1)) || { cat "$work/error" >&2; exit 1; }
    read -r s m <"$work/time"
    seconds+=("$s") memory+=("$m")
  done
  printf '%s %s\n' "$(median "${seconds[@]}")" "$(awk -v k="$(median "${memory[@]}")" 'BEGIN { printf "%.1f", k * 1024 / 1e6 }')"
}

median() { printf '%s\n' "$@" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

megabytes() { stat -c %s "$@" | awk '{ s += $1 } END { printf "%.1f", s / 1e6 }'; }

row() { printf '%-48s %10s %10s %10s %10s\n' "$@"; }

# A report and a baseline of as many findings, 5 % of them others: read, identified, matched, gated, written.
scan() {
  local count=$1 folder=$work/$1
  mkdir -p "$folder"
  big trivy "$count" "$folder/report.json"
  "$secops" scan "$folder" --import "trivy=$folder/report.json" --output "$folder/first" --quiet >/dev/null || (($? == 1))
  "$bench" drift "$folder/first/findings.json" "$folder/baseline.json" 5
  read -r tokens _ <<<"$(measure "$bench" tokens "$folder/report.json" "$folder/baseline.json")"
  read -r seconds memory <<<"$(measure "$secops" scan "$folder" --import "trivy=$folder/report.json" --baseline "$folder/baseline.json" --output "$folder/second" --quiet)"
  bytes=$(megabytes "$folder/report.json" "$folder/baseline.json")
}

findings() {
  row '100,000 findings against a baseline of as many' seconds MB ratio target
  scan 100000
  row "  JSON tokens of the $bytes MB" "$tokens" '' '' ''
  row '  secops scan --import --baseline: time' "$seconds" '' "$(ratio "$seconds" "$tokens")" '<= 3.00'
  row '  secops scan --import --baseline: memory' '' "$memory" "$(ratio "$memory" "$bytes")" '<= 0.80'
}

growth() {
  row 'growth' seconds MB 'us/finding' 'MB/MB read'
  local count
  for count in 10000 100000 500000; do
    scan "$count"
    row "  $count findings" "$seconds" "$memory" "$(awk -v s="$seconds" -v n="$count" 'BEGIN { printf "%.1f", s * 1e6 / n }')" "$(ratio "$memory" "$bytes")"
    rm -rf "${work:?}/$count"
  done
}

merge() {
  row 'merging two SARIF files of 100,000 results each' seconds MB 'of time' 'of memory'
  big sarif 100000 "$work/a.sarif"
  sed 's/"src\/pkg/"lib\/pkg/g' "$work/a.sarif" >"$work/b.sarif"
  read -r ours memory <<<"$(measure "$secops" scan "$work" --import "sarif=$work/a.sarif" --import "sarif=$work/b.sarif" --output "$work/merged" --quiet)"
  row '  secops scan --import --import' "$ours" "$memory" '' ''
  local s m
  read -r s m <<<"$(measure jq -s . "$work/a.sarif" "$work/b.sarif")"
  row '  jq -s: we take (target of time <= 0.33)' "$s" "$m" "$(ratio "$ours" "$s")" "$(ratio "$memory" "$m")"
  read -r s m <<<"$(measure sarif-multitool merge "$work/a.sarif" "$work/b.sarif" --output-directory "$work/multitool" --output-file merged.sarif --log ForceOverwrite)"
  row '  sarif-multitool merge: (<= 0.07, <= 0.10)' "$s" "$m" "$(ratio "$ours" "$s")" "$(ratio "$memory" "$m")"
}

for part in "${@:-findings growth merge}"; do
  for name in $part; do
    declare -F "$name" >/dev/null && [[ $name =~ ^(findings|growth|merge)$ ]] || { echo "bench: there is no $name" >&2; exit 2; }
    [[ -n ${secops:-} ]] || prepare
    "$name"
  done
done
