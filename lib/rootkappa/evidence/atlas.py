"""The atlas: real runs over the plane of step size and momentum, beside the frozen kernel.

A run is read by its rate: by how many factors e a step the residual falls on its way to `ACCURACY`.
The forecast is the rate of the same method, from the same start, on the kernel of the start. Step
sizes are in units of 1/lambda_max of that kernel.

The populations here are fresh and small; `tools/evidence.py` measures and stores the large one.
"""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rootkappa import datasets, draws, dynamics, optimizers, rates, reductions, sweeps
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.sweeps import Table
from rootkappa.training import grid

Array = npt.NDArray[Any]
Specification = Mapping[str, Any]
# Of kind, data, width or scale, and seeds: the records of each family.
Planes = Callable[[str, str, int, Sequence[int]], Mapping[str, Table]]

FAMILIES = ("heavy_ball", "nesterov")
ACCURACY = 1e-4
STEPS = 256
# "Right" is within this share of the forecast.
CLOSE = 0.05

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

_KAPPA = 25.0
_DATA: Mapping[str, Mapping[str, Specification]] = {
    "linear": {
        "made": {"name": "gaussian", "d": 8, "k": 2, "n": 16, "kappa": _KAPPA, "reduce": True},
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
    return _grid(_DATA[KINDS[kind].data][data], KINDS[kind].of(value), methods, seeds)


def _grid(
    data: Specification, model: Specification, methods: Specification, seeds: Sequence[int]
) -> dict[str, Any]:
    return {
        "data": data,
        "model": model,
        "axes": {"method": methods, "seed": seeds},
        "train": {"steps": STEPS, "tolerance": ACCURACY},
        "measure": {"steps_to": [ACCURACY], "kernel": True, "frozen": True},
        "chunk": len(methods),
    }


def stable(table: Table) -> Array:
    """Say which runs the kernel at the start predicts to converge.

    Args:
        table: Records.

    Returns:
        A boolean a run: below the stability limit every eigenvalue of the spectrum has a radius
        below 1.
    """
    return over_limit(table) < 1 - 1e-12


def relative(table: Table) -> Array:
    """Give the rate of each run over its forecast.

    Args:
        table: Records.

    Returns:
        A number a run; 1 where the forecast is right, NaN where it overflows.
    """
    return np.asarray(table["rate"] / table["forecast"])


def right(table: Table) -> Array:
    """Say which runs have a rate within `CLOSE` of their forecast.

    Args:
        table: Records.

    Returns:
        A boolean a run.
    """
    return np.asarray(np.abs(relative(table) - 1) <= CLOSE)


def over_limit(table: Table) -> Array:
    """Give step sizes in units of the largest stable one, (2 + 2 beta)/(1 + 2 gamma).

    Args:
        table: Records.

    Returns:
        A number a run; 1 on the frontier.
    """
    beta = table["momentum"]
    limit = (2 + 2 * beta) / (1 + 2 * beta * (table["family"] == "nesterov"))
    return np.asarray(table["step_size"] / limit)


def by_draw(table: Table, values: Array, among: Array) -> list[float]:
    """Average over the chosen runs of each draw.

    Args:
        table: Records.
        values: A number or a boolean a run.
        among: Which runs count.

    Returns:
        A mean a seed, in the order of the seeds.
    """
    seeds = table["seed"]
    return [float(values[among & (seeds == seed)].mean()) for seed in np.unique(seeds)]


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
    return tidy(_swept(specification(kind, data, value, seeds, few=True)))


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


def _swept(grid: Specification) -> Table:
    return sweeps.run(grid, progress=False).table


@measures("atlas/share-right")
def share_right(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Measure the share of the stable plane on which the forecast is right, wide and narrow.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """

    def shares(width: int) -> dict[str, list[float]]:
        return {
            f"{data}_{family}": by_draw(table, right(table), stable(table))
            for data in _DATA["linear"]
            for family, table in planes("deep linear", data, width, seeds).items()
        }

    return Evidence(shares(1024), Control("the same networks of width 16", shares(16)))


@measures("atlas/width-exponent")
def width_exponent(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Measure how the median miss of the forecast falls with the width.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """

    def falls(found: Mapping[int, Mapping[str, Table]]) -> dict[str, list[float]]:
        widths, quantities = np.log(list(found)), {}
        for family in FAMILIES:
            each = [misses(tables[family]) for tables in found.values()]
            slopes = [np.polyfit(widths, np.log(draw), 1)[0] for draw in zip(*each, strict=True)]
            quantities[family] = [float(slope) for slope in slopes]
            quantities[f"{family}_miss"] = each[-1]
        return quantities

    deep = {m: planes("deep linear", "made", m, seeds) for m in (16, 256)}
    still = {m: planes("linear ResNet, scale 1", "made", m, seeds) for m in (64, 512)}
    what = "linear ResNets, whose maps keep their scale at any width"
    return Evidence(falls(deep), Control(what, falls(still)))


@measures("atlas/best-tuning")
def best_tuning(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Compare the best measured tuning of the plane with the one that the forecast calls best.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """

    def found(width: int) -> dict[str, list[float]]:
        tables = [planes("deep linear", data, width, seeds) for data in _DATA["linear"]]
        quantities = {}
        for family in FAMILIES:
            of_each = [[best_of(one) for one in _draws(two[family])] for two in tables]
            both = list(zip(*of_each, strict=True))
            quantities[f"{family}_loss"] = [max(one.loss for one in draw) for draw in both]
            quantities[f"{family}_momentum"] = [max(one.distance for one in draw) for draw in both]
        return quantities

    return Evidence(found(1024), Control("the same networks of width 16", found(16)))


@measures("atlas/beyond-the-limit")
def beyond_the_limit(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Count the runs that converge beyond the stability limit of the kernel at the start.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """

    def beyond(tables: Mapping[str, Table]) -> dict[str, list[float]]:
        return {
            family: by_draw(table, table["status"] == "CONVERGED", _just_beyond(table))
            for family, table in tables.items()
        }

    deep = planes("deep linear", "made", 256, seeds)
    one = planes("one layer", "made", 256, seeds)
    return Evidence(beyond(deep), Control("one layer, whose kernel cannot move", beyond(one)))


@measures("atlas/paper-tunings")
def paper_tunings(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Measure by how much the tunings of the papers miss the best of the plane.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """
    wide, narrow = _papers(1024, seeds, planes), _papers(16, seeds, planes)
    return Evidence(wide, Control("the same networks of width 16", narrow))


@measures("atlas/wrong-kappa")
def wrong_kappa(seeds: Sequence[int]) -> Evidence:
    """Measure what the papers' tunings cost when they are told a wrong condition number.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    wide, narrow = _costs(1024, seeds), _costs(16, seeds)
    return Evidence(wide, Control("the same networks of width 16", narrow))


@measures("atlas/flat-radius")
def flat_radius(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Compare how much of the plane each method keeps where the kernel moves.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """
    found = planes("deep linear", "digits", 64, seeds)
    what = "no momentum, where both are gradient descent"
    relu = planes("two-layer ReLU", "made", 64, seeds)
    return Evidence(
        {"advantage": advantage(found)},
        Control(what, {"advantage": advantage(found, momentum=False)}),
        shown={"two-layer ReLU": advantage(relu)},
    )


def advantage(found: Mapping[str, Table], momentum: bool = True) -> list[float]:
    """Subtract the share of the plane that Nesterov keeps from that of heavy ball.

    Args:
        found: The records of each family.
        momentum: Whether to look at the plane above beta = 0, or at its edge, where the two
            families have one step size in common.

    Returns:
        A number a draw.
    """
    shares = []
    for family in FAMILIES:
        table = found[family]
        among = stable(table) & ((table["momentum"] > 0) == momentum)
        among &= momentum | (table["step_size"] == 0.5)
        shares.append(by_draw(table, right(table), among))
    return [flat - steep for flat, steep in zip(*shares, strict=True)]


@measures("atlas/direction")
def direction(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Say whether ReLU networks end faster or slower than the kernel of their start.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """
    two = planes("two-layer ReLU", "made", 64, seeds)["nesterov"]
    deep = planes("deep ReLU", "made", 64, seeds)["nesterov"]
    held = planes("deep ReLU, hidden layers held", "made", 64, seeds)["nesterov"]
    return Evidence(
        {"two_layer": ratios(two), "deep": ratios(deep)},
        Control("the deep networks with their hidden layers held", {"deep": ratios(held)}),
    )


@measures("atlas/kernel-at-the-end")
def kernel_at_the_end(seeds: Sequence[int]) -> Evidence:
    """Compare the tail of narrow networks with the kernel at their end.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found: dict[str, list[float]] = {"gradient_descent": [], "nesterov": []}
    before: dict[str, list[float]] = {name: [] for name in found}
    part = {key: value for key, value in _DATA["linear"]["made"].items() if key != "name"}
    part.pop("reduce")
    for seed in seeds:
        data = datasets.gaussian(**{**part, "kappa": 9.0}, seed=seed).reduced()
        networks = reductions.sample_orthogonal(data.X, data.Y, 16, 3, [seed])
        methods = {name: getattr(optimizers, _PAPERS[name]) for name in found}
        run = grid(networks, method=methods).train(2000, tolerance=1e-9, keep_residuals=True)
        ends = run.model.spectra(run.weights)
        starts = run.model.spectra(run.start)
        assert run.residuals is not None
        for row, name in enumerate(found):
            # The first third is left out: there the kernel moves most.
            last = int(run.stopped_at[row])
            late = run.residuals[row][last // 3 : last + 1]
            tail = rates.tail_factor(late, run.methods[row], from_rest=False).factor
            for listed, spectrum in ((found, ends[row]), (before, starts[row])):
                radius = float(dynamics.spectral_radius(run.methods[row], spectrum).max())
                ratio = math.log(tail) / math.log(radius)
                listed[name].append(ratio if math.isfinite(ratio) else math.inf)
    return Evidence(found, Control("the kernel at the start", before))


def misses(table: Table) -> list[float]:
    """Give the median relative miss of the forecast on the stable plane of each draw.

    Args:
        table: Records.

    Returns:
        A number a seed.
    """
    return [float(np.median(np.abs(relative(one) - 1)[stable(one)])) for one in _draws(table)]


def ratios(table: Table) -> list[float]:
    """Give the median of rate over forecast on the stable plane of each draw.

    Args:
        table: Records.

    Returns:
        A number a seed.
    """
    return [float(np.median(relative(one)[stable(one)])) for one in _draws(table)]


def _draws(table: Table) -> list[Table]:
    return [table.where(seed=seed) for seed in np.unique(table["seed"])]


class Best(NamedTuple):
    """The best measured tuning of a plane beside the one that the forecast calls best.

    Args:
        measured: The row of the fastest run that converged.
        told: The row of the fastest forecast among those that are stable.
        loss: The rate of the first over the rate measured at the second.
        distance: Of the two in momentum.
    """

    measured: int
    told: int
    loss: float
    distance: float


def best_of(table: Table) -> Best:
    """Find the best tuning of one draw.

    Args:
        table: Records of one family and one draw.

    Returns:
        The best.
    """
    found = np.where(table["status"] == "CONVERGED", table["rate"], 0.0)
    forecast = np.where(stable(table), table["forecast"], 0.0)
    best, told = int(found.argmax()), int(forecast.argmax())
    loss = float(found[best] / found[told]) if found[told] > 0 else math.inf
    distance = abs(table["momentum"][best] - table["momentum"][told])
    return Best(best, told, loss, float(distance))


_PAPERS = {
    "gradient_descent": "classical_gradient_descent",
    "heavy_ball": "modular_heavy_ball",
    "nesterov": "lazy_nesterov",
}
_TOLD = {"quarter": 0.25, "truth": 1.0, "fourfold": 4.0}


def _tuned(kappa: float, width: int, methods: Specification, seeds: Sequence[int]) -> Table:
    data = {**_DATA["linear"]["made"], "kappa": kappa}
    return _swept(_grid(data, KINDS["deep linear"].of(width), methods, seeds))


def _papers(width: int, seeds: Sequence[int], planes: Planes) -> dict[str, list[float]]:
    methods = {name: {"name": tuning} for name, tuning in _PAPERS.items()}
    papers = _tuned(_KAPPA, width, methods, seeds)
    whole = dict(planes("deep linear", "made", width, seeds))
    whole["gradient_descent"] = whole["heavy_ball"].where(momentum=0.0)
    found = {}
    for name in _PAPERS:
        own, pairs = papers.where(method=name), [_fastest(one) for one in _draws(whole[name])]
        best, told = map(np.array, zip(*pairs, strict=True))
        cost, forecast = best / own["rate"], told / own["frozen_rate"]
        found[name], found[f"{name}_over_forecast"] = cost.tolist(), (cost / forecast).tolist()
    return found


def _fastest(table: Table) -> tuple[float, float]:
    # Among the runs forecast to converge: the best rate, and the best forecast.
    inner = stable(table)
    return float(table["rate"][inner].max()), float(table["forecast"][inner].max())


def _costs(width: int, seeds: Sequence[int]) -> dict[str, list[float]]:
    methods = {
        f"{name} {told}": {"name": _PAPERS[name], "kappa_factor": factor}
        for name in FAMILIES
        for told, factor in _TOLD.items()
    }
    table = _tuned(64.0, width, methods, seeds)
    found = {}
    for name in FAMILIES:
        truth = table.where(method=f"{name} truth")
        for told in ("quarter", "fourfold"):
            own = table.where(method=f"{name} {told}")
            cost = truth["rate"] / own["rate"]
            forecast = truth["frozen_rate"] / own["frozen_rate"]
            found[f"{name}_{told}"] = cost.tolist()
            found[f"{name}_{told}_over_forecast"] = (cost / forecast).tolist()
    return found


def _just_beyond(table: Table) -> Array:
    step = over_limit(table)
    return (step > 1.02) & (step < 1.5)
