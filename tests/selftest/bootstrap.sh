#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bootstrap.sh CASE: script/bootstrap on a system that is not this one: its own PATH, on which apt-get, dpkg-query, id and
# sudo are plays that write down how they were called, and its own os-release.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
for tool in sh sed grep tr sort xargs env echo; do ln -s "$(type -P $tool)" "$work/bin/$tool"; done

play() {
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
play apt-get 'echo "apt-get $*" >>"$CALLS"'
play dpkg-query 'for last; do :; done; echo "ii  $last"; exit 1'  # one package is there, the others are not
play id 'echo 1000'
printf 'ID=debian\nVERSION_ID="13"\n' >"$work/os-release"

code=0
bootstrap() {
  env -i PATH="$work/bin" CALLS="$work/calls" SYSTOLE_OS_RELEASE="$work/os-release" script/bootstrap >"$work/out" 2>"$work/err" || code=$?
}
# expect CODE FILE PATTERN: bootstrap ended with CODE, and one line of FILE, the only one, has PATTERN.
expect() {
  cat "$work/out" "$work/err"
  [ "$code" = "$1" ] && [ "$(wc -l <"$work/$2")" = 1 ] && grep -q "$3" "$work/$2"
}

case $1 in
no_apt)
  rm "$work/bin/apt-get"
  bootstrap
  expect 1 err "no apt-get here; install .* build-essential .* verilator .* gnuplot-nox$"
  ;;
untried)
  printf 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\n' >"$work/os-release"
  play id 'echo 0'
  bootstrap
  expect 0 err "tried on Debian 12 and 13, here is ubuntu 24.04; going on$"
  ;;
root)
  play id 'echo 0'
  play sudo 'exit 9'
  bootstrap
  expect 0 out "installing build-essential .* yosys$"
  [ ! -s "$work/err" ] && [ "$(wc -l <"$work/calls")" = 2 ]
  ;;
user)
  play sudo 'echo sudo >>"$CALLS"; exec "$@"'
  bootstrap
  expect 0 out "installing with sudo build-essential .* yosys$"
  [ "$(grep -c '^sudo$' "$work/calls")" = 2 ] && grep -q "^apt-get .* install .* verilator" "$work/calls"
  ;;
no_sudo)
  bootstrap
  expect 1 err "missing packages, and neither root nor sudo to install them: build-essential .* yosys$"
  [ ! -e "$work/calls" ]
  ;;
*) exit 2 ;;
esac
