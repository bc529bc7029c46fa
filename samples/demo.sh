#!/usr/bin/env bash
# The main job on a vulnerable Flask app: real Bandit through secops, the gate, an HTML report and a SARIF file.
# Needs the .NET SDK and Python 3; gets Bandit itself, into a folder of its own, without root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }

command -v dotnet >/dev/null || { echo 'demo: the .NET 10 SDK is not installed (https://dot.net/download).' >&2; exit 2; }

step '1. build secops'
dotnet build src/SecOps -c Release --verbosity quiet -consoleLoggerParameters:NoSummary
secops() { dotnet artifacts/bin/SecOps/release/secops.dll "$@"; }
secops --version

step '2. get Bandit: pinned, checked, in the user'"'"'s own folder'
secops tools install bandit

out=artifacts/demo
rm -rf "$out"

step '3. secops scan samples/flask-app'
code=0
secops scan samples/flask-app --only bandit --output "$out" || code=$?
echo "exit code $code (1: the gate failed, as it should for this app)"
[[ $code == 1 ]] || { echo "demo: expected exit code 1" >&2; exit 1; }

step '4. secops report --format html,sarif'
secops report --format html,sarif --output "$out"
echo
echo "Open $out/reports/findings.html in a browser; upload $out/reports/findings.sarif to code scanning."
