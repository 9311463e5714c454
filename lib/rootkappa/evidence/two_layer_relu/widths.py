"""What shrinks with the width: one sweep, and the three claims that it serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from rootkappa import dynamics, kernels, rates
from rootkappa.architectures import TwoLayerReLU
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.evidence.two_layer_relu.networks import METHODS, inputs, mean_of, network
from rootkappa.ledger import Control
from rootkappa.optimizers import Method, gradient_descent, heavy_ball
from rootkappa.problems import Spectrum
from rootkappa.residuals.activations import lazy_displacement
from rootkappa.theorems import ReluNesterov
from rootkappa.training import Snapshot, grid

WIDTHS = (256, 1024, 4096)
WHAT = ("trajectory", "movement", "flips", "ratio", "field")
OBSERVERS = {"movement": Snapshot.largest_displacement, "flips": Snapshot.flipped_share}
_STEPS = 128
_SHRINKING = WHAT[:3]


@dataclass(frozen=True)
class Sweep:
    """What is seen of networks of several widths, from the same data for each draw.

    Args:
        lazy: By what is seen, for the three methods: shape (draws, methods, widths).
        mean_field: The same for gradient descent with the factor 1/m: shape (draws, 1, widths).
        weak: The largest move of a neuron at the largest width, by heavy ball with a tenth of its
            momentum: one a draw.
    """

    lazy: Mapping[str, torch.Tensor]
    mean_field: Mapping[str, torch.Tensor]
    weak: torch.Tensor


def sweep(seeds: Sequence[int]) -> Sweep:
    """Train every draw at every width, by three methods, and by gradient descent in mean field.

    Args:
        seeds: The seeds of the draws.

    Returns:
        What was seen: `trajectory`, the largest distance to the run with frozen kernel, relative to
        the start; `movement`, the largest move of a neuron; `flips`, the share of flipped
        activations; `ratio`, of the move of all weights to the predicted one; `field`, the relative
        error of the predicted moves.
    """
    lazy, flat, weak = [], [], []
    for seed in seeds:
        spectrum = Spectrum.of(kernels.relu_limit(inputs(seed).X))
        methods = {name: tuning(spectrum) for name, tuning in METHODS.items()}
        lazy.append([_seen(seed, m, "lazy", methods) for m in WIDTHS])
        step, beta = 1 / spectrum.lambda_max, methods["heavy_ball"].coefficients(0)[1]
        flat.append(
            [_seen(seed, m, "mean-field", {"": gradient_descent(m * step)}) for m in WIDTHS]
        )
        weak.append(_seen(seed, WIDTHS[-1], "lazy", {"": heavy_ball(step, beta / 10)})[1, 0])
    return Sweep(_named(lazy), _named(flat), torch.stack(weak))


@measures("two-layer-relu/lazy-scalings")
def lazy_scalings(seeds: Sequence[int], swept: Sweep | None = None) -> Evidence:
    """Fit how the distance to the linear run, moves and flips shrink with the width.

    Args:
        seeds: The seeds of the draws.
        swept: Their sweep, if it is at hand.

    Returns:
        The evidence.
    """
    swept = sweep(seeds) if swept is None else swept
    measured = _farthest(swept.lazy, _SHRINKING)
    for what in _SHRINKING:
        each = [mean_of(_exponents(values)) for values in swept.lazy[what].unbind(1)]
        measured[f"mean_{what}"] = max(each, key=lambda mean: abs(mean[0] + 0.5))
    control = Control("the factor $1/m$, mean field", _farthest(swept.mean_field, WHAT[1:3]))
    reports = [ReluNesterov().check(network(seed, WIDTHS[-1])) for seed in seeds]
    return Evidence(measured, control, reports)


@measures("two-layer-relu/displacement")
def displacement(seeds: Sequence[int], swept: Sweep | None = None) -> Evidence:
    """Compare how far all weights move, and where each ends, with the frozen kernel's prediction.

    Args:
        seeds: The seeds of the draws.
        swept: Their sweep, if it is at hand.

    Returns:
        The evidence.
    """
    swept = sweep(seeds) if swept is None else swept
    ratio, field = swept.lazy["ratio"], swept.lazy["field"]
    descent, ball, fast = ratio[:, :, -1].unbind(1)
    measured = {
        "ratio": torch.maximum(descent, fast).tolist(),
        "heavy_ball": ball.tolist(),
        "field": _exponents(field.mean(1)),
        "excess_exponent": mean_of(_exponents((ratio - 1).abs().mean(1))),
        "field_exponent": mean_of(_exponents(field.mean(1))),
    }
    flat = {
        "ratio": swept.mean_field["ratio"][:, 0, -1].tolist(),
        "field": _exponents(swept.mean_field["field"][:, 0]),
    }
    return Evidence(measured, Control("the factor $1/m$, mean field", flat))


@measures("two-layer-relu/excursion")
def excursion(seeds: Sequence[int], swept: Sweep | None = None) -> Evidence:
    """Compare the largest move of a neuron by heavy ball with those by the other two methods.

    Args:
        seeds: The seeds of the draws.
        swept: Their sweep, if it is at hand.

    Returns:
        The evidence.
    """
    swept = sweep(seeds) if swept is None else swept
    descent, ball, fast = swept.lazy["movement"][:, :, -1].unbind(1)

    def over(moved: torch.Tensor) -> dict[str, list[float]]:
        pairs = {"over_gradient_descent": moved / descent, "over_nesterov": moved / fast}
        return {name: ratio.tolist() for name, ratio in pairs.items()}

    return Evidence(
        over(ball), Control("heavy ball with a tenth of its momentum", over(swept.weak))
    )


def _seen(seed: int, width: int, scaling: str, methods: Mapping[str, Method]) -> torch.Tensor:
    # WHAT is seen of each method, from the same start: shape (what, methods).
    data = inputs(seed)
    model = TwoLayerReLU(data.X, data.Y, width, scaling=scaling)
    run = grid(model, method=methods, seed=[seed]).train(
        _STEPS, observers=OBSERVERS, observe_at=range(0, _STEPS + 1, 16), keep_residuals=True
    )
    kernel = model.tangent_kernel([layer[:1] for layer in run.start])[0]
    xi = run.residuals
    if xi is None:
        raise ValueError("the run kept no residuals: train with keep_residuals=True.")
    pairs = zip(run.methods, xi[:, 0], strict=True)
    linear = torch.stack([dynamics.frozen_residuals(m, kernel, x, _STEPS) for m, x in pairs])
    moved = run.weights[0] - run.start[0]
    field = lazy_displacement(model, run.start)[0]
    length = field.norm(dim=(1, 2))
    seen = (
        (xi - linear).norm(dim=2).amax(1) / run.residual_norms[:, 0],
        run.observed["movement"].amax(1),
        run.observed["flips"][:, -1],
        moved.norm(dim=(1, 2)) / length,
        (moved - field).norm(dim=(1, 2)) / length,
    )
    return torch.stack(seen)


def _named(seen: Sequence[Sequence[torch.Tensor]]) -> dict[str, torch.Tensor]:
    # From (draws, widths, what, methods) to what -> (draws, methods, widths).
    stacked = torch.stack([torch.stack(list(draw), -1) for draw in seen])
    return dict(zip(WHAT, stacked.unbind(1), strict=True))


def _exponents(values: torch.Tensor) -> list[float]:
    # Of each row, in the width.
    return [rates.scaling_exponent(WIDTHS, row).value for row in values]


def _farthest(seen: Mapping[str, torch.Tensor], what: Sequence[str]) -> dict[str, Any]:
    # Exponents in the width draw by draw; of the methods the one farthest from -1/2.
    return {
        name: [max(_exponents(draw), key=lambda e: abs(e + 0.5)) for draw in seen[name]]
        for name in what
    }
