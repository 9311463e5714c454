"""The stored population of widths: what it holds, and how it is measured and read."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import cache
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from rootkappa import devices, draws
from rootkappa.evidence.how_wide import relu
from rootkappa.evidence.how_wide.networks import KINDS, Setting
from rootkappa.evidence.how_wide.races import BOUNDS
from rootkappa.evidence.how_wide.thresholds import BOUND, OWN, thresholds
from rootkappa.sweeps import Table
from rootkappa.sweeps._library import library

METHODS = ("gradient_descent", "heavy_ball", "nesterov")
KAPPAS = (4, 16, 64, 256, 1024, 4096)
SIZES = (0.125, 0.25, 0.5, 1, 2, 4, 8, 16, 32)
OUTPUTS = (1, 2, 3, 6, 12)
LOUD_AND_DEEP, LOUDEST = 16, 128
DEPTHS = {"orthogonal": (2, 3, 4, 8, 16), "resnet": (2, 3, 4, 8), "gaussian": (3, 4, 5)}
# Of two-layer ReLU networks: the condition number of a pair, the size of the labels, and with the
# largest of these the numbers of pairs and of outputs.
RELU_KAPPAS, RELU_SIZES = (8, 12, 18), (0.1, 0.2, 0.4)
RELU_PAIRS, RELU_OUTPUTS = (2, 4, 8, 16, 32), (1, 2, 4, 8)
# Of a control: so many pairs have this condition number too.
RELU_CLOSER = (4, 8, 16)
DRAWS = 50
# Gradient descent takes kappa steps, and does not see it.
_MOST_KAPPA = {"orthogonal": 256, "gaussian": 64, "resnet": 64}
_MOST_BOUND = 64

Widths = Callable[[Setting, str, Sequence[int]], torch.Tensor]


def cells() -> Iterator[tuple[Setting, tuple[str, ...]]]:
    """List what is stored.

    Yields:
        A setting, and the checks whose widths are searched, each over `DRAWS` draws.
    """
    for kind in KINDS:
        for method in METHODS:
            for kappa in KAPPAS:
                setting = Setting(kind, method, kappa)
                if method != "gradient_descent" or kappa <= _MOST_KAPPA[kind]:
                    yield setting, OWN
                short = method != "gradient_descent" or kappa <= _MOST_BOUND
                if (kind, method) in BOUNDS and short:
                    yield setting, BOUND
    for method in METHODS:
        usual = Setting(method=method)
        for size in SIZES:
            if size != usual.size:
                yield replace(usual, size=size), OWN
        for outputs in OUTPUTS:
            if outputs != usual.outputs:
                yield replace(usual, outputs=outputs), OWN
        if method == "gradient_descent":
            continue
        # Labels of the controls.
        yield replace(usual, depth=8, size=LOUD_AND_DEEP), OWN
        yield replace(usual, size=LOUDEST), OWN
        for kind, depths in DEPTHS.items():
            for depth in depths:
                if depth != usual.depth:
                    yield replace(usual, kind=kind, depth=depth), OWN
    yield from _two_layers()


def close_pairs(axis: str, method: str) -> list[Setting]:
    """List the settings of two-layer ReLU networks along an axis.

    Args:
        axis: "kappa", the condition number of a pair; "size", that of the labels; with the largest
            labels "samples", the number of pairs, "closer", where as many pairs have so large a
            condition number, and "outputs".
        method: A name of `METHODS`.

    Returns:
        One a value.
    """
    loud = RELU_SIZES[-1]
    axes = {
        "kappa": [relu.usual(method, kappa) for kappa in RELU_KAPPAS],
        "size": [relu.usual(method, size=size) for size in RELU_SIZES],
        "samples": [relu.usual(method, size=loud, pairs=pairs) for pairs in RELU_PAIRS],
        "closer": [relu.usual(method, pairs, loud, pairs) for pairs in RELU_CLOSER],
        "outputs": [relu.usual(method, size=loud, outputs=k) for k in RELU_OUTPUTS],
    }
    return axes[axis]


def _two_layers() -> Iterator[tuple[Setting, tuple[str, ...]]]:
    for method in METHODS:
        still = method == "gradient_descent"
        for kappa in RELU_KAPPAS if still else RELU_KAPPAS[1:]:
            yield relu.usual(method, kappa), OWN
    descent, ball = "gradient_descent", "heavy_ball"
    axes = [close_pairs(axis, descent) for axis in ("size", "samples", "closer", "outputs")]
    usual = relu.usual(descent)
    for one in dict.fromkeys([*chain(*axes), close_pairs("outputs", ball)[-1]]):
        if one != usual:
            yield one, OWN
    for kappa in RELU_KAPPAS[1:]:
        yield relu.usual(kappa=kappa), BOUND


def measured(setting: Setting, checks: Sequence[str], seeds: Sequence[int]) -> Table:
    """Search the widths of one setting.

    Args:
        setting: What the networks are.
        checks: `OWN` or `BOUND`.
        seeds: One a draw.

    Returns:
        A record a check and a draw.
    """
    found = thresholds(setting, checks, seeds)
    rows = len(checks) * len(seeds)
    labels = {name: np.full(rows, value) for name, value in asdict(setting).items()}
    return Table(
        {
            **labels,
            "check": np.repeat(checks, len(seeds)),
            "seed": np.tile(seeds, len(checks)),
            "width": np.concatenate([found[check] for check in checks]),
        }
    )


def with_notes(table: Table) -> Table:
    """Say what the records are and what computed them.

    Args:
        table: Records.

    Returns:
        The same with notes, which stand in the metadata of their file.
    """
    notes = {
        "what": "the width from which a check holds, to a quarter of an octave",
        "library": library(),
        "environment": json.dumps(dict(devices.environment())),
    }
    return Table(table.columns, notes)


def afresh(setting: Setting, check: str, seeds: Sequence[int]) -> torch.Tensor:
    """Search the widths of one setting and one check.

    Args:
        setting: What the networks are.
        check: Of `OWN` or `BOUND`.
        seeds: One a draw.

    Returns:
        Widths, one a draw.
    """
    checks = BOUND if check in BOUND else OWN
    shift = os.environ.get(draws.SHIFT_VARIABLE, "0")
    found = _found(setting, checks, tuple(seeds), shift)[check]
    return torch.tensor(found, dtype=torch.float64)


@cache
def _found(
    setting: Setting, checks: tuple[str, ...], seeds: tuple[int, ...], shift: str
) -> dict[str, list[float]]:
    # Claims share settings, and a search finds all checks of one at once.
    return thresholds(setting, checks, seeds)


def stored(path: str | Path) -> Widths:
    """Read widths from the stored population, or search afresh under a shift of the draws.

    Args:
        path: The file that `tools/evidence.py` wrote.

    Returns:
        What the functions on widths take.
    """
    if os.environ.get(draws.SHIFT_VARIABLE, "0") != "0":
        return afresh
    whole = Table.read(path)

    def widths(setting: Setting, check: str, seeds: Sequence[int]) -> torch.Tensor:
        some = whole.where(**asdict(setting), check=check)
        by_seed = dict(zip(some["seed"].tolist(), some["width"].tolist(), strict=True))
        missing = [seed for seed in seeds if seed not in by_seed]
        if missing:
            raise ValueError(
                f"the store has no draw {missing[0]} of {check} for {setting}: ask for fewer, or "
                "search afresh."
            )
        return torch.tensor([by_seed[seed] for seed in seeds], dtype=torch.float64)

    return widths
