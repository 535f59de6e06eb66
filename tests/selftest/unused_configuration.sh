#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# RTL that Verilator refuses in one configuration stops what is built of that configuration and nothing else:
# unused_configuration.sh CMAKE NINJA
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$1"; exit 1; }

# This tree but for the RTL, which has an error where there are four rows.
mkdir "$work/tree"
ln -s "$PWD"/* "$work/tree"
rm "$work/tree/accel" "$work/tree/rtl"
cp -rL accel rtl "$work/tree"  # the build names them by relative paths, which do not lead back through a link
sed -i '0,/^endmodule/s//  generate\n    if (Rows == 4) begin : g_fault\n      no_such_module u_fault ();\n    end\n  endgenerate\nendmodule/' "$work/tree/rtl/accel.v"
"$1" -S "$work/tree" -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release >"$work/log" 2>&1 || fail "not configured: $(cat "$work/log")"

# Verilator's step alone: Ninja would first compile what the model is linked with.
step() { sh -c "$("$2" -C "$work/build" -t commands "accel/dut/dut_$1.rtl/facts.cpp" | tail -1)" >"$work/log" 2>&1; }
models() { "$1" -C "$work/build" -t inputs "$2" | grep -o 'dut_[0-9a-z_]*\.rtl/facts\.cpp' | sort -u | tr '\n' ' '; }
! step 4x4_speed "$2" || fail "the error is none: a program of four rows would be built"
grep -q "%Error: .*accel.v:.*no_such_module" "$work/log" || fail "another error: $(cat "$work/log")"
step 8x8_edit "$2" || fail "the error of four rows stops eight: $(cat "$work/log")"
# What the programs are built of.
models "$2" systole | grep -q 8x8_edit || fail "systole is built of $(models "$2" systole)"
! models "$2" systole | grep -q 4x4 || fail "systole is built of $(models "$2" systole)"
models "$2" systole-4x4-speed | grep -q 4x4_speed || fail "systole-4x4-speed is built of $(models "$2" systole-4x4-speed)"
