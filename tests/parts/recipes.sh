# shellcheck shell=bash disable=SC2154
# One function a part, called by get.sh under its lock, with its output going to the part's log.

# link NAME EXECUTABLE: every part's programs are found in one folder, wherever they come from.
link() {
  mkdir -p "$bin"
  ln -sfn "$2" "$bin/$1"
}

# system PROGRAM PACKAGE...: a program of the machine, installed from its packages where it is missing.
system() {
  local program=$1 path
  shift
  path=$(PATH=${PATH#"$bin":} type -P "$program") || {
    install "$@"
    path=$(PATH=${PATH#"$bin":} type -P "$program") || fail "$* is installed, but there is no $program on PATH"
  }
  link "$program" "$path"
}

# npm_part FOLDER: the exact versions of npm/FOLDER/package-lock.json, checked against its hashes; no package's script runs.
npm_part() {
  local new=$cache/lib/$1.new
  command -v npm >/dev/null || install nodejs npm
  rm -rf "$new"
  mkdir -p "$new"
  cp "$here/npm/$1/package.json" "$here/npm/$1/package-lock.json" "$here/npm/$1/.npmrc" "$new/"
  (cd "$new" && timeout 300 npm ci --no-progress --fetch-retries=1 --fetch-timeout=30000) ||
    fail "npm could not get it: offline, or the registry refuses (log: $log)"
  rm -rf "${cache:?}/lib/$1"
  mv "$new" "$cache/lib/$1"
}

get_bandit() {
  local to=$cache/lib/bandit site=usr/lib/python3/dist-packages suite version
  command -v /usr/bin/python3 >/dev/null || install python3-minimal
  for suite in PyPI forky trixie; do
    rm -rf "$to"
    if [[ $suite == PyPI ]]; then
      /usr/bin/python3 -m pip install --quiet --target "$to/$site" --only-binary :all: --timeout 5 --retries 0 'bandit[sarif]==1.9.4' || continue
    else
      # Pure Python, so a newer suite's Bandit runs on this one's libraries.
      (unpack "$to" "$suite" python3-bandit) 9>&2 || continue
      unpack "$to" "$(own_suite)" python3-stevedore python3-pbr python3-pkg-resources python3-yaml python3-rich python3-markdown-it \
        python3-mdurl python3-pygments python3-attr python3-sarif-python-om python3-jschema-to-python python3-jsonpickle
    fi
    mkdir -p "$bin"
    # Isolated: neither the scanned folder nor the user's settings may stand in for a module of Bandit's.
    printf '%s\n' '#!/usr/bin/python3 -I' 'import sys' "sys.path.insert(0, '$to/$site')" \
      'from bandit.cli.main import main' 'sys.exit(main())' >"$bin/bandit.new"
    chmod +x "$bin/bandit.new"
    # Another suite's Bandit may have outgrown this Python: then the older one.
    if version=$("$bin/bandit.new" --version | awk 'NR == 1 { print $2 }') && [[ $version == [1-9]* ]]; then
      mv "$bin/bandit.new" "$bin/bandit"
      /usr/bin/python3 -m compileall -q "$to/$site" || true
      version_is "$version ($suite)"
      return
    fi
  done
  fail "neither PyPI nor Debian's forky and trixie gave a Bandit that runs here (log: $log)"
}

get_sarif-multitool() {
  npm_part sarif-multitool
  local at=$cache/lib/sarif-multitool/node_modules/@microsoft/sarif-multitool-linux
  chmod +x "$at/Sarif.Multitool"
  mkdir -p "$bin"
  # Called without its JavaScript front, which hands the arguments to a shell; invariant, since libicu may be missing.
  printf '%s\n' '#!/bin/sh' 'export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1' "exec '$at/Sarif.Multitool' \"\$@\"" >"$bin/sarif-multitool"
  chmod +x "$bin/sarif-multitool"
  version_is "$(jq -r .version "$at/package.json")"
}

get_chromium() { system chromium chromium; version_is "$(dpkg_version chromium)"; }
get_tmux() { system tmux tmux; version_is "$(dpkg_version tmux)"; }
get_git() { system git git; version_is "$(dpkg_version git)"; }
get_jq() { system jq jq; version_is "$(dpkg_version jq)"; }
get_unzip() { system unzip unzip; version_is "$(dpkg_version unzip)"; }

get_flask() {
  /usr/bin/python3 -c 'import flask, yaml' || install python3-minimal python3-flask python3-yaml
  link python3-flask /usr/bin/python3
  version_is "$(dpkg_version python3-flask)"
}

dpkg_version() { dpkg-query -W -f '${Version}' "$1" 2>/dev/null || echo 'from PATH'; }

# The line that is printed, and kept as the sign that the part is complete.
version_is() {
  mkdir -p "$cache/have"
  printf '%s %s\n' "$part" "$1" >"$cache/have/$part"
}
