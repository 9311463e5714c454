"""What the widths are that networks need, and how they grow with kappa, labels and depth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import torch

from rootkappa import theorems
from rootkappa.architectures import DeepLinear
from rootkappa.evidence.deep_linear.networks import INPUTS, inputs, labels, mean
from rootkappa.evidence.how_wide.drift import exponents, slow_change, tolerated_loss
from rootkappa.evidence.how_wide.networks import KINDS, Setting
from rootkappa.evidence.how_wide.population import (
    LOUD_AND_DEEP,
    LOUDEST,
    METHODS,
    Widths,
    afresh,
)
from rootkappa.evidence.how_wide.races import excess
from rootkappa.evidence.how_wide.thresholds import NEAR
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.theorems.report import Report

# Momentum's widths are fitted over these kappa, those of gradient descent over the others.
LARGE, SMALL = (64, 256, 1024, 4096), (4, 16, 64)
LOUD, QUIET = (8, 16, 32), (0.125, 0.25, 0.5)
# A multiple of the d + k units that any of these networks has.
PLENTY = 32
# Theorems with momentum: kind and method.
MOMENTUM = (("orthogonal", "heavy_ball"), ("gaussian", "nesterov"), ("resnet", "nesterov"))


def over(
    name: str,
    values: Sequence[float],
    usual: Setting,
    check: str,
    seeds: Sequence[int],
    widths: Widths,
) -> torch.Tensor:
    """Give the widths of a check along one axis.

    Args:
        name: The field of the setting that varies.
        values: Its values.
        usual: All other fields.
        check: The check.
        seeds: One a draw.
        widths: Where widths come from.

    Returns:
        A row a value, a column a draw.
    """
    settings = [Setting(**{**asdict(usual), name: x}) for x in values]
    return torch.stack([widths(setting, check, seeds) for setting in settings])


def mean_exponent(x: Sequence[float], found: torch.Tensor) -> tuple[float, tuple[float, float]]:
    """Give the mean over the draws of the exponent of each.

    Args:
        x: What is varied.
        found: Widths, a row each, a column a draw.

    Returns:
        The mean and Student's 95 % interval.
    """
    return mean(torch.tensor(exponents(x, found), dtype=torch.float64))


def of_kinds(
    method: str, kappas: Sequence[int], check: str, seeds: Sequence[int], widths: Widths
) -> dict[str, torch.Tensor]:
    """Give widths along kappa for all linear networks, of orthogonal ones for more draws.

    Args:
        method: A name of `METHODS`.
        kappas: kappa(X).
        check: The check.
        seeds: One a draw.
        widths: Where widths come from.

    Returns:
        By kind a row a kappa, a column a draw.
    """
    return {
        kind: over("kappa", kappas, Setting(kind, method), check, seeds, widths) for kind in KINDS
    }


def derived_tails(setting: Setting, kappas: Sequence[int], seeds: Sequence[int]) -> torch.Tensor:
    """Give the widths at which the derived drift of the slowest modes slows the tail by a tenth.

    Args:
        setting: Orthogonal networks, and their method.
        kappas: kappa(X).
        seeds: One a draw.

    Returns:
        A row a kappa, a column a draw.
    """
    rows = []
    for kappa in kappas:
        one = replace(setting, kappa=kappa)
        rows.append(-slow_change(one, seeds) / tolerated_loss(one, NEAR))
    return torch.stack(rows)


@measures("how-wide/nesterov-tail")
def nesterov_tail(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit the width from which Nesterov's tail follows the frozen kernel, and compare it.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """
    found = of_kinds("nesterov", LARGE, "tail", seeds, widths)
    derived = derived_tails(Setting(), LARGE, seeds)
    other = of_kinds("gradient_descent", SMALL, "tail", seeds, widths)
    return Evidence(
        {kind: mean_exponent(LARGE, one) for kind, one in found.items()}
        | {"ratio": ratios(found["orthogonal"], derived)},
        Control(
            "gradient descent",
            {kind: mean_exponent(SMALL, one) for kind, one in other.items()}
            | {"ratio": ratios(other["orthogonal"][-1:], derived[-1:])},
        ),
        shown={"widths": found, "derived": derived},
    )


def ratios(found: torch.Tensor, derived: torch.Tensor) -> list[float]:
    """Give the geometric means over an axis of the widths found over those derived.

    Args:
        found: A row a value, a column a draw.
        derived: The same.

    Returns:
        Means, one a draw.
    """
    means: list[float] = (found.log() - derived.clamp_min(1e-9).log()).mean(0).exp().tolist()
    return means


