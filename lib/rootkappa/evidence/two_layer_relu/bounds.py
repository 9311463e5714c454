"""The bounds of the theorems and of their proofs, at widths far below the ones asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from rootkappa import theorems
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import by_draw, network, started
from rootkappa.ledger import Control
from rootkappa.training import Trajectory, grid

THEOREMS: dict[str, Any] = {
    "gradient_descent": theorems.ReluGradientDescent(),
    "heavy_ball": theorems.ReluHeavyBall(),
    "nesterov": theorems.ReluNesterov(),
}
# The narrowest is the control's.
TRIED = (4, 16, 64, 256, 1024, 4096)
_STEPS = 400
_RADII = (0.2, 0.1, 0.05, 0.02)
_PUSHED = 4096


@measures("two-layer-relu/nag-theorem")
def nag_theorem(seeds: Sequence[int]) -> Evidence:
    """Compare runs of Nesterov with the theorem's bound, at widths from 4 to 4096.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence; shown are the runs and the largest ratios, by width.
    """
    theorem = THEOREMS["nesterov"]
    runs = {width: raced(seeds, width, "nesterov") for width in TRIED}
    worst = {width: _ratios(seeds, of, width, 1) for width, of in runs.items()}
    wide, narrow = TRIED[-1], TRIED[0]
    reports = [theorem.check(network(seed, wide)) for seed in seeds]
    measured = {
        "ratio": worst[wide],
        "log10_asked": [math.log10(theorem.required_width(network(s, wide))) for s in seeds],
    }
    later = {"ratio": _ratios(seeds, runs[wide], wide, None)}
    shown = {"runs": runs, "worst": worst}
    control = Control(f"$m={narrow}$", {"ratio": worst[narrow]})
    return Evidence(measured, control, reports, later, shown)


@measures("two-layer-relu/flip-and-gram-bounds")
def flip_and_gram_bounds(seeds: Sequence[int]) -> Evidence:
    """Push every neuron towards the boundary of one sample, and count what may flip.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = by_draw([_pushed(seed, 1.0) for seed in seeds])
    close = by_draw([_pushed(seed, 0.1) for seed in seeds])
    what = "weights of a tenth of the size at the start"
    return Evidence(found, Control(what, {"flip_ratio": close["flip_ratio"]}))


def raced(seeds: Sequence[int], width: int, name: str) -> Trajectory:
    """Train every draw with the tuning of a theorem.

    Args:
        seeds: The seeds of the draws.
        width: m.
        name: The method.

    Returns:
        The runs.
    """
    tuning = THEOREMS[name].tuning

    def problem(seed: int) -> Any:
        return network(seed, width)

    def of_theorem(model: Any) -> Any:
        return tuning(model)

    return grid(problem, method=of_theorem, seed=seeds).train(_STEPS)


def _ratios(seeds: Sequence[int], runs: Trajectory, width: int, first: int | None) -> list[float]:
    # The largest ratio to the bound from step `first` on; from one time constant on if None.
    found = []
    for seed, run in zip(seeds, runs.by("seed").values(), strict=True):
        theorem, model = THEOREMS["nesterov"], network(seed, width)
        factor = theorem.rate(model)[1]
        since = math.ceil(1 / (1 - factor)) if first is None else first
        bound = theorem.bound(model, _STEPS)
        seen = theorem.measured(run)[0].nan_to_num(math.inf, math.inf)
        clear = (bound > 1e-12) & (torch.arange(_STEPS + 1) >= since)
        found.append(float((seen / bound)[clear].max()))
    return found


def _pushed(seed: int, size: float) -> dict[str, float]:
    model, (W, a) = started(seed, _PUSHED)
    W, X = size * W, model.X
    before, projections = model.tangent_kernel([W, a])[0], W[0] @ X
    flips, changes = [], []
    for R in _RADII:
        flips.append(float((projections.abs() <= R).sum(0).max()) / (4 * _PUSHED * R))
        aimed = W - R * torch.sign(projections[:, :1]) * X[:, 0]
        change = model.tangent_kernel([aimed, a])[0] - before
        changes.append(float(change.norm()) / (2 * X.shape[1] * R))
    return {"flip_ratio": max(flips), "gram_ratio": max(changes)}
