# shellcheck shell=bash disable=SC2154
# One function a part, called by get.sh under its lock, with its output going to the part's log.

# link NAME EXECUTABLE: every part's programs are found in one folder, wherever they come from.
link() {
  mkdir -p "$bin"
  ln -sfn "$2" "$bin/$1"
}

# wrap NAME LINE...: an executable script of these lines, put in place at once, so nobody runs half of it.
wrap() {
  local name=$1
  shift
  mkdir -p "$bin"
  printf '%s\n' "$@" >"$bin/$name.new"
  chmod +x "$bin/$name.new"
  mv "$bin/$name.new" "$bin/$name"
}

# on_path PROGRAM: the machine's own, not a link of ours.
on_path() { PATH=${PATH#"$bin":} type -P "$1"; }

# system PROGRAM [PACKAGE]: a program of the machine, installed where it is missing.
system() {
  local path package=${2:-$1}
  on_path "$1" >/dev/null || install "$package"
  path=$(on_path "$1") || fail "$package is installed, but there is no $1 on PATH"
  link "$1" "$path"
  version_is "$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null || echo "$path")"
}

# unpacked PACKAGE SUITE PROGRAM...: programs that need nothing but a C library, without installing them.
unpacked() {
  local to=$cache/lib/$part package=$1 suite=$2 program
  shift 2
  rm -rf "$to"
  unpack "$to" "$suite" "$package"
  for program in "$@"; do link "$program" "$to/usr/bin/$program"; done
  # Debian's builds of Go programs often do not know their own version.
  version_is "$(<"$to/$package.version") ($suite)"
}

# npm_part FOLDER: the exact versions of npm/FOLDER/package-lock.json, checked against its hashes; no package's script runs.
npm_part() {
  local to=$cache/lib/$1
  command -v npm >/dev/null || install nodejs npm
  rm -rf "$to" "$to.new"
  mkdir -p "$to.new"
  cp -r "$here/npm/$1/." "$to.new/"
  (cd "$to.new" && timeout 300 npm ci --no-progress --fetch-retries=1 --fetch-timeout=30000) ||
    fail "npm could not get it: offline, or the registry refuses (log: $log)"
  mv "$to.new" "$to"
}

# version_is TEXT: the line that is printed, and kept as the sign that the part is complete.
version_is() {
  mkdir -p "$cache/have"
  printf '%s %s\n' "$part" "$1" >"$cache/have/$part"
}

# python_here: with its whole standard library, which Debian's minimal Python has not.
python_here() { /usr/bin/python3 -c 'import email' || install python3; }

# files PART: what must be in the cache for the part to count as there.
files() {
  case $1 in
  baseimage) echo lib/baseimage.tar ;;
  docker) echo bin/docker bin/dockerd ;;
  flask) echo bin/python3-flask ;;
  graygelf) echo lib/graygelf/node_modules/graygelf ;;
  moto) echo bin/moto_server ;;
  notary) echo bin/notary-server bin/notary ;;
  registry) echo bin/docker-registry ;;
  *) echo "bin/$1" ;;
  esac
}

get_git() { system git; }
get_jq() { system jq; }
get_tmux() { system tmux; }
get_unzip() { system unzip; }
get_wapiti() { system wapiti; }
get_chromium() { system chromium; }

get_terraform() {
  on_path terraform >/dev/null || fail 'not on PATH, and Debian has no package of it: install Terraform 1.11 or newer'
  link terraform "$(on_path terraform)"
  version_is "$(terraform version -json | sed -n 's/.*"terraform_version": "\(.*\)".*/\1/p')"
}

get_flask() {
  /usr/bin/python3 -c 'import flask, yaml' || install python3 python3-flask python3-yaml
  link python3-flask /usr/bin/python3
  version_is "$(dpkg-query -W -f '${Version}' python3-flask)"
}

get_bandit() {
  local to=$cache/lib/bandit site=$cache/lib/bandit/usr/lib/python3/dist-packages suite version
  python_here
  for suite in PyPI forky trixie; do
    rm -rf "$to"
    if [[ $suite == PyPI ]]; then
      /usr/bin/python3 -m pip install --quiet --target "$site" --only-binary :all: --timeout 5 --retries 0 'bandit[sarif]==1.9.4' || continue
    else
      # Pure Python, so a newer suite's Bandit runs on this one's libraries. Its failure is no news yet: into the log.
      (unpack "$to" "$suite" python3-bandit) 9>&2 || continue
      unpack "$to" "$(own_suite)" python3-stevedore python3-pbr python3-pkg-resources python3-yaml python3-rich python3-markdown-it \
        python3-mdurl python3-pygments python3-attr python3-sarif-python-om python3-jschema-to-python python3-jsonpickle
    fi
    # Isolated (-I): nothing in the scanned folder or the user's settings can stand in for a module of Bandit's.
    wrap bandit '#!/usr/bin/python3 -I' 'import sys' "sys.path.insert(0, '$site')" \
      'from bandit.cli.main import main' 'sys.exit(main())'
    # A suite that moves may one day have a Bandit that has outgrown this Python: then the older one.
    version=$("$bin/bandit" --version | awk 'NR == 1 { print $2 }') || continue
    /usr/bin/python3 -m compileall -q "$site" || true
    version_is "$version ($suite)"
    return
  done
  rm -f "$bin/bandit"
  fail "neither PyPI nor Debian's forky and trixie gave a Bandit that runs here (log: $log)"
}

get_sarif-multitool() {
  local at=$cache/lib/sarif-multitool/node_modules/@microsoft/sarif-multitool-linux
  npm_part sarif-multitool
  chmod +x "$at/Sarif.Multitool"
  # Without its JavaScript front, which hands the arguments to a shell; invariant, since libicu may be missing.
  wrap sarif-multitool '#!/bin/sh' 'export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' "exec '$at/Sarif.Multitool' \"\$@\""
  version_is "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$at/package.json")"
}

