"""The tunings of the papers, and of the forecast, beside the best of the plane."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rootkappa.evidence.atlas.planes import (
    DATA,
    FAMILIES,
    KAPPA,
    KINDS,
    Planes,
    Specification,
    laid_out,
    plane,
    swept,
)
from rootkappa.evidence.atlas.reading import best_of, each_draw, stable, wide_and_narrow
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.sweeps import Table

PAPERS = {
    "gradient_descent": "classical_gradient_descent",
    "heavy_ball": "modular_heavy_ball",
    "nesterov": "lazy_nesterov",
}
_TOLD = {"quarter": 0.25, "truth": 1.0, "fourfold": 4.0}


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
        tables = [planes("deep linear", data, width, seeds) for data in DATA["linear"]]
        quantities = {}
        for family in FAMILIES:
            of_each = [[best_of(one) for one in each_draw(two[family])] for two in tables]
            both = list(zip(*of_each, strict=True))
            quantities[f"{family}_loss"] = [max(one.loss for one in draw) for draw in both]
            quantities[f"{family}_momentum"] = [max(one.distance for one in draw) for draw in both]
        return quantities

    return wide_and_narrow(found)


@measures("atlas/paper-tunings")
def paper_tunings(seeds: Sequence[int], planes: Planes = plane) -> Evidence:
    """Measure by how much the tunings of the papers miss the best of the plane.

    Args:
        seeds: The seeds of the draws.
        planes: Where the runs come from: they are made afresh, or read from a store.

    Returns:
        The evidence.
    """
    return wide_and_narrow(lambda width: _papers(width, seeds, planes))


@measures("atlas/wrong-kappa")
def wrong_kappa(seeds: Sequence[int]) -> Evidence:
    """Measure what the papers' tunings cost when they are told a wrong condition number.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    return wide_and_narrow(lambda width: _costs(width, seeds))


def _tuned(kappa: float, width: int, methods: Specification, seeds: Sequence[int]) -> Table:
    data = {**DATA["linear"]["made"], "kappa": kappa}
    return swept(laid_out(data, KINDS["deep linear"].of(width), methods, seeds))


def _papers(width: int, seeds: Sequence[int], planes: Planes) -> dict[str, list[float]]:
    methods = {name: {"name": tuning} for name, tuning in PAPERS.items()}
    papers = _tuned(KAPPA, width, methods, seeds)
    whole = dict(planes("deep linear", "made", width, seeds))
    whole["gradient_descent"] = whole["heavy_ball"].where(momentum=0.0)
    found = {}
    for name in PAPERS:
        own, pairs = papers.where(method=name), [_fastest(one) for one in each_draw(whole[name])]
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
        f"{name} {told}": {"name": PAPERS[name], "kappa_factor": factor}
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
