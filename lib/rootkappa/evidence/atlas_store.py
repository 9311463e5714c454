"""The stored population of the atlas: what it holds, how it is read, and the map for the site."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rootkappa import devices, draws
from rootkappa.evidence import atlas
from rootkappa.evidence.atlas import FAMILIES, Array, Planes
from rootkappa.sweeps import Table
from rootkappa.sweeps._library import library

_DIGITS = 4


def cells() -> Iterator[tuple[str, str, int, int]]:
    """List the planes of the atlas.

    Yields:
        Kind, data, width or scale, and the number of draws.
    """
    for kind in atlas.KINDS.values():
        for data, counts in kind.draws.items():
            for value, count in counts.items():
                yield kind.name, data, value, count


def labelled(kind: str, data: str, value: int, table: Table) -> Table:
    """Say of which plane the records are.

    Args:
        kind: A name of `KINDS`.
        data: "made" or "digits".
        value: The width or the scale.
        table: Its records.

    Returns:
        The same with three columns more.
    """
    labels = {"kind": kind, "data": data, "value": value}
    return Table({**{k: np.full(len(table), v) for k, v in labels.items()}, **table.columns})


def rounded(table: Table) -> Table:
    """Keep four digits of rates, to be small.

    Args:
        table: Records.

    Returns:
        The records as they are stored.
    """
    kept = {name: _significant(table[name]) for name in ("rate", "forecast")}
    return Table({**table.columns, **kept})


def _significant(values: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.abs(values))))
        short = np.round(values * scale) / scale
    return np.where(np.isfinite(short), short, np.where(values == 0, 0.0, np.nan))


def with_notes(table: Table) -> Table:
    """Say what the records are and what computed them.

    Args:
        table: Records.

    Returns:
        The same with notes, which stand in the metadata of their file.
    """
    first = atlas.specification("deep linear", "made", 16, [0])
    notes = {
        "planes": json.dumps(list(cells())),
        "specification of the first": json.dumps(first),
        "library": library(),
        "environment": json.dumps(dict(devices.environment())),
    }
    return Table(table.columns, notes)


def stored(path: str | Path) -> Planes:
    """Read planes from the stored population instead of measuring them.

    Args:
        path: The file that `tools/evidence.py` wrote.

    Returns:
        What the functions of the atlas take as `planes`: the whole plane of the draws asked for.
    """
    whole = Table.read(path)

    def plane(kind: str, data: str, value: int, seeds: Sequence[int]) -> dict[str, Table]:
        some = whole.where(kind=kind, data=data, value=value)
        chosen = some.take(np.flatnonzero(np.isin(some["seed"], list(seeds))))
        if len(np.unique(chosen["seed"])) < len(seeds):
            raise ValueError(
                f"the store holds {len(np.unique(some['seed']))} draws of {kind}, {data}, {value}, "
                f"and {len(seeds)} are wanted: ask for fewer, or measure afresh."
            )
        return atlas.of_families(chosen)

    return plane


def unless_shifted(planes: Planes) -> Planes:
    """Read stored planes, but measure afresh under a shift, which stored draws do not follow.

    Args:
        planes: The stored planes.

    Returns:
        They, or `atlas.plane`.
    """
    return planes if os.environ.get(draws.SHIFT_VARIABLE, "0") == "0" else atlas.plane


def compact(table: Table) -> str:
    """Give the map for the site: over the draws of each plane, medians at each point.

    Args:
        table: All records.

    Returns:
        JSON: the axes, and for each plane and family rows over the momentum of the median rate,
        its forecast, both in units of 1e-4, and the percentage of runs that converged.
    """
    planes = []
    for kind, data, value, count in cells():
        for family in FAMILIES:
            some = table.where(kind=kind, data=data, value=value, family=family)
            planes.append(
                {
                    "kind": kind,
                    "data": data,
                    "axis": atlas.KINDS[kind].axis,
                    "value": value,
                    "family": family,
                    "draws": count,
                    "rate": _whole(1e4 * grid_of(some, some["rate"])),
                    "forecast": _whole(1e4 * grid_of(some, some["forecast"])),
                    "converged": _whole(
                        100 * grid_of(some, some["status"] == "CONVERGED", np.nanmean)
                    ),
                }
            )
    content = {
        "step_sizes": dict(atlas.STEP_SIZES),
        "momenta": atlas.MOMENTA,
        "accuracy": atlas.ACCURACY,
        "steps": atlas.STEPS,
        "runs": len(table),
        "planes": planes,
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def grid_of(table: Table, values: Array, average: Any = np.nanmedian) -> Array:
    """Lay values out on the plane, averaged over the draws.

    Args:
        table: Records of one family.
        values: A number a run.
        average: How.

    Returns:
        A row a momentum, a column a step size; NaN where no run has a number.
    """
    betas, rows = np.unique(table["momentum"], return_inverse=True)
    steps, columns = np.unique(table["step_size"], return_inverse=True)
    found = np.full((len(betas), len(steps)), np.nan)
    place = rows * len(steps) + columns
    for point in np.unique(place):
        of_point = np.asarray(values[place == point], dtype=float)
        if not np.isnan(of_point).all():
            found.flat[point] = average(of_point)
    return found


def _whole(values: Array) -> list[list[int | None]]:
    return [[None if np.isnan(x) else round(float(x)) for x in row] for row in values]
