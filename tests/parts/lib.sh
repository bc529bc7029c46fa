# shellcheck shell=bash
# What get.sh, start.sh and stop.sh share: the folders, one way to fail, and apt without touching the machine's own sources.

cache=${SECOPS_PARTS:-${HOME:?HOME is not set; set SECOPS_PARTS to a folder}/.cache/secops-parts}
mkdir -p "$cache"
cache=$(cd "$cache" && pwd -P)
bin=$cache/bin
# A test process that wants servers of its own points SECOPS_PARTS_RUN at a folder of its own.
# shellcheck disable=SC2034
run=${SECOPS_PARTS_RUN:-$cache/run}
# Daemons live in sbin, which an unprivileged shell often lacks.
PATH=$bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH

# fail MESSAGE: what happened and what to do, in one line, on the caller's stderr even where stderr goes to a log.
# Exit code 3 says that the line was printed.
exec 9>&2
fail() {
  printf 'parts: %s: %s\n' "${part:-}" "$*" >&9
  exit 3
}

own_suite() (
  # shellcheck disable=SC1091
  . /etc/os-release
  printf '%s' "${VERSION_CODENAME:-unknown}"
)

# apt_in SUITE ARGUMENT...: apt-get with an index of its own for that suite, so neither the machine's sources nor its index change.
apt_in() {
  local suite=$1 at=$cache/apt/$1
  shift
  # Sandbox::User: apt's own unprivileged user cannot enter a cache below a home folder.
  apt-get -qq \
    -o Dir::Etc::SourceList="$at/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$at/lists" -o Dir::Cache="$at/cache" \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
    -o DPkg::Lock::Timeout=120 -o APT::Sandbox::User=root "$@"
}

# apt_error: apt's own first word on it, from the part's log.
# shellcheck disable=SC2154
apt_error() { grep '^E: ' "$log" | head -n 1 | grep . || printf 'see %s' "$log"; }

# apt_index SUITE: an index not older than a day. The mirror is the one that the machine itself uses; apt checks its signature.
apt_index() {
  local suite=$1 own at=$cache/apt/$1 keys=/usr/share/keyrings/debian-archive-keyring.gpg signed=
  own=$(own_suite)
  [[ -z $(find "$at/fresh" -mmin -1440 2>/dev/null) ]] || return 0
  command -v apt-get >/dev/null || fail 'no apt-get here; these scripts know Debian 12'
  mkdir -p "$at/lists/partial" "$at/cache/archives/partial"
  [[ ! -r $keys ]] || signed="[signed-by=$keys] "
  # What an update would fetch names mirrors and suites, even where none was ever fetched.
  apt-get update --print-uris | sed -n "s#^'\\(.*/\\)dists/\\([^/]*\\)/InRelease'.*#\\1 \\2#p" |
    if [[ $suite == "$own" ]]; then
      # The archive's updates and security come along; other vendors' sources stay out.
      awk -v own="$own" 'index($2, own) == 1 { print "deb", $1, $2, "main" }'
    else
      awk -v own="$own" -v suite="$suite" -v signed="$signed" '$2 == own && !seen++ { print "deb " signed $1, suite, "main" }'
    fi >"$at/sources.list"
  [[ -s $at/sources.list ]] || fail "apt names no mirror of $own here, so $suite cannot be had from it"
  apt_in "$suite" update -o APT::Update::Error-Mode=any ||
    fail "apt could not read the index of $suite: $(apt_error)"
  touch "$at/fresh"
}

# install PACKAGE...: into the machine, by apt, as root; nothing happens where they are there already.
install() {
  local package missing=()
  for package in "$@"; do
    [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  ((EUID == 0)) || fail "needs root once: run as root \"apt-get install --no-install-recommends ${missing[*]}\", then again as you are"
  apt_index "$(own_suite)"
  DEBIAN_FRONTEND=noninteractive apt_in "$(own_suite)" install -y --no-install-recommends "${missing[@]}" ||
    fail "apt could not install ${missing[*]}: $(apt_error)"
}

# unpack FOLDER SUITE PACKAGE...: the packages' files below that folder; needs no root and changes nothing in the machine.
unpack() {
  local to=$1 suite=$2 at deb
  shift 2
  apt_index "$suite"
  at=$(mktemp -d "$cache/unpack.XXXXXX")
  (cd "$at" && apt_in "$suite" download "$@") || {
    rm -rf "$at"
    fail "apt could not download $* from $suite: $(apt_error)"
  }
  mkdir -p "$to"
  for deb in "$at"/*.deb; do
    dpkg -x "$deb" "$to"
    dpkg-deb -f "$deb" Version >"$to/$(dpkg-deb -f "$deb" Package).version"
  done
  rm -rf "$at"
}

# remember PID: the process with its start time (clock ticks since boot), so a number that was given out again is not mistaken for it.
remember() {
  local stat
  stat=$(</proc/"$1"/stat) || return 0
  # The second field, the program's name, may hold blanks: count from its closing bracket.
  read -ra stat <<<"${stat##*) }"
  # Ended, and only not yet collected by its parent.
  [[ ${stat[0]} != Z ]] || return 0
  printf '%s %s\n' "$1" "${stat[19]}"
}

# alive FILE: the process that FILE remembers still runs.
alive() {
  local pid
  [[ -s $1 ]] || return 1
  read -r pid _ <"$1"
  [[ $(remember "$pid" 2>/dev/null) == "$(<"$1")" ]]
}

# end FILE: that very process is asked to end, and after 20 seconds made to.
end() {
  local pid waited
  for signal in TERM KILL; do
    for ((waited = 0; waited < 200; waited++)); do
      alive "$1" || return 0
      read -r pid _ <"$1"
      ((waited)) || kill -s "$signal" "$pid" 2>/dev/null || true
      sleep 0.1
    done
  done
  return 1
}
