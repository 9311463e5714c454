"""A sweep on a real SLURM cluster of one node, and on Dask's local one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from rootkappa import sweeps

SCRIPT = Path(__file__).with_name("slurm.sh")
distributed = pytest.importorskip("distributed", reason='needs pip install "rootkappa[cluster]"')
dask_jobqueue = pytest.importorskip("dask_jobqueue")

GRID = {
    "data": {"name": "gaussian", "d": 4, "n": 9, "kappa": 9.0},
    "model": {"name": "DeepLinear", "depth": 2},
    "method": {"name": "optimal_heavy_ball"},
    "train": {"steps": 300, "tolerance": 1e-9},
    "measure": {"steps_to": [1e-3], "tail": True, "kernel": True, "observers": ["displacement"]},
    "axes": {"model.width": [16, 64], "seed": range(6)},
    "chunk": 2,
}


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


def in_two_workers(cluster, workers=2):
    with cluster, distributed.Client(cluster) as client:
        cluster.scale(workers)
        client.wait_for_workers(workers, timeout=120)
        return sweeps.run(GRID, client.get_executor())


@pytest.mark.slow
def test_slurm_gives_the_same_bytes(slurm, tmp_path):
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
    found = in_two_workers(cluster)
    assert found.table.to_bytes() == sweeps.run(GRID).table.to_bytes()
    assert sum(found.workers.values()) == 6
    jobs = {name.split(" on ")[0] for name in found.workers}
    assert all(job.startswith("SLURM job ") for job in jobs)
    assert "SLURM_JOB_ID" not in os.environ


def test_dask_gives_the_same_bytes():
    cluster = distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None)
    found = in_two_workers(cluster)
    assert len(found.workers) == 2
    assert found.table.to_bytes() == sweeps.run(GRID).table.to_bytes()
