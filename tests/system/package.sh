#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# package.sh BUILD SOURCE [EXAMPLE NETWORK LAYER]...: the package, installed into a scratch prefix, is enough to build and run a project with its own
# RTL: each example as it is, on one layer, and what `systole new-dut` writes for the same RTL, unedited.
set -eu
build=$1
source=$2
shift 2
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "package.sh: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
if grep -rnE "(^|[^A-Za-z0-9_}])$source/" "$scratch/prefix/lib/cmake" "$scratch/prefix/include"; then fail "the package points into the tree it came from"; fi
systole=$scratch/prefix/bin/systole
# The tree is still there; an installed program is not one of it.
(cd "$scratch" && "$systole" list) >"$scratch/log" || { cat "$scratch/log"; fail "list"; }
grep -q "$scratch/prefix/share/systole/models/lenet" "$scratch/log" || { cat "$scratch/log"; fail "list does not show the package's networks"; }

make_project() {
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$1: configure"; }
  cmake --build "$1/build" --target "$2" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$1: build"; }
}

mkdir "$scratch/examples"
cp -r "$source/rtl" "$scratch/rtl"  # one of them is for it
while [ $# -gt 0 ]; do
  example=$1 network=$scratch/prefix/share/systole/models/$2 layer=$3
  shift 3
  project=$scratch/examples/$example
  cp -r "$source/examples/$example" "$project"
  before=$(cd "$project" && find . -type f -exec sha256sum {} + | sort)
  make_project "$project" "$example"
  "$project/build/$example" run "$network" --layer "$layer" --images 1 >"$scratch/log" || { cat "$scratch/log"; fail "$example does not pass"; }
  grep -qx passed "$scratch/log" || fail "$example does not say passed"
  if [ "$example" = gemm_axis ]; then
    "$systole" vectors "$network" --layer "$layer" --format npy -o "$scratch/set" >"$scratch/log" || { cat "$scratch/log"; fail "no vectors"; }
    "$systole" replay "$scratch/set" --dut "$project/build/$example" >"$scratch/log" || { cat "$scratch/log"; fail "replay on the example"; }
    # RTL that is no longer there is other RTL than the model's.
    mv "$project/rtl/gemm_axis.v" "$scratch/gone.v"
    code=0
    "$project/build/$example" run "$network" --layer "$layer" --images 1 >"$scratch/log" 2>&1 || code=$?
    mv "$scratch/gone.v" "$project/rtl/gemm_axis.v"
    [ "$code" = 2 ] && grep -q 'made from other RTL' "$scratch/log" || { cat "$scratch/log"; fail "a verdict without the RTL"; }
  fi
  rm -rf "$project/build"

  top=$(sed -n "s/^systole_add_dut($example TOP \([a-z_]*\) .*/\1/p" "$project/CMakeLists.txt")
  sources=$(grep -o 'rtl/[a-z0-9_]*\.s\?v' "$project/CMakeLists.txt" | awk -v folder="$project/" '!seen[$0]++ { print folder $0 }')
  sources=${sources:-$(echo "$scratch"/rtl/*.v)}
  (cd "$scratch" && "$systole" new-dut "my_$example" --top "$top" $sources) >"$scratch/log" || { cat "$scratch/log"; fail "new-dut of $example"; }
  grep -q "^guessed clock: a\?clk\(_i\)\?$" "$scratch/log" || fail "no clock of $example guessed"
  grep -q "^next: cmake -S .* -DCMAKE_PREFIX_PATH=$scratch/prefix && " "$scratch/log" || fail "new-dut of an installed program does not name its prefix"
  lines=$(grep -vxFf "$scratch/my_$example/adapter.cpp" "$project/adapter.cpp" | grep -c '[^[:space:]]')
  grep -qx "| \`$example\` | $lines |" "$source/docs/your-rtl.md" || fail "$example has $lines lines beyond its scaffold, docs/your-rtl.md says otherwise"
  make_project "$scratch/my_$example" "my_$example"
  code=0
  "$scratch/my_$example/build/my_$example" run "$network" --layer "$layer" --images 1 >"$scratch/log" 2>&1 || code=$?
  [ "$code" = 2 ] || fail "an adapter that does nothing ends with $code"
  grep -q "^systole: adapter: $layer: ended before .* outputs had come, first oc 0 oh 0 ow 0$" "$scratch/log" || { cat "$scratch/log"; fail "its message"; }
  [ "$before" = "$(cd "$project" && find . -type f -exec sha256sum {} + | sort)" ] || fail "a build wrote beside the RTL of $example"
  rm -rf "$scratch/my_$example"
done

# A SystemC module on TLM-2.0 targets of two of them.
project=$scratch/examples/tlm_initiator
cp -r "$source/examples/tlm_initiator" "$project"
make_project "$project" tlm_initiator
"$project/build/tlm_initiator" "$scratch/prefix/share/systole/models/lenet" fc3 >"$scratch/log" || { cat "$scratch/log"; fail "tlm_initiator does not pass"; }
[ "$(grep -c ' values compared, 0 differ$' "$scratch/log")" = 2 ] || { cat "$scratch/log"; fail "tlm_initiator compares too little"; }
