#!/usr/bin/env bash
# A sample's whole pipeline on this machine, exactly as its secops.yml names it: only the addresses are others, since every
# remote is a real server or a stand-in on loopback, started by tests/parts/start.sh. Needs what tests/run.sh needs.
# Usage: bash samples/pipeline.sh weather-app|flask-app [FOLDER]      FOLDER keeps the project and its results; default: a temporary one
# SECOPS names another secops than the one that is built here.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
sample=${1:-}
work=${2:-$(mktemp -d)}
parts=${SECOPS_PARTS:-$HOME/.cache/secops-parts}
PATH=$parts/bin:$PATH
started=()

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
fail() { printf 'pipeline: %s\n' "$1" >&2 && exit 1; }
secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

# server NAME VARIABLE: used where the variable is set, since it runs already; else started, and stopped at the end.
server() {
  local variables variable
  [[ -z ${!2:-} ]] || return 0
  variables=$(bash "$repository/tests/parts/start.sh" "$1") || fail "$1 could not be started"
  started+=("$1")
  while IFS= read -r variable; do export "${variable?}"; done <<<"$variables"
}

finish() {
  local name
  for name in ${started[@]+"${started[@]}"}; do bash "$repository/tests/parts/stop.sh" "$name" >/dev/null 2>&1 || true; done
}
trap finish EXIT

# A project of its own, with a remote to push to.
project() {
  mkdir -p "$work"
  cp -r "$repository/samples/$sample" "$work/project"
  git init --quiet --bare --initial-branch main "$work/origin.git"
  cd "$work/project"
  git init --quiet --initial-branch main
  git config user.name "Sample" && git config user.email sample@example.com && git config commit.gpgsign false
  git remote add origin "$work/origin.git"
}

commit() {
  printf '.secops/\n__pycache__/\n' >.gitignore
  git add --all && git commit --quiet --message 'The sample' && git push --quiet --set-upstream origin main
}

