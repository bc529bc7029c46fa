#!/usr/bin/env bash
# Measures what secops promises about speed and memory, each as a ratio to something measured in the same run.
# Usage: bash tests/bench.sh [start] [findings] [growth] [merge] [bandit] [trivy] [commit] [together] [push]      default: all
# Needs the corpus of real reports (../shared/corpus), python3 and GNU time; merge, bandit, commit and together also jq, bandit and sarif-multitool (tests/parts/get.sh jq bandit sarif-multitool).
# push starts an Engine (as root, where none runs) and registries of its own (tests/parts/get.sh docker baseimage registry).
# Close other programs first. Every figure is the median of RUNS (default 3).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export PATH=${SECOPS_PARTS:-$HOME/.cache/secops-parts}/bin:$PATH

corpus=$PWD/../shared/corpus runs=${RUNS:-3}
work=$(mktemp -d)
# What push started ends with it, also when it fails half-way.
trap 'SECOPS_PARTS_RUN=$work/run bash tests/parts/stop.sh all; rm -rf "$work"' EXIT

# As it is packed: compiled ahead for this platform.
prepare() {
  [[ -f $corpus/make_big.py ]] || { echo "bench: the corpus is not at $corpus" >&2; exit 1; }
  dotnet publish src/SecOps -c Release -r linux-x64 -o "$work/secops" -v quiet >&2
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

# Against a program that does nothing, both compiled ahead. One start is too short for a clock: twenty in a row, in turn.
start() {
  local empty=$work/empty i ours=() theirs=()
  mkdir -p "$empty"
  cat >"$empty/empty.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
    <SelfContained>false</SelfContained>
    <PublishReadyToRun>true</PublishReadyToRun>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
</Project>
PROJECT
  echo 'return 0;' >"$empty/Program.cs"
  dotnet publish "$empty" -c Release -o "$empty/out" -v quiet >&2
  for ((i = 0; i < 2 * runs + 1; i++)); do
    theirs+=("$(twenty "$empty/out/empty")")
    ours+=("$(twenty "$secops" --version)")
  done
  row 'start-up, twenty in a row' seconds MB ratio target
  row '  an empty program' "$(median "${theirs[@]}")" '' '' ''
  row '  secops --version' "$(median "${ours[@]}")" '' "$(ratio "$(median "${ours[@]}")" "$(median "${theirs[@]}")")" '<= 1.70'
}

twenty() {
  local i from=$EPOCHREALTIME
  for ((i = 0; i < 20; i++)); do "$@" >/dev/null; done
  awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }'
}

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

# Python's own standard library, against plain Bandit. --fail-on is left alone: Bandit too ends with 1 when it finds something.
bandit() {
  local tree=$work/stdlib out=$work/stdlib.out plain first again one
  cp -rL "$("$(test -x /usr/bin/python3 && echo /usr/bin/python3 || type -P python3)" -c 'import sysconfig; print(sysconfig.get_paths()["stdlib"])')" "$tree"
  rm -rf "$tree"/{site,dist}-packages
  row "$(find "$tree" -name '*.py' | wc -l) files of Python's standard library" seconds MB ratio target
  read -r plain _ <<<"$(measure "$(type -P bandit)" -q -r "$tree" -f json -o "$work/plain.json")"
  row '  bandit -r' "$plain" '' '' ''
  read -r first _ <<<"$(measure bash -c "rm -rf '$out'; '$secops' scan '$tree' --only bandit --output '$out' --quiet")"
  row '  secops scan --only bandit, first' "$first" '' "$(ratio "$first" "$plain")" '<= 0.65'
  read -r again _ <<<"$(measure "$secops" scan "$tree" --only bandit --output "$out" --quiet)"
  row '  nothing changed' "$again" '' "$(ratio "$again" "$plain")" '<= 0.03'
  read -r one _ <<<"$(measure bash -c "echo '# changed' >>'$tree/json/decoder.py'; '$secops' scan '$tree' --only bandit --output '$out' --quiet")"
  row '  one file changed' "$one" '' "$(ratio "$one" "$plain")" '<= 0.05'
  local theirs ours
  theirs=$(jq '.results | length' "$work/plain.json") ours=$(jq '.coverage[0].findings' "$out/findings.json")
  [[ $theirs == "$ours" ]] || { echo "bench: bandit finds $theirs, secops $ours" >&2; exit 1; }
  local sample=$PWD/samples/flask-app
  read -r plain _ <<<"$(measure "$(type -P bandit)" -q -r "$sample" -f json -o "$work/plain.json")"
  read -r first _ <<<"$(measure bash -c "rm -rf '$out'; '$secops' scan '$sample' --only bandit --output '$out' --quiet")"
  row '  the small sample: bandit -r, and secops' "$plain" '' '' ''
  row '' "$first" '' "+$(awk -v a="$first" -v b="$plain" 'BEGIN { printf "%.2f", a - b }')" '<= +0.12'
}

