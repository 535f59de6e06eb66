#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# slurm.sh CASE PROGRAM: one case of regressions on a real Slurm of two nodes (tests/support/slurm_cluster.sh). PROGRAM
# is regress_slurm, for refused, same_summary and time_is_up systole. Exit code 77 where there is no Slurm to start.
set -eu
name=$1 program=$(realpath "$2")
[ "$(id -u)" = 0 ] || { echo "skipped: daemons of Slurm want to be started as root"; exit 77; }
for daemon in slurmctld slurmd munged; do
  command -v $daemon >/dev/null || {
    echo "skipped: no $daemon (Debian: slurmctld, slurmd, slurm-client, munge)"
    exit 77
  }
done
scratch=$(mktemp -d)
cluster=$(dirname "$0")/../support/slurm_cluster.sh
runner=
clean_up() {
  [ -z "$runner" ] || kill -9 "$runner" 2>/dev/null || true
  "$cluster" stop "$scratch/cluster"
  rm -rf "$scratch"
}
trap clean_up EXIT
export SLURM_CONF="$scratch/cluster/slurm.conf"
mkdir "$scratch/cluster"
"$cluster" start "$scratch/cluster"

fail() {
  echo "FAILED: $*"
  exit 1
}
# shows WORDS: the output of the program has a line with them.
shows() { grep -Eq -- "$1" "$scratch/out" || fail "not shown: $1"; }
# until_true SECONDS COMMAND: waits for the command to succeed.
until_true() {
  tries=$(($1 * 5))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || fail "in vain waited for: $*"
    sleep 0.2
  done
}
results() { ls "$scratch"/run/jobs/*/result.json "$scratch"/run/jobs/*/ending.json 2>/dev/null | wc -l; }
has_results() { [ "$(results)" -ge "$1" ]; }
# jobs COUNT SECONDS: each adds its line to one file when it ends, so that one that ended twice is seen.
jobs() {
  for i in $(seq "$1"); do echo "sleep $2; echo $i >>$scratch/log"; done
}
ended_once() {
  twice=$(sort "$scratch/log" | uniq -d | xargs)
  [ -z "$twice" ] && [ "$(wc -l <"$scratch/log")" = "$1" ] || fail "ended twice: $twice"
}
queued() { squeue --noheader --states=PENDING,RUNNING,COMPLETING; }
nothing_queued() { [ -z "$(queued)" ]; }
runs_somewhere() { [ -n "$(squeue --noheader --states=RUNNING)" ]; }
runs_on() { [ -n "$(squeue --noheader --states=RUNNING --nodelist="$1")" ]; }
# campaign WORDS: regress_slurm in the background.
campaign() {
  "$program" "$scratch/run" "$@" <"$scratch/jobs" >"$scratch/out" 2>&1 &
  runner=$!
}
# ends CODE: the one in the background does, with that exit code.
ends() {
  code=0
  wait "$runner" || code=$?
  runner=
  cat "$scratch/out"
  [ $code = "$1" ] || fail "exit code $code"
}
# kill_node NAME: SIGKILL to its slurmd, to what that runs, and to the steps between.
kill_node() {
  victims=$(cat "$scratch/cluster/slurmd.$1.pid")
  for process in /proc/[0-9]*; do
    environment=$(tr '\0' '\n' <"$process/environ" || true)
    case $environment in
    *"SLURMD_NODENAME=$1"*) ;;
    *) continue ;;
    esac
    case $environment in
    *"SLURM_CONF=$SLURM_CONF"*)
      parent=$(sed -n 's/^PPid:\t//p' "$process/status" || true)
      victims="$victims ${process#/proc/} $parent"
      ;;
    esac
  done 2>/dev/null
  for victim in $victims; do
    [ "$victim" = 1 ] || [ "$victim" = $$ ] || kill -9 "$victim" 2>/dev/null || true
  done
}
# plan LIMIT BLOCKS: for systole.
plan() {
  printf '{"version": 1, "name": "slurm", "limits": {"seconds": %s}, "blocks": [%s]}\n' "$1" "$2" >"$scratch/plan.json"
}

