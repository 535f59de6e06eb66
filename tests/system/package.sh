#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# package.sh BUILD SOURCE [EXAMPLE NETWORK LAYER]...: the package, installed into a scratch prefix, is enough to build and run a project with its own
# RTL: the examples as they are, each on one layer, and what `systole new-dut` writes for the same RTL, unedited.
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
if grep -rn "$source" "$scratch/prefix/lib/cmake" "$scratch/prefix/include"; then fail "the package points into the tree it came from"; fi
systole=$scratch/prefix/bin/systole
lenet=$scratch/prefix/share/systole/models/lenet

make_project() {
  cmake -S "$1" -B "$1/build" -G Ninja -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$1: configure"; }
  cmake --build "$1/build" --target "$2" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "$1: build"; }
}

while [ $# -gt 0 ]; do
  example=$1 network=$2 layer=$3
  shift 3
  cp -r "$source/examples/$example" "$scratch/$example"
  before=$(cd "$scratch/$example" && find . -type f -exec sha256sum {} + | sort)
  make_project "$scratch/$example" "$example"
  "$scratch/$example/build/$example" run "$scratch/prefix/share/systole/models/$network" --layer "$layer" --images 1 >"$scratch/log" || { cat "$scratch/log"; fail "$example does not pass"; }
  grep -qx passed "$scratch/log" || fail "$example does not say passed"
  if [ "$example" = gemm_axis ]; then
    "$systole" vectors "$lenet" --layer "$layer" --format npy -o "$scratch/set" >"$scratch/log" || { cat "$scratch/log"; fail "no vectors"; }
    "$systole" replay "$scratch/set" --dut "$scratch/$example/build/$example" >"$scratch/log" || { cat "$scratch/log"; fail "replay on the example"; }
  fi
  rm -rf "$scratch/$example/build"
  [ "$before" = "$(cd "$scratch/$example" && find . -type f -exec sha256sum {} + | sort)" ] || fail "the build wrote beside the RTL of $example"
done
cd "$scratch"

"$systole" new-dut my_gemm --top gemm_axis "$source/examples/gemm_axis/rtl/gemm_axis.v" >"$scratch/log"
grep -qx "guessed clock: aclk" "$scratch/log" || fail "no clock guessed"
make_project "$scratch/my_gemm" my_gemm
code=0
"$scratch/my_gemm/build/my_gemm" run "$lenet" --layer fc3 --images 1 >"$scratch/log" 2>&1 || code=$?
[ "$code" = 2 ] || fail "an adapter that does nothing ends with $code"
grep -qx "systole: adapter: fc3: ended before 10 of 10 outputs had come, first oc 0 oh 0 ow 0" "$scratch/log" || { cat "$scratch/log"; fail "its message"; }