trivy() {
  local report=$work/trivy.json tokens seconds memory python
  big trivy 300000 "$report"
  row "a Trivy report of $(megabytes "$report") MB" seconds MB ratio target
  read -r tokens _ <<<"$(measure "$bench" tokens "$report")"
  row '  JSON tokens' "$tokens" '' '' ''
  read -r seconds memory <<<"$(measure "$secops" scan "$work" --import "trivy=$report" --output "$work/trivy.out" --quiet)"
  row '  secops scan --import: time' "$seconds" '' "$(ratio "$seconds" "$tokens")" '<= 2.00'
  row '  secops scan --import: memory' '' "$memory" "$(ratio "$memory" "$(megabytes "$report")")" '<= 0.60'
  read -r python memory <<<"$(measure python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$report")"
  row '  json.load of Python' "$python" "$memory" '' ''
  rm -f "$report"
}

# Before a commit, in a repository of 2,000 Python files.
commit() {
  local tree=$work/repository alone staged empty i
  mkdir -p "$tree" && git -C "$tree" init -q
  for ((i = 0; i < 2000; i++)); do echo "x = $i" >"$tree/file$i.py"; done
  git -C "$tree" add . && git -C "$tree" -c user.name=b -c user.email=b@example.com commit -qm all
  row 'a commit in a repository of 2,000 files' seconds MB more target
  read -r empty _ <<<"$(measure bash -c "cd '$tree' && '$secops' scan --staged --only bandit --quiet --output '$work/commit.out'")"
  row '  secops scan --staged, nothing staged' "$empty" '' '' '<= 0.10'
  printf 'import subprocess\nsubprocess.call(input(), shell=True)\n' >"$tree/file7.py" && git -C "$tree" add .
  read -r alone _ <<<"$(measure "$(type -P bandit)" -q "$tree/file7.py" -f json -o "$work/plain.json")"
  row '  bandit on the one staged file' "$alone" '' '' ''
  read -r staged _ <<<"$(measure bash -c "cd '$tree' && rm -rf '$work/commit.out' && '$secops' scan --staged --only bandit --quiet --output '$work/commit.out'")"
  row '  secops scan --staged' "$staged" '' "+$(awk -v a="$staged" -v b="$alone" 'BEGIN { printf "%.2f", a - b }')" '<= +0.15'
}

# Through the Engine to a fresh registry each time, in turn with docker push; then the same image again. The verdict goes along.
push() {
  local tree=$work/push reg who i docker=() ours=() again=() theirs=() size
  local -x SECOPS_PARTS_RUN=$work/run SECOPS_ATTEST_KEY
  while read -r line; do local -x "${line?}"; done < <(bash tests/parts/start.sh docker)
  mkdir -p "$tree"
  echo '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"bench"}},"results":[]}]}' >"$tree/empty.sarif"
  "$secops" scan "$tree" --import "sarif=$tree/empty.sarif" --output "$tree/out" --quiet >/dev/null
  "$secops" push --generate-key "$tree/key" --quiet >/dev/null
  SECOPS_ATTEST_KEY=$(<"$tree/key")
  # 270 MB as docker images counts them.
  size=$(docker image inspect --format '{{.Size}}' "$SECOPS_TEST_BASE_IMAGE")
  mkdir "$tree/image" && head -c $((270000000 - size)) /dev/urandom >"$tree/image/more"
  printf 'FROM %s\nCOPY more /more\n' "$SECOPS_TEST_BASE_IMAGE" | docker build -q -t secops-bench -f - "$tree/image" >/dev/null
  for ((i = 0; i < runs; i++)); do
    # Each first in turn: what one has written, the disk still takes in while the other runs.
    for who in $( ((i % 2)) && echo ours docker || echo docker ours); do
      reg=$(fresh_registry)
      docker tag secops-bench "$reg/bench:1"
      if [[ $who == docker ]]; then
        docker+=("$(once docker push -q "$reg/bench:1")")
        theirs+=("$(once docker push -q "$reg/bench:1")")
      else
        ours+=("$(cd "$tree" && once "$secops" push "$reg/bench:1" --output out --quiet)")
        again+=("$(cd "$tree" && once "$secops" push "$reg/bench:1" --output out --quiet)")
      fi
      docker rmi "$reg/bench:1" >/dev/null
    done
  done
  docker rmi secops-bench >/dev/null
  row "an image of 270 MB to a local registry, $runs times" seconds '' ratio target
  row '  docker push' "$(median "${docker[@]}")" '' '' ''
  row '  secops push, with the verdict' "$(median "${ours[@]}")" '' "$(ratio "$(median "${ours[@]}")" "$(median "${docker[@]}")")" '<= 1.10'
  row '  docker push, unchanged' "$(median "${theirs[@]}")" '' "$(ratio "$(median "${theirs[@]}")" "$(median "${docker[@]}")")" ''
  row '  secops push, unchanged' "$(median "${again[@]}")" '' "$(ratio "$(median "${again[@]}")" "$(median "${docker[@]}")")" '<= 0.20'
}

