"""How far the layers move, and how far training is from that of the last layer alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import torch

from rootkappa.architectures import DeepReLU, PartitionedReLU
from rootkappa.dynamics import frozen_norms
from rootkappa.evidence.deep_relu_partition.networks import (
    ACCURACY,
    Start,
    drawn,
    lemma14,
    patience,
)
from rootkappa.evidence.measured import Evidence, measures
from rootkappa.ledger import Control
from rootkappa.optimizers import Method
from rootkappa.rates import scaling_exponent

WIDE = (256, 720, 2048)
_FIRST_HIDDEN = (32, 64, 128)
# Of the residual: 1e-14 of the loss.
_LAST = 1e-7
# Networks whose radii are compared with the motion: layers and last hidden width.
_PRACTICAL = ((3, 1024), (4, 1024))
# The constant that the proof allows.
_PROVED = 0.25
# Far above rounding, of which the residual must keep three digits when it has been trained.
_SOLVED = 1e-8


class Moved(NamedTuple):
    """How far a run has gone.

    Args:
        x: ||x - x_0||.
        u: ||u - u_0||.
        features: ||h - h_0|| / ||h_0||.
        gap: Largest difference in decades of the loss curves of full and last-layer training.
        x_over_R: ||x - x_0|| over the radius of Lemma 14.
        u_over_R: ||u - u_0|| over the radius of Lemma 14.
        residual: The least one over the first; momentum may lift it again before the run stops.
    """

    x: float
    u: float
    features: float
    gap: float
    x_over_R: float
    u_over_R: float
    residual: float


@measures("deep-relu-partition/u-is-a-perturbation")
def other_layers(seeds: Sequence[int]) -> Evidence:
    """Train wider and wider networks, and compare with training of the last layer alone.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = [[moved(drawn(seed, 3, width)) for width in WIDE] for seed in seeds]
    below = [
        [moved(drawn(seed, 3, WIDE[0], hidden=size), ACCURACY) for size in _FIRST_HIDDEN]
        for seed in seeds
    ]
    closing = [runs[-1].gap / runs[0].gap for runs in found]
    return Evidence(
        {
            "exponent": [_exponent(WIDE, runs) for runs in found],
            "gap_closing": median(closing),
        },
        Control(
            "the first hidden layer widened in place of the last, from 32 to 128",
            {"exponent": [_exponent(_FIRST_HIDDEN, runs) for runs in below]},
        ),
        shown={"moved": found, "below": below},
    )


@measures("deep-relu-partition/radii")
def radii(seeds: Sequence[int]) -> Evidence:
    """Compare the motion with the radii of Lemma 14.

    Args:
        seeds: The seeds of the draws.

    Returns:
        The evidence.
    """
    found = [[moved(drawn(seed, *key), ACCURACY, _PROVED) for key in _PRACTICAL] for seed in seeds]
    solved = [
        [moved(_solved(drawn(seed, *key)), ACCURACY, _PROVED) for key in _PRACTICAL]
        for seed in seeds
    ]
    return Evidence(
        _extremes(found),
        Control("labels that differ from the first outputs by 1e-8", _extremes(solved)),
        shown={"networks": _PRACTICAL, "moved": found},
    )


def moved(start: Start, tolerance: float = _LAST, c: float = 1.0) -> Moved:
    """Train a network by Nesterov, and measure how far it went.

    Args:
        start: The network at its start.
        tolerance: Of the residual, where to stop.
        c: The step is c / L1.

    Returns:
        The distances.
    """
    model, before, lemma = start.model, start.weights, lemma14(start)
    method = start.nesterov(c)
    run = start.train(method, 2 * patience(start.constants, c), tolerance)
    after, norms = run.weights, run.residual_norms[0, : int(run.stopped_at) + 1]
    steps = [b - a for a, b in zip(before, after, strict=True)]
    x, u = (float(part.norm()) for part in PartitionedReLU(model, before).split(steps))
    first, last = model.features(before)[-1], model.features(after)[-1]
    curve, alone = norms / norms[0], _last_layer_alone(start, method, len(norms) - 1)
    decades = 2 * (curve.clamp_min(tolerance) / alone.clamp_min(tolerance)).log10()
    return Moved(
        x,
        u,
        float((last - first).norm() / first.norm()),
        float(decades.abs().max()),
        x / lemma.R_x,
        u / lemma.R_u,
        float(curve.min()),
    )


def _last_layer_alone(start: Start, method: Method, steps: int) -> torch.Tensor:
    # Least squares, so that its residuals are known in closed form.
    values, vectors = torch.linalg.eigh(start.model.last_layer_kernel(start.weights)[0])
    shares = vectors.mT @ start.model.residual(start.weights).flatten()
    norms = frozen_norms(method, values, shares, steps)
    return norms / norms[0]


def _solved(start: Start) -> Start:
    model = start.model
    labels = model.predict(start.weights)[0] + _SOLVED * model.Y
    return Start(DeepReLU(model.X, labels, model.widths), start.weights)


def _exponent(x: Sequence[int], runs: Sequence[Moved]) -> float:
    lengths = [run.u for run in runs]
    return scaling_exponent(x, lengths).value if all(map(math.isfinite, lengths)) else math.inf


def _extremes(found: Sequence[Sequence[Moved]]) -> dict[str, list[float]]:
    return {
        "x_least": [min(run.x_over_R for run in runs) for runs in found],
        "x_most": [max(run.x_over_R for run in runs) for runs in found],
        "u_least": [min(run.u_over_R for run in runs) for runs in found],
        "u_most": [max(run.u_over_R for run in runs) for runs in found],
        "residual": [max(run.residual for run in runs) for runs in found],
    }
