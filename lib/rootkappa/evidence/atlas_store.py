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
# Signs that need no escape in JSON and none in HTML; the rates they stand for, 10 to 1000 steps.
_LETTERS = "".join(chr(code) for code in range(35, 127) if chr(code) not in "&<>\\")
_LEAST, _RATIO = 0.009, 1.053
# The kinds after these are controls.
_NETWORKS, _OFTEN = 4, 8


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
    """Give the map for the site, a letter a point: medians over the draws of rate and forecast.

    Letter i stands for the rate least * ratio^i, within 3 %; a lower rate that is above 0 has the
    first letter, and one that is not has "!".

    Args:
        table: All records.

    Returns:
        JSON: axes, letters, and the planes that the map shows, each with two words a family, of the
        rate and of its forecast. A word has the rows of the momenta one after the other.
    """
    planes = []
    for kind, data, value in _on_the_map():
        name = f"{kind}, {data}, {atlas.KINDS[kind].axis} {value}"
        some = table.where(kind=kind, data=data, value=value)
        families = {family: some.where(family=family) for family in FAMILIES}
        words = {
            family: [_word(grid_of(of, of[what])) for what in ("rate", "forecast")]
            for family, of in families.items()
        }
        planes.append({"name": name, "draws": len(np.unique(some["seed"])), **words})
    content = {
        "step_sizes": dict(atlas.STEP_SIZES),
        "momenta": atlas.MOMENTA,
        "accuracy": atlas.ACCURACY,
        "steps": atlas.STEPS,
        "letters": _LETTERS,
        "least": _LEAST,
        "ratio": _RATIO,
        "planes": planes,
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def _on_the_map() -> Iterator[tuple[str, str, int]]:
    # What is drawn eight times and more; of the digits, which look alike, the widest.
    for kind in tuple(atlas.KINDS.values())[:_NETWORKS]:
        for data, counts in kind.draws.items():
            often = [value for value, count in counts.items() if count >= _OFTEN]
            for value in often if data == "made" else often[-1:]:
                yield kind.name, data, value


def _word(rates: Array) -> str:
    levels = np.round(np.log(np.maximum(rates, _LEAST) / _LEAST) / np.log(_RATIO)).astype(int)
    letters = np.array(list(_LETTERS))[np.minimum(levels, len(_LETTERS) - 1)]
    return "".join(np.where(rates > 0, letters, "!").ravel())


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