get_cyclonedx() {
  npm_part cyclonedx
  wrap cyclonedx-validate '#!/bin/sh' "exec node '$cache/lib/cyclonedx/validate.js' \"\$@\""
  version_is "$(sed -n 's/.*"@cyclonedx.*": "\(.*\)".*/\1/p' "$cache/lib/cyclonedx/package.json")"
}

get_prism() {
  npm_part prism
  # The descriptions of GitHub's server product fill half a gigabyte, and no test asks for them.
  find "$cache/lib/prism/node_modules/@octokit/openapi/generated" -name '*.json' ! -name api.github.com.json -delete
  wrap prism '#!/bin/sh' "exec node '$cache/lib/prism/node_modules/@stoplight/prism-cli/dist/index.js' \"\$@\""
  version_is "$("$bin/prism" --version)"
}

get_workflow-parser() {
  npm_part workflow-parser
  wrap workflow-parser '#!/bin/sh' "exec node '$cache/lib/workflow-parser/check.mjs' \"\$@\""
  version_is "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$cache/lib/workflow-parser/node_modules/@actions/workflow-parser/package.json")"
}

get_graygelf() {
  npm_part graygelf
  version_is "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' "$cache/lib/graygelf/node_modules/graygelf/package.json")"
}

get_registry() { unpacked docker-registry "$(own_suite)" docker-registry; }

get_notary() {
  command -v openssl >/dev/null || install openssl
  unpacked notary "$(own_suite)" notary notary-server
}

# Two, since their verification differs: 2.5 is what the stable suite has, 3 what most people have.
get_cosign() { unpacked cosign trixie cosign; }

get_cosign3() {
  unpacked cosign forky
  link cosign3 "$cache/lib/cosign3/usr/bin/cosign"
}

get_docker() {
  local to=$cache/lib/docker suite program
  install iproute2 iptables runc tini
  if on_path dockerd >/dev/null && on_path docker >/dev/null; then
    for program in docker dockerd; do link "$program" "$(on_path "$program")"; done
    docker buildx version || unpack "$to" forky docker-buildx
    version_is "$(dockerd --version) (already there)"
    return
  fi
  # A newer suite's Engine, since people have a newer one than Debian 12's of 2022. It needs no newer C library.
  for suite in forky trixie; do
    rm -rf "$to"
    (unpack "$to" "$suite" docker.io docker-cli docker-buildx containerd) 9>&2 || continue
    for program in sbin/dockerd bin/containerd bin/docker; do "$to/usr/$program" --version || continue 2; done
    for program in docker containerd containerd-shim-runc-v2 ctr; do link "$program" "$to/usr/bin/$program"; done
    for program in dockerd docker-proxy; do link "$program" "$to/usr/sbin/$program"; done
    link docker-init /usr/bin/tini
    version_is "$(dockerd --version | sed 's/^Docker version \([^,]*\),.*/\1/') ($suite)"
    return
  done
  fail "Debian's forky and trixie gave no Docker Engine that runs here (log: $log)"
}

get_baseimage() {
  ((EUID == 0)) || fail 'needs root, since it sets up a system; run tests/parts/get.sh baseimage as root with SECOPS_PARTS set to this cache'
  install mmdebstrap
  apt_index "$(own_suite)"
  mkdir -p "$cache/lib"
  rm -f "$cache/lib/baseimage.new.tar"
  mmdebstrap --mode=root --variant=minbase --include=python3-minimal,python3-flask,python3-yaml \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$(own_suite)" "$cache/lib/baseimage.new.tar" "$cache/apt/$(own_suite)/sources.list"
  mv "$cache/lib/baseimage.new.tar" "$cache/lib/baseimage.tar"
  version_is "Debian $(own_suite), $(($(stat -c %s "$cache/lib/baseimage.tar") / 1000000)) MB"
}

get_moto() {
  local to=$cache/lib/moto site=$cache/lib/moto/usr/lib/python3/dist-packages suite
  if on_path moto_server >/dev/null; then
    link moto_server "$(on_path moto_server)"
    version_is 'already on PATH'
    return
  fi
  python_here
  for suite in PyPI sid forky; do
    rm -rf "$to"
    if [[ $suite == PyPI ]]; then
      /usr/bin/python3 -m pip install --quiet --target "$site" --only-binary :all: --timeout 5 --retries 0 'moto[server]==5.2.1' || continue
    else
      (unpack "$to" "$suite" python3-moto python3-botocore python3-boto3 python3-s3transfer python3-responses) 9>&2 || continue
      unpack "$to" "$(own_suite)" python3-flask python3-flask-cors python3-werkzeug python3-jinja2 python3-markupsafe python3-itsdangerous \
        python3-click python3-cryptography python3-cffi-backend python3-dateutil python3-six python3-jmespath python3-requests \
        python3-urllib3 python3-charset-normalizer python3-chardet python3-idna python3-certifi python3-xmltodict python3-yaml
    fi
    wrap moto_server '#!/usr/bin/python3 -I' 'import sys' "sys.path.insert(0, '$site')" 'from moto.server import main' 'main()'
    "$bin/moto_server" --help || continue
    /usr/bin/python3 -m compileall -q "$site" || true
    version_is "$(/usr/bin/python3 -I -c "import sys; sys.path.insert(0, '$site'); import moto; print(moto.__version__)") ($suite)"
    return
  done
  rm -f "$bin/moto_server"
  fail "neither PyPI nor Debian's sid and forky gave a moto that runs here (log: $log)"
}