case $name in
node_killed)
  jobs 24 0.5 >"$scratch/jobs"
  campaign 6 1 0
  until_true 60 runs_on n1
  until_true 60 has_results 3
  kill_node n1
  scontrol update nodename=n1 state=down reason=killed # what a node that does not answer becomes by itself, later
  ends 0
  shows "planned 24 = 24 passed \+ 0 failed \+ 0 lost \+ 0 skipped \+ 0 cancelled"
  [ "$(ls "$scratch"/run/jobs/*/result.json | wc -l)" = 24 ] || fail "results are missing"
  [ "$(sort -u "$scratch/log" | wc -l)" = 24 ] || fail "jobs are missing"
  ;;
over_memory)
  # Six processes, none of which is too large by itself.
  large="x=\$(head -c 100000000 /dev/zero | tr -c x x); sleep 50"
  {
    jobs 4 0.1
    echo "($large) & ($large) & ($large) & ($large) & ($large) & $large"
    jobs 3 0.1
  } >"$scratch/jobs"
  campaign 60 1 0 --mem=150M
  ends 0
  shows "planned 8 = 7 passed \+ 0 failed \+ 1 lost \+ 0 skipped \+ 0 cancelled"
  # The task, or the job alone where the worker outlives it by the moment that its result takes.
  shows "lost: job 4 after 2: .*(perhaps for its memory|OUT_OF_MEMORY)"
  ;;
killed_and_resumed)
  jobs 30 0.5 >"$scratch/jobs"
  campaign 5 1 0
  until_true 60 has_results 2
  kill -9 "$runner"
  [ -n "$(squeue --noheader --array)" ] || fail "no array is left to be found"
  rm "$scratch/run/slurm/001/id" # as if it had been killed between sbatch and this note
  campaign 5 1 0
  ends 0
  shows "slurm: array [0-9]+ goes on: "
  shows "planned 30 = 30 passed \+ 0 failed \+ 0 lost \+ 0 skipped \+ 0 cancelled"
  ended_once 30
  ;;
signal)
  jobs 40 1 >"$scratch/jobs"
  campaign 5 1 0
  until_true 60 has_results 2
  kill -TERM "$runner"
  ends 0
  nothing_queued || fail "left in the queue: $(queued)"
  shows "planned 40 = [0-9]+ passed \+ 0 failed \+ 0 lost \+ 0 skipped \+ [1-9][0-9]* cancelled"
  ;;
requeued)
  # As a preemption does: what runs is given back and runs again, what has ended does not.
  jobs 10 1 >"$scratch/jobs"
  campaign 60 1 0
  until_true 60 has_results 2
  scontrol requeue "$(squeue --noheader --states=RUNNING --format=%A | head -1)"
  ends 0
  shows "planned 10 = 10 passed \+ 0 failed \+ 0 lost \+ 0 skipped \+ 0 cancelled"
  ended_once 10
  ;;
not_shared)
  # A node without the folder sees nothing: it is elsewhere when the array task begins.
  jobs 3 0.1 >"$scratch/jobs"
  campaign 60 1 0 --hold
  until_true 60 test -e "$scratch/run/slurm/001/id"
  mv "$scratch/run" "$scratch/elsewhere"
  scontrol release "$(squeue --noheader --format=%F)"
  ends 2
  shows "the folder must be one that all nodes share"
  nothing_queued || fail "left in the queue: $(queued)"
  ;;
many)
  # All go out; with SYSTOLE_SLURM_JOBS, which says how many, all run, else until it is seen how they went out.
  count=${SYSTOLE_SLURM_JOBS:-10000}
  mkdir "$scratch/bin"
  cat >"$scratch/bin/sbatch" <<SBATCH
#!/bin/sh
case "\$*" in *--array*) echo >>$scratch/calls ;; esac
exec $(command -v sbatch) "\$@"
SBATCH
  chmod +x "$scratch/bin/sbatch"
  PATH=$scratch/bin:$PATH
  for i in $(seq "$count"); do echo "sleep 0.05 # $i"; done >"$scratch/jobs"
  campaign 60 "${SYSTOLE_SLURM_EXPECTED:-10}" 0
  if [ -z "${SYSTOLE_SLURM_JOBS:-}" ]; then
    until_true 120 test -e "$scratch/run/slurm/002/id"
    kill -TERM "$runner"
  fi
  ends 0
  calls=$(wc -l <"$scratch/calls")
  echo "$count jobs in $calls calls of sbatch"
  [ "$calls" -le 10 ] || fail "too many calls"
  nothing_queued || fail "left in the queue: $(queued | head -5)"
  ;;