# One that has nothing yet, in place of the one before; on a port of its own, or the Engine would remember what the last one had.
fresh_registry() {
  bash tests/parts/stop.sh registry
  bash tests/parts/start.sh registry | sed -n 's/^SECOPS_TEST_REGISTRY=//p'
}

once() {
  local from=$EPOCHREALTIME
  "$@" >/dev/null 2>"$work/error" || { cat "$work/error" >&2; exit 1; }
  awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f", b - a }'
}

# Five stand-ins of scanners that take two seconds each, and find nothing.
together() {
  local tree=$work/together at=$work/together.bin name slowest whole startup
  mkdir -p "$tree" "$at"
  echo 'x = 1' >"$tree/app.py" && echo 'flask==3.0.0' >"$tree/requirements.txt"
  for name in bandit trivy gitleaks pip-audit safety; do
    cat >"$at/$name" <<'STANDIN'
#!/bin/bash
name=${0##*/} report=/dev/stdout
[[ " $* " != *" --version "* && $1 != version ]] || { echo "$name 9.9.9"; exit; }
while (($#)); do
  case $1 in -o | --output | --report-path) report=$2 ;; esac
  shift
done
sleep 2
case $name in
bandit) echo '{"errors": [], "metrics": {}, "results": []}' ;;
trivy) echo '{"SchemaVersion": 2, "Results": []}' ;;
gitleaks) echo '[]' ;;
pip-audit) echo '{"dependencies": [], "fixes": []}' ;;
safety) echo '{"report_meta": {}, "vulnerabilities": []}' ;;
esac >"$report"
STANDIN
    chmod +x "$at/$name"
  done
  row 'five stand-in scanners of two seconds each' seconds MB ratio target
  read -r slowest _ <<<"$(measure "$at/trivy" --output "$work/together.json")"
  row '  one alone' "$slowest" '' '' ''
  read -r startup _ <<<"$(measure "$secops" --version)"
  read -r whole _ <<<"$(measure bash -c "rm -rf '$work/together.out'; SAFETY_API_KEY=none PATH='$at':\$PATH '$secops' scan '$tree' --only bandit,trivy,gitleaks,pip-audit,safety --output '$work/together.out' --quiet")"
  [[ $(jq '[.coverage[] | select(.status == "completed")] | length' "$work/together.out/findings.json") == 5 ]] || { echo 'bench: not all five completed' >&2; exit 1; }
  row '  secops scan, less its start-up' "$whole" '' "$(awk -v a="$whole" -v b="$startup" -v c="$slowest" 'BEGIN { printf "%.2f", (a - b) / c }')" '<= 1.05'
}

for part in "${@:-start findings growth merge bandit trivy commit together push}"; do
  for name in $part; do
    declare -F "$name" >/dev/null && [[ $name =~ ^(start|findings|growth|merge|bandit|trivy|commit|together|push)$ ]] || { echo "bench: there is no $name" >&2; exit 2; }
    [[ -n ${secops:-} ]] || prepare
    "$name"
  done
done
