#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# strict.sh compile_commands.json 0|1: with 1 (SYSTOLE_STRICT) a warning in our own code is an error, with 0 nowhere.
set -eu
commands=$(grep -c '"command":' "$1")
strict=$(grep -c -e ' -Werror' "$1" || true)
echo "$strict of $commands commands make an error of a warning"
[ "$commands" -gt 0 ]
case $2 in
0) [ "$strict" -eq 0 ] ;;
1) grep '"command":.*systole_base.dir/' "$1" | grep -q -e ' -Werror' ;;
*) exit 2 ;;
esac
