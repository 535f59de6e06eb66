#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# lint.sh tool rtl-folder accept|reject Name=value ...
#
# Elaborates the accelerator with these parameters in one tool. accept: exit code 0 and not a word of output. reject: the tool
# fails and names the missing module that stands for an illegal parameter.
set -u
tool=$1 rtl=$2 verdict=$3
shift 3

case $tool in
  verilator)
    set -- $(printf -- '-G%s ' "$@")
    output=$(verilator --lint-only -Wall --top-module accel "$@" "$rtl"/*.v 2>&1) ;;
  icarus)
    set -- $(printf -- '-Paccel.%s ' "$@")
    output=$(iverilog -g2005 -Wall -t null -s accel "$@" "$rtl"/*.v 2>&1) ;;
  yosys)
    set -- $(printf -- '-chparam %s ' "$@" | tr = ' ')
    output=$(yosys -q -p "read_verilog $rtl/*.v; hierarchy -check -top accel $*; proc; check -assert" 2>&1) ;;
  *)
    echo "lint.sh: verilator, icarus or yosys expected, found $tool" >&2
    exit 2 ;;
esac
status=$?
output=$(printf '%s' "$output" | grep -v '^- V')  # since 5.024 Verilator ends with lines about its size and time

case $verdict in
  accept)
    if [ $status -eq 0 ] && [ -z "$output" ]; then exit 0; fi
    printf '%s\n' "$tool does not accept the RTL in silence (exit code $status):" "$output" ;;
  reject)
    case $output in *illegal_parameter_of_accel*) [ $status -ne 0 ] && exit 0 ;; esac
    printf '%s\n' "$tool does not name illegal_parameter_of_accel (exit code $status):" "$output" ;;
  *)
    echo "lint.sh: accept or reject expected, found $verdict" >&2
    exit 2 ;;
esac
exit 1
