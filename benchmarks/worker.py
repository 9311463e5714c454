"""One case in a process of its own: `python -m benchmarks.worker CASE THREADS REPEATS [PEER]`.

Numbers of threads are settled when a process starts, and peak memory never falls, so each case
and number of threads, and each peer for its memory, gets a fresh process. It prints JSON.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

SHORTEST = 0.05  # seconds: shorter runs are repeated within one measurement
PRODUCT = 1500


def limit(threads: int) -> None:
    """Give every library the same number of threads; to be called before they are imported."""
    if hasattr(os, "sched_setaffinity"):
        # XLA starts as many threads as the process has processors.
        there = sorted(os.sched_getaffinity(0))
        if len(there) < threads:
            raise SystemExit(f"{threads} threads need as many processors, there are {len(there)}.")
        os.sched_setaffinity(0, there[:threads])
    if threads == 1:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "ROOTKAPPA_THREADS"):
        os.environ[name] = str(threads)


def ratios(name: str, threads: int, repeats: int) -> dict[str, Any]:
    """Time all peers in turns, A B C A B C, on the same problem; compare their losses."""
    limit(threads)
    from benchmarks.cases import CASES
    from benchmarks.compare import disagreement
    from benchmarks.peers import peers
    from rootkappa import devices

    devices.set_up()
    (case,) = (case for case in CASES if case.name == name)
    problem = case.problem()
    modules = peers(case)
    runs, preparation = {}, {}
    for peer, module in modules.items():
        start = time.perf_counter()
        runs[peer] = module.prepare(problem)
        preparation[peer] = time.perf_counter() - start
    losses = {peer: run() for peer, run in runs.items()}  # a first run of each, to warm up
    apart = {peer: disagreement(losses["ours"], other) for peer, other in losses.items()}
    runs["product"] = _product()
    seconds: dict[str, list[float]] = {peer: [] for peer in runs}
    often = {peer: _often(run) for peer, run in runs.items()}
    for _ in range(repeats):
        for peer, run in runs.items():
            seconds[peer].append(_time(run, often[peer]))
    rate = 2 * PRODUCT**3 / statistics.median(seconds["product"])
    ours, textbook = case.operations(problem.model)
    count = case.runs * case.steps / statistics.median(seconds["ours"])
    return {
        "case": case.name,
        "data": case.data.description,
        "threads": threads,
        "runs": case.runs,
        "steps": case.steps,
        "repeats": repeats,
        "product rate": rate,
        "fraction": ours * count / rate,
        "textbook fraction": textbook * count / rate,
        "environment": dict(devices.environment()),
        "peers": {
            peer: {
                "title": module.TITLE,
                "seconds": statistics.median(seconds[peer]),
                "all seconds": seconds[peer],
                "preparation": preparation[peer],
                "ratio": _ratio(seconds[peer], seconds["ours"]),
                "disagreement": apart[peer],
            }
            for peer, module in modules.items()
        },
    }


def memory(name: str, threads: int, peer: str) -> dict[str, float]:
    """Peak memory of one peer, in bytes, and that of its imports and the problem alone."""
    limit(threads)
    from benchmarks.cases import CASES
    from benchmarks.peers import peer as find
    from rootkappa import devices

    devices.set_up()
    (case,) = (case for case in CASES if case.name == name)
    problem, module = case.problem(), find(peer)
    before = _peak()
    module.prepare(problem)()
    return {"before": before, "peak": _peak()}


def _ratio(theirs: list[float], ours: list[float]) -> float:
    # Neighbours in time share what else the machine does: the median of ratios, not of times.
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def _time(run: Callable[[], object], often: int) -> float:
    start = time.perf_counter()
    for _ in range(often):
        run()
    return (time.perf_counter() - start) / often


def _often(run: Callable[[], object]) -> int:
    return max(1, round(SHORTEST / _time(run, 1)))


def _product() -> Callable[[], object]:
    import torch

    A = torch.ones(PRODUCT, PRODUCT, dtype=torch.float64)
    return lambda: torch.mm(A, A)


def _peak() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return float(peak if sys.platform == "darwin" else peak * 1024)


if __name__ == "__main__":
    case_name, threads, repeats, *peer_name = sys.argv[1:]
    if peer_name:
        print(json.dumps(memory(case_name, int(threads), peer_name[0])))
    else:
        print(json.dumps(ratios(case_name, int(threads), int(repeats))))
