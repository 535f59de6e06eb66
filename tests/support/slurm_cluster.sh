#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# slurm_cluster.sh start|stop FOLDER: a Slurm of one controller and two nodes of two cores, all on this machine, with
# its own key, ports and state below FOLDER; commands find it by SLURM_CONF=FOLDER/slurm.conf. `stop` ends what `start`
# started, and what the nodes run. As root. Nodes are told apart by name and port, cgroups are not touched; Slurm looks
# at memory once a second.
set -eu
action=$1 folder=$2

# A port that nobody listens at; two clusters at a time take different ones.
free_port() {
  port=$((20000 + $$ % 10000 * 4))
  while grep -qi ":$(printf %04X $port) .* 0A " /proc/net/tcp /proc/net/tcp6; do port=$((port + 4)); done
}

start_munge() {
  head -c 1024 /dev/urandom >"$folder/munge.key"
  chmod 600 "$folder/munge.key"
  munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/munge.seed" 2>"$folder/munged.out"
}

# Credentials of jobs live five seconds: so long Slurm waits before it starts again what a node lost (120 if not told).
write_configuration() {
  cat >"$folder/slurm.conf" <<CONF
ClusterName=systole
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$port
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=5
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool.%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=1
JobAcctGatherParams=OverMemoryKill
SlurmdTimeout=5
KillWait=3
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerParameters=batch_sched_delay=0
NodeName=n1 NodeHostname=n1 NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=8000
NodeName=n2 NodeHostname=n2 NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=8000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=INFINITE DefMemPerCPU=1000 State=UP
CONF
  case $(slurmd -V) in
  # Knows no such word. A version that is named is not looked for, and so not missed where there is none (a chroot).
  *\ 22.*) echo "CgroupPlugin=cgroup/v1" >"$folder/cgroup.conf" ;;
  *) echo "CgroupPlugin=disabled" >"$folder/cgroup.conf" ;;
  esac
}

# A daemon that does not start says why in its log alone.
daemon() {
  log=$1
  shift
  "$@" || {
    echo "slurm_cluster: $* ended with exit code $?: $(grep -i error "$folder/$log" | tail -n 3)" >&2
    exit 1
  }
}

idle_nodes() { sinfo --noheader --Node --format=%T 2>/dev/null | grep -c '^idle$' || true; }

# The daemons, by the files with their numbers.
signal_all() {
  for file in "$folder"/*.pid; do
    [ ! -e "$file" ] || kill -s "$1" "$(cat "$file" 2>/dev/null)" 2>/dev/null || true
  done
}

case $action in
start)
  mkdir -p "$folder/state"
  free_port
  start_munge
  write_configuration
  export SLURM_CONF="$folder/slurm.conf"
  daemon slurmctld.log slurmctld
  daemon slurmd.n1.log slurmd -N n1
  daemon slurmd.n2.log slurmd -N n2
  tries=0
  until [ "$(idle_nodes)" = 2 ]; do
    tries=$((tries + 1))
    [ $tries -le 300 ] || { echo "slurm_cluster: its nodes do not become idle" >&2; exit 1; }
    sleep 0.2
  done
  ;;
stop)
  export SLURM_CONF="$folder/slurm.conf"
  scancel --user="$(id -un)" 2>/dev/null || true
  tries=0
  while [ -n "$(squeue --noheader 2>/dev/null)" ] && [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.2
  done
  signal_all TERM
  tries=0
  while ls "$folder"/*.pid >/dev/null 2>&1 && [ $tries -lt 50 ]; do
    tries=$((tries + 1))
    sleep 0.1
  done
  signal_all KILL
  ;;
*) exit 2 ;;
esac
