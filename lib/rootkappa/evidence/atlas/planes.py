"""The planes of step size and momentum: which networks, which runs, and what is kept of them."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rootkappa import draws, sweeps
from rootkappa.sweeps import Table

Array = npt.NDArray[Any]
Specification = Mapping[str, Any]
# Of kind, data, width or scale, and seeds: the records of each family.
Planes = Callable[[str, str, int, Sequence[int]], Mapping[str, Table]]
FAMILIES = ("heavy_ball", "nesterov")
ACCURACY = 1e-4
STEPS = 256
# eta lambda_max of the kernel at the start, and the momentum.
STEP_SIZES: Mapping[str, tuple[float, ...]] = {
    "heavy_ball": (
        *(0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0),
        *(3.25, 3.5, 3.75, 4.0, 4.5, 5.0, 6.0),
    ),
    "nesterov": (
        *(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.3, 1.4, 1.5),
        *(1.6, 1.8, 2.0, 2.3, 2.6),
    ),
}
MOMENTA = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
# A part of the plane, for claims that are measured afresh.
_FEW_STEP_SIZES: Mapping[str, tuple[float, ...]] = {
    "heavy_ball": (0.25, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5),
    "nesterov": (0.1, 0.3, 0.5, 0.7, 0.9, 1.1, 1.4, 1.8),
}
_FEW_MOMENTA = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
KAPPA = 25.0
DATA: Mapping[str, Mapping[str, Specification]] = {
    "linear": {
        "made": {"name": "gaussian", "d": 8, "k": 2, "n": 16, "kappa": KAPPA, "reduce": True},
        "digits": {"name": "digits", "form": "linear", "n": 200, "components": 10, "reduce": True},
    },
    "relu": {
        "made": {"name": "sphere", "d": 6, "n": 8},
        "digits": {"name": "digits", "n": 6},
    },
}


@dataclass(frozen=True)
class Kind:
    """Networks that differ in one number.

    Args:
        name: In words.
        data: Which of the data they see.
        model: Their architecture, but for that number.
        axis: What the number is: "width" or "scale".
        draws: How many draws there are in the stored population, by data and number.
    """

    name: str
    data: str
    model: Specification
    axis: str
    draws: Mapping[str, Mapping[int, int]]

    def of(self, value: int) -> Specification:
        """Give one architecture.

        Args:
            value: The number.

        Returns:
            Its table in a grid.
        """
        if self.axis == "scale":
            return {**self.model, "input_scale": float(value), "output_scale": float(value)}
        if self.model["name"] == "DeepReLU":
            return {**self.model, "widths": [value, value]}
        return {**self.model, "width": value}


_ORTHOGONAL = {"name": "DeepLinear", "depth": 3, "initialisation": "orthogonal", "reduce": True}
_RESNET = {"name": "LinearResNet", "depth": 4, "reduce": True}
_WIDTHS = {data: dict.fromkeys((16, 64, 256, 1024), 20) for data in ("made", "digits")}
_SCALES = {"made": dict.fromkeys((1, 3, 10), 20), "digits": {1: 20, 3: 20}}
_RELU = {"made": {16: 8, 64: 20, 256: 8, 1024: 3}, "digits": {16: 8, 64: 3}}
_DEEP_RELU = {"made": {16: 3, 64: 20}, "digits": {64: 4}}
_HELD = {"name": "DeepReLU", "frozen": [0, 1]}
_KINDS = (
    Kind("deep linear", "linear", _ORTHOGONAL, "width", _WIDTHS),
    Kind("linear ResNet", "linear", {**_RESNET, "width": 256}, "scale", _SCALES),
    Kind("two-layer ReLU", "relu", {"name": "TwoLayerReLU"}, "width", _RELU),
    Kind("deep ReLU", "relu", {"name": "DeepReLU"}, "width", _DEEP_RELU),
    # Controls, in which one thing is taken away.
    Kind("one layer", "linear", {"name": "DeepLinear", "depth": 1}, "width", {"made": {256: 20}}),
    Kind("linear ResNet, scale 1", "linear", _RESNET, "width", {"made": {64: 20, 512: 20}}),
    Kind("deep ReLU, hidden layers held", "relu", _HELD, "width", {"made": {64: 20}}),
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _KINDS}


def specification(
    kind: str, data: str, value: int, seeds: Sequence[int], few: bool = False
) -> dict[str, Any]:
    """Lay out one plane, under both families, as a grid of sweeps.

    Args:
        kind: A name of `KINDS`.
        data: "made" or "digits".
        value: The width or the scale.
        seeds: The draws of data and weights.
        few: Whether to take a part of the plane.

    Returns:
        The grid's specification; its axis "method" has labels such as "nesterov 0.5 0.9".
    """
    methods = {
        f"{family} {step:g} {beta:g}": {
            "name": family,
            "relative_step_size": step,
            "momentum": beta,
        }
        for family in FAMILIES
        for step in (_FEW_STEP_SIZES if few else STEP_SIZES)[family]
        for beta in (_FEW_MOMENTA if few else MOMENTA)
    }
    return laid_out(DATA[KINDS[kind].data][data], KINDS[kind].of(value), methods, seeds)


def laid_out(
    data: Specification, model: Specification, methods: Specification, seeds: Sequence[int]
) -> dict[str, Any]:
    """Lay out runs of some methods from the same draws, as a grid of sweeps.

    Args:
        data: The data's table.
        model: The architecture's table.
        methods: Tables of methods, by label.
        seeds: The draws.

    Returns:
        The grid's specification.
    """
    return {
        "data": data,
        "model": model,
        "axes": {"method": methods, "seed": seeds},
        "train": {"steps": STEPS, "tolerance": ACCURACY},
        "measure": {"steps_to": [ACCURACY], "kernel": True, "frozen": True},
        "chunk": len(methods),
    }


def plane(kind: str, data: str, value: int, seeds: Sequence[int]) -> dict[str, Table]:
    """Measure a part of one plane afresh.

    Args:
        kind: A name of `KINDS`.
        data: "made" or "digits".
        value: The width or the scale.
        seeds: The draws.

    Returns:
        A record a run, for each family.
    """
    table = _run(kind, data, value, tuple(seeds), os.environ.get(draws.SHIFT_VARIABLE))
    return of_families(table)


def of_families(table: Table) -> dict[str, Table]:
    """Part the records of a plane.

    Args:
        table: Records.

    Returns:
        Those of each family.
    """
    return {family: table.where(family=family) for family in FAMILIES}


@functools.lru_cache(maxsize=64)
def _run(kind: str, data: str, value: int, seeds: tuple[int, ...], shift: str | None) -> Table:
    # Several claims look at the same planes; the shift moves all draws.
    return tidy(swept(specification(kind, data, value, seeds, few=True)))


def tidy(table: Table) -> Table:
    """Keep what the atlas reads of the records of a plane.

    Args:
        table: Records of a sweep.

    Returns:
        Family, step size in units of 1/lambda_max, momentum, seed, status, rate, and forecast of
        the rate.
    """
    labels = [label.split() for label in table["method"].tolist()]
    return Table(
        {
            "family": np.array([family for family, _, _ in labels]),
            "step_size": np.array([float(step) for _, step, _ in labels]),
            "momentum": np.array([float(beta) for _, _, beta in labels]),
            "seed": table["seed"],
            "status": table["status"],
            "rate": table["rate"],
            "forecast": table["frozen_rate"],
        },
        table.notes,
    )


def swept(grid: Specification) -> Table:
    """Run a grid here.

    Args:
        grid: Its specification.

    Returns:
        A record a run.
    """
    return sweeps.run(grid, progress=False).table
