"""Measure the stored populations again: `make evidence`, or `python tools/evidence.py NAME`.

The atlas and the great widths of two-layer networks take about ten minutes each on one core, the
networks of *Any network* half an hour, and the widths of *How wide is wide?* three quarters of an
hour. Interrupt all but the networks whenever you like: what has been computed stays in
`_build/evidence`, and the same command goes on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rootkappa import devices, sweeps
from rootkappa._files import write_atomically
from rootkappa.evidence import atlas, atlas_store
from rootkappa.evidence.deep_linear import how_wide as linear
from rootkappa.evidence.how_wide import population as widths
from rootkappa.evidence.own_network import population
from rootkappa.evidence.own_network.networks import NETWORKS, SEEDS
from rootkappa.evidence.two_layer_relu import great_widths
from rootkappa.evidence.two_layer_relu import how_wide as relu
from rootkappa.sweeps import Table

ROOT = Path(__file__).resolve().parents[1]
PARQUET = ROOT / "book" / "data" / "atlas.parquet"
JSON = ROOT / "book" / "_static" / "data" / "atlas.json"
MOVING = {
    linear: ROOT / "book" / "_static" / "data" / "how-wide.json",
    relu: ROOT / "book" / "_static" / "data" / "how-wide-relu.json",
}
# Draws that are searched together.
_BLOCK = 20
WIDTHS = ROOT / "book" / "data" / "how_wide.parquet"
DATA = ROOT / "lib" / "rootkappa" / "evidence" / "data"
GREAT_WIDTHS = DATA / "great_widths.json"
OWN_NETWORK = DATA / "own_network.json"


def measure(folder: Path, workers: int | None) -> Table:
    """Run what is not in the folder yet, and give all records of the atlas."""
    tables = []
    for kind, data, value, draws in atlas_store.cells():
        grid = atlas.specification(kind, data, value, range(draws))
        store = folder / f"{kind}, {data}, {value}".replace(" ", "-")
        found = sweeps.run(grid, workers, store=store)
        if found.failures:
            raise RuntimeError(f"{kind}, {data}, {value}: {found.failures[0].error}")
        tables.append(atlas_store.labelled(kind, data, value, atlas.tidy(found.table)))
        print(f"{kind:30} {data:7} {value:5} {len(found.table):6} runs", flush=True)
    return atlas_store.rounded(Table.joined(tables))


def whole_plane(folder: Path, workers: int | None) -> str:
    """Measure the atlas, and store its table and its map."""
    table = atlas_store.with_notes(measure(folder / "atlas", workers))
    table.write(PARQUET)
    JSON.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(JSON, atlas_store.compact(table))
    share = np.mean(table["status"] == "CONVERGED")
    return f"{len(table)} runs, {share:.0%} converged: {_kept(PARQUET, JSON)}"


def moving_widths(_: Path, _workers: int | None) -> str:
    """Train networks of growing width, and store what their figure shows."""
    for kind, path in MOVING.items():
        write_atomically(path, kind.compact())
    return f"{len(linear.WIDTHS)} and {len(relu.WIDTHS)} widths: {_kept(*MOVING.values())}"


def how_wide(folder: Path, _: int | None) -> str:
    """Search the widths of *How wide is wide?*, a block of draws at a time, and store them."""
    jobs = [
        (setting, checks, range(first, min(first + _BLOCK, widths.DRAWS)))
        for setting, checks in widths.cells()
        for first in range(0, widths.DRAWS, _BLOCK)
    ]
    tables = []
    for setting, checks, block in tqdm(jobs, desc="widths"):
        words = "-".join(map(str, astuple(setting)))
        kept = folder / "how-wide" / f"{words}-{checks[0]}-{block[0]}"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            widths.measured(setting, checks, block).write(kept)
        tables.append(Table.read(kept))
    table = widths.with_notes(Table.joined(tables))
    table.write(WIDTHS)
    return f"{len(table)} widths: {_kept(WIDTHS)}"


def own_network(_: Path, workers: int | None) -> str:
    """Diagnose and train the networks of *Any network*, and store their table."""
    jobs = [(name, seed) for seed in SEEDS for name in NETWORKS]
    with ProcessPoolExecutor(workers or 1, get_context("spawn"), devices.set_up) as pool:
        rows = list(tqdm(pool.map(_record, jobs), total=len(jobs), desc="networks"))
    what = f"{len(NETWORKS)} networks, {len(SEEDS)} seeds each: {population.WHAT}"
    write_atomically(OWN_NETWORK, population.as_json(rows, _notes(what)))
    return f"{len(rows)} records: {_kept(OWN_NETWORK)}"


def _record(job: tuple[str, int]) -> dict[str, Any]:
    return population.record(*job)


def wide_networks(folder: Path, workers: int | None) -> str:
    """Train two-layer ReLU networks of up to ten million neurons, and store their table."""
    home, draws = folder / "great-widths", great_widths.DRAWS
    jobs = [(home, width, seed) for width, count in draws.items() for seed in range(count)]
    with ProcessPoolExecutor(workers or 1, get_context("spawn"), devices.set_up) as pool:
        found = list(tqdm(pool.map(_wide, jobs), total=len(jobs), desc="great widths"))
    rows = [row for some in found for row in some]
    what = f"{great_widths.STEPS} steps by three methods; draws by width: {draws}"
    write_atomically(GREAT_WIDTHS, population.as_json(rows, _notes(what), great_widths.KEYS))
    return f"{len(rows)} records: {_kept(GREAT_WIDTHS)}"


def _wide(job: tuple[Path, int, int]) -> list[dict[str, Any]]:
    folder, width, seed = job
    kept = folder / f"{width}-{seed}.json"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, json.dumps(great_widths.record(seed, width)))
    rows: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return rows


def _notes(what: str) -> dict[str, str]:
    environment = {name: str(value) for name, value in dict(devices.environment()).items()}
    return {"what": what, "precision": "float64, one thread a network"} | environment


def _kept(*paths: Path) -> str:
    return ", ".join(f"{p.relative_to(ROOT)} ({p.stat().st_size / 1e6:.2f} MB)" for p in paths)


POPULATIONS: Mapping[str, Callable[[Path, int | None], str]] = {
    "atlas": whole_plane,
    "how-wide": how_wide,
    "moving-widths": moving_widths,
    "own-network": own_network,
    "great-widths": wide_networks,
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of {', '.join(POPULATIONS)}; all if left out")
    parser.add_argument("--workers", type=int, help="processes; none but this if left out")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build" / "evidence")
    options = parser.parse_args()
    unknown = set(options.names) - set(POPULATIONS)
    if unknown:
        parser.error(f"no population {', '.join(unknown)}: use {', '.join(POPULATIONS)}")
    devices.set_up()
    for name in options.names or POPULATIONS:
        print(POPULATIONS[name](options.folder, options.workers))


if __name__ == "__main__":
    main()
