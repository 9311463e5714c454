"""A sweep on a real SLURM cluster of one node."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("slurm.sh")
dask_jobqueue = pytest.importorskip("dask_jobqueue", reason="needs rootkappa[cluster]")


@pytest.fixture
def slurm(monkeypatch):
    if subprocess.run([SCRIPT, "installed"], capture_output=True).returncode:
        pytest.skip("no SLURM here: needs Debian's slurm-wlm and munge, and root")
    try:
        started = subprocess.run([SCRIPT, "start"], check=True, stdout=subprocess.PIPE, text=True)
        monkeypatch.setenv("SLURM_CONF", started.stdout.strip())
        yield
    finally:
        subprocess.run([SCRIPT, "stop"], check=True)


@pytest.mark.system
def test_slurm_gives_the_same_bytes(slurm, on_two_workers, tmp_path):
    cluster = dask_jobqueue.SLURMCluster(
        cores=1,
        processes=1,
        memory="1GB",
        queue="all",
        walltime="00:05:00",
        interface="lo",
        log_directory=str(tmp_path),
        scheduler_options={"dashboard_address": ":0"},
    )
    workers = on_two_workers(cluster)
    assert all(name.startswith("SLURM job ") for name in workers)
    assert "SLURM_JOB_ID" not in os.environ
