"""How often the intervals of `rootkappa.rates` cover: `python -m benchmarks.coverage`."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean, median
from typing import Any

import numpy as np
import torch

from benchmarks import report
from benchmarks.coverage_laws import DECAYS, FRESH_DECAYS, POINTS, Decay, Points, X
from benchmarks.coverage_runs import BROKEN, FRESH, SEEN, Run, Setting, draw
from rootkappa.rates import (
    RateStatus,
    free_factor,
    linear_or_sublinear,
    scaling_exponent,
    tail_factor,
)
from rootkappa.rates.free import FreeFactor

STORED = report.ROOT / "benchmarks" / "results" / "coverage.json"
REPETITIONS = 200
Row = dict[str, Any]


def tail(setting: Setting, repetitions: int) -> Row:
    """How often the interval of a tail factor holds it, of the runs that got one."""
    statuses, covered, widths, seconds = [], [], [], []
    for repetition in range(repetitions):
        run = draw(setting, repetition)
        begin = time.process_time()
        found = tail_factor(run.residuals, run.method)
        seconds.append(time.process_time() - begin)
        statuses.append(found.status)
        if found.status != RateStatus.CANNOT_TELL:
            covered.append(found.contains(run.factor))
            widths.append((found.interval[1] - found.interval[0]) / (1 - run.factor))
    counts = {str(status): statuses.count(status) for status in RateStatus}
    return {**counts, **_covered(covered, widths), "ms": round(1e3 * mean(seconds))}


def free(setting: Setting, repetitions: int) -> Row:
    """The same for the free recurrence, along the true eigenvector and along what the run shows."""
    given, shown = [], []
    for repetition in range(repetitions):
        run = draw(setting, repetition)
        memory = run.method.momentum != 0 or run.method.extrapolation != 0
        given.append(_free(free_factor(run.residuals, run.slowest, memory), run))
        shown.append(_free(tail_factor(run.residuals, run.method).free, run))
    return {
        f"{name}: {key}": value
        for name, found in (("eigenvector", given), ("Ritz vector", shown))
        for key, value in _told(found).items()
    }


def _free(found: FreeFactor, run: Run) -> tuple[bool, float] | None:
    if found.status == RateStatus.CANNOT_TELL:
        return None
    low, high = found.interval
    return low <= run.iterated <= high, (high - low) / (1 - run.iterated)


def _told(found: Sequence[tuple[bool, float] | None]) -> Row:
    told = [pair for pair in found if pair is not None]
    covered = _covered([holds for holds, _ in told], [width for _, width in told])
    return {"cannot tell": len(found) - len(told), **covered}


def exponents(points: Points, repetitions: int) -> Row:
    """How often the interval of an exponent holds it."""
    fits = [
        scaling_exponent(X, points.draw(repetition), **points.options)
        for repetition in range(repetitions)
    ]
    widths = [fit.interval[1] - fit.interval[0] for fit in fits]
    return _covered([fit.contains(points.exponent) for fit in fits], widths)


def long_run(decay: Decay, repetitions: int) -> Row:
    """How often a long run is called what it is, what it is not, or neither."""
    laws = [
        str(linear_or_sublinear(decay.norms(repetition)).law) for repetition in range(repetitions)
    ]
    right, silent = laws.count(decay.law), laws.count("cannot tell")
    return {
        "law": decay.law,
        "right": right,
        "cannot tell": silent,
        "wrong": len(laws) - right - silent,
    }


def _covered(covered: Sequence[bool], widths: Sequence[float]) -> Row:
    if not covered:
        return {"coverage": None, "width": None}
    return {"coverage": round(mean(covered), 3), "width": float(f"{median(widths):.1e}")}


PARTS: dict[str, tuple[Sequence[Any], Callable[[Any, int], Row]]] = {
    "tail": (SEEN + FRESH, tail),
    "broken": (BROKEN, tail),
    "free": (SEEN + FRESH, free),
    "exponents": (POINTS, exponents),
    "long run": (DECAYS + FRESH_DECAYS, long_run),
}


def measure(
    part: str, repetitions: int, words: Sequence[str] = ("",), processes: int = 1
) -> list[Row]:
    """Measure the settings of a part that have one of the words in their name."""
    names = [each.name for each in PARTS[part][0] if any(word in each.name for word in words)]
    if processes == 1:
        return [_measure(part, name, repetitions) for name in names]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        tasks = [pool.submit(_measure, part, name, repetitions) for name in names]
        return [task.result() for task in tasks]


def _measure(part: str, name: str, repetitions: int) -> Row:
    torch.set_num_threads(1)
    settings, measured = PARTS[part]
    (setting,) = (each for each in settings if each.name == name)
    fresh = setting in FRESH + FRESH_DECAYS
    return {"setting": name, "fresh": fresh, **measured(setting, repetitions)}


def markdown(rows: Sequence[Row]) -> str:
    """A part as a table; settings first run when the estimator was done carry a star."""
    names = [name for name in rows[0] if name not in {"setting", "fresh"}]
    lines = [f"| setting | {' | '.join(names)} |", "| --- " * (len(names) + 1) + "|"]
    for row in rows:
        cells = ["" if row[name] is None else f"{row[name]}" for name in names]
        lines.append(f"| {row['setting']}{' *' if row['fresh'] else ''} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> None:
    arguments = _arguments()
    run = report.stamp([1], arguments.repetitions)
    found = {}
    for part in arguments.part:
        found[part] = measure(part, arguments.repetitions, arguments.settings, arguments.processes)
        if found[part]:
            print(
                f"\n{part}, {arguments.repetitions} repetitions\n\n{markdown(found[part])}",
                flush=True,
            )
    whole = set(arguments.part) == set(PARTS) and arguments.settings == [""]
    output = arguments.output or (STORED if whole else None)
    if output is None:
        print("\nnot stored: this is part of the table; --output FILE stores it")
        return
    versions = {"numpy": np.__version__, "torch": torch.__version__}
    content = json.dumps({"run": run, "versions": versions, "parts": found}, indent=1)
    report.store(output, content + "\n")
    print(f"\nstored in {output}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--part", nargs="+", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--settings", nargs="+", default=[""], help="with this in their name")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--output", type=Path, help=f"a JSON file; {STORED.name} if all ran")
    return parser.parse_args()


if __name__ == "__main__":
    main()
