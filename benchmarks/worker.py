"""One case in a process of its own: `python -m benchmarks.worker CASE THREADS REPEATS [PEER]`.

Numbers of threads are settled when a process starts, and peak memory never falls, so each case
and number of threads, and each peer for its memory, gets a fresh process. It prints JSON.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.cases import Case, Problem

SHORTEST = 0.2  # seconds: shorter runs are repeated within one measurement
LONG = 1.0  # seconds: a first run of this length settles that one run is enough
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
    modules, taken = peers(case), engine(problem)
    if taken == "torch":
        del modules["torch_engine"]
    runs, preparation = {}, {}
    for peer, module in modules.items():
        start = time.perf_counter()
        runs[peer] = module.prepare(problem)
        preparation[peer] = time.perf_counter() - start
    losses, first = {}, {}
    for peer, run in runs.items():  # a first run of each, to warm up
        start = time.perf_counter()
        losses[peer] = run()
        first[peer] = time.perf_counter() - start
    apart = {peer: disagreement(losses["ours"], other) for peer, other in losses.items()}
    exact = _exact(case, problem, modules) if "reduced" in modules else {}
    runs["product"] = _product()
    seconds = _in_turns(runs, repeats, first)
    samples = {str(width): _sampled(case, problem, width) for width in case.widths}
    widths = _in_turns(samples, repeats, {})
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
        "neuron": _neuron(case, problem, ours / rate, 1 / count),
        "left out": dict(case.left_out),
        "rank-size data": case.at_rank_size is not None,
        "engine": taken,
        "tried": case.tried,
        "exact reduction": exact,
        "widths": {
            width: {"seconds": statistics.median(times), "all seconds": times}
            for width, times in widths.items()
        },
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


def engine(problem: Problem) -> str:
    """What takes the steps of the library's row."""
    from rootkappa.training.engines import choose

    methods, weights = tuple(problem.methods), problem.weights
    return choose(None, problem.our_model(), methods, weights, problem.steps).name


def memory(name: str, threads: int, peer: str) -> dict[str, float]:
    """Peak memory of one peer, in bytes, and that of its imports and the problem alone."""
    limit(threads)
    from benchmarks.cases import CASES
    from benchmarks.peers import peer as find
    from rootkappa import devices

    devices.set_up()
    (case,) = (case for case in CASES if case.name == name)
    whole, module = case.problem(), find(peer)
    # What a step leaves behind is not kept: a few steps have the peak of many, with their engine.
    os.environ["ROOTKAPPA_ENGINE"] = engine(whole)
    problem = dataclasses.replace(whole, steps=min(case.steps, 3))
    before = _peak()
    module.prepare(problem)()
    return {"before": before, "peak": _peak()}


def _exact(case: Case, problem: Problem, modules: dict[str, ModuleType]) -> dict[str, float]:
    # The narrow network against the direct loop, once, over more steps than are timed.
    from benchmarks.compare import disagreement

    longer = dataclasses.replace(problem, steps=case.compared_steps or problem.steps)
    losses, seconds = {}, {}
    for peer in ("torch_loop", "reduced"):
        run = modules[peer].prepare(longer)
        start = time.perf_counter()
        losses[peer] = run()
        seconds[peer] = time.perf_counter() - start
    apart = disagreement(losses["torch_loop"], losses["reduced"], case.reduced_within)
    return {
        "steps": longer.steps,
        "disagreement with the SGD loop": apart,
        "SGD loop seconds": seconds["torch_loop"],
        "reduced seconds": seconds["reduced"],
    }


def _neuron(case: Case, problem: Problem, floor: float, seconds: float) -> dict[str, float]:
    # Of one step of one run: the time, and that of its operations as large matrix products.
    if case.neurons is None:
        return {}
    share = case.neurons(problem.model) * problem.model.Y.shape[1]
    return {"seconds": seconds / share, "floor": floor / share}


def _in_turns(
    runs: dict[str, Callable[[], object]], repeats: int, first: dict[str, float]
) -> dict[str, list[float]]:
    seconds: dict[str, list[float]] = {name: [] for name in runs}
    often = {name: _often(run, first.get(name, 0.0)) for name, run in runs.items()}
    for _ in range(repeats):
        for name, run in runs.items():
            seconds[name].append(_time(run, often[name]))
    return seconds


def _sampled(case: Case, problem: Problem, width: int) -> Callable[[], object]:
    # Drawing the network is part of the time.
    steps = case.compared_steps or problem.steps

    def run() -> object:
        assert case.sample is not None
        model, weights = case.sample(width)
        return case.simulator(model, problem.methods, weights, steps)

    return run


def _ratio(theirs: list[float], ours: list[float]) -> float:
    # Neighbours in time share what else the machine does: the median of ratios, not of times.
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))


def _time(run: Callable[[], object], often: int) -> float:
    start = time.perf_counter()
    for _ in range(often):
        run()
    return (time.perf_counter() - start) / often


def _often(run: Callable[[], object], first: float) -> int:
    if first > LONG:
        return 1
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
