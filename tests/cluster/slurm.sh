#!/usr/bin/env bash
# A SLURM cluster of one node, this machine, for tests: slurm.sh installed | start | stop
# Needs root, or sudo without a password, and Debian's slurm-wlm and munge. All it writes is in
# $run, whose slurm.conf its users name in SLURM_CONF; a cluster that this machine belongs to is
# left alone.
set -euo pipefail
PATH=$PATH:/usr/sbin
[ "$(id -u)" = 0 ] || exec sudo -n "$0" "$@"

host=$(hostname)
run=/run/rootkappa-slurm
export SLURM_CONF=$run/slurm.conf

installed() { command -v slurmctld slurmd munged sbatch >/dev/null; }

write_configuration() {
  mkdir -p "$run/controller" "$run/node"
  # Without RealMemory every job that asks for memory is refused. Two cores, whatever the machine
  # has, so that two jobs run side by side.
  cat >"$SLURM_CONF" <<CONF
ClusterName=rootkappa
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
SlurmUser=root
AuthType=auth/munge
StateSaveLocation=$run/controller
SlurmdSpoolDir=$run/node
SlurmctldPidFile=$run/slurmctld.pid
SlurmdPidFile=$run/slurmd.pid
SlurmctldLogFile=$run/slurmctld.log
SlurmdLogFile=$run/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SlurmdParameters=config_overrides
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

start_munge() {
  ! munge --no-input >/dev/null 2>&1 || return 0
  mkdir -p /run/munge
  chown -R munge: /etc/munge /run/munge /var/lib/munge /var/log/munge
  [ -s /etc/munge/munge.key ] || su -s /bin/sh munge -c /usr/sbin/mungekey
  su -s /bin/sh munge -c /usr/sbin/munged
  ln -s /run/munge/munged.pid "$run/munged.pid"
}

wait_for_node() {
  for _ in $(seq 60); do
    sinfo --noheader --states=idle --format=%n 2>/dev/null | grep -qx "$host" && return
    sleep 0.5
  done
  tail -n 20 "$run"/*.log >&2
  echo "the node did not come up in 30 seconds: the ends of its logs are above" >&2
  return 1
}

end() {
  [ -s "$1" ] || return 0
  pid=$(cat "$1")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 50); do
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
}

start() {
  installed || { echo 'needs the packages slurm-wlm and munge' >&2; return 1; }
  stop
  write_configuration
  start_munge
  slurmctld
  slurmd
  wait_for_node
  echo "$SLURM_CONF"
}

stop() {
  for daemon in slurmd slurmctld munged; do
    end "$run/$daemon.pid"
  done
  rm -rf "$run"
}

case "${1:-}" in
  installed | start | stop) "$1" ;;
  *) echo 'usage: slurm.sh installed | start | stop' >&2; exit 2 ;;
esac
