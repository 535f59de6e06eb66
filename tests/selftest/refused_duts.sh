#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A name in SYSTOLE_DUTS that is no configuration ends the configure step with the names there are: refused_duts.sh CMAKE GENERATOR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if "$1" -S . -B "$work" -G "$2" -DSYSTOLE_DUTS=32x32/vcd >"$work/log" 2>&1; then
  echo "32x32/vcd is taken"
  exit 1
fi
tr -s '\n ' ' ' <"$work/log" | grep -F 'SYSTOLE_DUTS: expected 8x8, 8x8-w4a4, 4x4, 16x16 or ROWSxCOLS' || { cat "$work/log"; exit 1; }
