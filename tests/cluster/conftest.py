"""One sweep for all clusters."""

from __future__ import annotations

import pytest

from rootkappa import sweeps

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
def on_two_workers():
    """Run the sweep on two workers of a cluster of Dask; check that nothing tells where it ran."""
    distributed = pytest.importorskip("distributed", reason="needs rootkappa[cluster]")

    def swept(cluster, client, wanted):
        cluster.scale(2)
        client.wait_for_workers(2, timeout=120)
        found = sweeps.run(GRID, client.get_executor())
        assert sum(found.workers.values()) == 6
        assert found.table.to_bytes() == wanted
        return set(found.workers)

    def run(cluster, disturb=None):
        wanted = sweeps.run(GRID).table.to_bytes()
        with cluster, distributed.Client(cluster) as client:
            if disturb is not None:
                disturb(client)
                swept(cluster, client, wanted)
            return swept(cluster, client, wanted)

    return run
