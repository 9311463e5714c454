"""Measure the stored populations again: `make evidence`, or `python tools/evidence.py NAME`.

The networks of *Any network* take about half an hour on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rootkappa import devices
from rootkappa._files import write_atomically
from rootkappa.evidence.own_network import population
from rootkappa.evidence.own_network.networks import NETWORKS, SEEDS

ROOT = Path(__file__).resolve().parents[1]
OWN_NETWORK = ROOT / "lib" / "rootkappa" / "evidence" / "data" / "own_network.json"


def own_network(workers: int | None, path: Path = OWN_NETWORK) -> str:
    """Diagnose and train the networks of *Any network*, and store their table."""
    jobs = [(name, seed) for seed in SEEDS for name in NETWORKS]
    with ProcessPoolExecutor(workers or 1, get_context("spawn"), devices.set_up) as pool:
        rows = list(tqdm(pool.map(_record, jobs), total=len(jobs), desc="networks"))
    write_atomically(path, population.as_json(rows, _notes()))
    return f"{len(rows)} records: {path.relative_to(ROOT)} ({path.stat().st_size / 1e6:.2f} MB)"


def _record(job: tuple[str, int]) -> dict[str, Any]:
    return population.record(*job)


def _notes() -> dict[str, str]:
    what = f"{len(NETWORKS)} networks, {len(SEEDS)} seeds each: {population.WHAT}"
    environment = {name: str(value) for name, value in dict(devices.environment()).items()}
    return {"what": what, "precision": "float64, one thread a network"} | environment


POPULATIONS: Mapping[str, Callable[[int | None], str]] = {"own-network": own_network}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(POPULATIONS)}; all if left out")
    parser.add_argument("--workers", type=int, help="processes; one if left out")
    options = parser.parse_args()
    unknown = set(options.names) - set(POPULATIONS)
    if unknown:
        parser.error(f"no population {', '.join(unknown)}: use {', '.join(POPULATIONS)}")
    devices.set_up()
    for name in options.names or POPULATIONS:
        print(POPULATIONS[name](options.workers))


if __name__ == "__main__":
    main()
