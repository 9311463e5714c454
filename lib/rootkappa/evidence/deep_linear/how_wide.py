"""Nesterov with its theorem's own numbers at widths from 16 to 1e8, as the moving figure shows it.

Each width has runs beside the recursion with the kernel of their start, the window of the whitened
kernel, and what of it the theorem allows and asks for.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import torch

from rootkappa.dynamics import frozen_residuals
from rootkappa.evidence._curves import logarithms, paired, short
from rootkappa.evidence.deep_linear.networks import (
    Networks,
    OwnLabels,
    gaussian,
    inputs,
    labels,
    residuals,
)
from rootkappa.evidence.deep_linear.start import HIGH, LOW
from rootkappa.theorems import GaussianNesterov
from rootkappa.training import grid

WIDTHS = (*(16, 32, 64, 128, 256, 512, 1024, 4096), *(10**power for power in range(4, 9)))
KAPPA = 25.0
SEEDS = range(20)
STEPS, EVERY = 240, 6
THEOREM = GaussianNesterov()
# From here on the reduced network is the smaller one.
_REDUCED = 128


def compact(seeds: Sequence[int] = SEEDS, widths: Sequence[int] = WIDTHS) -> str:
    """Measure all widths, and write them for the site.

    Args:
        seeds: The seeds of the draws.
        widths: The widths.

    Returns:
        JSON: the theorem's bound, window and width, and for each width what `of_width` gives.
    """
    X = inputs(KAPPA)
    models = [OwnLabels(X, Y[None], _REDUCED, 3) for Y in labels(X, seeds)]
    asked = X.new_tensor([THEOREM.required_width(model) for model in models])
    content = {
        "kappa": KAPPA,
        "draws": len(seeds),
        "every": EVERY,
        "window": [round(LOW, 4), round(HIGH, 4)],
        "asked": float(f"{float(asked.median()):.2g}"),
        "bound": logarithms(THEOREM.bound(models[0], STEPS), EVERY),
        "widths": [of_width(width, seeds) for width in widths],
    }
    return json.dumps(content, separators=(",", ":")) + "\n"


def of_width(width: int, seeds: Sequence[int]) -> dict[str, Any]:
    """Train networks of one width beside the recursion with the kernel of their start.

    Args:
        width: m.
        seeds: One a network.

    Returns:
        Of ||(xi_t, xi_{t-1})|| over its start, every six steps, a hundred times the logarithm to
        base ten: `run`, the median of the draws, `slowest`, the largest, and `frozen`, the median
        of the recursions. `gap`: the distance of a run from its recursion, relative to the start,
        at most: the least, the median and the largest of the draws. `start` and `end`: the ends of
        all whitened kernels there. `held`: how many draws stay within the theorem's bound.
    """
    model, weights = _networks(width, seeds)
    method = THEOREM.tuning(model)
    run = grid((model, weights), method=method).train(STEPS, keep_residuals=True)
    found = residuals(run)
    pairs = zip(model.tangent_kernel(run.start), found[:, 0], strict=True)
    frozen = torch.stack([frozen_residuals(method, *pair, STEPS) for pair in pairs])
    measured = THEOREM.measured(run)
    apart = (found - frozen).norm(dim=2).amax(1) / run.residual_norms[:, 0]
    within = THEOREM.worst_ratio(model, run) <= 1
    return {
        "width": width,
        "run": logarithms(measured.median(0).values, EVERY),
        "slowest": logarithms(measured.amax(0), EVERY),
        "frozen": logarithms(paired(frozen).median(0).values, EVERY),
        "gap": [short(apart.min()), short(apart.median()), short(apart.max())],
        "start": _ends(model, run.start),
        "end": _ends(model, run.weights),
        "held": int(within.sum()),
    }


def _networks(width: int, seeds: Sequence[int]) -> Networks:
    if width >= _REDUCED:
        return gaussian(seeds, KAPPA, width)
    X = inputs(KAPPA)
    model = OwnLabels(X, labels(X, seeds), width, 3)
    return model, model.initialise(seeds)


def _ends(model: OwnLabels, weights: Sequence[torch.Tensor]) -> list[float]:
    # The mean kernel is (L/k) X^T X (x) I, and X is diagonal.
    mean = model.X.diagonal().square().repeat_interleave(len(model.Y)) * 3 / len(model.Y)
    scale = mean.rsqrt()
    values = torch.linalg.eigvalsh(model.tangent_kernel(list(weights)) * scale * scale[:, None])
    return [short(values.min()), short(values.max())]