same_summary)
  # Passed, failed and lost, on the cluster and on this machine at the same time. SYSTOLE_SLURM_SEEDS=84 makes 509 jobs.
  plan "${SYSTOLE_SLURM_SECONDS:-10}" '
    {"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "seeds": ["1-'"${SYSTOLE_SLURM_SEEDS:-3}"'"],
     "stalls": ["none", "both", "bursts"], "images": [0]},
    {"networks": ["models/lenet"], "layers": ["fc2", "fc3"], "designs": ["dut:gemm_axis_bug"],
     "images": ["0-1", "0-23"]},
    {"networks": ["models/lenet"], "images": ["0-9999"]}'
  "$program" regress "$scratch/plan.json" -o "$scratch/slurm" --slurm --task-time "${SYSTOLE_SLURM_TASK:-6s}" \
    --poll 1s --late 3s >"$scratch/out" 2>&1 &
  runner=$!
  code=0
  "$program" regress "$scratch/plan.json" -o "$scratch/local" -j 2 >"$scratch/local.out" 2>&1 || code=$?
  [ $code = 5 ] || fail "here: exit code $code: $(cat "$scratch/local.out")"
  ends 5
  for run in slurm local; do
    sed -e '/"started":/d; /"seconds":/d; /"attempts":/d' -e "s|$scratch/$run|RUN|g" \
      "$scratch/$run/latest/summary.json" >"$scratch/$run.json"
    for verdict in passed failed lost; do
      grep -q "\"verdict\": \"$verdict\"" "$scratch/$run.json" || fail "$run: nothing $verdict"
    done
  done
  diff "$scratch/local.json" "$scratch/slurm.json" || fail "the summaries differ"
  until_true 20 nothing_queued
  ;;
time_is_up)
  plan 60 '{"networks": ["models/lenet"], "layers": ["fc3"], "seeds": ["1-200"], "images": [0]}'
  "$program" regress "$scratch/plan.json" -o "$scratch/report" --slurm --task-time 6s --poll 1s --late 3s --time 10s \
    --throttle 1 >"$scratch/out" 2>&1 &
  runner=$!
  until_true 60 runs_somewhere
  scontrol show job | grep -q "ArrayTaskThrottle=1" || fail "no throttle: $(scontrol show job)"
  ends 3
  shows "planned 200 = [0-9]+ passed \+ 0 failed \+ 0 lost \+ [1-9][0-9]* skipped \+ 0 cancelled"
  until_true 20 nothing_queued
  ;;
refused)
  plan 60 '{"networks": ["models/lenet"], "layers": ["fc3"], "images": [0]}'
  # refused WORDS OPTION ...: one line with the words, exit code 2, no run.
  refused() {
    words=$1 code=0
    shift
    "$program" regress "$scratch/plan.json" -o "$scratch/report" --slurm "$@" >"$scratch/out" 2>&1 || code=$?
    cat "$scratch/out"
    [ $code = 2 ] && [ "$(wc -l <"$scratch/out")" = 1 ] || fail "exit code $code, or not one line"
    shows "$words"
    [ ! -e "$scratch/report/runs/0001" ] || fail "something is left"
  }
  refused "invalid partition specified: nope" --partition nope
  # A controller that is gone takes half a minute to be missed.
  mkdir "$scratch/bin"
  printf '#!/bin/sh\necho "slurm_load_partitions: Unable to contact slurm controller" >&2\nexit 1\n' \
    >"$scratch/bin/sinfo"
  chmod +x "$scratch/bin/sinfo"
  (PATH="$scratch/bin:$PATH" && refused "no cluster answers sinfo: slurm_load_partitions: Unable")
  mkdir "$scratch/few"
  for tool in cat wc grep; do ln -s "$(command -v $tool)" "$scratch/few"; done
  (PATH=$scratch/few && refused "no sbatch on PATH")
  ;;
*) exit 2 ;;
esac
