#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The build step that makes C++ of RTL (cmake/verilate.cmake): verilate_step.sh CMAKE STEP VERILATOR CASE
#   counts     a lint warning is printed and counted, and stops nothing
#   keeps      the same RTL again, or a comment more, changes no part; another constant changes one
#   included   a file that the RTL includes is part of its hash, of the list of files and of the build's dependencies
#   data       a file of $readmemh is found from the file that names it, and is part of the hash as an included one; two of one name are refused
#   refuses    a syntax error ends the step with Verilator's line
set -eu
cmake=$1 step=$2 verilator=$3 chosen=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

module() {  # width of the assignment, constant, comment
  printf '`default_nettype none\nmodule m (input wire clk_i, output reg [7:0] q_o);\n  // %s\n  always @(posedge clk_i) q_o <= %s + %s;\nendmodule\n' "$3" "$1" "$2" >m.v
}
printf '`verilator_config\n' >m.vlt
verilate() {
  "$cmake" -DVERILATOR="$verilator" -DFOLDER="${folder:-$work/out}" -DPREFIX=Vm -DMODEL=m -DFAST=1 -DSLOW=1 \
    '-DARGUMENTS=--cc;--relative-includes;-Wall;-Wno-fatal;--top-module;m' -DVLTS=m.vlt -DSOURCES=${source:-m.v} -P "$step" 2>&1
}
parts() { cat out/fast_0.cpp out/slow_0.cpp out/Vm.h | sha256sum; }
fail() { echo "$1"; exit 1; }

module "8'd1" "8'd2" first
case $chosen in
  counts)
    verilate >log || fail "a clean module is refused: $(cat log)"
    [ ! -s log ] || fail "a clean module is not passed in silence: $(cat log)"
    grep -q ', 0, ""}' out/facts.cpp || fail "warnings of a clean module: $(cat out/facts.cpp)"
    module "9'd1" "9'd2" first
    verilate >log || fail "a warning stops the step"
    grep -q '%Warning-WIDTH' log || fail "the warning is not printed"
    grep -q '%Warning-WIDTH' out/warnings.txt || fail "the warning is not kept"
    grep -q ', 1, ""}' out/facts.cpp || fail "expected one warning: $(cat out/facts.cpp)" ;;
  keeps)
    verilate >log
    touch -d '2020-01-01' out/*
    first=$(parts)
    module "8'd1" "8'd2" second
    verilate >log
    [ "$(parts)" = "$first" ] || fail "a comment changes the parts"
    [ -z "$(find out -name '*_0.cpp' -newermt 2021-01-01)" ] || fail "parts of the same text are written again"
    [ -n "$(find out -name facts.cpp -newermt 2021-01-01)" ] || fail "another text has the same hash"
    module "8'd1" "8'd7" second
    verilate >log
    [ "$(parts)" != "$first" ] || fail "another constant leaves the parts as they are" ;;
  included)
    printf '`include "part.vh"\n' | cat - m.v >whole.v && mv whole.v m.v
    printf '// one\n' >part.vh
    verilate >log || fail "an included file is not found: $(cat log)"
    grep -q "^$work/out/fast_0.cpp: $work/part.vh $work/m.v\$" out/rtl.d || fail "not in the dependencies: $(cat out/rtl.d)"
    grep -qF "\"$work/part.vh\\n\"}" out/facts.cpp || fail "not in the list: $(cat out/facts.cpp)"
    first=$(cat out/facts.cpp)
    printf '// two\n' >part.vh
    verilate >log
    [ "$(cat out/facts.cpp)" != "$first" ] || fail "another text has the same hash"
    mkdir "real place" && mv m.v part.vh "real place" && ln -s "real place" place
    source=place/m.v folder="$work/an out" verilate >log || fail "folders with blanks are refused: $(cat log)"
    grep -qF "$work/an\ out/fast_0.cpp: $work/real\ place/part.vh $work/real\ place/m.v" "an out/rtl.d" ||
      fail "blanks in the dependencies: $(cat "an out/rtl.d")" ;;
  data)
    mkdir -p lib/data
    printf 'module m (input wire [1:0] a_i, output reg [7:0] q_o);\n  reg [7:0] mem [0:3];\n  parameter File = "data/rom.hex";\n  initial $readmemh(File, mem);\n  always @* q_o = mem[a_i];\nendmodule\n' >lib/m.v
    printf '01 02 03 04\n' >lib/data/rom.hex
    source=lib/m.v
    verilate >log || fail "the step fails: $(cat log)"
    grep -qF "{\"data/rom.hex\", \"$work/lib/data/rom.hex\"}" out/data_files.h || fail "not found: $(cat out/data_files.h)"
    grep -q '^#include "data_files.h"' out/slow_0.cpp || fail "the model does not look there"
    grep -q "$work/lib/data/rom.hex" out/rtl.d || fail "not in the dependencies: $(cat out/rtl.d)"
    first=$(cat out/facts.cpp)
    printf '01 02 03 05\n' >lib/data/rom.hex
    verilate >log
    [ "$(cat out/facts.cpp)" != "$first" ] || fail "other data have the same hash"
    mkdir data
    printf '06\n' >data/rom.hex
    printf '`define OTHER "data/rom.hex"\n' >part.vh
    sed -i '1i `include "../part.vh"' lib/m.v
    source=lib/m.v
    ! verilate >log || fail "two files of one name pass"
    grep -q 'data/rom.hex is named in two folders' log || fail "not said: $(cat log)" ;;
  refuses)
    sed -i 's/<=/<= <=/' m.v
    ! verilate >log || fail "a syntax error passes"
    grep -q '%Error: m.v:4:' log || fail "the line is not named: $(cat log)" ;;
  *) fail "no case $chosen" ;;
esac
