"""Run a sweep: what is stored is kept, the rest is computed, failures are reported."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from rootkappa.sweeps import _engines
from rootkappa.sweeps._library import library
from rootkappa.sweeps.chunk import Outcome
from rootkappa.sweeps.grid import Chunk, Grid
from rootkappa.sweeps.store import Store
from rootkappa.sweeps.table import Table


class SweepWarning(UserWarning):
    """Some chunks of a sweep failed; the others are there."""


@dataclass(frozen=True)
class Failure:
    """A chunk that could not be computed.

    Args:
        specification: Of the chunk: give it to `sweeps.compute` to see the failure again.
        error: What went wrong, in a sentence.
    """

    specification: Mapping[str, Any]
    error: str


@dataclass(frozen=True)
class Result:
    """What a sweep has left behind so far.

    Args:
        specification: Of the grid.
        table: A record a run, in the order of the axes, the last one fastest.
        library: Which library computed the records.
        failures: The chunks that failed this time.
        workers: How many chunks each worker computed this time.
    """

    specification: Mapping[str, Any]
    table: Table
    library: str
    failures: tuple[Failure, ...] = ()
    workers: Mapping[str, int] | None = None

    @property
    def missing(self) -> int:
        """How many runs have no record."""
        axes = self.specification["axes"].values()
        return int(np.prod([len(labels) for labels in axes], dtype=np.int64)) - len(self.table)


def run(
    grid: Grid | Mapping[str, Any] | str | Path,
    executor: Executor | int | None = None,
    store: str | Path | None = None,
    progress: bool = True,
) -> Result:
    """Compute the records of a grid; the same bytes whoever computes them.

    Args:
        grid: The grid, its specification, or a TOML file with it.
        executor: Any executor of concurrent.futures, such as a ProcessPoolExecutor or
            `dask.distributed.Client(...).get_executor()`; a number of processes, which are
            replaced if they are lost; None for this process. Each worker uses one thread.
        store: A folder with a Parquet file a chunk. What it holds is not computed again.
        progress: Whether to draw a progress bar, which appears on a terminal only.

    Returns:
        The records, and the chunks that failed; these are also warned of.

    Raises:
        TypeError: If the specification is not plain data, or the executor is none.
        ValueError: If the specification names nothing, the store holds another grid or was written
            by another version, or the executor was shut down.
        OSError: If the store cannot be written.

    Example:
        >>> found = run({
        ...     "data": {"name": "gaussian", "d": 3, "n": 6, "kappa": 4},
        ...     "model": {"name": "DeepLinear", "depth": 2, "width": 32},
        ...     "method": {"name": "optimal_gradient_descent"},
        ...     "train": {"steps": 500, "tolerance": 1e-6},
        ...     "axes": {"seed": range(3)},
        ... })
        >>> found.table["status"].tolist()
        ['CONVERGED', 'CONVERGED', 'CONVERGED']
    """
    whole = _grid(grid)
    place = None if store is None else Store.open(store, whole)
    tables, left = _stored(whole, place)
    workers: Counter[str] = Counter()
    failures = []
    stored = sum(len(table) for table in tables)
    with tqdm(total=len(whole), initial=stored, disable=None if progress else True) as bar:
        for chunk, found in _engines.completed(left, executor):
            outcome = _checked(found)
            if isinstance(outcome, Exception):
                failures.append(Failure(chunk.specification, _sentence(outcome)))
                continue
            if place is not None:
                place.add(chunk, outcome.table)
            tables.append(outcome.table)
            workers[outcome.worker] += 1
            bar.update(len(chunk))
    _warn(failures, len(whole.chunks))
    table = _sorted(tables, whole.specification)
    return Result(whole.specification, table, library(), tuple(failures), dict(workers))


def read(store: str | Path) -> Result:
    """Read what a store holds, whichever version of the library wrote it.

    Args:
        store: The folder.

    Returns:
        The records that are there; `missing` says how many are not.

    Raises:
        ValueError: If the folder is no store.
    """
    found = Store.existing(store)
    table = _sorted(found.tables(), found.specification)
    return Result(found.specification, table, found.library)


def _grid(given: Grid | Mapping[str, Any] | str | Path) -> Grid:
    if isinstance(given, str | Path):
        return Grid.read(given)
    return given if isinstance(given, Grid) else Grid(given)


def _stored(grid: Grid, store: Store | None) -> tuple[list[Table], list[Chunk]]:
    if store is None:
        return [], list(grid.chunks)
    found = {chunk: store.get(chunk) for chunk in grid.chunks}
    there = [table for table in found.values() if table is not None]
    return there, [chunk for chunk, table in found.items() if table is None]


def _checked(found: Outcome | Exception) -> Outcome | Exception:
    if isinstance(found, Outcome) and found.table.notes["library"] != library():
        return RuntimeError(
            f"the worker {found.worker} has rootkappa {found.table.notes['library']} and this is "
            f"{library()}: install the same version there"
        )
    return found


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _warn(failures: Sequence[Failure], chunks: int) -> None:
    if failures:
        first = failures[0]
        warnings.warn(
            f"{len(failures)} of {chunks} chunks failed, the first with {first.error} See the "
            "failures of the result for their specifications.",
            SweepWarning,
            stacklevel=3,
        )


def _sorted(tables: Sequence[Table], specification: Mapping[str, Any]) -> Table:
    joined = Table.joined(tables)
    places = []
    for axis, values in specification["axes"].items():
        if len(joined):
            where = {label: place for place, label in enumerate(values)}
            places.append([where[label] for label in joined[axis].tolist()])
    return joined.take(np.lexsort(places[::-1])) if places else joined