@measures("how-wide/gradient-descent-tail")
def gradient_descent_tail(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit the same width of gradient descent, which does not depend on kappa.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """
    usual = Setting(method="gradient_descent")
    found = over("kappa", SMALL, usual, "tail", seeds, widths)
    derived = derived_tails(usual, SMALL, seeds)
    other = over("kappa", LARGE, Setting(), "tail", seeds, widths)
    return Evidence(
        {"exponent": exponents(SMALL, found), "ratio": ratios(found[1:], derived[1:])},
        Control(
            "Nesterov's method",
            {
                "exponent": exponents(LARGE, other),
                "ratio": ratios(other[-1:], derived[-1:]),
            },
        ),
        shown={"widths": found, "derived": derived},
    )


@measures("how-wide/heavy-ball-path")
def heavy_ball_path(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit the width from which whole runs of heavy ball follow the frozen kernel.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """
    found, other = (
        of_kinds(method, LARGE, "path", seeds, widths) for method in ("heavy_ball", "nesterov")
    )

    def read(widths: dict[str, torch.Tensor]) -> dict[str, Any]:
        own = {"draw_by_draw": exponents(LARGE, widths["orthogonal"])}
        return own | {kind: mean_exponent(LARGE, one) for kind, one in widths.items()}

    return Evidence(
        read(found),
        Control("Nesterov's method", read(other)),
        shown={"heavy_ball": found, "nesterov": other},
    )


@measures("how-wide/training")
def training(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Find the width from which all three methods train, at any kappa.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """

    def worst(kind: str) -> list[float]:
        rows = [
            widths(Setting(kind, method, kappa), "trains", seeds)
            for method in METHODS
            for kappa in (SMALL if method == "gradient_descent" else (*SMALL, *LARGE[1:]))
        ]
        return _in_plenty(torch.stack(rows))

    loud = [
        widths(Setting(method=name, size=LOUDEST), "trains", seeds)
        for name in ("heavy_ball", "nesterov")
    ]
    kinds = ("orthogonal", "resnet")
    shouted = _in_plenty(torch.stack(loud))
    return Evidence(
        {kind: worst(kind) for kind in kinds},
        Control("labels 128 times as large", dict.fromkeys(kinds, shouted)),
    )


def _in_plenty(rows: torch.Tensor) -> list[float]:
    shares: list[float] = (rows.amax(0) / (PLENTY * (INPUTS + Setting().outputs))).tolist()
    return shares


@measures("how-wide/bounds")
def bounds(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Find the width from which the three theorems with momentum hold, at any kappa.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """
    rows = {
        f"{kind}_{method}": over("kappa", LARGE, Setting(kind, method), "bound", seeds, widths)
        for kind, method in MOMENTUM
    }
    still = Setting(kind="orthogonal", method="heavy_ball", kappa=LARGE[2])
    passes = excess(still, seeds, [2**20] * len(seeds), momentum=False) <= 1
    failing = torch.where(passes, 0.0, math.inf).tolist()
    return Evidence(
        {name: _in_plenty(found) for name, found in rows.items()},
        Control("momentum 0, at width $2^{20}$", dict.fromkeys(rows, failing)),
        hypotheses=[_reports(seed) for seed in seeds],
        shown={"widths": rows},
    )


def _reports(seed: int) -> list[Report]:
    # What the theorem on heavy ball says of a width that is enough.
    found = []
    for kappa in LARGE:
        X = inputs(kappa)
        width = PLENTY * (INPUTS + Setting().outputs)
        network = DeepLinear(X, labels(X, [seed])[0], width, 3, "orthogonal")
        found.append(theorems.OrthogonalHeavyBall().check(network))
    return found


@measures("how-wide/labels")
def label_sizes(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Fit how the widths of whole runs grow with the size of large labels.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """

    def fitted(sizes: Sequence[float]) -> dict[str, list[float]]:
        return {
            name: exponents(sizes, over("size", sizes, Setting(method=name), "path", seeds, widths))
            for name in METHODS
        }

    return Evidence(fitted(LOUD), Control("labels that are small", fitted(QUIET)))


@measures("how-wide/depth")
def depths(seeds: Sequence[int], widths: Widths = afresh) -> Evidence:
    """Compare the widths of orthogonal networks of depths 16 and 4.

    Args:
        seeds: The seeds of the draws.
        widths: Where widths come from.

    Returns:
        The evidence.
    """

    def ratios(deep: Setting) -> dict[str, list[float]]:
        found = {}
        for name in ("heavy_ball", "nesterov"):
            pair = [replace(one, method=name) for one in (deep, Setting(depth=4))]
            above, below = (widths(one, "path", seeds) for one in pair)
            found[name] = (above / below).tolist()
        return found

    loud = ratios(Setting(depth=8, size=LOUD_AND_DEEP))
    return Evidence(ratios(Setting(depth=16)), Control("labels 16 times as large", loud))
