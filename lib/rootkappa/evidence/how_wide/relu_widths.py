"""The widths of two-layer ReLU networks on close pairs, beside the derived loss of a pair."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from rootkappa import rates
from rootkappa.evidence.how_wide import relu
from rootkappa.evidence.how_wide.networks import Setting
from rootkappa.evidence.how_wide.population import (
    METHODS,
    RELU_KAPPAS,
    RELU_OUTPUTS,
    RELU_SIZES,
    Widths,
    afresh,
    close_pairs,
)
from rootkappa.evidence.how_wide.thresholds import NEAR
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import geometric_mean_of
from rootkappa.ledger import Control
from rootkappa.theorems import ReluNesterov

# The control's labels are so many times as large, at this share of the width of the tail.
_LOUDER, _HALF = 16, 0.5


def derived(axis: str, seeds: Sequence[int]) -> torch.Tensor:
    """Give the widths from which gradient descent's tail is right by the derived loss of the pairs.

    Args:
        axis: As for `population.close_pairs`.
        seeds: One a draw.

    Returns:
        A row a value, a column a draw.
    """
    along = close_pairs(axis, "gradient_descent")
    return torch.stack([relu.derived_tails(one, NEAR, seeds) for one in along])


def _fitted(x: Sequence[float], found: torch.Tensor) -> tuple[float, tuple[float, float]]:
    # One exponent of all draws; the interval knows which of them are the same.
    fit = rates.scaling_exponent(list(x), found)
    return fit.value, fit.interval


@measures("how-wide/relu-tail")
def relu_tail(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Compare the width of gradient descent's tail with the derived one, and fit how it grows.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence; shown are widths found and derived, by axis, and the exponent of labels.
    """
    told = {axis: derived(axis, seeds) for axis in ("kappa", "size")}

    def found(along: Sequence[Setting]) -> torch.Tensor:
        return torch.stack([widths(one, "tail", seeds) for one in along])

    steep, loud = (found(close_pairs(axis, "gradient_descent")) for axis in ("kappa", "size"))
    ball = found(close_pairs("kappa", "heavy_ball")[-1:])[0]

    def read(widest: torch.Tensor) -> dict[str, Any]:
        each = (widest / told["kappa"][-1]).tolist()
        return {"ratio": each, "steep": geometric_mean_of(each)}

    # The least eigenvalue of a pair is 1/(1 + kappa).
    shared = {
        "eigenvalue": _fitted([1 + kappa for kappa in RELU_KAPPAS], steep),
        "loud": geometric_mean_of((loud[-1] / told["size"][-1]).tolist()),
    }
    shown = {
        "found": {"kappa": steep, "size": loud},
        "derived": told,
        "labels": _fitted(RELU_SIZES, loud),
    }
    return Evidence(
        shared | read(steep[-1]), Control("heavy ball", shared | read(ball)), shown=shown
    )


@measures("how-wide/relu-samples")
def relu_samples(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit how the width of gradient descent's tail grows with the samples, beside the derived one.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence; shown are widths found and derived, and the exponent of those derived.
    """
    along, closer = (close_pairs(axis, "gradient_descent") for axis in ("samples", "closer"))
    told, told_closer = derived("samples", seeds), relu.derived_tails(closer[-1], NEAR, seeds)

    def read(along: Sequence[Setting], told: torch.Tensor) -> tuple[torch.Tensor, dict[str, Any]]:
        found = torch.stack([widths(one, "tail", seeds) for one in along])
        fitted = _fitted([2 * one.pairs for one in along], found)
        return found, {"samples": fitted} | _most(found[-1], told)

    found, measured = read(along, told[-1])
    return Evidence(
        measured,
        Control("pairs that come closer as they become more", read(closer, told_closer)[1]),
        shown={
            "found": found,
            "derived": told,
            "told": _fitted([2 * one.pairs for one in along], told),
        },
    )


@measures("how-wide/relu-outputs")
def relu_outputs(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit how the width of gradient descent's tail grows with the outputs, beside the derived one.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence, with the same shown.
    """
    along, balls = (close_pairs("outputs", name) for name in ("gradient_descent", "heavy_ball"))
    found = torch.stack([widths(one, "tail", seeds) for one in along])
    told, shared = derived("outputs", seeds), {"outputs": _fitted(RELU_OUTPUTS, found)}
    ball = widths(balls[-1], "tail", seeds)
    return Evidence(
        shared | _most(found[-1], told[-1]),
        Control("heavy ball", shared | _most(ball, told[-1])),
        shown={"found": found, "derived": told, "told": _fitted(RELU_OUTPUTS, told)},
    )


def _most(found: torch.Tensor, told: torch.Tensor) -> dict[str, Any]:
    # At the last value of an axis.
    each = (found / told).tolist()
    return {"most": geometric_mean_of(each), "ratio": each}


@measures("how-wide/relu-training")
def relu_training(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Compare the widths from which networks train, and obey the bound, with that of the tail.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence: shares of the derived width of gradient descent's tail, the largest over the
        condition numbers from the second on, where that width is far above the least.
    """
    kappas = RELU_KAPPAS[1:]
    settings = {kappa: relu.usual("gradient_descent", kappa) for kappa in kappas}
    frozen = {kappa: relu.derived_tails(one, NEAR, seeds) for kappa, one in settings.items()}

    def worst(check: str, methods: Sequence[str]) -> list[float]:
        rows = [
            widths(relu.usual(method, kappa), check, seeds) / frozen[kappa]
            for method in methods
            for kappa in kappas
        ]
        found: list[float] = torch.stack(rows).amax(0).tolist()
        return found

    loud = relu.usual(kappa=kappas[-1], size=_LOUDER * relu.usual().size)
    half = [round(_HALF * width) for width in frozen[kappas[-1]].tolist()]
    passes = {
        "trains": relu.race(loud, seeds, half).arrived,
        "bound": relu.excess(loud, seeds, half) <= 1,
    }
    failing = {name: torch.where(good, 0.0, math.inf).tolist() for name, good in passes.items()}
    theorem = ReluNesterov()
    reports = [
        theorem.check(relu.network(relu.usual(kappa=kappas[-1]), seed, width))
        for seed, width in zip(seeds, half, strict=True)
    ]
    return Evidence(
        {"trains": worst("trains", METHODS), "bound": worst("bound", ["nesterov"])},
        Control("labels 16 times as large, at half that width", failing),
        hypotheses=reports,
    )
