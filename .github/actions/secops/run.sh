#!/usr/bin/env bash
# The action's one step: installs secops where needed, runs one subcommand, and tells what came of it.
# Everything comes by INPUT_ variables and goes on as arguments; nothing is evaluated.
set -euo pipefail

refuse() {
  printf '::error title=secops action::%s\n' "$1"
  exit 2
}

# tell NAME VALUE: an output, on one line whatever the value holds.
tell() { printf '%s=%s\n' "$1" "$(tr -d '\r\n' <<<"$2")" >>"$GITHUB_OUTPUT"; }

case ${INPUT_COMMAND:-} in
init | scan | build | push | deploy | remediate | report | run | doctor | tools) ;;
*) refuse 'command must be one of init, scan, build, push, deploy, remediate, report, run, doctor, tools' ;;
esac
[[ -z ${INPUT_VERSION:-} || $INPUT_VERSION =~ ^[0-9]+(\.[0-9]+){1,3}(-[0-9A-Za-z.-]+)?$ ]] || refuse 'version must look like 1.2.3'

arguments=()
if [[ ${INPUT_ARGUMENTS:-} == *$'\n'* ]]; then
  while IFS= read -r line; do
    [[ -z $line ]] || arguments+=("${line%$'\r'}")
  done <<<"$INPUT_ARGUMENTS"
else
  read -r -a arguments <<<"${INPUT_ARGUMENTS:-}"
fi
read -r -a tools <<<"${INPUT_TOOLS:-}"

if [[ -n ${INPUT_VERSION:-} ]] || ! command -v secops >/dev/null; then
  version=()
  [[ -z ${INPUT_VERSION:-} ]] || version=(--version "$INPUT_VERSION")
  dotnet tool update --global secops ${version[@]+"${version[@]}"}
  export PATH="$HOME/.dotnet/tools:$PATH"
  printf '%s\n' "$HOME/.dotnet/tools" >>"$GITHUB_PATH"
fi

output=${INPUT_OUTPUT:-.secops}
printed=$(mktemp "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/secops-XXXXXX")
# Names of files and texts of findings are printed below: none of them may speak to the runner ("::add-mask::", "::error::").
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
code=0
if ((${#tools[@]} > 0)); then
  secops tools install "${tools[@]}" || code=$?
fi
if ((code == 0)); then
  secops "$INPUT_COMMAND" ${arguments[@]+"${arguments[@]}"} --output "$output" | tee "$printed" || code=$?
fi
printf '::%s::\n' "$token"

case $code in
0) verdict=passed ;;
1) verdict=failed ;;
2) verdict=usage-error ;;
3) verdict=incomplete ;;
4) verdict=tool-failed ;;
5) verdict=rolled-back ;;
130) verdict=cancelled ;;
*) verdict=bug ;;
esac
tell exit-code "$code"
tell verdict "$verdict"
tell stdout "$printed"

if [[ -d $output ]]; then
  output=$(cd "$output" && pwd)
  tell output "$output"
  [[ ! -d $output/reports ]] || tell reports "$output/reports"
  [[ ! -f $output/run.json ]] || tell stages "$output/run.json"
  if [[ -f $output/findings.json ]]; then
    tell findings "$output/findings.json"
    for name in total critical high; do
      tell "$name" "$(jq -r --arg name "$name" '.summary[$name] // empty' "$output/findings.json")"
    done
  fi
  if [[ -f $output/image.json ]]; then
    tell image "$(jq -r '.repository // empty' "$output/image.json")"
    tell digest "$(jq -r '.digest // empty' "$output/image.json")"
  fi
fi

if [[ ${INPUT_FAIL_ON_VERDICT:-true} == false && ($code == 1 || $code == 3) ]]; then
  printf '::warning title=secops %s::%s (exit code %s), and the step goes on as asked\n' "$INPUT_COMMAND" "$verdict" "$code"
  exit 0
fi
exit "$code"
