#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# regress_load.sh PROGRAM [COUNT [BOUND]]: COUNT jobs of 50 ms, two at a time, take at most BOUND per cent of the time that xargs takes on the
# same commands. The best of three counts: other processes only make it longer.
set -eu
program=$1 count=${2:-400} bound=${3:-120}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
now() { date +%s%N; }
best_of_three() {
  best=
  for round in 1 2 3; do
    start=$(now)
    "$@" "$round" >"$scratch/$1"
    took=$((($(now) - start) / 1000000))
    if [ -z "$best" ] || [ "$took" -lt "$best" ]; then best=$took; fi
  done
  echo "$best"
}
campaign() { "$program" "$scratch/run$1" "$count" 2 0.05; }
plain() { seq "$count" | xargs -P2 -I{} /bin/sh -c 'sleep 0.05 # {}'; }
ours=$(best_of_three campaign)
theirs=$(best_of_three plain)
cat "$scratch/campaign"
echo "$count jobs of 50 ms: $ours ms, xargs -P2 $theirs ms, $((100 * ours / theirs)) %"
[ $((100 * ours)) -le $((bound * theirs)) ]
