# shellcheck shell=bash disable=SC2154,SC2034
# One function a server, called by start.sh. Each sets
#   server    the command line
#   ready     a command that succeeds once it answers
#   patience  how many seconds it may take
#   says      the NAME=value lines for the tests
# and may write into $at, the server's own folder. Ports are tried anew when somebody else takes one first.

# free_port: one on loopback that nobody listens on, below the range that outgoing connections take theirs from.
free_port() {
  local port
  while port=$((20000 + SRANDOM % 10000)); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

# answers PORT PATH: an HTTP answer of any kind but a server error.
answers() {
  # shellcheck disable=SC2016
  timeout 2 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0" && printf "GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n" "$1" >&3 &&
    read -r _ status _ <&3 && [[ $status == [234]* ]]' "$1" "$2" 2>/dev/null
}

# listens PORT: somebody accepts connections.
listens() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

registry_config() {
  cat >"$at/config.yml" <<YAML
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: "$at/data"}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$1", secret: "$(secret)"}
YAML
  server=("$bin/docker-registry" serve "$at/config.yml")
  ready=(answers "$1" /v2/)
}

start_registry() {
  local port
  port=$(free_port)
  registry_config "$port"
  says=("SECOPS_TEST_REGISTRY=127.0.0.1:$port")
}

start_registry-auth() {
  local port password
  port=$(free_port)
  password=$(secret)
  registry_config "$port"
  # bcrypt, the only hash that the registry takes; Perl has it from the C library, so apache2-utils are not needed.
  password=$password salt=$(secret | head -c 22) perl -e 'print "secops:", crypt($ENV{password}, "\$2y\$05\$$ENV{salt}"), "\n"' >"$at/htpasswd"
  printf 'auth: {htpasswd: {realm: secops, path: "%s"}}\n' "$at/htpasswd" >>"$at/config.yml"
  says=("SECOPS_TEST_REGISTRY_PRIVATE=127.0.0.1:$port" "SECOPS_TEST_REGISTRY_AUTH=secops:$password")
}

start_notary() {
  local port
  port=$(free_port)
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=127.0.0.1 \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$at/key.pem" -out "$at/ca.crt" 2>/dev/null
  cat >"$at/config.json" <<JSON
{
  "server": {"http_addr": "127.0.0.1:$port", "tls_key_file": "$at/key.pem", "tls_cert_file": "$at/ca.crt"},
  "trust_service": {"type": "local", "hostname": "", "port": "", "key_algorithm": "ed25519"},
  "storage": {"backend": "memory"},
  "logging": {"level": "warn"}
}
JSON
  server=("$bin/notary-server" -config "$at/config.json")
  ready=(listens "$port")
  says=("SECOPS_TEST_NOTARY=https://127.0.0.1:$port" "SECOPS_TEST_NOTARY_CA=$at/ca.crt")
}

start_moto() {
  local port
  port=$(free_port)
  server=("$bin/moto_server" -H 127.0.0.1 -p "$port")
  ready=(answers "$port" /moto-api/)
  says=("SECOPS_TEST_AWS=http://127.0.0.1:$port")
}

start_prism() {
  local port
  port=$(free_port)
  server=("$bin/prism" mock --host 127.0.0.1 --port "$port" "$cache/lib/prism/node_modules/@octokit/openapi/generated/api.github.com.json")
  ready=(answers "$port" /zen)
  patience=90
  says=("SECOPS_TEST_GITHUB=http://127.0.0.1:$port" "SECOPS_TEST_GITHUB_LOG=$at/log")
}

start_graygelf() {
  local udp tcp
  udp=$(free_port)
  tcp=$(free_port)
  : >"$at/received.jsonl"
  server=(env "NODE_PATH=$cache/lib/graygelf/node_modules" node "$here/graygelf.js" "$udp" "$tcp" "$at/received.jsonl")
  ready=(listens "$tcp")
  says=("SECOPS_TEST_GELF_UDP=127.0.0.1:$udp" "SECOPS_TEST_GELF_TCP=127.0.0.1:$tcp" "SECOPS_TEST_GELF_FILE=$at/received.jsonl")
}

start_docker() {
  host=$(own_engine)
  if [[ $host == unix://* ]]; then
    # The machine's own Engine runs and lets us in: no second one.
    server=() ready=(true)
  else
    engine
  fi
  mkdir -p "$at/config"
  # A plugin of ours is found through this folder's configuration; one of the machine's needs none.
  [[ ! -d $cache/lib/docker/usr/libexec/docker/cli-plugins ]] ||
    printf '{"cliPluginsExtraDirs": ["%s"]}\n' "$cache/lib/docker/usr/libexec/docker/cli-plugins" >"$at/config/config.json"
  says=("DOCKER_HOST=$host" "DOCKER_CONFIG=$at/config")
}

# Images in containerd's store, the default from Docker 29 on: a build with provenance gives an index there.
start_docker-containerd() {
  engine --feature containerd-snapshotter=true
  says=("SECOPS_TEST_DOCKER_CONTAINERD=$host")
}

# engine OPTION...: a Docker Engine of our own; leaves its address in $host.
engine() {
  local socket=$at/docker.sock bridge subnet
  host=unix://$socket
  ((EUID == 0)) || fail 'dockerd needs root; start it as root, or start Docker and join the group docker'
  ((${#socket} < 100)) || fail "$socket is too long for a socket's name; choose a shorter folder for SECOPS_PARTS_RUN"
  # A bridge and a subnet of its own, so that Engines of several test runs do not hand out the same addresses.
  bridge=secops$(cksum <<<"$at" | head -c 9 | tr -d ' ')
  if ! ip link show "$bridge" >/dev/null 2>&1; then
    while subnet=10.$((200 + SRANDOM % 50)).$((SRANDOM % 250)); do ip -4 address | grep -qF " $subnet." || break; done
    ip link add "$bridge" type bridge
    ip address add "$subnet.1/24" dev "$bridge"
    ip link set "$bridge" up
  fi
  printf '%s\n' "$bridge" >"$at/bridge"
  rm -f "$at/dockerd.pid"
  server=(dockerd --host "$host" --data-root "$at/data" --exec-root "$at/exec" --pidfile "$at/dockerd.pid" --bridge "$bridge" "$@")
  ready=(timeout 5 docker --host "$host" version)
  patience=60
}

# own_engine: the address of an Engine that already answers us, if any.
own_engine() {
  local at=${DOCKER_HOST:-}
  [[ -n $at ]] || at=$(timeout 5 docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || return 0
  ! timeout 5 docker --host "$at" version >/dev/null 2>&1 || printf '%s' "$at"
}

# settle PART: what has to be done once it answers; says on stderr what fails.
settle() {
  local image=secops-test-base:latest
  [[ $1 == docker* ]] || return 0
  # dockerd's own child, remembered for the case that dockerd is killed.
  [[ ! -s $at/exec/containerd/containerd.pid ]] || remember "$(<"$at/exec/containerd/containerd.pid")" >"$at/containerd"
  [[ -s $cache/lib/baseimage.tar ]] || return 0
  docker --host "$host" image inspect "$image" >/dev/null 2>&1 ||
    docker --host "$host" import --change 'CMD ["/bin/sh"]' "$cache/lib/baseimage.tar" "$image" >/dev/null || return 1
  says+=("SECOPS_TEST_BASE_IMAGE=$image")
}
