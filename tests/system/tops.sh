#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# tops.sh BUILD SOURCE: what `systole new-dut` writes for each top of tops/ compiles unedited against the installed package, and the program runs the design: its
# adapter outputs nothing yet, and that is what the run reports. A build whose project has a mistake names it.
set -eu
build=$1 tops=$2/tests/system/tops
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
fail() {
  echo "tops.sh: $*" >&2
  exit 1
}

cmake --install "$build" --prefix "$scratch/prefix" >"$scratch/install.log"
mkdir "$scratch/all"
cd "$scratch/all"
printf 'cmake_minimum_required(VERSION 3.25)\nproject(tops LANGUAGES C CXX)\n' >CMakeLists.txt
programs=
for guesses in "$tops"/*.guess; do
  top=$(basename "$guesses" .guess)
  # The first line has the options, words without blanks in them.
  "$scratch/prefix/bin/systole" new-dut "my_$top" --top "$top" "$tops/$top".*v $(head -n 1 "$guesses") >"$scratch/log" || { cat "$scratch/log"; fail "new-dut of $top"; }
  echo "add_subdirectory(my_$top)" >>CMakeLists.txt
  programs="$programs my_$top"
done
[ "$(echo $programs | wc -w)" -ge 10 ] || fail "fewer tops than ten:$programs"
cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$scratch/prefix" >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "configure"; }
cmake --build build --target $programs >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "build"; }
for program in $programs; do
  code=0
  "build/$program/$program" run "$scratch/prefix/share/systole/models/lenet" --layer fc3 --images 1 >"$scratch/log" 2>&1 || code=$?
  [ "$code" = 2 ] || { cat "$scratch/log"; fail "$program, whose adapter does nothing, ends with $code"; }
  grep -q "^systole: adapter: fc3: ended before 10 of 10 outputs had come" "$scratch/log" || { cat "$scratch/log"; fail "message of $program"; }
done

# Mistakes in a project: the build ends with the line that names each.
refused() {  # edit of sed, file, words
  cp "my_relu_vr/$2" "$scratch/saved"
  sed -i "$1" "my_relu_vr/$2"
  cmp -s "my_relu_vr/$2" "$scratch/saved" && fail "'$1' changes nothing"
  if cmake --build build --target my_relu_vr >"$scratch/log" 2>&1; then fail "'$1' builds"; fi
  # CMake breaks long lines, each release elsewhere.
  tr -s ' \n' ' ' <"$scratch/log" | grep -q "$3" || { cat "$scratch/log"; fail "'$1': no line says '$3'"; }
  cp "$scratch/saved" "my_relu_vr/$2"
}
refused 's/TOP relu_vr/TOP relu_rv/' CMakeLists.txt "%Error: Specified --top-module 'relu_rv' was not found in design"
refused 's/"DATA_W=24"/"DATA_V=24"/' CMakeLists.txt "%Error: .*DATA_V"
refused 's/"DATA_W=24"/"DATA_W"/' CMakeLists.txt 'PARAMS: expected Name=value, found DATA_W'
refused 's/relu_vr.v"/relu_none.v"/' CMakeLists.txt 'relu_none.v'
refused 's#/relu_vr.v"#/a b/relu_vr.v"#' CMakeLists.txt 'a b/relu_vr.v: expected a path without blanks'
refused 's/top.IN_VLD/top.IN_VALID/' adapter.cpp "adapter.cpp:.*error: .*has no member named .IN_VALID."
refused 's/Source<IData>/Source<CData>/' adapter.cpp 'adapter.cpp:.*error: '

refused 's/co_await bench.cycle();/co_await collect(run, top.OUT_DAT, Tile(), 8);/' adapter.cpp 'collect takes a Sink'

# Mistakes in an adapter: the run ends with the line that names each.
mistaken() {  # statement in place of the scaffold's only one, words
  cp my_relu_vr/adapter.cpp "$scratch/saved"
  sed -i "s/co_await bench.cycle();/$1/" my_relu_vr/adapter.cpp
  cmp -s my_relu_vr/adapter.cpp "$scratch/saved" && fail "'$1' changes nothing"
  cmake --build build --target my_relu_vr >"$scratch/log" 2>&1 || { cat "$scratch/log"; fail "'$1' does not build"; }
  code=0
  build/my_relu_vr/my_relu_vr run "$scratch/prefix/share/systole/models/lenet" --layer fc3 --images 1 >"$scratch/log" 2>&1 || code=$?
  [ "$code" = 2 ] && grep -q "^systole: adapter: $2" "$scratch/log" || { cat "$scratch/log"; fail "'$1' ends with $code, without '$2'"; }
  cp "$scratch/saved" my_relu_vr/adapter.cpp
}
mistaken 'co_await in.send(IData{1} << 24);' "port IN_DAT: a value has bits beyond the port's"
mistaken 'co_await bench.cycle(); (void)std::vector<int>().at(3);' 'fc3: it throws: '
mistaken 'co_await bench.cycle(); throw 42;' 'fc3: it throws what is no std::exception'
mistaken 'bench.fork(in.feed(std::vector<IData>(9)), "all"); co_await bench.cycle();' 'fc3: ended before 10 of 10 .* ended in cycle 1 before .*: in: 8 of 9 beats'
mistaken 'co_await bench.cycle(); std::exit(0);' 'exit() is called before there is a verdict'
mistaken 'for (;;) co_await bench.cycles(0);' 'cycle 0: a sequence waits for nothing, '
