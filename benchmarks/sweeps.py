"""What a sweep costs, and what it saves: `python -m benchmarks.sweeps`."""

from __future__ import annotations

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from statistics import median

from benchmarks import parts
from benchmarks.cases import two_layer_relu
from rootkappa import devices, sweeps

REPEATS = 5

D, N, WIDTH, STEPS = 10, 20, 64, 100
TEN_THOUSAND = {
    "data": {"name": "sphere", "d": D, "n": N, "seed": 0},
    "model": {"name": "TwoLayerReLU", "width": WIDTH},
    "method": {"name": "nesterov"},
    "train": {"steps": STEPS},
    "measure": {"steps_to": [1e-1]},
    "axes": {
        "method.relative_step_size": [0.1 * step for step in range(1, 11)],
        "method.momentum": [0.09 * step for step in range(10)],
        "seed": range(100),
    },
}
# The loop's time is proportional to its runs, so that some of them are enough.
LOOPED = 100


def against_a_loop() -> parts.Row:
    """10,000 two-layer ReLU networks in this process; torch.optim.SGD in two processes."""
    grid = sweeps.Grid(TEN_THOUSAND)
    with _pool(2) as pool:
        list(pool.map(_loop, [1, 1]))  # both processes import what they need
        ours, loops = [], []
        for _ in range(REPEATS):
            ours.append(parts.seconds(lambda: sweeps.run(grid)))
            both = parts.seconds(lambda: list(pool.map(_loop, [LOOPED // 2, LOOPED // 2])))
            loops.append(both * len(grid) / LOOPED)
    ratios = [loop / own for own, loop in zip(ours, loops, strict=True)]
    return {
        "runs": len(grid),
        "in process, s": median(ours),
        "loop in two processes, s": median(loops),
        "ratio": parts.spread(ratios),
    }


def overhead() -> parts.Row:
    """What store and executors add to a chunk: 200 chunks of one short run each."""
    from distributed import Client, LocalCluster

    grid = sweeps.Grid(
        {
            **TEN_THOUSAND,
            "train": {"steps": 1},
            "chunk": 1,
            "axes": {"seed": range(200)},
            "method": {"name": "gradient_descent", "step_size": 0.1},
        }
    )
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": ":0"}
    with LocalCluster(**options) as cluster, Client(cluster) as client, _pool(1) as pool:
        ways = {
            "here": lambda: sweeps.run(grid),
            "store": lambda: _stored(grid),
            "process": lambda: sweeps.run(grid, pool),
            "dask": lambda: sweeps.run(grid, client.get_executor(pure=False)),
        }
        for way in ways.values():
            way()
        times = {name: [] for name in ways}
        for _ in range(REPEATS):
            for name, way in ways.items():
                times[name].append(parts.seconds(way))
    chunks = len(grid.chunks)
    added = {
        f"{name}, ms a chunk": 1e3 * (median(times[name]) - median(times["here"])) / chunks
        for name in ("store", "process", "dask")
    }
    return {"chunks": chunks, "a chunk itself, ms": 1e3 * median(times["here"]) / chunks, **added}


def speed_up() -> parts.Row:
    """From one process to two, both started before."""
    grid = sweeps.Grid({**TEN_THOUSAND, "axes": {**TEN_THOUSAND["axes"], "seed": range(50)}})
    small = sweeps.Grid(
        {
            **TEN_THOUSAND,
            "chunk": 1,
            "axes": {"seed": range(8)},
            "method": {"name": "gradient_descent", "step_size": 0.1},
        }
    )
    with _pool(1) as one, _pool(2) as two:
        for pool in (one, two):
            sweeps.run(small, pool)
        ratios = [
            parts.seconds(lambda: sweeps.run(grid, one))
            / parts.seconds(lambda: sweeps.run(grid, two))
            for _ in range(REPEATS)
        ]
    return {"runs": len(grid), "ratio": parts.spread(ratios)}


PARTS: dict[str, parts.Part] = {
    "against a loop": against_a_loop,
    "overhead": overhead,
    "speed-up": speed_up,
}


def _loop(runs: int) -> int:
    from benchmarks.peers import torch_loop

    devices.set_up()
    problem = two_layer_relu(D, N, WIDTH, runs, STEPS).problem()
    return len(torch_loop.prepare(problem)())


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, multiprocessing.get_context("forkserver"))


def _stored(grid: sweeps.Grid) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sweeps.run(grid, store=folder)


if __name__ == "__main__":
    parts.main("sweeps", __doc__, PARTS, REPEATS)
