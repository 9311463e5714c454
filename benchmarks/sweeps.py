"""What a sweep costs, and what it saves: `python -m benchmarks.sweeps`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import report
from benchmarks.cases import two_layer_relu
from rootkappa import devices, sweeps

STORED = report.ROOT / "benchmarks" / "results" / "sweeps.json"
REPEATS = 5
Row = dict[str, Any]

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


def against_a_loop() -> Row:
    """10,000 two-layer ReLU networks in this process; torch.optim.SGD in two processes."""
    grid = sweeps.Grid(TEN_THOUSAND)
    with _pool(2) as pool:
        list(pool.map(_loop, [1, 1]))  # both processes import what they need
        ours, loops = [], []
        for _ in range(REPEATS):
            ours.append(_seconds(lambda: sweeps.run(grid)))
            both = _seconds(lambda: list(pool.map(_loop, [LOOPED // 2, LOOPED // 2])))
            loops.append(both * len(grid) / LOOPED)
    ratios = [loop / own for own, loop in zip(ours, loops, strict=True)]
    return {
        "runs": len(grid),
        "in process, s": median(ours),
        "loop in two processes, s": median(loops),
        "ratio": _spread(ratios),
    }


def overhead() -> Row:
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
                times[name].append(_seconds(way))
    chunks = len(grid.chunks)
    added = {
        f"{name}, ms a chunk": 1e3 * (median(times[name]) - median(times["here"])) / chunks
        for name in ("store", "process", "dask")
    }
    return {"chunks": chunks, "a chunk itself, ms": 1e3 * median(times["here"]) / chunks, **added}


def speed_up() -> Row:
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
            _seconds(lambda: sweeps.run(grid, one)) / _seconds(lambda: sweeps.run(grid, two))
            for _ in range(REPEATS)
        ]
    return {"runs": len(grid), "ratio": _spread(ratios)}


PARTS: dict[str, Callable[[], Row]] = {
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


def _seconds(task: Callable[[], object]) -> float:
    begin = time.perf_counter()
    task()
    return time.perf_counter() - begin


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": median(values), "least": min(values), "most": max(values)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sweeps", description=__doc__)
    parser.add_argument("--part", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--output", type=Path, help=f"a JSON file; {STORED.name} if all ran")
    arguments = parser.parse_args()
    run, found = report.stamp([1], REPEATS), {}
    for part in arguments.part:
        found[part] = PARTS[part]()
        print(part, json.dumps(found[part], indent=1), flush=True)
    output = arguments.output or (STORED if set(arguments.part) == set(PARTS) else None)
    if output is None:
        print("not stored: this is a part of it; --output FILE stores it")
        return
    content = {"run": run, "environment": dict(devices.environment()), "parts": found}
    report.store(output, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
