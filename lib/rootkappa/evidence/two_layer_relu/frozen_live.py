"""The frozen-live reduction: that it is exact, what it costs, and what it shows at great widths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from rootkappa import kernels, rates
from rootkappa.architectures import TwoLayerReLU, Weights
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.great_widths import DRAWS, STEPS, column
from rootkappa.evidence.two_layer_relu.networks import (
    METHODS,
    by_draw,
    inputs,
    mean_of,
    network,
    residuals_of,
)
from rootkappa.evidence.two_layer_relu.widths import WIDTHS, Sweep, sweep
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.problems import Spectrum
from rootkappa.reductions import CountedNeurons
from rootkappa.reductions.frozen_live.bounds import Bounds, Hull
from rootkappa.reductions.frozen_live.forecast import Flow, Forecast, within_reach
from rootkappa.reductions.frozen_live.network import FrozenLive, Start
from rootkappa.reductions.frozen_live.neurons import StoredNeurons, together
from rootkappa.reductions.frozen_live.passes import survey
from rootkappa.training import train

# Widths of which all draws are stored.
FULL = tuple(width for width, count in DRAWS.items() if count == max(DRAWS.values()))
# What shrinks with the width, and how in the limit.
LAWS = {"trajectory": -0.5, "movement": -0.5, "field": -0.25}
_SEEDS = range(max(DRAWS.values()))
_EXACT, _STEPS = 512, 96
_CARELESS = 0.02


class CarelessBounds(Bounds):
    """Certificates of a fiftieth of the size that is proven: the control."""

    def reach(self, x: np.ndarray) -> np.ndarray:
        """Bound too little.

        Args:
            x: As in `Bounds`.

        Returns:
            A part of the bound.
        """
        return _CARELESS * super().reach(x)

    def hull_reach(self, hull: Hull) -> np.ndarray:
        """Bound too little.

        Args:
            hull: As in `Bounds`.

        Returns:
            A part of the bound.
        """
        return _CARELESS * super().hull_reach(hull)


@measures("two-layer-relu/frozen-live-exact")
def exactness(seeds: Sequence[int]) -> Evidence:
    """Compare reduced runs with direct ones, and their lifted weights with what they say.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence: of the methods the largest differences.
    """

    def farthest(bounds: type[Bounds]) -> dict[str, list[float]]:
        return by_draw([_differences(seed, bounds) for seed in seeds])

    control = Control("certificates of a fiftieth of the size", farthest(CarelessBounds))
    return Evidence(farthest(Bounds), control)


@measures("two-layer-relu/live-pairs")
def live_pairs(swept: Sweep | None = None) -> Evidence:
    """Fit how the number of flipped pairs grows with the width, from 10^4 on.

    Args:
        swept: The sweep over smaller widths, with mean-field networks among them, if it is at hand.

    Returns:
        The evidence, from the stored table; shown are all pairs that ever flipped over n sqrt(m),
        by method.
    """
    swept = sweep(_SEEDS) if swept is None else swept
    flat = [1 + _slope(WIDTHS, row) for row in swept.mean_field["flips"][:, 0].numpy()]
    measured: dict[str, Any] = {"flipped": [1 + one for one in _farthest("flips", -0.5)]}
    value, ends = mean_exponent("flips", -0.5)
    measured["mean_flipped"] = 1 + value, tuple(1 + end for end in ends)
    over = len(inputs(0).X.T) * np.sqrt(np.array(list(DRAWS)))
    shown = {
        name: [column("ever", name, [m])[:, 0] / size for m, size in zip(DRAWS, over, strict=True)]
        for name in METHODS
    }
    return Evidence(
        measured, Control("the factor $1/m$, mean field", {"flipped": flat}), shown=shown
    )


@measures("two-layer-relu/great-widths")
def wide_laws(swept: Sweep | None = None) -> Evidence:
    """Fit what shrinks with the width from 10^4 on, and check the lifted weights at each of them.

    Args:
        swept: The sweep over smaller widths, with mean-field networks among them, if it is at hand.

    Returns:
        The evidence, from the stored table.
    """
    swept = sweep(_SEEDS) if swept is None else swept
    measured: dict[str, Any] = {}
    for what, law in LAWS.items():
        measured[what] = _farthest(what, law)
        measured[f"mean_{what}"] = mean_exponent(what, law)
    audits = np.stack([column("audit", name, FULL).max(1) for name in METHODS])
    measured["audit"] = audits.max(0).tolist()
    widest = [column("audit", name, [m]).max() for name in METHODS for m in DRAWS]
    flat = [_slope(WIDTHS, row) for row in swept.mean_field["movement"][:, 0].numpy()]
    control = Control("the factor $1/m$, mean field", {"movement": flat})
    return Evidence(measured, control, shown={"audit": max(widest)})


@measures("two-layer-relu/frozen-live-cost")
def cost() -> Evidence:
    """Fit how the lists of the reduction grow with the width, and judge its forecast.

    Returns:
        The evidence, from the stored table.
    """
    told = np.stack([column("expected", n, FULL) / column("warm", n, FULL) for n in METHODS])
    passes = np.stack([column("passes", name, FULL).max(1) for name in METHODS])
    measured = {
        "warm": _farthest("warm", 0.5),
        "hot": _farthest("hot", 0.5),
        "passes": passes.max(0).tolist(),
        "told": [float(draw.flat[np.abs(np.log(draw)).argmax()]) for draw in told.swapaxes(0, 1)],
    }
    loud = [_slope(WIDTHS, np.array([_expected(seed, m) for m in WIDTHS])) for seed in _SEEDS]
    return Evidence(measured, Control(r"labels that grow like $\sqrt m$", {"warm": loud}))


def trained_outer(seed: int) -> float:
    """Say how far a run of gradient descent is from that with trained outer weights.

    Args:
        seed: The seed of the draw.

    Returns:
        The largest distance of the residuals within 96 steps, over the start.
    """
    fixed = network(seed, _EXACT)
    free = TwoLayerReLU(fixed.X, fixed.Y, _EXACT, train_output=True)
    method = METHODS["gradient_descent"](Spectrum.of(kernels.relu_limit(fixed.X)))
    start = fixed.initialise([seed])
    one, two = (
        residuals_of(train(model, method, start, _STEPS, keep_residuals=True))
        for model in (fixed, free)
    )
    return float((one - two).norm(dim=1).max() / one[0].norm())


def _differences(seed: int, bounds: type[Bounds]) -> dict[str, float]:
    # Of three methods the largest, over the residual at the start.
    model = network(seed, _EXACT)
    weights = model.initialise([seed])
    spectrum = Spectrum.of(kernels.relu_limit(model.X))
    found = []
    for tuning in METHODS.values():
        method = tuning(spectrum)
        run = train(model, method, weights, _STEPS, keep_residuals=True)
        xi, size = residuals_of(run), float(run.residual_norms[0, 0])
        ours = _start(model, weights, bounds, method)
        seen = [ours.residual[:, 0]]
        for t in range(1, _STEPS + 1):
            ours.advance(t)
            seen.append(ours.residual[:, 0])
        lifted = [layer[None] for layer in together(ours.state().blocks(), model)]
        outputs = model.residual(lifted)[0, 0] - torch.from_numpy(seen[-1])
        apart = (torch.from_numpy(np.array(seen)) - xi).norm(dim=1).max()
        moved = (lifted[0] - run.weights[0]).norm() / (run.weights[0] - weights[0]).norm()
        found.append((float(apart) / size, float(moved), float(outputs.norm()) / size))
    return dict(zip(("residuals", "weights", "audit"), map(max, *found), strict=True))


def _start(
    model: TwoLayerReLU, weights: Weights, bounds: type[Bounds], method: Method
) -> FrozenLive:
    neurons, inside = StoredNeurons(weights[0][0], weights[1][0]), bounds(model.inputs.numpy())
    labels, shares = model.Y.numpy().T, np.ones((_STEPS, model.Y.shape[1]))
    start = Start(neurons, inside, model.factor, labels, *survey(neurons, inside, model.factor))
    path, _ = Flow.resting(method, start.outputs - labels, start.kernel).path(shares)
    return FrozenLive(start, method, within_reach(path, inside), shares)


def _expected(seed: int, width: int) -> int:
    # Warm pairs of gradient descent, if labels grow with the width.
    data = inputs(seed)
    model = TwoLayerReLU(data.X, math.sqrt(width) * data.Y, width)
    method = METHODS["gradient_descent"](Spectrum.of(kernels.relu_limit(data.X)))
    neurons, bounds = CountedNeurons([seed]).of(model, 0), Bounds(data.X.numpy())
    outputs, kernel = survey(neurons, bounds, model.factor)
    flow = Flow.resting(method, outputs - model.Y.numpy().T, kernel)
    path, _ = flow.path(np.ones((STEPS, len(outputs))))
    return Forecast.of(neurons, bounds, model.factor, within_reach(path, bounds)).pairs


def _slope(widths: Sequence[int], values: np.ndarray) -> float:
    return rates.scaling_exponent(widths, values).value


def _farthest(what: str, law: float) -> list[float]:
    # Exponents over the widths of which all draws are stored: of the methods the one farthest off.
    each = [[_slope(FULL, row) for row in column(what, name, FULL)] for name in METHODS]
    return [max(of, key=lambda one: abs(one - law)) for of in zip(*each, strict=True)]


def mean_exponent(what: str, law: float) -> tuple[float, tuple[float, float]]:
    """Give the mean exponent over the draws that reach the largest width.

    Args:
        what: A quantity of the stored table.
        law: The exponent in the limit.

    Returns:
        The mean with its 95 % interval, of the three methods the one farthest from the law.
    """
    each = [mean_of([_slope(tuple(DRAWS), row) for row in column(what, name)]) for name in METHODS]
    return max(each, key=lambda mean: abs(mean[0] - law))
