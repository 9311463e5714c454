"""Measure the stored populations again: `make evidence`, or `python tools/evidence.py`.

The atlas takes about ten minutes on one core. Interrupt it whenever you like: what has
been computed stays in `_build/evidence`, and the same command goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from rootkappa import devices, sweeps
from rootkappa._files import write_atomically
from rootkappa.evidence import atlas, atlas_store
from rootkappa.sweeps import Table

ROOT = Path(__file__).resolve().parents[1]
PARQUET = ROOT / "book" / "data" / "atlas.parquet"
JSON = ROOT / "book" / "_static" / "data" / "atlas.json"


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


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, help="processes; none but this if left out")
    parser.add_argument("--folder", type=Path, default=ROOT / "_build" / "evidence" / "atlas")
    options = parser.parse_args()
    devices.set_up()
    table = atlas_store.with_notes(measure(options.folder, options.workers))
    table.write(PARQUET)
    JSON.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(JSON, atlas_store.compact(table))
    kept = [
        f"{path.relative_to(ROOT)} ({path.stat().st_size / 1e6:.2f} MB)" for path in (PARQUET, JSON)
    ]
    share = np.mean(table["status"] == "CONVERGED")
    print(f"{len(table)} runs, {share:.0%} converged: {', '.join(kept)}")


if __name__ == "__main__":
    main()
