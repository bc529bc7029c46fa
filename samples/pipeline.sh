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
started=() programs=() containers=()

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

# stand_in ARGUMENT...: one of tests/SecOps.StandIns as a program, ended by its number; exports the variable that it prints.
stand_in() {
  local program=$repository/artifacts/bin/SecOps.StandIns/release/stand-in variable said
  [[ -x $program ]] || dotnet build "$repository/tests/SecOps.StandIns" -c Release --verbosity quiet -consoleLoggerParameters:NoSummary
  exec {said}< <(exec "$program" "$@")
  programs+=("$!")
  read -r -t 30 variable <&"$said" || fail "the stand-in $1 could not be started"
  export "${variable?}"
}

finish() {
  local name
  ((${#containers[@]} == 0)) || docker rm --force --volumes "${containers[@]}" >/dev/null 2>&1 || true
  ((${#programs[@]} == 0)) || kill "${programs[@]}" 2>/dev/null || true
  rm -rf "${tools:-}"
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
  git add --all && git commit --quiet --message 'The sample'
  # Its secops.yml stays; a workflow and a hook come: from here on each commit is scanned before it is made.
  secops init --workflow --hook
  git add --all && git commit --quiet --message 'Scan before each commit, and in a workflow' && git push --quiet --set-upstream origin main
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

# query SERVICE ELEMENT NAME=VALUE...: a request to moto's query protocol; prints the first ELEMENT of the answer.
query() {
  local service=$1 element=$2 data=()
  shift 2
  for pair; do data+=(--data-urlencode "$pair"); done
  curl --silent --show-error --fail --header "Authorization: AWS4-HMAC-SHA256 Credential=stand-in/20260101/eu-central-1/$service/aws4_request" "${data[@]}" "$SECOPS_TEST_AWS/" |
    grep -o "<$element>[^<]*" | head -n 1 | cut -d '>' -f 2
}

# balancer NAME: a network in two zones with a load balancer; prints its ARN.
balancer() {
  local ec2=Version=2016-11-15 elb=Version=2015-12-01 vpc one two
  vpc=$(query ec2 vpcId Action=CreateVpc $ec2 CidrBlock=10.1.0.0/16)
  one=$(query ec2 subnetId Action=CreateSubnet $ec2 "VpcId=$vpc" CidrBlock=10.1.1.0/24 AvailabilityZone=eu-central-1a)
  two=$(query ec2 subnetId Action=CreateSubnet $ec2 "VpcId=$vpc" CidrBlock=10.1.2.0/24 AvailabilityZone=eu-central-1b)
  query elasticloadbalancing LoadBalancerArn Action=CreateLoadBalancer $elb "Name=$1" "Subnets.member.1=$one" "Subnets.member.2=$two"
}

flask-app() {
  local code=0 bucket arn image staging
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
  bucket=findings-$(secret) staging=127.0.0.1:$((20000 + SRANDOM % 10000))
  moto --request PUT "$SECOPS_TEST_AWS/$bucket"
  project
  sed -i -e "s|123456789012.dkr.ecr.eu-central-1.amazonaws.com/inventory|$SECOPS_TEST_REGISTRY/inventory-$(secret)|" \
    -e "s|python:3.9|$SECOPS_TEST_BASE_IMAGE|" -e 's|INSTALL_REQUIREMENTS: "yes"|INSTALL_REQUIREMENTS: "no"|' \
    -e "s|graylog.example.com:12201|$SECOPS_TEST_GELF_TCP|" -e "s|inventory-findings|$bucket|" -e "s|https://staging.inventory.example.com|http://$staging|" \
    -e 's|^push:|push:\n  ecrRegion: eu-central-1|' secops.yml
  commit

  step '2. secops run: the gate fails, so nothing is built'
  # Trivy, ZAP and SonarQube can't be had here: programs of that name, and a server, play them.
  PATH=$repository/samples/standins:$PATH SONAR_TOKEN=$(secret)
  export SONAR_TOKEN
  stand_in sonarqube
  secops run --until report || code=$?
  [[ $code == 1 ]] || fail "the exit code should be 1 (the gate failed), not $code"
  [[ ! -e .secops/image.json ]] || fail 'an image was built though the gate failed'

  step '3. secops remediate: fixes that the scanners and the tests have proven, as pull requests; then taken over here, as a reviewer would'
  stand_in github example/inventory
  model_answers "$work/answers"
  stand_in bedrock "$work/answers"
  export GITHUB_TOKEN=stand-in GITHUB_REPOSITORY=example/inventory
  sed -i 's|^  # model: .*|  model: eu.anthropic.stand-in|' secops.yml
  secops remediate . --pr --limit 6
  secops remediate . --apply
  git add --all && git commit --quiet --message 'Fix what secops has proven' && git push --quiet

  step '4. secops run: what is left is below the gate, so it is built, run, pushed with its verdict, and deployed'
  secops push --generate-key "$work/attest.pem"
  SECOPS_ATTEST_KEY=$(base64 -w0 "$work/attest.pem") SECOPS_ATTEST_PUBLIC_KEY=$(base64 -w0 "$work/attest.pem.pub")
  export SECOPS_ATTEST_KEY SECOPS_ATTEST_PUBLIC_KEY
  stand_in ecs --cluster office --service inventory
  export AWS_ENDPOINT_URL_ECS=$SECOPS_TEST_ECS
  secops run --until deploy
  image=$(sed -n 's/^  image: //p' secops.yml):$(cat VERSION)

  step '5. ZAP on staging: the image that was pushed, in a container here'
  containers+=("$(docker run --detach --publish "$staging:5000" --env ADMIN_PASSWORD "$image")")
  for _ in {1..50}; do ! curl --silent --fail --output /dev/null "http://$staging/health" || break; sleep 0.2; done
  secops run

  step '6. WAF, GuardDuty and Inspector, once and again; then what they found: moto has no findings of GuardDuty and no coverage of Inspector, so that scan is incomplete'
  arn=$(balancer "inventory-$(secret | head -c 8)")
  secops deploy protect --load-balancer "$arn"
  secops deploy protect --load-balancer "$arn"
  secops scan --aws --output "$work/aws" || code=$?
  [[ $code == 3 ]] || fail "the exit code should be 3 (incomplete), not $code"

  step '7. what is there now'
  git -C "$work/origin.git" log --oneline --max-count 4 main
  git -C "$work/origin.git" for-each-ref --format='%(refname:short)' refs/heads/secops
  curl --silent "$SECOPS_TEST_ECS/"
  moto "$SECOPS_TEST_AWS/$bucket?list-type=2" | grep -o '<Key>[^<]*'
  tail --lines 1 "$SECOPS_TEST_GELF_FILE"
  secops push --verify "$image"
}

# model_answers FOLDER: what a model could say to the one weakness that no built-in rule mends, since a column's name can be no parameter.
model_answers() {
  mkdir -p "$1"
  # The marks of an edit are those of a conflict, which git does not want to see here.
  sed -e 's/^SEARCH$/<<<<<<< SEARCH/' -e 's/^WITH$/=======/' -e 's/^REPLACE$/>>>>>>> REPLACE/' >"$1/order.txt" <<'ANSWER'
    sql = f"SELECT {COLUMNS} FROM items ORDER BY {order}"
FILE: db.py
SEARCH
    sql = f"SELECT {COLUMNS} FROM items ORDER BY {order}"
    return connection.execute(sql).fetchall()
WITH
    queries = {
        "name": "SELECT id, name, category, room, code FROM items ORDER BY name",
        "category": "SELECT id, name, category, room, code FROM items ORDER BY category",
        "room": "SELECT id, name, category, room, code FROM items ORDER BY room",
    }
    return connection.execute(queries.get(order, queries["name"])).fetchall()
REPLACE
ANSWER
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
# On PATH, where the hook of the samples looks for it.
tools=$(mktemp -d)
ln -s "$(realpath "$SECOPS")" "$tools/secops"
PATH=$tools:$PATH
"$sample"
step "The project and its results: $work/project"