weather-app() {
  local image
  server docker DOCKER_HOST
  server registry-auth SECOPS_TEST_REGISTRY_PRIVATE
  server notary SECOPS_TEST_NOTARY
  [[ -n ${SECOPS_TEST_BASE_IMAGE:-} ]] || fail 'no base image: tests/parts/get.sh baseimage says why'
  # A name of this run's own: in a Notary a repository belongs to the keys that it began with.
  image=$SECOPS_TEST_REGISTRY_PRIVATE/example-$(secret)/weather

  step '1. the project, with local addresses in its secops.yml'
  project
  sed -i -e "s|docker.io/example/weather|$image|" -e "s|python:3.13-slim|$SECOPS_TEST_BASE_IMAGE|" -e 's|INSTALL_REQUIREMENTS: "yes"|INSTALL_REQUIREMENTS: "no"|' \
    -e "s|https://notary.example.com|$SECOPS_TEST_NOTARY|" -e "s|username: example|username: ${SECOPS_TEST_REGISTRY_AUTH%%:*}|" secops.yml
  commit

  step '2. once, by hand: keys, and a signer that the repository knows'
  mkdir -p "$work/docker/tls/${SECOPS_TEST_NOTARY#https://}"
  cp "${DOCKER_CONFIG:-$HOME/.docker}/config.json" "$work/docker/config.json" 2>/dev/null || true
  cp "$SECOPS_TEST_NOTARY_CA" "$work/docker/tls/${SECOPS_TEST_NOTARY#https://}/ca.crt"
  export DOCKER_CONFIG=$work/docker DOCKERHUB_TOKEN=${SECOPS_TEST_REGISTRY_AUTH#*:}
  DCT_PASSPHRASE=$(secret) DCT_ROOT_PASSPHRASE=$(secret) GEO_API_KEY=$(secret) FORECAST_API_KEY=$(secret)
  export DCT_PASSPHRASE DCT_ROOT_PASSPHRASE GEO_API_KEY FORECAST_API_KEY
  (
    cd "$work"
    export DOCKER_CONTENT_TRUST_SERVER=$SECOPS_TEST_NOTARY DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE=$DCT_PASSPHRASE DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE=$DCT_ROOT_PASSPHRASE
    docker trust key generate release
    docker trust signer add --key release.pub release "$image"
  )
  DCT_SIGNER_KEY=$(grep -l 'role: release' "$DOCKER_CONFIG"/trust/private/*.key | xargs base64 -w0)
  export DCT_SIGNER_KEY
  secops push --generate-key "$work/attest.pem"
  SECOPS_ATTEST_KEY=$(base64 -w0 "$work/attest.pem")
  export SECOPS_ATTEST_KEY

  step '3. secops run, but for deploy: the Terraform providers and AWS itself have no stand-in here'
  secops run --until report

  step '4. what is there now'
  git -C "$work/origin.git" log --oneline --max-count 3 main
  secops push --verify "$image:$(cat VERSION)"
  DOCKER_CONTENT_TRUST_SERVER=$SECOPS_TEST_NOTARY docker trust inspect --pretty "$image:$(cat VERSION)"
}

# moto ARGUMENT...: a request to its S3, which reads the region from the signature and does not check it.
moto() { curl --silent --show-error --fail --header 'Authorization: AWS4-HMAC-SHA256 Credential=stand-in/20260101/us-east-1/s3/aws4_request' "$@"; }

flask-app() {
  local code=0 bucket
  server docker DOCKER_HOST
  server registry SECOPS_TEST_REGISTRY
  server moto SECOPS_TEST_AWS
  server graygelf SECOPS_TEST_GELF_TCP
  [[ -n ${SECOPS_TEST_BASE_IMAGE:-} ]] || fail 'no base image: tests/parts/get.sh baseimage says why'
  export AWS_ENDPOINT_URL=$SECOPS_TEST_AWS AWS_ACCESS_KEY_ID=stand-in AWS_SECRET_ACCESS_KEY=stand-in AWS_REGION=eu-central-1
  unset AWS_PROFILE AWS_SESSION_TOKEN
  ADMIN_PASSWORD=$(secret)
  export ADMIN_PASSWORD

  step '1. the project, with local addresses in its secops.yml; moto is ECR but for its /v2/ interface, which the registry has'
  bucket=findings-$(secret)
  moto --request PUT "$SECOPS_TEST_AWS/$bucket"
  project
  sed -i -e "s|123456789012.dkr.ecr.eu-central-1.amazonaws.com/inventory|$SECOPS_TEST_REGISTRY/inventory-$(secret)|" \
    -e "s|python:3.9|$SECOPS_TEST_BASE_IMAGE|" -e 's|INSTALL_REQUIREMENTS: "yes"|INSTALL_REQUIREMENTS: "no"|' \
    -e "s|graylog.example.com:12201|$SECOPS_TEST_GELF_TCP|" -e "s|inventory-findings|$bucket|" \
    -e 's|^push:|push:\n  ecrRegion: eu-central-1|' secops.yml
  commit

  step '2. secops run: the gate fails, so nothing is built'
  secops run --until report || code=$?
  [[ $code == 1 ]] || fail "the exit code should be 1 (the gate failed), not $code"
  [[ ! -e .secops/image.json ]] || fail 'an image was built though the gate failed'

  step '3. secops remediate: fixes that Bandit and the tests have proven'
  secops remediate . --engine rules --apply
  git add --all && git commit --quiet --message 'Fix what secops has proven' && git push --quiet

  step '4. secops run: what is left is below the gate, so it is built, run and pushed with its verdict; deploy has no stand-in for ECS here'
  secops push --generate-key "$work/attest.pem"
  SECOPS_ATTEST_KEY=$(base64 -w0 "$work/attest.pem")
  export SECOPS_ATTEST_KEY
  secops run --until report

  step '5. what is there now'
  git -C "$work/origin.git" log --oneline --max-count 4 main
  moto "$SECOPS_TEST_AWS/$bucket?list-type=2" | grep -o '<Key>[^<]*'
  tail --lines 1 "$SECOPS_TEST_GELF_FILE"
  secops push --verify "$(sed -n 's/^  image: //p' secops.yml):$(cat VERSION)"
}

case $sample in
weather-app | flask-app) ;;
*) printf 'usage: bash samples/pipeline.sh weather-app|flask-app [FOLDER]\n' >&2 && exit 2 ;;
esac
[[ ! -e $work/project ]] || fail "$work/project exists already; name another folder"
if [[ -z ${SECOPS:-} ]]; then
  step '0. build secops'
  dotnet build "$repository/src/SecOps" -c Release --verbosity quiet -consoleLoggerParameters:NoSummary
  SECOPS=$repository/artifacts/bin/SecOps/release/secops
fi
secops() { "$SECOPS" "$@"; }
"$sample"
step "The project and its results: $work/project"
