"""A sweep on Dask's cluster of local processes."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from rootkappa import sweeps

dask = pytest.importorskip("dask", reason="needs rootkappa[cluster]")
distributed = pytest.importorskip("distributed", reason="needs rootkappa[cluster]")
pytestmark = pytest.mark.system


def cluster(**options):
    return distributed.LocalCluster(threads_per_worker=1, dashboard_address=":0", **options)


@pytest.fixture
def forked(quick_processes):
    """Let Dask start its workers as the sweep does, with torch in memory."""
    with dask.config.set({"distributed.worker.multiprocessing-method": "forkserver"}):
        yield


def test_dask_gives_the_same_bytes_before_and_after_a_worker_is_killed(on_two_workers, forked):
    def kill_soon(client):
        pids = client.run(os.getpid)
        victim = next(iter(pids.values()))
        threading.Timer(0.2, os.kill, (victim, signal.SIGKILL)).start()

    assert len(on_two_workers(cluster(n_workers=2), kill_soon)) == 2


def test_a_client_that_was_closed():
    with cluster(n_workers=1, processes=False) as there:
        client = distributed.Client(there)
        executor = client.get_executor()
        grid = {"model": {"name": "Quadratic", "eigenvalues": [1.0]}, "train": {"steps": 1}}
        grid["method"] = {"name": "gradient_descent", "step_size": 0.1}
        with pytest.raises(TypeError, match=r"got a Client: of a Dask client give client\.get_ex"):
            sweeps.run(grid, client)
        client.close()
        with pytest.raises(ValueError, match=r"the executor takes no work .*it was shut down"):
            sweeps.run(grid, executor)
