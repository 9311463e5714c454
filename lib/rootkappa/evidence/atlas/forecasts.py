"""Where the kernel of the start forecasts real runs, and where it does not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from rootkappa import datasets, dynamics, optimizers, rates, reductions
from rootkappa.evidence.atlas.planes import DATA, FAMILIES, Array, Planes, plane
from rootkappa.evidence.atlas.reading import (
    by_draw,
    misses,
    over_limit,
    ratios,
    right,
    stable,
    wide_and_narrow,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.sweeps import Table
from rootkappa.training import grid

_TUNINGS = {
    "gradient_descent": optimizers.classical_gradient_descent,
    "nesterov": optimizers.lazy_nesterov,
}


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
            for data in DATA["linear"]
            for family, table in planes("deep linear", data, width, seeds).items()
        }

    return wide_and_narrow(shares)


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


def _just_beyond(table: Table) -> Array:
    step = over_limit(table)
    return (step > 1.02) & (step < 1.5)


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
    part = {key: value for key, value in DATA["linear"]["made"].items() if key != "name"}
    part.pop("reduce")
    for seed in seeds:
        data = datasets.gaussian(**{**part, "kappa": 9.0}, seed=seed).reduced()
        networks = reductions.sample_orthogonal(data.X, data.Y, 16, 3, [seed])
        methods = {name: _TUNINGS[name] for name in found}
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
