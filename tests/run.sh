#!/usr/bin/env bash
# Gets what the tests need, builds, and runs every test; then packs the tool, installs it and uses it.
# Usage: bash tests/run.sh            everything
#        bash tests/run.sh --fast     unit tests alone, without getting or starting anything
# The last line it prints is: N passed, N failed, N skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

results=$PWD/artifacts/test-results
parts=(bandit flask git jq tmux unzip sarif-multitool cyclonedx chromium wapiti docker registry notary cosign cosign3 moto prism graygelf workflow-parser baseimage)
servers=(docker docker-containerd registry registry-auth notary moto prism graygelf)
passed=0 failed=0 skipped=0 started=()

say() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

stop() {
  local server
  for server in "${started[@]}"; do
    bash tests/parts/stop.sh "$server" >/dev/null 2>&1 || true
  done
}
trap stop EXIT

finish() {
  printf '\n%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
  ((failed == 0))
}

# What a script starts in the background has interrupts ignored, and so would the programs that the tests interrupt.
interruptible=(env --default-signal=INT,QUIT)
"${interruptible[@]}" true 2>/dev/null || interruptible=()

# One project's tests. A run that crashes before it counts anything is one failure, not none.
run() {
  local project=$1 name=${1##*/} log
  shift
  log=$results/$name.log
  say "$name"
  local code=0
  "${interruptible[@]}" dotnet test "$project" -c Release --no-build "$@" 2>&1 | tee "$log" || code=$?
  local counts
  counts=$(sed -nE 's/.*Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+).*/\1 \2 \3/p' "$log" | tail -n 1)
  if [[ -z $counts ]]; then
    failed=$((failed + 1))
    return
  fi
  read -r f p s <<<"$counts"
  failed=$((failed + f)) passed=$((passed + p)) skipped=$((skipped + s))
  if ((code != 0 && f == 0)); then
    failed=$((failed + 1))
  fi
}

mkdir -p "$results"

say 'build'
dotnet restore --verbosity quiet
# White space against the empty tree; every other style rule is an error of the build itself. (dotnet format would also
# put each element of a table on a line of its own, which hides tables.)
if git rev-parse --git-dir >/dev/null 2>&1; then
  git diff --check "$(git hash-object -t tree /dev/null)" -- ':!*.md' ':!*.approved*'
fi
dotnet build -c Release --no-restore --verbosity quiet -consoleLoggerParameters:NoSummary

if [[ ${1:-} == --fast ]]; then
  run tests/SecOps.Tests
  finish
  exit
fi

say 'parts'
for part in "${parts[@]}"; do
  # A part that can't be had fails or skips the tests that need it, each with its reason; the others still run.
  bash tests/parts/get.sh "$part" || printf 'not there: %s\n' "$part"
done
for server in "${servers[@]}"; do
  if variables=$(bash tests/parts/start.sh "$server"); then
    started+=("$server")
    while IFS= read -r variable; do
      export "${variable?}"
    done <<<"$variables"
  else
    printf 'not started: %s\n' "$server"
  fi
done

run tests/SecOps.Tests

say 'pack and install'
rm -rf artifacts/packages artifacts/tool
# The analyzers have had their say in the build.
dotnet pack src/SecOps -c Release -o artifacts/packages --verbosity quiet -p:RunAnalyzers=false
dotnet tool install secops --tool-path artifacts/tool --source "$PWD/artifacts/packages" --version "$(dotnet msbuild src/SecOps -getProperty:Version)"
export SECOPS_TEST_TOOL=$PWD/artifacts/tool/secops
run tests/SecOps.EndToEnd

finish
