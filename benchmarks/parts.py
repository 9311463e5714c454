"""Measurements in named parts, stored together: sweeps, and a diagnosis."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import report
from rootkappa import devices

Row = dict[str, Any]
Part = Callable[[], Row]


def seconds(task: Callable[[], object]) -> float:
    """Time a task."""
    begin = time.perf_counter()
    task()
    return time.perf_counter() - begin


def spread(values: list[float]) -> dict[str, float]:
    """Median and extremes."""
    return {"median": median(values), "least": min(values), "most": max(values)}


def main(name: str, told: str | None, parts: Mapping[str, Part], repeats: int) -> None:
    """Measure the parts asked for; all of them together are stored in results/NAME.json."""
    stored = report.ROOT / "benchmarks" / "results" / f"{name}.json"
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=told)
    parser.add_argument("--part", nargs="+", default=list(parts), choices=list(parts))
    parser.add_argument("--output", type=Path, help=f"a JSON file; {stored.name} if all ran")
    arguments = parser.parse_args()
    run, found = report.stamp([1], repeats), {}
    for part in arguments.part:
        found[part] = parts[part]()
        print(part, json.dumps(found[part], indent=1), flush=True)
    output = arguments.output or (stored if set(arguments.part) == set(parts) else None)
    if output is None:
        print("not stored: this is a part of it; --output FILE stores it")
        return
    content = {"run": run, "environment": dict(devices.environment()), "parts": found}
    report.store(output, json.dumps(content, indent=1) + "\n")
