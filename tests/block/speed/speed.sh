#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# speed.sh VERILATOR FOLDER BENCH: the coroutine bench BENCH takes at most 1.3 times the processor time of the same bench in Verilog, which Verilator makes a
# program of. The shortest of ten runs each, in turns.
set -eu
verilator=$1 folder=$2 coroutine=$3
name=$(basename "$coroutine")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# Lint of a bench that is only timed; Verilator takes delays in it as style.
"$verilator" --binary -O3 --x-assign fast -Wno-fatal -Wno-lint -Wno-style -CFLAGS -O3 --top-module "$name" --Mdir out -o bench "$folder/$name.v" \
  "$folder/${name%_bench}.v" >log 2>&1 || { cat log; exit 1; }

microseconds() {  # of the processor, of one run, which must find nothing wrong
  bash -c 'TIMEFORMAT="%U %S"; time "$0" >run.log' "$1" 2>time.log
  grep -q ', 0 wrong$' run.log || { cat run.log >&2; return 1; }
  awk '{ printf "%d\n", ($1 + $2) * 1000000 }' time.log
}
shortest_verilog=999999999 shortest_coroutine=999999999
for run in 1 2 3 4 5 6 7 8 9 10; do
  verilog=$(microseconds ./out/bench)
  own=$(microseconds "$coroutine")
  [ "$verilog" -ge "$shortest_verilog" ] || shortest_verilog=$verilog
  [ "$own" -ge "$shortest_coroutine" ] || shortest_coroutine=$own
done
echo "$name: Verilog $shortest_verilog us, coroutine $shortest_coroutine us"
[ $((10 * shortest_coroutine)) -le $((13 * shortest_verilog)) ]
