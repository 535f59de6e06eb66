#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# systole_api.sh: docs/systole-api.md is what script/systole-api makes of the headers, and a comment that changes is seen. Runs in the project's root.
set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
script/systole-api >"$scratch/now.md"
cmp "$scratch/now.md" docs/systole-api.md || {
  echo "systole_api.sh: docs/systole-api.md is not of these headers: script/systole-api > docs/systole-api.md" >&2
  exit 1
}
mkdir "$scratch/tree"
cp -r --parents sim/systole sim/session sim/sequence "$scratch/tree"
plant() {
  cp "$1" "$scratch/kept"
  sed -i "s/$2/$3/" "$scratch/tree/$1"
  if cmp -s "$scratch/tree/$1" "$1"; then echo "systole_api.sh: $1 has no $2" >&2; exit 1; fi
  script/systole-api "$scratch/tree" >"$scratch/other.md"
  if cmp -s "$scratch/other.md" docs/systole-api.md; then echo "systole_api.sh: a changed $1 is not seen" >&2; exit 1; fi
  cp "$scratch/kept" "$scratch/tree/$1"
}
plant sim/session/adapter.h 'the zero point beyond' 'zero beyond'
plant sim/sequence/bench.h 'Edges since reset' 'Edges'
plant sim/sequence/stream.h 'bool ends = false' 'bool ends = true'
